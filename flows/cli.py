"""The command line: arguments in, exit codes and short summaries out. What a command does is in the module that it calls.

Imports of heavy packages wait until a command needs them, so that `jeongdap --help` is quick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.progress import Shown, log
from flows.until import Until
from tasks.errors import Exit, JeongdapError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Domain PDFs to fine-tuning data that people have verified.",
)
review_app = typer.Typer(no_args_is_help=True, help="The review server: run it, fill it, read it.")
app.add_typer(review_app, name="review")

Project = Annotated[Path, typer.Option("-C", metavar="DIR", help="The project folder.")]
Json = Annotated[bool, typer.Option("--json", help="End with one line of JSON on standard output.")]
HERE = Path()


class Rows(StrEnum):
    """Steps whose rows can be shown."""

    READ = "read"
    CLEAN = "clean"
    CHUNK = "chunk"
    GENERATE = "generate"
    TOP_UP = "top_up"
    EVOLVE = "evolve"
    CHECK = "check"
    JUDGE = "judge"
    DEDUP = "dedup"
    PREFER = "prefer"
    COVERAGE = "coverage"


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")], as_json: Json = False) -> None:
    """Make a new project: a folder for PDFs and a commented jeongdap.toml."""
    from flows.project import create_project

    with _errors(as_json):
        made = create_project(folder)
        _finish({"project": str(made)}, as_json, f"{made}: put PDFs into {made / 'pdf'}, then: jeongdap build -C {made}")


@app.command()
def check(
    project: Project = HERE,
    ocr: Annotated[bool, typer.Option("--ocr", help="Let every OCR engine read test pages; takes a minute.")] = False,
    as_json: Json = False,
) -> None:
    """Look at settings, fonts, OCR engines, endpoints, Argilla and disk; every failure comes with its cure."""
    from flows.doctor import examine, try_ocr

    with _errors(as_json):
        findings = try_ocr(project) if ocr else examine(project)
        width = max(len(f.subject) for f in findings)
        lines = [
            f"{f.mark}  {f.subject:<{width}}  {f.said}" + (f"\n{'':{width + 8}}→ {f.cure}" if f.cure else "") for f in findings
        ]
        _finish({f.subject: f.state for f in findings}, as_json, *lines)
        if any(f.state == "fail" for f in findings):
            raise typer.Exit(Exit.FAILED)


@app.command()
def build(
    project: Project = HERE,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Generate from the first N chunks only.")] = None,
    until: Annotated[Until, typer.Option(help="Stop after this step; what later steps need is not started.")] = Until.REVIEW,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Cut the chunks, estimate calls and tokens, and call nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """PDFs to a review queue. A run that was stopped goes on where it was."""
    with _errors(as_json):
        if dry_run:
            from flows.estimate import estimate_build
            from flows.run import run_build

            run_build(project, Until.CHUNK, None)  # no step up to there asks a model
            estimate = estimate_build(project, limit)
            _finish(estimate.counts(), as_json, *estimate.lines())
            return
        from flows.run import run_build

        report = run_build(project, until, limit)
        _finish(report.counts(), as_json, *report.lines())


@app.command()
def prompts(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the prompts go, a JSON object a line, as for a batch API.")],
    project: Project = HERE,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Of the first N chunks only.")] = None,
    as_json: Json = False,
) -> None:
    """The prompts that a build would send, as a file: for a model without an API. Calls nothing."""
    from flows.replay import write_prompts
    from flows.run import run_build

    with _errors(as_json):
        run_build(project, Until.CHUNK, None)
        report = write_prompts(project, out, limit)
        _finish(report.counts(), as_json, *report.lines())


@app.command()
def replies(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Replies, a JSON object a line: custom_id, and content or response.")
    ],
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Keep replies from a file like those of an endpoint; the next build uses them."""
    from flows.replay import read_replies

    with _errors(as_json):
        report = read_replies(project, file)
        _finish(report.counts(), as_json, *report.lines())


@app.command()
def rows(
    step: Annotated[Rows, typer.Argument(metavar="STEP", help=", ".join(r.value for r in Rows))],
    project: Project = HERE,
    dropped: Annotated[bool, typer.Option("--dropped", help="What the step did not keep, and why.")] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write .parquet, .jsonl or .csv instead of showing.")] = None,
    as_json: Json = False,
) -> None:
    """What a step made or dropped in the newest build; coverage: how many rows each clause has."""
    from flows.rows import clause_rows, show, step_rows, write

    with _errors(as_json):
        table = clause_rows(project) if step is Rows.COVERAGE else step_rows(project, step.value, dropped)
        if out is not None:
            write(table, out)
            _finish({"rows": len(table), "file": str(out)}, as_json, f"{len(table)} rows → {out}")
        else:
            show(table)
            _finish({"rows": len(table)}, as_json, f"{len(table)} rows")


@app.command()
def publish(project: Project = HERE, as_json: Json = False) -> None:
    """Verdicts to a release. Does nothing, and says so, when nothing changed."""
    from flows.run import run_publish

    with _errors(as_json):
        report = run_publish(project)
        _finish(report.counts(), as_json, *report.lines())


@app.command()
def why(
    row: Annotated[str, typer.Argument(metavar="ID", help="An id, or its first eight characters or more.")],
    project: Project = HERE,
    as_json: Json = False,
) -> None:
    """Why a row is, or is not, in the release."""
    from flows.why import fate

    with _errors(as_json):
        steps = fate(project, row)
        _finish({"id": row, "fate": [f"{s.step}: {s.said}" for s in steps]}, as_json, *[f"{s.step:<10} {s.said}" for s in steps])


@app.command()
def report(project: Project = HERE, as_json: Json = False) -> None:
    """A self-contained HTML report of the newest build."""
    from flows.report import write_report

    with _errors(as_json):
        path = write_report(project)
        _finish({"report": str(path)}, as_json, f"report: {path}")


@app.command()
def serve(project: Project = HERE) -> None:
    """Keep the scheduled flows, Prefect's UI and the review server running until Ctrl-C."""
    from flows.deploy import serve_project

    with _errors():
        serve_project(project)


@review_app.command("serve")
def review_serve(project: Project = HERE) -> None:
    """Run the embedded Argilla until Ctrl-C."""
    from flows.deploy import serve_review

    with _errors():
        serve_review(project)


@review_app.command("status")
def review_status(project: Project = HERE, as_json: Json = False) -> None:
    """How far the review is."""
    from flows.reviewing import status

    with _errors(as_json):
        report = status(project)
        _finish(report.counts(), as_json, *report.lines())


@review_app.command("push")
def review_push(project: Project = HERE, as_json: Json = False) -> None:
    """Send the newest build's rows to the review queue; what is there already stays untouched."""
    from flows.reviewing import push_newest

    with _errors(as_json):
        report = push_newest(project)
        _finish(report.counts(), as_json, *report.lines())


@review_app.command("pull")
def review_pull(project: Project = HERE, as_json: Json = False) -> None:
    """Fetch people's verdicts and keep them."""
    from flows.reviewing import pull_project

    with _errors(as_json):
        report = pull_project(project)
        _finish(report.counts(), as_json, *report.lines())


def main() -> None:
    """The console script."""
    app()


@contextmanager
def _errors(as_json: bool = False) -> Iterator[None]:
    """Show progress; turn errors raised on purpose into a message and an exit code, and Ctrl-C into 130."""
    try:
        with Shown():
            yield
    except JeongdapError as exc:
        print(f"error: {exc}", file=sys.stderr)
        if as_json:
            print(json.dumps({"error": str(exc)}, ensure_ascii=False))
        raise typer.Exit(exc.exit_code) from exc
    except KeyboardInterrupt:
        print("stopped; what is finished is kept, the next run goes on from there", file=sys.stderr)
        raise typer.Exit(130) from None


def _finish(counts: Mapping[str, Any], as_json: bool, *lines: str) -> None:
    for handler in log.handlers:
        if isinstance(handler, Shown):
            handler.settle()
    for line in lines:
        print(line)
    if as_json:
        print(json.dumps(counts, ensure_ascii=False))


if __name__ == "__main__":
    main()
