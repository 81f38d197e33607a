"""X's exports and follower tables, as X writes them and as they lie on people's desks, compared with the truth."""

from pathlib import Path

import pytest

from tests.exporters.cases import ACCOUNTS
from tests.exporters.profile import check

SEEDS = range(60)
# What is read of these seeds less one file. A table of days by accounts needs a mapping; one in five comes without.
FLOOR = {"X content": 54 / 60, "X overview": 52 / 60, "Twitter by tweet": 54 / 60, "Twitter by day": 56 / 60}
FLOOR |= {"followers long": 57 / 60, "followers wide": 47 / 60}


@pytest.mark.parametrize("tool", ACCOUNTS)
def test_no_figure_of_an_account_is_wrong_in_silence(tool: str, tmp_path: Path) -> None:
    check(tool, SEEDS, tmp_path, FLOOR[tool])
