"""Settings: `jeongdap.toml`, then the environment. Each step is handed its own slice and nothing else.

`JEONGDAP_<SECTION>__<KEY>` overrides a key of the file. Secrets are never in the file: it names the environment variable
(or the entry of `.env` beside it) that holds the key.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, JsonValue, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from tasks.errors import SettingsError

FILE_NAME = "jeongdap.toml"
OFFLINE_MODEL = "jeongdap-extractive"
# Parts of a request that `extra` may not set: they are the engine's, or settings of their own.
OURS = {
    "model",
    "messages",
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "response_format",
    "stream",
    "n",
    "tools",
}

Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    """Base of all sections: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ProjectSettings(Section):
    """What the dataset is."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    language: Literal["ko", "en"] = "ko"
    licence: str = "other"


class SourceSettings(Section):
    """Where the PDFs are, relative to the project."""

    folder: str = "pdf"


class ReadSettings(Section):
    """Reading runs in `workers` processes (0: one a core), killed when opening a file, a page or a whole file takes too long."""

    workers: int = Field(0, ge=0, le=64)
    seconds_to_open: float = Field(30, gt=0)
    seconds_per_page: float = Field(10, gt=0)
    seconds_per_file: float = Field(1800, gt=0)
    memory_mib: int = Field(3072, ge=512)


class PaddleSettings(Section):
    """PaddleOCR's models: folders with an inference.yml each, relative to the project; empty: where PaddleOCR keeps its own.

    `recognition` is empty for the PP-OCRv5 mobile model of the language. `engine` is what computes: the paddle ones need
    paddlepaddle, and only paddle_static heeds `mkldnn`. `download` lets PaddleOCR fetch missing models of its own from the
    internet.
    """

    detection: str = "PP-OCRv5_mobile_det"
    detection_dir: str = ""
    recognition: str = ""
    recognition_dir: str = ""
    engine: Literal["onnxruntime", "paddle_static", "paddle_dynamic"] = "onnxruntime"
    mkldnn: bool = True
    download: bool = False


class OcrSettings(Section):
    """What reads pages without a usable text layer. `auto`: PaddleOCR where its models are, else Tesseract, else nothing.

    `force` and `never` are patterns of source paths ("pdf/스캔/*") whose pages are all read by OCR, or none. `pictures` reads
    large pictures on pages with text, too. A page is drawn with `dpi`, less where it would have more than `max_megapixels`. A
    process reads `pages_per_worker` pages and is replaced.
    """

    engine: Literal["auto", "paddleocr", "tesseract", "none"] = "auto"
    language: Literal["ko", "en"] = "ko"
    force: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    pictures: bool = False
    dpi: int = Field(200, ge=72, le=600)
    max_megapixels: float = Field(40, gt=0, le=400)
    seconds_per_page: float = Field(120, gt=0)
    memory_mib: int = Field(6144, ge=512)
    pages_per_worker: int = Field(200, ge=1)
    paddle: PaddleSettings = PaddleSettings()


class PiiSettings(Section):
    """Personal data is replaced by its class, as in [주민등록번호], before a text goes to a model. One switch a class."""

    mask: bool = True
    resident: bool = True
    foreigner: bool = True
    passport: bool = True
    driver: bool = True
    business: bool = True
    corporate: bool = True
    account: bool = True
    card: bool = True
    phone: bool = True
    email: bool = True
    address: bool = True
    name: bool = True
    vehicle: bool = True
    ip: bool = True


class CleanSettings(Section):
    """A line that repeats at the same height on `repeat_share` of the pages (at least three) is a running header or footer.

    A line outside the clauses is boilerplate when `boilerplate_share` of the corpus's families of documents have it, and at
    least `boilerplate_families`.
    """

    repeat_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    boilerplate_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    boilerplate_families: int = Field(4, ge=2)


class ChunkSettings(Section):
    """A chunk holds at most `max_tokens` (estimated); a longer clause is cut at paragraphs, items and sentences."""

    max_tokens: int = Field(700, ge=64)


class PriceSettings(Section):
    """Prices of a million tokens, in the currency of `[budget]`. `cached_input` is that of `input` where it is not given."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    cached_input: Annotated[float, Field(ge=0)] | None = None
    batch_factor: float = Field(0.5, ge=0)


class BatchSettings(Section):
    """What an endpoint takes as one batch, how often we ask how far it is, and how often missing items go into another one.

    What is then still missing is asked live.
    """

    max_requests: int = Field(50_000, ge=1)
    max_mib: float = Field(190, gt=0)
    poll_seconds: float = Field(30, gt=0)
    rounds: int = Field(2, ge=1)


class ModelSettings(Section):
    """One OpenAI-compatible endpoint. `base_url = "offline"` is the built-in extractive writer.

    `local_only` refuses every host that is neither this machine nor in a private network, before anything is sent. `key_env`
    names the environment variable with the API key. `structured` says how a reply schema is asked for and `token_parameter`
    how a reply is limited; `auto` finds out. `concurrency` is the most calls in flight. Limits a minute of 0 are none. `extra`
    goes into every request as it is: seed, reasoning_effort, chat_template_kwargs.
    """

    base_url: str = "offline"
    model: str = OFFLINE_MODEL
    local_only: bool = False
    key_env: str = "OPENAI_API_KEY"
    mode: Literal["live", "batch"] = "live"
    structured: Literal["auto", "json_schema", "json_object", "prompt"] = "auto"
    token_parameter: Literal["auto", "max_tokens", "max_completion_tokens"] = "auto"
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: int = Field(4096, ge=16)
    extra: dict[str, JsonValue] = {}
    seconds: float = Field(300, gt=0)
    concurrency: int = Field(16, ge=1, le=1024)
    requests_per_minute: int = Field(0, ge=0)
    tokens_per_minute: int = Field(0, ge=0)
    max_reply_mib: float = Field(8, gt=0)
    prices: PriceSettings | None = None
    batch: BatchSettings = BatchSettings()

    @field_validator("base_url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value != "offline" and (HttpUrl(value).username or HttpUrl(value).password):
            raise ValueError("holds a user name or a password; name the variable with the key in key_env")
        return value.rstrip("/")

    @field_validator("extra")
    @classmethod
    def _is_extra(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if ours := sorted(OURS & value.keys()):
            raise ValueError(f"{', '.join(ours)}: is set by a setting of its own, or by us")
        return value

    @property
    def offline(self) -> bool:
        """Whether the built-in extractive writer answers."""
        return self.base_url == "offline"


class Cap(Section):
    """The most that may be spent: money in the currency of `[budget]`, tokens in and out together. 0: no limit."""

    max_cost: float = Field(0, ge=0)
    max_tokens: int = Field(0, ge=0)


class BudgetSettings(Section):
    """What one run, and the project over all its runs, may spend. A run that would exceed it stops and can be continued."""

    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")
    run: Cap = Cap()
    project: Cap = Cap()

    @property
    def limits_cost(self) -> bool:
        """Whether money is limited, so that every model needs prices."""
        return self.run.max_cost > 0 or self.project.max_cost > 0


class GenerateSettings(Section):
    """How many rows of each kind are asked for a chunk at most, fewer where it holds less; 0 leaves the kind out.

    `evolve` counts the rows of a chunk that are made harder in a round; there are `evolve_rounds`. A clause that is left without
    a row is asked about again, `top_up` times.
    """

    kinds: dict[str, Annotated[int, Field(ge=0, le=20)]] = {"qa": 3, "choice": 1}
    min_chars: int = Field(40, ge=0)
    evolve_rounds: int = Field(1, ge=1, le=5)
    top_up: int = Field(0, ge=0, le=5)


class CheckSettings(Section):
    """A question or an answer outside these lengths (characters) is dropped.

    An answer in another speech level goes to people with that doubt; one that is a sentence of its source does not.
    """

    min_question: int = Field(8, ge=1)
    max_question: int = Field(500, ge=1)
    min_answer: int = Field(2, ge=1)
    max_answer: int = Field(4000, ge=1)
    speech_level: Literal["합니다체", "해요체", "한다체", "any"] = "합니다체"


class JudgeSettings(Section):
    """A second model (`[models.judge]`) scores every row that passed the checks, 1 to 5 by five criteria.

    A score below `drop_below` drops the row, one below `doubt_below` is shown to people. `own_model` allows the writer's model to
    judge itself.
    """

    ask: bool = False
    drop_below: int = Field(1, ge=1, le=5)
    doubt_below: int = Field(4, ge=1, le=6)
    own_model: bool = False


class DedupSettings(Section):
    """Questions are near-duplicates from this exact Jaccard similarity of their character shingles on, if their numbers agree."""

    threshold: Annotated[float, Field(gt=0, le=1)] = 0.7
    permutations: int = Field(128, ge=16, le=1024)
    shingle: int = Field(2, ge=1, le=16)


class PreferSettings(Section):
    """A pair of answers whose lengths differ by more than `max_length_ratio` teaches length, not truth."""

    per_question: int = Field(1, ge=1, le=10)
    max_length_ratio: float = Field(2.0, ge=1)


class ReviewSettings(Section):
    """The Argilla server. `url = "embedded"` is the one that jeongdap runs itself."""

    url: str = "embedded"
    key_env: str = "ARGILLA_API_KEY"
    workspace: str = Field("review", pattern=r"^[a-z0-9][a-z0-9_-]*$")
    port: int = Field(6900, ge=1, le=65535)
    min_submitted: int = Field(1, ge=1)

    @field_validator("url")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if value != "embedded":
            HttpUrl(value)
        return value.rstrip("/")

    @property
    def embedded(self) -> bool:
        """Whether jeongdap runs the server itself."""
        return self.url == "embedded"


class ReleaseSettings(Section):
    """Target shares of the splits (the rest is train) and the system message of every row (empty: none)."""

    validation: Share = 0.1
    test: Share = 0.1
    system: str = ""

    @model_validator(mode="after")
    def _shares(self) -> ReleaseSettings:
        if self.validation + self.test >= 1:
            raise ValueError("validation + test leaves nothing to train on")
        return self


class ScheduleSettings(Section):
    """Cron lines (five fields) of `jeongdap serve`; empty: not scheduled."""

    build: str = "0 2 * * *"
    publish: str = "*/30 * * * *"
    timezone: str = "Asia/Seoul"


class PrefectSettings(Section):
    """The embedded Prefect server; with PREFECT_API_URL in the environment that one is used instead."""

    port: int = Field(4200, ge=1, le=65535)


class Settings(BaseSettings):
    """All sections. Steps never see this type: a flow hands each its slice."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="JEONGDAP_", env_nested_delimiter="__", env_ignore_empty=True
    )

    project: ProjectSettings
    sources: SourceSettings = SourceSettings()
    read: ReadSettings = ReadSettings()
    ocr: OcrSettings = OcrSettings()
    clean: CleanSettings = CleanSettings()
    pii: PiiSettings = PiiSettings()
    chunk: ChunkSettings = ChunkSettings()
    models: dict[Literal["writer", "judge", "tuned"], ModelSettings] = {"writer": ModelSettings()}
    budget: BudgetSettings = BudgetSettings()
    generate: GenerateSettings = GenerateSettings()
    check: CheckSettings = CheckSettings()
    judge: JudgeSettings = JudgeSettings()
    dedup: DedupSettings = DedupSettings()
    prefer: PreferSettings = PreferSettings()
    review: ReviewSettings = ReviewSettings()
    release: ReleaseSettings = ReleaseSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    prefect: PrefectSettings = PrefectSettings()

    @model_validator(mode="after")
    def _priced(self) -> Settings:
        unpriced = [name for name, model in self.models.items() if not model.offline and model.prices is None]
        if self.budget.limits_cost and unpriced:
            raise ValueError(f"budget limits the cost, but models.{unpriced[0]} has no prices; add [models.{unpriced[0]}.prices]")
        return self

    @model_validator(mode="after")
    def _judged_by_another(self) -> Settings:
        if self.judge.ask and "judge" not in self.models:
            raise ValueError("judge.ask is set, but there is no [models.judge]")
        if self.judge.ask and not self.judge.own_model and self.models["judge"].model == self.models["writer"].model:
            raise ValueError("models.judge is the writer's own model; name another one, or set judge.own_model = true")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file, nothing else."""
        return env_settings, init_settings


def load_settings(project: Path) -> Settings:
    """The settings of a project folder. Raises SettingsError naming file, key and reason."""
    file = project / FILE_NAME
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        cure = f"make one with: jeongdap init {project}" if project.is_dir() or not project.exists() else "-C wants a folder"
        raise SettingsError(f"{file}: no such file; {cure}") from None
    except NotADirectoryError:
        raise SettingsError(f"{project}: is not a folder; -C wants a project folder") from None
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{file}: cannot be read: {exc}") from exc
    except tomllib.TOMLDecodeError as exc:
        raise SettingsError(f"{file}: is not TOML: {exc}") from exc
    try:
        return Settings(**values)
    except ValidationError as exc:
        raise SettingsError(_explain(file, exc)) from None


def secret(project: Path, name: str) -> str | None:
    """The value of an environment variable, else of the entry in the project's `.env`; None when neither has it."""
    return os.environ.get(name) or dotenv_values(project / ".env").get(name)


def _explain(file: Path, exc: ValidationError) -> str:
    lines = []
    for error in exc.errors():
        path = [str(part) for part in error["loc"] if part != "[key]"]
        variable = f"JEONGDAP_{'__'.join(path)}".upper()
        in_environment = variable in {name.upper() for name in os.environ}  # which wins over the file
        where = f"environment variable {variable}" if in_environment else str(file)
        reason = "unknown key" if error["type"] == "extra_forbidden" else error["msg"]
        lines.append(f"{where}: {'.'.join(path) or '(top)'}: {reason}")
    return "\n".join(lines)
