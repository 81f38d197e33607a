"""One UI for all tests of it: starting it costs what a person waits too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.orchestration.ui.stand import Ui, make_folder, opened


@pytest.fixture(scope="package")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ui]:
    """The real UI on a small synthetic data folder that nothing was read from yet."""
    folder = tmp_path_factory.mktemp("ui") / "data"
    make_folder(folder)
    with opened(folder) as running:
        yield running


@pytest.fixture(scope="package")
def pictures() -> Path:
    """Where screenshots of the tests are kept."""
    folder = Path(__file__).resolve().parents[3] / ".pytest_cache" / "screenshots" / "ui"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
