"""jeongdap check: is everything there that a run of this project needs? Every failure comes with its cure."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flows.services import answers, reachable
from tasks.errors import BudgetError, InputError, JeongdapError, OcrError
from tasks.settings import ModelSettings, OcrSettings, ReviewSettings, Settings, load_settings, secret

if TYPE_CHECKING:
    from tasks.llm.asks import Endpoint
    from tasks.llm.forms import Found
    from tasks.read.ocr.trial import Trial

State = Literal["ok", "note", "fail"]
PACKAGES = ("prefect", "pymupdf", "paddleocr", "datasketch", "openai", "pandas", "argilla")
FONT_FOLDERS = (Path("/usr/share/fonts"), Path.home() / ".local/share/fonts", Path("/Library/Fonts"))
LOW_DISK_GIB = 2
PROBE_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `note`: works, but something is worth knowing."""

    subject: str
    state: State
    said: str
    cure: str = ""

    @property
    def mark(self) -> str:
        """The state, in four letters."""
        return {"ok": " ok ", "note": "note", "fail": "FAIL"}[self.state]


def examine(project: Path) -> list[Finding]:
    """All findings for a project; a folder without settings is a finding, not an error."""
    findings = [_python(), _packages()]
    try:
        settings = load_settings(project)
    except JeongdapError as exc:
        findings.append(Finding("settings", "fail", str(exc).splitlines()[0], f"jeongdap init {project}, or mend the file"))
        return [*findings, _fonts(), _disk(project)]
    findings.append(Finding("settings", "ok", str((project / "jeongdap.toml").resolve())))
    findings += [_sources(project, settings), _fonts(), _ocr(project, settings.ocr)]
    findings += [_model(project, settings, name, model) for name, model in settings.models.items()]
    return [*findings, _review(project, settings.review), _prefect(), _disk(project)]


def _python() -> Finding:
    return Finding("python", "ok", f"{sys.version.split()[0]} at {sys.executable}")


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "fail", f"missing: {', '.join(missing)}", "make setup, or install jeongdap anew")
    return Finding("packages", "ok", ", ".join(found))


def _sources(project: Path, settings: Settings) -> Finding:
    from tasks.read.files import find_sources

    try:
        found = find_sources(project.resolve(), settings.sources.folder)
    except InputError as exc:
        return Finding("sources", "fail", str(exc), f"put documents into {project / settings.sources.folder}")
    left = f", {len(found.dropped)} other files left out" if found.dropped else ""
    return Finding("sources", "ok", f"{len(found.rows)} documents in {settings.sources.folder}{left}")


def _fonts() -> Finding:
    if any(next(folder.rglob("Nanum*.ttf"), None) for folder in FONT_FOLDERS if folder.is_dir()):
        return Finding("fonts", "ok", "Nanum")
    return Finding("fonts", "note", "no Korean font: plots get English labels", "with root: apt-get install -y fonts-nanum")


def _ocr(project: Path, settings: OcrSettings) -> Finding:
    from tasks.read.ocr.engines import resolve

    try:
        choice = resolve(settings, project.resolve())
    except OcrError as exc:
        return Finding("ocr", "fail", f"[ocr] engine = {settings.engine!r}: {_first_line(exc)}", "jeongdap check --ocr says more")
    if choice.engine != "none":
        others = "".join(f"; without {skipped.engine}" for skipped in choice.skipped)
        return Finding("ocr", "ok", f"{choice.engine} {choice.version}{others}", "")
    if settings.engine == "none":
        return Finding("ocr", "note", "off: scanned pages are kept, marked needs_ocr and reported")
    return Finding(
        "ocr",
        "note",
        "no engine: scanned pages are kept, marked needs_ocr and reported",
        "with root: apt-get install -y tesseract-ocr tesseract-ocr-kor; or PaddleOCR's models, see: jeongdap check --ocr",
    )


def try_ocr(project: Path) -> list[Finding]:
    """Every OCR engine on pages that we draw: wrong characters and seconds a page, or what the engine lacks."""
    from tasks.read.ocr.trial import try_engines

    return [_tried(trial) for trial in try_engines(load_settings(project).ocr, project.resolve())]


def _tried(trial: Trial) -> Finding:
    if trial.problem:
        said, *cure = trial.problem.split("\n", 1)
        return Finding(trial.engine, "note", said, *cure)
    pages = ", ".join(f"{p.page}: {p.error_rate:.1%} of the characters wrong, {p.seconds:.1f} s a page" for p in trial.pages)
    return Finding(trial.engine, "ok", f"{trial.version}: {pages}; {trial.start_seconds:.1f} s to start")


def _first_line(exc: Exception) -> str:
    return str(exc).splitlines()[0]


def _model(project: Path, settings: Settings, name: str, model: ModelSettings) -> Finding:
    subject = f"models.{name}"
    if model.offline:
        return Finding(
            subject,
            "note",
            "the built-in extractive writer: rules, not a language model",
            "for real data set base_url, model and key_env",
        )
    key = secret(project, model.key_env) if model.key_env else ""
    if key is None:
        return Finding(
            subject,
            "fail",
            f"{model.base_url}: {model.key_env} is not set",
            f"export {model.key_env}=… or put it into {project / '.env'}",
        )
    from tasks.llm.asks import Endpoint
    from tasks.llm.local import refuse_if_public
    from tasks.llm.models import served_models

    endpoint = Endpoint(model.base_url, key)
    try:
        if model.local_only:
            refuse_if_public(model.base_url)
        served = served_models(endpoint)
        if served and model.model not in served:
            return Finding(
                subject,
                "note",
                f"{model.base_url} answers but does not list {model.model!r}",
                f"it lists: {', '.join(served[:8])}",
            )
        return _probed(project, settings, name, model, endpoint)
    except BudgetError as exc:
        return Finding(subject, "note", f"{model.base_url} answers; what it can was not asked: {exc}")
    except JeongdapError as exc:
        return Finding(subject, "fail", str(exc), "start the endpoint, or mend base_url and key")


def _probed(project: Path, settings: Settings, name: str, model: ModelSettings, endpoint: Endpoint) -> Finding:
    """What the endpoint can, asked of it now with one to three small calls. They are stored and count in the budget."""
    from tasks.llm.calls import Calls
    from tasks.llm.engine import Engine
    from tasks.llm.guard import Guard
    from tasks.llm.spending import latencies_of
    from tasks.store import Store

    run = f"check-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.urandom(2).hex()}"
    asked = model.model_copy(update={"structured": "auto"})  # also where the settings say it: they may be wrong
    with (
        Calls(Store(project).root / "calls.sqlite") as calls,
        Engine(endpoint, asked, calls, run, settings.budget, Guard(settings.pii)) as engine,
    ):
        found = engine.probe(PROBE_SECONDS)
        seconds = [latency.median for latency in latencies_of(calls.database, run)]
    subject, where = f"models.{name}", f"{model.model} at {model.base_url}"
    if found is None:
        return Finding(
            subject, "note", f"{where}: no reply from which we could tell what it can", "look into its log, run check again"
        )
    said = f"{where}: {told(found)}" + (f"; {1000 * seconds[0]:.0f} ms" if seconds else "")
    if model.structured == "json_schema" and found.schema_is != "enforced":
        return Finding(subject, "note", said, f'models.{name}.structured is "json_schema"; set it to "auto"')
    return Finding(subject, "ok", said)


def told(found: Found) -> str:
    """What a probe found, in words."""
    then = "json_object is used" if found.structured == "json_object" else "the prompt alone is used"
    schema = "json_schema enforced" if found.schema_is == "enforced" else f"json_schema {found.schema_is}: {then}"
    return f"{schema}; {found.token_parameter}; tells usage: {'yes' if found.tells_usage else 'no'}"


def _review(project: Path, review: ReviewSettings) -> Finding:
    if review.embedded:
        from review.embedded import environment_home

        if (environment_home() / ".venv").exists():
            return Finding("review", "ok", "embedded Argilla 2.8.0, installed")
        return Finding("review", "note", "embedded Argilla 2.8.0: its environment (440 MB) is made at the first start")
    if secret(project, review.key_env) is None:
        return Finding(
            "review",
            "fail",
            f"{review.url}: {review.key_env} is not set",
            f"export {review.key_env}=… or put it into {project / '.env'}",
        )
    if not answers(f"{review.url}/api/v1/version"):
        return Finding("review", "fail", f"{review.url} does not answer", "start the Argilla server, or mend review.url")
    return Finding("review", "ok", review.url)


def _prefect() -> Finding:
    url = os.environ.get("PREFECT_API_URL")
    if url is None:
        return Finding("prefect", "ok", "embedded server, started with each run")
    if reachable(url):
        return Finding("prefect", "ok", url)
    return Finding(
        "prefect", "fail", f"PREFECT_API_URL is {url}, which does not answer", "start that server, or unset PREFECT_API_URL"
    )


def _disk(project: Path) -> Finding:
    place = next(p for p in (project.resolve(), *project.resolve().parents) if p.exists())
    free = shutil.disk_usage(place).free / 2**30
    if free < LOW_DISK_GIB:
        return Finding("disk", "fail", f"{free:.1f} GiB free at {place}", f"free some: at least {LOW_DISK_GIB} GiB")
    return Finding("disk", "ok", f"{free:.0f} GiB free at {place}")
