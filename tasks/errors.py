"""Every error that jeongdap raises on purpose.

JeongdapError            exit code 1
├── SettingsError        exit code 2: a key, a value or a file of the settings is wrong
├── InputError           a source cannot be used: names file (and page)
├── OcrError             an OCR engine or its models are missing or failed: names the folders and how to get them
├── LlmError             an endpoint failed after all retries, or refused us: names the URL
├── BudgetError          exit code 3: stopped by the budget; a higher cap continues
├── ReviewError          the review server is down or refused us: names the URL
├── ServiceError         an embedded server did not start: names its log
└── StoreError           a stage on disk is not what its manifest says: names the folder

Third-party exceptions are caught where the library is called and re-raised `from exc`. An expected bad result (a quote
that is not in its clause, a broken PDF) is a value, `Dropped(reason=…)`, not an exception.
"""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    BUDGET = 3


class JeongdapError(Exception):
    """Base of all. The message says what happened, where, and what to do."""

    exit_code = Exit.FAILED


class SettingsError(JeongdapError):
    """A key, a value or a file of the settings is wrong."""

    exit_code = Exit.USAGE


class InputError(JeongdapError):
    """A source cannot be used."""


class OcrError(JeongdapError):
    """An OCR engine or its models are missing, or it failed."""


class LlmError(JeongdapError):
    """An LLM endpoint failed after all retries, or refused us. `may_pass`: it had answered before, and may do so again."""

    def __init__(self, message: str, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class BudgetError(JeongdapError):
    """The run would exceed its budget. Everything paid for is kept."""

    exit_code = Exit.BUDGET


class ReviewError(JeongdapError):
    """The review server is down or refused us."""


class ServiceError(JeongdapError):
    """An embedded server did not start."""


class StoreError(JeongdapError):
    """A stage on disk is not what its manifest says."""
