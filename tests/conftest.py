"""Fixtures that every test may use. Real data and reference results lie next to the project, never in it."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

# Where a shell runs the tests in its background, it ignores Ctrl-C for them. Dagster, after each job in this process,
# gives SIGTERM the handler of SIGINT: then every child ignores both, and whoever ends it waits for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Folders whose modules take longest; two workers are done sooner when nobody starts such a one last.
LONGEST = (
    "tests/orchestration/ui/",
    "tests/end_to_end/",
    "tests/guarantees/",
    "tests/marts/",
    "tests/report/",
    "tests/publish/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules first, all else as it was."""
    items.sort(key=lambda item: next((i for i, one in enumerate(LONGEST) if item.nodeid.startswith(one)), len(LONGEST)))


def _folder_or_skip(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not part of the project (its licences forbid redistribution) and is absent here")
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real exports, surveys and API pages."""
    return _folder_or_skip("data")


@pytest.fixture(scope="session")
def oracles() -> Path:
    """Folder of reference results computed in R."""
    return _folder_or_skip("oracles")


@pytest.fixture
def now() -> datetime:
    """A fixed UTC time; nothing under test reads the clock."""
    return NOW
