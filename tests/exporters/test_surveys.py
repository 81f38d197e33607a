"""Surveys as their tools export them: drafted, read with the draft as it is, and compared with the truth."""

from pathlib import Path

import pytest

from tests.exporters.cases import SURVEYS
from tests.exporters.profile import check

SEEDS = range(16)
# Where people type among the options (Google, Typeform) or several questions stand without their names (Typeform), a
# draft has to ask more often.
FLOOR = {**dict.fromkeys(SURVEYS, 0.65), "Qualtrics": 0.9, "Qualtrics legacy": 0.9, "SPSS": 0.75}
FLOOR |= {"Google Forms": 0.45, "Google Forms sheet": 0.4, "Microsoft Forms": 0.55, "Typeform": 0.45}


@pytest.mark.parametrize("tool", SURVEYS)
def test_no_figure_of_a_survey_is_wrong_in_silence(tool: str, tmp_path: Path) -> None:
    check(tool, SEEDS, tmp_path, FLOOR[tool])
