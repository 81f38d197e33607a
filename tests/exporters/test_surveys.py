"""Surveys as their tools export them: drafted, read with the draft as it is, and compared with the truth."""

from pathlib import Path

import pytest

from tests.exporters.cases import SURVEYS
from tests.exporters.profile import check

SEEDS = range(16)
# What is read of these seeds less one file. Where people type among the options (Google, Typeform) or several questions
# stand without their names (Typeform), a draft has to ask more often. Over 878 seeds of each tool the shares were 0.99
# (Qualtrics), 0.88 (its older exports), 0.84 (LimeSurvey), 0.78 (SurveyMonkey), 0.77 (SPSS), 0.70 and 0.60 (Google),
# 0.65 (Microsoft) and 0.60 (Typeform).
FLOOR = {"Qualtrics": 15 / 16, "Qualtrics legacy": 15 / 16, "SPSS": 13 / 16, "LimeSurvey": 11 / 16}
FLOOR |= {"SurveyMonkey": 10 / 16, "Microsoft Forms": 10 / 16, "Google Forms": 8 / 16}
FLOOR |= {"Google Forms sheet": 7 / 16, "Typeform": 7 / 16}


@pytest.mark.parametrize("tool", SURVEYS)
def test_no_figure_of_a_survey_is_wrong_in_silence(tool: str, tmp_path: Path) -> None:
    check(tool, SEEDS, tmp_path, FLOOR[tool])
