"""All new follows are known from X Analytics' account overview only, through the real models from raw rows."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.marts.stand import build_from_raw, read_rows

Row = dict[str, object]
BY_DAY, BY_TWEET, OVERVIEW = "twitter_analytics_by_day", "twitter_analytics_by_tweet", "x_analytics_overview"
CAPTURED = datetime(2026, 3, 8, tzinfo=UTC)


def day(handle: str, number: int, source: str, follows: int | None) -> Row:
    base = {"platform": "x", "handle": handle, "captured_at": CAPTURED, "source": source}
    return {**base, "date": date(2026, 3, number), "new_follow_count": follows, "unfollow_count": 0, "post_count": 1}


def post(handle: str, number: int, source: str) -> Row:
    base = {
        "platform": "x",
        "handle": handle,
        "captured_at": CAPTURED,
        "source": source,
        "post_id": f"{handle}{number}",
    }
    created = {"created_at": datetime(2026, 3, number, 9, tzinfo=UTC), "created_date": date(2026, 3, number)}
    return {**base, **created, "post_kind": "original", "availability": "available"}


def metrics(handle: str, number: int, source: str, follows: int) -> Row:
    base = {
        "platform": "x",
        "handle": handle,
        "captured_at": CAPTURED,
        "source": source,
        "post_id": f"{handle}{number}",
    }
    period = {"period_start_date": date(2026, 3, 1), "period_end_date": date(2026, 3, 7)}
    return {**base, **period, "metric_scope": "export", "new_follow_count": follows}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An account of the old site, one of the new site, and one that moved from the old to the new within the days."""
    rows = {
        "account_daily": [
            *(day("old", number, BY_DAY, 1) for number in (1, 2, 3)),
            *(day("new", number, OVERVIEW, 20) for number in (1, 2, 3)),
            # Rows of an earlier version of tweetbench; the overview of the same day was read before them.
            {**day("moved", 1, OVERVIEW, 30), "captured_at": datetime(2026, 3, 2, tzinfo=UTC)},
            day("moved", 1, BY_DAY, 2),
            day("moved", 2, BY_DAY, 2),
        ],
        "posts": [
            *(post("old", number, BY_TWEET) for number in (1, 2, 3)),
            *(post("new", number, "x_analytics_content") for number in (1, 2, 3)),
        ],
        "post_metrics": [
            *(metrics("old", number, BY_TWEET, 1) for number in (1, 2, 3)),
            *(metrics("new", number, "x_analytics_content", number - 1) for number in (1, 2, 3)),
        ],
    }
    selection = ["+own_account_follows", "+account_days", "+account_weeks", "+int_growth_account_months"]
    return build_from_raw(tmp_path_factory.mktemp("follows"), rows, selection)


def test_follows_from_posts_are_not_all_follows(warehouse: Path) -> None:
    rows = {
        row["account_key"]: (row["new_follow_count"], row["post_follow_count"], row["post_follow_share"])
        for row in read_rows(warehouse, "from marts.own_account_follows")
    }
    assert rows == {"x:@old": (None, 3, None), "x:@new": (60, 3, 0.05), "x:@moved": (None, None, None)}
    (old,) = read_rows(warehouse, "from marts.own_account_follows where account_key = 'x:@old'")
    assert old["status"] == "insufficient_data"
    assert old["summary_text"] == (
        "The platform states 3 follows for single posts. How many new follows there were in all is not known: only "
        "the account overview of X Analytics states them."
    )


def test_days_weeks_and_months_hold_the_new_follows_of_the_overview_only(warehouse: Path) -> None:
    days = read_rows(warehouse, "select account_key, new_follow_count from marts.account_days order by all")
    assert [tuple(row.values()) for row in days] == [
        *(("x:@moved", 30), ("x:@moved", None)),
        *(("x:@new", 20),) * 3,
        *(("x:@old", None),) * 3,
    ]
    months = read_rows(warehouse, "from intermediate.int_growth_account_months where new_follow_count is not null")
    assert months == []
