"""X's exports and follower tables, as X writes them and as they lie on people's desks, compared with the truth."""

from pathlib import Path

import pytest

from tests.exporters.cases import ACCOUNTS
from tests.exporters.profile import check

SEEDS = range(60)
FLOOR = dict.fromkeys(ACCOUNTS, 0.6)


@pytest.mark.parametrize("tool", ACCOUNTS)
def test_no_figure_of_an_account_is_wrong_in_silence(tool: str, tmp_path: Path) -> None:
    check(tool, SEEDS, tmp_path, FLOOR[tool])
