from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from set_pages import SHARED, draw, source_of

from tasks.errors import JeongdapError
from tasks.read.files import find_sources
from tasks.read.pdf import read_pdf
from tasks.read.pool import ReadPool
from tasks.records import Source
from tasks.settings import ReadSettings

pytestmark = pytest.mark.timeout(120)
LINE = "제1조(목적) 이 약관은 회사와 계약자의 권리를 정합니다."


def bomb(path: Path, pages: str = "x") -> Source:
    """A small file; each page "x" of it draws a hundred million texts, each page "." one."""
    content = zlib.compress(b"BT /F 1 Tf (a) Tj ET\n" * 1_000_000, 9)
    kids = b" ".join(b"%d 0 R" % (10 + n) for n in range(len(pages)))
    objects = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Count %d/Kids[%s]>>endobj" % (len(pages), kids),
        b"4 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(content) + content + b"\nendstream endobj",
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj",
        b"6 0 obj<</Length 48>>stream\nBT /F 12 Tf 20 100 Td (a page as it should be) Tj ET\nendstream endobj",
    ]
    page = b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents[%s]/Resources<</Font<</F 5 0 R>>>>>>endobj"
    objects += [page % (10 + n, b"4 0 R " * 100 if sort == "x" else b"6 0 R") for n, sort in enumerate(pages)]
    path.write_bytes(b"%PDF-1.4\n" + b"\n".join(objects) + b"\ntrailer<</Root 1 0 R>>\n")
    return source_of(path)


def children_of(pid: int) -> list[int]:
    """Processes whose parent is `pid` (Linux)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether it still runs; a process is only dead, and can be waited for, when all its threads are."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z" or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    except OSError:
        return False


def wait_until(true: object, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def pool() -> Iterator[ReadPool]:
    before = set(children_of(os.getpid()))
    with ReadPool(ReadSettings(workers=2)) as pool:
        yield pool
    assert set(children_of(os.getpid())) <= before


def test_a_worker_reads_what_read_pdf_reads(tmp_path, pool):
    source = draw(tmp_path / "a.pdf", [[(50, 100, LINE)], []])
    kept = pool.read(source, tmp_path)
    assert kept == read_pdf(tmp_path / "a.pdf", source)
    assert kept.rows[0].text == LINE


def test_many_threads_share_few_workers(tmp_path, pool):
    sources = [draw(tmp_path / f"{i}.pdf", [[(50, 100, f"{LINE} {i}")]]) for i in range(12)]
    with ThreadPoolExecutor(8) as threads:
        texts = list(threads.map(lambda s: pool.read(s, tmp_path).rows[0].text, sources))
    assert texts == [f"{LINE} {i}" for i in range(12)]
    assert len(children_of(os.getpid())) <= 2


def test_a_page_that_costs_for_ever_is_given_up_and_the_others_are_read(tmp_path):
    source = bomb(tmp_path / "bomb.pdf", "..x.x.")
    with ReadPool(ReadSettings(workers=1, seconds_per_page=1)) as pool:
        kept = pool.read(source, tmp_path)
    assert [page.number for page in kept.rows] == [1, 2, 4, 6]
    assert [(d.reason, d.type, d.id) for d in kept.dropped] == [("timeout", "Page", f"{source.id}-p{n}") for n in (3, 5)]
    assert "[read] seconds_per_page" in kept.dropped[0].detail


def test_a_file_of_nothing_but_such_pages_is_given_up_soon_and_the_next_one_is_read(tmp_path):
    slow, good = bomb(tmp_path / "bomb.pdf", "x" * 200), draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    with ReadPool(ReadSettings(workers=1, seconds_per_page=0.5)) as pool:
        kept = pool.read(slow, tmp_path)
        assert kept.rows == []
        assert [d.type for d in kept.dropped] == ["Page", "Page", "Source"]
        assert "from page 3 on" in kept.dropped[-1].detail
        assert not children_of(os.getpid())
        assert pool.read(good, tmp_path).rows[0].text == LINE


def test_a_file_has_a_limit_of_its_own(tmp_path):
    slow = bomb(tmp_path / "bomb.pdf", ".xx")
    with ReadPool(ReadSettings(workers=1, seconds_per_file=5)) as pool:
        kept = pool.read(slow, tmp_path)
    assert [page.number for page in kept.rows] == [1]
    assert [d.type for d in kept.dropped] == ["Source"]
    assert "[read] seconds_per_file" in kept.dropped[0].detail


def test_a_process_that_dies_costs_its_page_alone(tmp_path):
    source = bomb(tmp_path / "bomb.pdf", ".x.")
    with ReadPool(ReadSettings(workers=1)) as pool:
        pool.read(draw(tmp_path / "a.pdf", [[(50, 100, LINE)]]), tmp_path)
        (worker,) = children_of(os.getpid())
        threading.Timer(1, os.kill, (worker, signal.SIGSEGV)).start()
        kept = pool.read(source, tmp_path)
    assert [page.number for page in kept.rows] == [1, 3]
    assert [(d.reason, d.type) for d in kept.dropped] == [("crashed", "Page")]
    assert "SIGSEGV" in kept.dropped[0].detail


def test_a_worker_that_died_while_it_waited_is_replaced(tmp_path, pool):
    good = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    pool.read(good, tmp_path)
    for worker in children_of(os.getpid()):
        os.kill(worker, signal.SIGKILL)
        assert wait_until(lambda pid=worker: os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))
    assert pool.read(good, tmp_path).rows[0].text == LINE


def test_a_file_that_needs_too_much_memory_does_not_take_the_machine(tmp_path):
    with ReadPool(ReadSettings(workers=1, memory_mib=512, seconds_per_page=20)) as pool:
        kept = pool.read(bomb(tmp_path / "bomb.pdf"), tmp_path)
    assert {d.reason for d in kept.dropped} <= {"page_failed", "crashed", "timeout"}
    assert len(kept.dropped) == 1


def test_whoever_waits_when_the_pool_closes_is_told_and_nothing_is_said_about_the_file(tmp_path):
    slow, errors = bomb(tmp_path / "bomb.pdf"), []

    def read() -> None:
        try:
            pool.read(slow, tmp_path)
        except JeongdapError as exc:
            errors.append(str(exc))

    with ReadPool(ReadSettings(workers=1)) as pool:
        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(3)
    for thread in threads:
        thread.join(20)
    assert len(errors) == 2
    assert all("bomb.pdf" in error for error in errors)


def test_who_comes_when_the_pool_is_closed_is_told_at_once(tmp_path):
    good = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    with ReadPool(ReadSettings(workers=2)) as pool:
        pool.read(good, tmp_path)
    for _ in range(3):
        with pytest.raises(JeongdapError, match=r"a\.pdf was stopped"):
            pool.read(good, tmp_path)
    assert not children_of(os.getpid())


def test_closing_frees_every_thread_that_waits_or_comes_later(tmp_path):
    slow, told = bomb(tmp_path / "bomb.pdf"), []

    def read(number: int) -> None:
        with pytest.raises(JeongdapError):
            pool.read(slow, tmp_path)
        told.append(number)

    with ThreadPoolExecutor(8) as threads:
        with ReadPool(ReadSettings(workers=1, seconds_per_page=60)) as pool:
            for number in range(40):
                threads.submit(read, number)
            time.sleep(3)
        threads.shutdown()
    assert len(told) == 40


def test_the_clock_of_a_file_stands_still_while_it_waits_for_a_process(tmp_path):
    slow, good = bomb(tmp_path / "bomb.pdf"), draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    with ReadPool(ReadSettings(workers=1, seconds_per_page=60, seconds_per_file=4)) as pool, ThreadPoolExecutor(1) as threads:
        first = threads.submit(pool.read, slow, tmp_path)
        time.sleep(0.2)
        assert pool.read(good, tmp_path).rows[0].text == LINE
        assert [d.reason for d in first.result().dropped] == ["timeout"]


@pytest.mark.parametrize("lacking", ["python", "disk"])
def test_a_process_that_cannot_start_is_no_fault_of_the_file(tmp_path, monkeypatch, lacking):
    good = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    if lacking == "python":
        program = tmp_path / "python"
        program.write_text("#!/bin/sh\necho no such module >&2\nexit 1\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
    else:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "full"))
    told = "no such module" if lacking == "python" else "No such file"
    with ReadPool(ReadSettings(workers=1)) as pool, pytest.raises(JeongdapError, match=f"no reading process.*{told}"):
        pool.read(good, tmp_path)


def test_a_folder_that_is_gone_costs_its_files_alone(tmp_path, pool):
    good = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    assert [d.reason for d in pool.read(good, tmp_path / "gone").dropped] == ["unreadable"]


def test_limits_may_be_as_long_as_years(tmp_path):
    good = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    with ReadPool(ReadSettings(workers=1, seconds_to_open=1e9, seconds_per_page=1e9, seconds_per_file=1e9)) as pool:
        assert pool.read(good, tmp_path).rows[0].text == LINE


def test_a_page_with_text_without_end_does_not_fill_the_parent(tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.read.pool.LONGEST_ANSWER", 300)
    good = draw(tmp_path / "a.pdf", [[(50, 100 + 20 * n, LINE) for n in range(30)]])
    with ReadPool(ReadSettings(workers=1)) as pool:
        assert {d.reason for d in pool.read(good, tmp_path).dropped} == {"page_failed"}


def test_a_worker_that_stands_still_is_given_up(tmp_path):
    good = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    long_request = good.model_copy(update={"path": "x" * 200_000 + ".pdf"})  # more than a pipe holds
    with ReadPool(ReadSettings(workers=1, seconds_to_open=1)) as pool:
        pool.read(good, tmp_path)
        (worker,) = children_of(os.getpid())
        os.kill(worker, signal.SIGSTOP)
        assert [d.reason for d in pool.read(long_request, tmp_path).dropped] == ["timeout"]
        assert pool.read(good, tmp_path).rows[0].text == LINE


def test_text_workers_are_replaced_too(tmp_path, monkeypatch):
    monkeypatch.setattr("tasks.read.pool.FILES_PER_WORKER", 2)
    good = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    seen = set()
    with ReadPool(ReadSettings(workers=1)) as pool:
        for _ in range(4):
            pool.read(good, tmp_path)
            seen.update(children_of(os.getpid()))
    assert len(seen) == 2


def test_a_worker_is_limited_and_has_few_threads(tmp_path):
    with ReadPool(ReadSettings(workers=1)) as pool:
        pool.read(draw(tmp_path / "a.pdf", [[(50, 100, LINE)]]), tmp_path)
        (worker,) = children_of(os.getpid())
        proc = Path(f"/proc/{worker}")
        limits = {line[:25].strip(): line[26:].split()[0] for line in (proc / "limits").read_text().splitlines()[1:]}
        assert limits["Max core file size"] == "0"
        assert limits["Max address space"] == str(3072 << 20)
        assert int((proc / "oom_score_adj").read_text()) > int(Path("/proc/self/oom_score_adj").read_text())
        assert len(list((proc / "task").iterdir())) <= 2  # itself, and one that onnxruntime keeps for its log


def test_the_parent_never_imports_pymupdf(tmp_path):
    draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    run = _run(tmp_path, "print(pool.read(sources[0], here).rows[0].number, 'pymupdf' in sys.modules)")
    assert run.communicate(timeout=60)[0].split() == ["1", "False"]


@pytest.mark.parametrize("busy", [False, True])
def test_workers_die_with_a_parent_that_was_killed(tmp_path, busy):
    draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    code = "pool.read(sources[0], here); print('idle', flush=True); time.sleep(60)"
    if busy:
        bomb(tmp_path / "b.pdf")
        code = "pool.read(sources[0], here); print('busy', flush=True); pool.read(sources[1], here)"
    run = _run(tmp_path, code)
    assert run.stdout is not None
    assert run.stdout.readline().strip() in ("idle", "busy")
    time.sleep(1)
    workers = children_of(run.pid)
    assert workers
    run.kill()
    run.wait()
    assert wait_until(lambda: not any(map(is_alive, workers)), seconds=5)


def test_a_file_in_the_working_folder_cannot_pass_for_one_of_ours(tmp_path):
    draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    for name in ("tasks.py", "json.py", "pymupdf.py"):
        (tmp_path / name).write_text("raise SystemExit('taken for another module')")
    run = _run(tmp_path, "print(len(pool.read(sources[0], here).rows))", "-P")
    assert run.communicate(timeout=60)[0].split() == ["1"]


def test_workers_are_told_no_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with ReadPool(ReadSettings(workers=1)) as pool:
        pool.read(draw(tmp_path / "a.pdf", [[]]), tmp_path)
        (worker,) = children_of(os.getpid())
        assert b"sk-secret" not in Path(f"/proc/{worker}/environ").read_bytes()


def _run(folder: Path, code: str, *flags: str) -> subprocess.Popen[str]:
    head = """
        import sys, time
        from pathlib import Path
        from tasks.read.files import find_sources
        from tasks.read.pool import ReadPool
        from tasks.settings import ReadSettings
        here = Path(sys.argv[1])
        sources = find_sources(here, ".").rows
        with ReadPool(ReadSettings(workers=1)) as pool:
    """
    script = textwrap.dedent(head) + f"    {code}\n"
    return subprocess.Popen([sys.executable, *flags, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True, cwd=folder)


@pytest.mark.slow
@pytest.mark.skipif(not (SHARED / "hostile").is_dir(), reason="../shared/data/hostile is not there")
def test_every_hostile_file_ends_as_pages_or_as_a_reason(tmp_path):
    sources = [s for s in find_sources(SHARED, "hostile").rows if s.size < 60_000 or "/own/" in s.path]
    with (
        ReadPool(ReadSettings(seconds_to_open=10, seconds_per_page=3, seconds_per_file=20)) as pool,
        ThreadPoolExecutor(4) as threads,
    ):
        results = list(threads.map(lambda s: pool.read(s, SHARED), sources))
    for source, kept in zip(sources, results, strict=True):
        assert kept.rows or kept.dropped, source.path
    reasons = {s.path.rsplit("/", 1)[1]: k.dropped[0].reason for s, k in zip(sources, results, strict=True) if not k.rows}
    assert reasons["deflate_bomb_220MB.pdf"] == "timeout"
    assert reasons["ko_aes256_userpw.pdf"] == "encrypted"
    assert reasons["zero_pages.pdf"] == "no_pages"
    assert reasons["lfs_pointer.pdf"] == "not_a_pdf"
