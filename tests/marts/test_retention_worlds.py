"""Retention of accounts whose end is known, after 60, 90, 180 and 365 days of watching, through the real dbt models."""

from pathlib import Path

import numpy as np
import pytest

from tests.marts.retention_stand import TRUTH, WATCHED, build_worlds, draw_accounts
from tests.marts.stand import read_rows


@pytest.fixture(scope="module")
def retention_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(4)
    accounts = [row for days in WATCHED for row in draw_accounts(str(days), days, 400, rng)]
    return build_worlds(tmp_path_factory.mktemp("retention"), accounts)


def test_the_share_that_quits_in_the_first_week_is_the_same_however_long_was_watched(
    retention_warehouse: Path,
) -> None:
    """Followed to the last day, 60 days of watching gave 32 % for a true 60."""
    rows = read_rows(
        retention_warehouse,
        "select segment::integer as watched_days, account_count, 1 - survival_share as share, "
        "1 - conf_high as share_low, 1 - conf_low as share_high from intermediate.int_retention_estimates "
        "where segment_dimension = 'platform' and silence_days = 30 and day = 7 order by watched_days",
    )
    assert [row["watched_days"] for row in rows] == list(WATCHED)
    for row in rows:
        assert row["share_low"] <= TRUTH <= row["share_high"], row
        assert row["share"] == pytest.approx(TRUTH, abs=0.07), row


def test_accounts_too_young_to_be_judged_are_in_no_curve(retention_warehouse: Path) -> None:
    """Of accounts of 0 to 59 days about half are followed for 30 days after their first post."""
    (row,) = read_rows(
        retention_warehouse,
        "select count(*) as judged, min(duration_days) as shortest from intermediate.int_retention_spells "
        "where segment = '60' and silence_days = 30",
    )
    assert 170 <= row["judged"] <= 230
    assert row["shortest"] == 0
