"""Read a prompt file: three parts under headings, and variables in the last part alone; which ones is fixed by the kind.

The first two parts (task, demonstration) never change, so a server can keep them in its prompt cache; what changes comes
last. All that documents and models wrote stands between fences that carry a hash of it: a text that wants to close its own
fence would have to know its own hash. A file `prompts/<kind>.<lang>.md` in the project replaces the built-in one of that name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

HEADINGS = {"task": ("Task", "과제"), "demonstration": ("Demonstration", "예시"), "input": ("Input", "입력")}
BASE = frozenset({"fence", "document", "heading", "text"})
EXTRA = {
    "multi_hop": frozenset({"linked_heading", "linked_text"}),
    "unanswerable": frozenset({"sibling_heading", "sibling_text"}),
    "rewrite": frozenset({"audience"}),
    "evolve": frozenset({"mode", "question", "answer"}),
    "scenario": frozenset({"avoid"}),
    "judge": frozenset({"question", "answer", "quotes"}),
}
UNCOUNTED = frozenset({"judge"})  # one pair is judged, so there is nothing to count
OURS = frozenset({"fence", "count", "audience", "mode"})  # everything else comes from documents and models
LABELS = frozenset({"document", "heading", "linked_heading", "sibling_heading", "audience", "mode"})
VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
BLOCK = re.compile(r"<([a-z]+)-\{\{\s*fence\s*\}\}>.*?</\1-\{\{\s*fence\s*\}\}>", re.DOTALL)
LONGEST_LABEL = 300


class PromptError(ValueError):
    """A prompt file is missing or is not what it must be: names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file: where it was read, its three parts, and the hash of its bytes."""

    name: str
    lang: str
    file: str
    task: str
    demonstration: str
    input: str
    hash: str

    @property
    def system(self) -> str:
        """The part that never changes."""
        return f"{self.task}\n\n{self.demonstration}"

    def user(self, values: Mapping[str, str], count: int = 1) -> str:
        """The input part, filled in one pass: what a value holds is never read as a variable.

        `values` holds every variable of the kind but `fence` and `count`. Raises PromptError for a missing or unknown one.
        """
        wanted = variables(self.name)
        if problem := _differ(values.keys(), wanted - {"fence", "count"}):
            raise PromptError(f"{self.file}: {problem}")
        filled = {name: _label(value) if name in LABELS else value for name, value in sorted(values.items())}
        if "count" in wanted:
            filled["count"] = str(count)
        filled["fence"] = fence(*filled.values())
        return VARIABLE.sub(lambda match: filled[match[1]], self.input)


def variables(kind: str) -> frozenset[str]:
    """The variables that the input part of a kind's prompt must hold, all of them and no other."""
    return BASE | EXTRA.get(kind, frozenset()) | (frozenset() if kind in UNCOUNTED else {"count"})


def fence(*values: str) -> str:
    """A mark that stands in none of the values, the same for the same values."""
    mark = ""
    while not mark or any(mark in value for value in values):
        mark = hashlib.blake2b("\0".join([mark, *values]).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return mark


def load(kind: str, lang: str, project: Path | None = None) -> Prompt:
    """The prompt of a kind in a language: the project's own, else the built-in one. Raises PromptError."""
    name = f"{kind}.{lang}.md"
    if not re.fullmatch(r"[a-z0-9_-]+\.[a-z]{2}\.md", name):
        raise PromptError(f"{name}: is no name of a prompt file")
    own = project / "prompts" / name if project else None
    if own and own.exists():
        return parse(_read(own), kind, lang, str(own))
    built_in = files("prompts") / name
    if not built_in.is_file():
        where = f"; write {own}" if own else ""
        raise PromptError(f"prompts/{name}: there is no such prompt{where}")
    return parse(built_in.read_bytes(), kind, lang, f"prompts/{name} (built-in)")


def parse(data: bytes, kind: str, lang: str, file: str) -> Prompt:
    """A prompt from the bytes of its file. Raises PromptError naming `file`."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        raise PromptError(f"{file}: is not UTF-8: {exc}") from exc
    parts = _parts(text, file)
    for part in ("task", "demonstration"):
        if found := VARIABLE.search(parts[part]):
            raise PromptError(f"{file}: {found[0]} stands in the {part} part; variables belong in the input part")
    _check_variables(parts["input"], kind, file)
    return Prompt(kind, lang, file, parts["task"], parts["demonstration"], parts["input"], hashlib.sha256(data).hexdigest())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise PromptError(f"{path}: cannot be read: {exc}") from exc


def _parts(text: str, file: str) -> dict[str, str]:
    """The three parts by name; they must be there, once each, in order, and hold something."""
    names = {f"# {title}": part for part, titles in HEADINGS.items() for title in titles}
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        part = names.get(line.rstrip())
        if part in parts:
            raise PromptError(f"{file}: the heading '{line.rstrip()}' stands there twice")
        if part:
            lines = parts[part] = []
        else:
            lines.append(line)
    whole = {part: "\n".join(lines).strip() for part, lines in parts.items()}
    if list(whole) != list(HEADINGS) or not all(whole.values()):
        wanted = ", ".join(f"'# {english}' or '# {korean}'" for english, korean in HEADINGS.values())
        raise PromptError(f"{file}: must have three parts with text, in this order, under the headings {wanted}")
    return whole


def _check_variables(text: str, kind: str, file: str) -> None:
    found = VARIABLE.findall(text)
    if problem := _differ(found, variables(kind)):
        raise PromptError(f"{file}: in the input part {problem}")
    for name in VARIABLE.findall(BLOCK.sub("", text)):
        if name not in OURS:
            raise PromptError(
                f"{file}: {{{{{name}}}}} must stand between <source-{{{{fence}}}}> and </source-{{{{fence}}}}> or marks like "
                "these, for it comes from a document or a model"
            )


def _differ(found: Iterable[str], wanted: frozenset[str]) -> str:
    """What is wrong with the names of variables; empty when nothing is."""
    have = set(found)
    if unknown := sorted(have - wanted):
        return f"unknown variable {{{{{unknown[0]}}}}}; known are {', '.join(sorted(wanted))}"
    return f"the variable {{{{{missing[0]}}}}} is missing" if (missing := sorted(wanted - have)) else ""


def _label(text: str) -> str:
    """A title or heading on one line."""
    return " ".join(text.split())[:LONGEST_LABEL]
