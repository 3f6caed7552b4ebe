"""What a server can do to us on the wire: none of it may lose a paid reply, hang, or end unclearly."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import ipaddress
import json
import resource
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bad_server import KEY, RESET, Part, Seen, bad_server, error, good, http, model, ok, reply, then, words

from tasks.errors import JeongdapError, LlmError
from tasks.llm import breaker, commits, rates, sender, wire
from tasks.llm.asks import Endpoint
from tasks.llm.calls import Calls
from tasks.llm.engine import Engine, ask_all_sync
from tasks.llm.guard import Guard
from tasks.llm.ledger import used
from tasks.llm.wire import retry_after
from tasks.settings import PiiSettings, PriceSettings

pytestmark = pytest.mark.slow  # a server in each test

MIB = 2**20
PRICES = PriceSettings(input=1.0, output=2.0)


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    with Calls(tmp_path / "calls.sqlite") as store:
        yield store


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(sender, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(commits, "SPARE_BYTES", 2**16)


def rows(calls: Calls, sql: str) -> list[Any]:
    with calls.database.reading() as db:
        return db.execute(sql).fetchall()


CUT = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{"id": "c", "choices": [{"ind'
BROKEN_OFF: dict[str, list[Part]] = {
    "closed before the answer": [],
    "reset before the answer": [RESET],
    "cut with a length": [http(json.dumps(reply()).encode(), content_length="100000")],
    "cut without a length": [CUT],
    "reset in the body": [CUT, 0.05, RESET],
    "bad gzip": [ok(content_encoding="gzip")],
    "no HTTP at all": [b"220 mail.example.com ESMTP ready\r\n\r\n"],
    "an endless header": [b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n"],
    "a bad chunk": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc"],
    "a length that is no number": [http(b"{}", content_length="many")],
}


@pytest.mark.parametrize("how", BROKEN_OFF)
def test_a_call_that_broke_off_is_asked_again_and_counts_as_spent(calls: Calls, how: str) -> None:
    with bad_server(then(BROKEN_OFF[how], ok())) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server, prices=PRICES), calls)
        assert server.asked == 2
    assert answer.problem == ""
    ((unseen, cost),) = rows(calls, "SELECT unseen, unseen_cost FROM spent")
    assert (unseen, cost > 64 * 2000) == (1, True)


NOT_BILLED = {
    "HTML": http(b"<html>Please sign in</html>", content_type="text/html"),
    "an error with status 200": ok({"error": {"message": "overloaded", "code": 503}}),
    "nothing": http(b""),
    "no content": http(b"", "204 No Content"),
    "a list": ok([1, 2]),
    "no choices": ok({"choices": []}),
    "choices of nothing": ok({"choices": [None]}),
    "server error": error("500 Internal Server Error"),
    "a huge server error": error("503 Service Unavailable", "x" * 200_000),
    "a server error in a codec of its own": error("502 Bad Gateway", content_type="text/html; charset=zip"),
    "an endless number": ok(None).replace(b'"prompt_tokens": 10', b'"prompt_tokens": ' + b"1" * 5_000),
}


@pytest.mark.parametrize("what", [name for name in NOT_BILLED if name != "an endless number"])
def test_what_is_no_reply_costs_nothing_and_is_asked_again(calls: Calls, what: str) -> None:
    with bad_server(then(NOT_BILLED[what], ok())) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server, prices=PRICES), calls)
    assert answer.problem == ""
    assert rows(calls, "SELECT tokens, cost, unseen FROM spent") == [(15, 10 * 1000 + 5 * 2000, 0)]


@pytest.mark.parametrize("body", [{"choices": []}, {}, {"choices": None}, {"error": {"message": "filtered"}}])
def test_a_200_without_an_answer_that_tells_its_usage_was_paid_and_is_kept(calls: Calls, body: dict[str, Any]) -> None:
    paid = body | {"usage": {"prompt_tokens": 10, "completion_tokens": 5}}
    with bad_server(then(ok(paid), ok())) as server:
        guard = Guard(PiiSettings())
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server, prices=PRICES), calls, guard=guard)
    assert answer.problem == ""
    assert calls.counts().replies == 2
    assert rows(calls, "SELECT tokens FROM spent") == [(30,)]


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/html"},
        {"content_type": "application/json; charset=utf-16"},
        {"content_type": "application/json; charset=zip"},
        {"content_type": "application/json; charset=unicode_escape"},
        {"content_type": "application/json; charset=punycode"},
        {"content_type": "nonsense/;;;="},
        {"content_type": ""},
        {"version": "HTTP/1.0"},
        {"version": "HTTP/1.0", "content_length": ""},
        {"content_encoding": "identity"},
        {"x_request_id": "r" * 7_000},
    ],
)
def test_a_reply_in_a_strange_cover_is_a_reply(calls: Calls, headers: dict[str, str]) -> None:
    with bad_server(then(ok(**headers))) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server), calls)
        assert server.asked == 1
    assert answer.problem == ""


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "GZIP"])
def test_a_packed_reply_that_nobody_asked_for_is_read(calls: Calls, encoding: str) -> None:
    pack = zlib.compress if encoding == "deflate" else gzip.compress
    packed = http(pack(json.dumps(reply()).encode()), content_encoding=encoding)
    with bad_server(then(packed)) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server), calls)
        assert server.seen[0].headers["accept-encoding"] == "identity"
        assert server.asked == 1
    assert answer.problem == ""


def memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


HUGE = """
import resource, sys
from pathlib import Path
from bad_server import bad_server, http, model, then, words
from tasks.llm.calls import Calls
from tasks.llm.engine import ask_all_sync
import gzip, io
MIB = 2**20
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
if sys.argv[2] == "bomb":
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as file:
        for _ in range(400):
            file.write(b" " * MIB)
    answer = [http(out.getvalue(), content_encoding="gzip")]
else:
    answer = [http(b"", content_length=str(50 * MIB)), *([b" " * MIB] * 50)]
with bad_server(then(answer)) as server, Calls(Path(sys.argv[1])) as calls:
    from tasks.llm import wire
    before = peak()
    (found,) = ask_all_sync(words(1), server.endpoint, model(server), calls)
    print(found.problem, calls.counts().replies, peak() - before < 90)
"""


@pytest.mark.parametrize("kind", ["plain", "bomb"])
def test_a_reply_of_50_mb_or_a_bomb_is_bounded_in_memory_and_counts_as_bad(tmp_path: Path, kind: str) -> None:
    here = Path(__file__).parent
    command = [sys.executable, "-c", HUGE, str(tmp_path / "calls.sqlite"), kind]
    done = subprocess.run(command, cwd=here.parent, env={"PYTHONPATH": f"{here}:{here.parent}"}, capture_output=True, text=True)
    assert done.stdout.split() == ["invalid_reply", "3", "True"], done.stderr[-2000:]


def test_an_oversized_reply_costs_what_was_held(calls: Calls) -> None:
    big = [http(b"", content_length=str(3 * MIB)), b" " * (3 * MIB)]
    with bad_server(then(big, ok())) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server, prices=PRICES, max_reply_mib=1), calls)
    assert answer.problem == ""
    ((tokens, cost),) = rows(calls, "SELECT tokens, cost FROM spent")
    assert tokens > 64 + 15
    assert cost > 64 * 2000


def test_a_drip_ends_at_its_deadline(calls: Calls) -> None:
    def drip(seen: Seen) -> Iterator[Part]:
        if server.asked > 1:
            yield ok()
            return
        yield http(b"", content_length="100000")
        for _ in range(200):
            yield b" "
            yield 0.05

    with bad_server(drip) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server, seconds=0.4), calls)
    assert answer.problem == ""
    assert rows(calls, "SELECT unseen FROM spent") == [(1,)]


STRANGE_CONTENT = {
    "a NUL": '{"word": "a\\u0000b"}',
    "half a character": '{"word": "\\ud800"}',
    "half a character as a key": '{"\\udfff": 1, "word": "x"}',
    "no JSON": "word",
    "deep": '{"word": ' + "[" * 700 + "]" * 700 + "}",
    "very deep": "[" * 100_000,
    "a big number": '{"word": ' + "9" * 10_000 + "}",
    "NaN": '{"word": NaN}',
    "a real half of a character": '{"word": "\ud800"}',
    "a real NUL": '{"word": "a\0b"}',
}


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("what", STRANGE_CONTENT)
def test_strange_content_is_stored_and_asked_for_again(calls: Calls, what: str, guarded: bool) -> None:
    with bad_server(then(ok(reply(STRANGE_CONTENT[what] + " 900101-1234567" * guarded)), ok())) as server:
        guard = Guard(PiiSettings()) if guarded else None
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server), calls, guard=guard)
        (again,) = ask_all_sync(words(1), server.endpoint, model(server), calls, guard=guard)
        assert server.asked == 2
    assert (answer.problem, again.problem) == ("", "")
    assert "900101-1234567" not in str(rows(calls, "SELECT response FROM calls"))


STRANGE_ENVELOPES: dict[str, dict[str, Any]] = {
    "refusal of halves": {"choices": [{"finish_reason": "stop", "message": {"refusal": "\ud800\0" * 2000, "content": None}}]},
    "finish of halves": {"choices": [{"finish_reason": "\ud800" * 9000, "message": {"content": "{}"}}]},
    "finish of a list": {"choices": [{"finish_reason": [1], "message": {"content": "{}"}}]},
    "content of parts": {"choices": [{"finish_reason": "stop", "message": {"content": [{"type": "text"}]}}]},
    "no message": {"choices": [{"finish_reason": "stop"}]},
    "names of halves": {"model": "\ud800\0", "choices": [{"finish_reason": "stop", "message": {"content": '{"w": 1}'}}]},
    "a deep message": {
        "choices": [{"finish_reason": "stop", "message": json.loads('{"content":' + "[" * 300 + "]" * 300 + "}")}]
    },
    "a long wrong key": {"choices": [{"finish_reason": "stop", "message": {"content": json.dumps({"k" * 10**6: 1})}}]},
}


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("what", STRANGE_ENVELOPES)
def test_strange_envelopes_are_stored_and_end_the_ask_at_worst(calls: Calls, what: str, guarded: bool) -> None:
    with bad_server(then(ok(STRANGE_ENVELOPES[what]))) as server:
        guard = Guard(PiiSettings()) if guarded else None
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server), calls, guard=guard)
        assert server.asked == calls.counts().replies <= 3
        assert all(len(json.dumps(seen.body)) < 5_000 for seen in server.seen)  # what it said is not sent back at length
    assert answer.problem
    answer.detail.encode()
    assert "\0" not in answer.detail
    assert len(answer.detail) <= 500


@pytest.mark.parametrize(
    "usage",
    [
        None,
        "free",
        {},
        {"prompt_tokens": "10", "completion_tokens": "5"},
        {"prompt_tokens": -10, "completion_tokens": -5},
        {"prompt_tokens": 2**61, "completion_tokens": 2**61},
        {"prompt_tokens": 10**30, "completion_tokens": 1},
        {"prompt_tokens": 1e300, "completion_tokens": float("inf")},
        {"prompt_tokens": True, "completion_tokens": [5]},
        {"prompt_tokens": 10},
        {"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 10**9}},
    ],
)
def test_whatever_usage_says_the_reply_is_kept_and_the_ledger_goes_on(calls: Calls, usage: Any) -> None:
    with bad_server(then(ok(reply(usage=usage)))) as server:
        settings = model(server, prices=PRICES)
        first = ask_all_sync(words(4), server.endpoint, settings, calls)
        second = ask_all_sync(words(4, start=4), server.endpoint, settings, calls)
        assert server.asked == 8
    assert [answer.problem for answer in first + second] == [""] * 8
    with calls.database.reading() as db:
        spent = used(db, None)
    assert 0 < spent.tokens < 10_000
    assert 0 < spent.cost < 10_000 * 2_000


def test_nul_and_halves_of_characters_in_a_prompt_are_no_obstacle(calls: Calls) -> None:
    asks = [replace(ask, user=f"{ask.user} \0 \ud800 끝", system="\udfff") for ask in words(3)]
    with bad_server(good) as server:
        answers = ask_all_sync(asks, server.endpoint, model(server), calls, guard=Guard(PiiSettings()))
        assert all("\0" not in seen.prompt for seen in server.seen)
    assert [answer.problem for answer in answers] == [""] * 3


@pytest.mark.parametrize("message", ["\ud800\0\x1b[31m\r\n", "x" * 100_000, {"a": 1}, None, "[" * 3000])
@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "404 Not Found", "500 Oh", "429 Slow down"])
def test_no_error_of_a_server_makes_ours_unclear(calls: Calls, status: str, message: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(sender, "STALL_SECONDS", 0.2)
    with bad_server(then(error(status, message))) as server, pytest.raises(LlmError) as caught:
        ask_all_sync(words(20), server.endpoint, model(server), calls)
    said = str(caught.value)
    assert server.endpoint.base_url in said
    assert len(said) < 1_000
    assert said.isprintable()
    said.encode()


def test_a_redirect_is_named_and_not_followed(calls: Calls) -> None:
    away = http(b"", "308 Permanent Redirect", location="https://elsewhere.example/v1/chat/completions")
    with bad_server(then(away)) as server, pytest.raises(LlmError, match=r"redirects to https://elsewhere.example.*base_url"):
        ask_all_sync(words(2), server.endpoint, model(server), calls)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for a host, and its key."""
    x509 = pytest.importorskip("cryptography.x509", reason="cryptography is not installed")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    names = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=10))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.example", True)])
def test_a_certificate_that_is_not_good_stops_at_once_with_the_cure(
    calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool
) -> None:
    public, private = certificate(tmp_path, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with bad_server(good, context) as server, pytest.raises(LlmError, match=r"https://127.*TLS failed.*SSL_CERT_FILE") as caught:
        ask_all_sync(words(4), server.endpoint, model(server), calls)
    assert len(str(caught.value)) < 600
    assert server.asked == 0
    assert rows(calls, "SELECT count(*) FROM spent") == [(0,)]  # nothing was sent


def test_https_asked_of_a_server_that_speaks_http_is_named(calls: Calls) -> None:
    with bad_server(good) as server:
        url = server.endpoint.base_url.replace("http:", "https:")
        with pytest.raises(LlmError, match="TLS failed") as caught:
            ask_all_sync(words(2), Endpoint(url, KEY), model(server), calls)
    assert url in str(caught.value)


def test_tls_that_breaks_while_it_works_is_a_broken_connection(calls: Calls, tmp_path: Path, monkeypatch: Any) -> None:
    public, private = certificate(tmp_path, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with bad_server(then([CUT, RESET], [RESET], ok()), context) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server), calls)
    assert answer.problem == ""


@pytest.mark.parametrize(
    "value",
    ["Mon, 01 Jan 99999999999 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 -0000", "²", "٣" * 400, "1e999", "\x00", "9" * 5000],
)
def test_no_wait_that_a_server_wishes_raises_or_is_endless(value: str) -> None:
    assert (retry_after(httpx2.Headers([(b"retry-after", value.encode())])) or 0) <= wire.LONGEST_RETRY_AFTER * 1.25


def test_a_wait_is_kept(calls: Calls) -> None:
    came: list[float] = []

    def act(seen: Seen) -> Iterator[Part]:
        came.append(time.monotonic())
        yield error("429 Too Many Requests", retry_after_ms="300") if len(came) == 1 else ok()

    with bad_server(act) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server), calls)
    assert answer.problem == ""
    assert came[1] - came[0] >= 0.3


def test_a_429_after_a_long_idle_time_is_no_stall(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "STALL_SECONDS", 0.5)
    with (
        bad_server(then(ok(), error("429 Too Many Requests"), ok())) as server,
        Engine(server.endpoint, model(server), calls) as engine,
    ):
        engine.ask(words(1))
        time.sleep(0.8)
        (answer,) = engine.ask(words(1, start=1))
    assert answer.problem == ""


@pytest.mark.parametrize("status", ["402 Payment Required", "429 Too Many Requests"])
def test_an_empty_account_in_the_middle_drops_no_ask(calls: Calls, status: str) -> None:
    empty = error(status, "no credit", "insufficient_quota")
    with bad_server(then(*[ok()] * 10, empty)) as server:
        settings = model(server, concurrency=2)
        with pytest.raises(LlmError, match="no credit left"):
            ask_all_sync(words(30), server.endpoint, settings, calls)
        server.act = good
        answers = ask_all_sync(words(30), server.endpoint, settings, calls)
    assert [answer.problem for answer in answers] == [""] * 30
    assert calls.counts().replies == 30


def test_asks_that_always_fail_do_not_stop_a_run_that_goes_on(calls: Calls) -> None:
    """They are what is left open, so a run that goes on meets them first."""

    def act(seen: Seen) -> Iterator[Part]:
        bad = seen.method == "POST" and int(seen.prompt.split()[2].strip(",")) % 20 == 0
        yield error("400 Bad Request", "the context is too long") if bad else ok()

    with bad_server(act) as server:
        settings = model(server, concurrency=2)
        ask_all_sync(words(100), server.endpoint, settings, calls)
        answers = ask_all_sync(words(110), server.endpoint, settings, calls)
    assert sum(answer.problem == "http_error" for answer in answers) == 6
    assert sum(answer.problem == "" for answer in answers) == 104


def test_a_server_that_went_away_and_came_back_costs_nothing(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaker, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(breaker, "LONGEST_PAUSE", 0.4)
    with bad_server(good) as server:
        asks = words(80)
        timer: list[threading.Timer] = []

        def act(seen: Seen) -> Iterator[Part]:
            if seen.number == 30:
                server.down()
                timer.append(threading.Timer(1.5, server.up))
                timer[0].start()
            yield 0.01
            yield from good(seen)

        server.act = act
        answers = ask_all_sync(asks, server.endpoint, model(server), calls)
        timer[0].join()
    assert [answer.problem for answer in answers] == [""] * 80
    assert calls.counts().replies == 80


def test_a_server_that_never_answered_is_given_up_soon(calls: Calls) -> None:
    with bad_server(lambda seen: [RESET]) as server, pytest.raises(LlmError, match="does not answer") as caught:
        ask_all_sync(words(40), server.endpoint, model(server), calls)
    assert not caught.value.may_pass
    assert server.asked < 60


def test_requests_a_minute_are_kept_to(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "WINDOW_SECONDS", 1.0)
    came: list[float] = []

    def act(seen: Seen) -> Iterator[Part]:
        came.append(time.monotonic())
        yield ok()

    with bad_server(act) as server:
        ask_all_sync(words(30), server.endpoint, model(server, requests_per_minute=10, concurrency=16), calls)
    # The server sees a request some time after we let it go: what may be late is left out of the window.
    assert max(sum(start <= time_ < start + 0.5 for time_ in came) for start in came) <= 20
    assert came[-1] - came[0] >= 1.9  # three windows of ten


def test_tokens_a_minute_are_kept_to(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "WINDOW_SECONDS", 1.0)
    came: list[float] = []

    def act(seen: Seen) -> Iterator[Part]:
        came.append(time.monotonic())
        yield ok(reply(usage=(20, 30)))

    with bad_server(act) as server:
        ask_all_sync(words(30), server.endpoint, model(server, tokens_per_minute=500, concurrency=8), calls)
    assert came[-1] - came[0] >= 1.5  # 30 of 50 tokens, 10 a window


def test_many_429s_spend_no_attempt(calls: Calls) -> None:
    slow = error("429 Too Many Requests", retry_after_ms="5")
    with bad_server(then(*[slow] * 40, ok())) as server:
        (answer,) = ask_all_sync(words(1), server.endpoint, model(server), calls)
        assert server.asked == 41
    assert answer.problem == ""
    assert rows(calls, "SELECT tokens, unseen FROM spent") == [(15, 0)]


def test_whatever_bytes_come_the_run_ends_with_an_answer_or_a_clear_error(calls: Calls) -> None:
    import random

    dice = random.Random(4)
    whole = ok(content_encoding="") + b""

    def act(seen: Seen) -> Iterator[Part]:
        if seen.method == "GET" or dice.random() < 0.5:
            yield from good(seen)
            return
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        yield bytes(data[: dice.randint(1, len(data))])

    with bad_server(act) as server:
        for start in range(0, 200, 40):
            with contextlib.suppress(JeongdapError):
                answers = ask_all_sync(words(40, start), server.endpoint, model(server, seconds=2), calls)
                assert len(answers) == 40
        paid = calls.counts().replies
        assert rows(calls, "SELECT count(*) FROM holds") == [(0,)]
    assert paid > 0
