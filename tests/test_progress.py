from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console

from flows.progress import LINE_SECONDS, Shown, Watch, _Bars, log, say, tick
from flows.spending import duration, figures, final_figures, short
from tasks.llm.tally import Tally

HALF = Tally(
    total=100,
    done=50,
    failed=2,
    stored=10,
    bought=42,
    prompt_tokens=45_678,
    completion_tokens=1_234_567,
    cost=1_200_000_000,
    seconds=80.0,
    limit=16,
)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What a plain terminal is told."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield said
    log.removeHandler(handler)


def test_figures_tell_rate_time_failures_tokens_and_money() -> None:
    told = "0.5/s, 1 min 40 s left, 16 calls at a time, 2 failed, 45.7k tokens in, 1.2M out, 1.20 USD so far, 1.50 USD to come"
    assert figures(HALF, "USD") == told


def test_without_prices_no_money_is_told() -> None:
    assert "USD" not in figures(HALF, "") + final_figures(HALF, "")


def test_before_the_first_answer_nothing_is_promised() -> None:
    assert figures(Tally(total=5, limit=4), "USD") == "0.0/s, 4 calls at a time, 0 tokens in, 0 out, 0.00 USD so far"


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0"), (999, "999"), (1000, "1.0k"), (12_345, "12.3k"), (4_560_000, "4.6M"), (7 * 10**9, "7.0G")]
)
def test_numbers_are_short(number: int, told: str) -> None:
    assert short(number) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (3599.6, "1 h 00 min"), (125, "2 min 05 s"), (7505, "2 h 05 min")],
)
def test_times_are_told_in_their_two_largest_units(seconds: float, told: str) -> None:
    assert duration(seconds) == told


def test_a_line_comes_every_fifteen_seconds_at_most_and_one_at_the_end(lines: list[str]) -> None:
    clock = Clock()
    watch = Watch("generate", lambda: replace(HALF, bought=int(clock.now)), "USD", clock)
    for _ in range(61):
        watch.show()
        clock.now += 1
    assert len(lines) == 60 // LINE_SECONDS
    assert lines[0].startswith("generate 50/100: 0.5/s")
    watch.end()
    assert lines[-1].startswith("generate: 50 of 100 asks answered in 1 min 20 s, 10 of them by the store, 2 failed, 161 calls")


def test_while_no_reply_comes_lines_are_rare(lines: list[str]) -> None:
    clock = Clock()
    watch = Watch("generate", lambda: replace(HALF, bought=0, in_batch=50), "USD", clock)
    for _ in range(3601):
        watch.show()
        clock.now += 1
    assert len(lines) == 6
    assert "50 in batches" in lines[0]


def test_what_comes_from_the_store_alone_is_no_news(lines: list[str]) -> None:
    stored = Tally(total=100, done=100, stored=100)
    with Watch("generate", lambda: stored, "USD", Clock()) as watch:
        watch.show()
    assert lines == []


def test_a_run_that_ended_within_a_second_is_told_once(lines: list[str]) -> None:
    with Watch("generate", lambda: HALF, "USD"):
        pass
    assert len(lines) == 1


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> tuple[Shown, io.StringIO]:
    """A terminal of 100 columns, shown on by hand."""
    out = io.StringIO()
    shown = Shown()
    shown.console = Console(file=out, force_terminal=True, width=100, color_system=None, highlight=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    return shown, out


def test_on_a_terminal_figures_stand_below_the_bar_and_the_last_line_stays(terminal: tuple[Shown, io.StringIO]) -> None:
    shown, out = terminal
    clock = Clock()
    with shown:
        assert isinstance(shown.bars, _Bars)
        tick("chunk", 1, 2, "a.pdf")
        watch = Watch("generate", lambda: replace(HALF, bought=int(clock.now)), "USD", clock)
        watch.show()
        shown.bars.refresh()
        assert "16 calls at a time" in out.getvalue()
        assert "50/100" in out.getvalue()
        clock.now += LINE_SECONDS
        watch.show()
        assert "generate 50/100:" not in out.getvalue()  # the bar says it
        watch.end()
        assert shown.bars.figures == ""
        say("check …")
    assert "generate: 50 of 100 asks answered" in out.getvalue()


def test_on_a_plain_terminal_figures_are_no_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Shown():
        Watch("generate", lambda: HALF, "USD", Clock()).show()
        say("check …")
    assert capsys.readouterr().err == "check …\n"


@pytest.mark.parametrize("name", ["asyncio", "openai", "httpx2", "aiohttp.client"])
def test_libraries_do_not_speak_on_our_terminal(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with Shown():
        logging.getLogger(name).error("Task exception was never retrieved")
        logging.getLogger(name).info("HTTP Request: POST …")
    assert caplog.records == []
