"""Retention of accounts whose end is known, after 60, 90, 180 and 365 days of watching, through the real dbt models."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.marts.stand import build_models, read_rows

LAST_DAY = date(2026, 11, 1)
WATCHED = (60, 90, 180, 365)
TRUTH = 0.6
ACCOUNT_SCHEMA = pa.schema(
    [
        ("account_key", pa.string()),
        ("created_date", pa.date32()),
        ("first_watched_date", pa.date32()),
        ("first_post_date", pa.date32()),
        ("last_post_date", pa.date32()),
        ("last_watched_date", pa.date32()),
        ("exclusion_reason", pa.string()),
    ]
)


def _draw(watched_days: int, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Accounts founded on any day of the watching; 60 % post for less than a week, the others for about a year."""
    for number in range(400):
        age = int(rng.integers(0, watched_days))
        life = int(rng.integers(0, 7)) if number % 5 < 3 else 7 + int(rng.exponential(365))
        last = min(life, age)
        if life > age:
            # Posting every third day on average when the watching ends.
            last = max(0, age - int(rng.geometric(1 / 3)) + 1)
        yield {
            "account_key": f"x:{watched_days}_{number}",
            "created_date": LAST_DAY - timedelta(days=age),
            "first_watched_date": LAST_DAY - timedelta(days=age),
            "first_post_date": LAST_DAY - timedelta(days=age),
            "last_post_date": LAST_DAY - timedelta(days=age - last),
            "last_watched_date": LAST_DAY,
        }


@pytest.fixture(scope="module")
def retention_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(4)
    accounts = [row for days in WATCHED for row in _draw(days, rng)]
    segments = [
        {
            "account_key": row["account_key"],
            "segment_dimension": "platform",
            "segment": str(row["account_key"]).removeprefix("x:").split("_")[0],
        }
        for row in accounts
    ]
    parents = {
        "int_retention_accounts": pa.Table.from_pylist(accounts, schema=ACCOUNT_SCHEMA),
        "int_ratio_segments": pa.Table.from_pylist(segments),
    }
    models = ["int_retention_spells", "int_retention_estimates"]
    return build_models(tmp_path_factory.mktemp("retention"), parents, models)


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
