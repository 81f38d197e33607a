"""What documentation is checked against: every mart of the project, filled, and the demo where it was made."""

from pathlib import Path

import pytest

from pipeline.settings import PROJECT_DIR, Settings
from tests.publish.published_marts import publish_filled_marts


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A data folder named `data` whose published version holds every mart of the project."""
    return publish_filled_marts(tmp_path_factory.mktemp("docs") / "data")


@pytest.fixture(scope="session")
def demo() -> Path:
    """The published demo, whose figures hang together."""
    file = PROJECT_DIR / "data" / "demo" / "published" / "current" / "warehouse.duckdb"
    if not file.exists():
        pytest.skip("the demo was not made here (make demo); the same queries run on filled marts in any case")
    return file
