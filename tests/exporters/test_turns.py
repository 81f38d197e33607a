"""Files of one survey that come one after the other: who counts in the end, by the project's own models."""

from pathlib import Path

import pytest

from tests.exporters.cases import TURNS
from tests.exporters.profile import check

SEEDS = range(10)


@pytest.mark.parametrize("tool", TURNS)
def test_nobody_is_lost_or_counted_twice_over_the_files_of_a_survey(tool: str, tmp_path: Path) -> None:
    check(tool, SEEDS, tmp_path, 0.8)
