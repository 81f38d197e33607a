"""Surveys as their tools export them: drafted, read with the draft as it is, and compared with the truth."""

from pathlib import Path

import pytest

from tests.exporters.cases import SURVEYS
from tests.exporters.profile import check

SEEDS = range(16)
FLOOR = dict.fromkeys(SURVEYS, 0.6)


@pytest.mark.parametrize("tool", SURVEYS)
def test_no_figure_of_a_survey_is_wrong_in_silence(tool: str, tmp_path: Path) -> None:
    check(tool, SEEDS, tmp_path, FLOOR[tool])
