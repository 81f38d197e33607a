"""Small data folders for the tests of the guarantees; everything in them is made up."""

from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.guarantees.stand import make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty data folder with all its parts."""
    return make_settings(tmp_path / "data")
