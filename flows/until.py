"""The steps that a build can stop after, in their order."""

from __future__ import annotations

from enum import StrEnum


class Until(StrEnum):
    """A step of build."""

    READ = "read"
    CLEAN = "clean"
    CHUNK = "chunk"
    GENERATE = "generate"
    CHECK = "check"
    DEDUP = "dedup"
    PREFER = "prefer"
    REVIEW = "review"
