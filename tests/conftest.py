"""Fixtures for every test. The environment is set before anything imports prefect."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

HOME = Path(tempfile.mkdtemp(prefix="jeongdap-tests-"))
os.environ.pop("PREFECT_API_URL", None)
os.environ.update(
    PREFECT_HOME=str(HOME / "prefect"),
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    PREFECT_LOGGING_LEVEL="ERROR",
    PREFECT_RESULTS_LOCAL_STORAGE_PATH=str(HOME / "results"),
    DO_NOT_TRACK="1",
    HF_HUB_OFFLINE="1",
    HF_HOME=str(HOME / "hf"),
)

# Two noisy cores: a slow example is no failure.
settings.register_profile("jeongdap", deadline=None)
settings.load_profile("jeongdap")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real statutes and hostile files; not part of the project, so their tests skip where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no test data at {SHARED_DATA}: it is not part of the project")
    return SHARED_DATA
