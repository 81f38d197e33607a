"""Own accounts through the real models: real exports of two accounts, months of a third, and what they cannot carry."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import SHARED
from tests.marts.stand import build_models, read_rows

MODELS = ["int_growth_own_days", "int_growth_own_estimates", "own_account_days", "own_account_growth"]
MODELS += ["own_account_follows", "account_month_correlations"]
DATA = SHARED / "data"
Row = dict[str, object]
DAYS = pa.schema(
    [
        ("account_key", pa.string()),
        ("date", pa.date32()),
        *[
            (name, pa.int64())
            for name in (
                "new_follow_count",
                "unfollow_count",
                "net_follow_count",
                "engagement_count",
                "link_click_count",
                "promoted_impression_count",
            )
        ],
    ]
)
POSTS = pa.schema(
    [
        *[(name, pa.string()) for name in ("post_key", "account_key", "post_kind")],
        ("created_at", pa.timestamp("us", tz="UTC")),
        ("created_date", pa.date32()),
        *[(name, pa.int64()) for name in ("new_follow_count", "link_click_count", "like_count", "engagement_count")],
    ]
)
MONTHS = pa.schema(
    [
        ("account_key", pa.string()),
        ("month_start_date", pa.date32()),
        ("post_count", pa.int64()),
        ("mean_like_count", pa.float64()),
        ("new_follow_count", pa.int64()),
        ("follower_change", pa.int64()),
    ]
)


def read_csv(*patterns: str) -> Iterator[tuple[Path, dict[str, str]]]:
    for path in (path for pattern in patterns for path in sorted(DATA.glob(pattern))):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield path, row


def person_days() -> Iterator[Row]:
    """A year by day with clicks, of an account that hardly anybody newly follows."""
    for _, row in read_csv("psyteachr_analytics/daily_*.csv"):
        counts = {"new_follow_count": row["follows"], "link_click_count": row["url clicks"]}
        counts["engagement_count"] = row["engagements"]
        day = date.fromisoformat(row["Date"])
        yield {"account_key": "x:person", "date": day, **{name: int(float(cell)) for name, cell in counts.items()}}


def person_posts() -> Iterator[Row]:
    for _, row in read_csv("psyteachr_analytics/tweet_*.csv"):
        yield {
            "post_key": f"x:{row['Tweet id']}",
            "account_key": "x:person",
            "post_kind": "reply" if row["Tweet text"].startswith("@") else "original",
            "created_at": datetime.strptime(row["time"], "%Y-%m-%d %H:%M %z"),
            "new_follow_count": int(float(row["follows"])),
            "link_click_count": int(float(row["url clicks"])),
        }


def week_days() -> Iterator[Row]:
    """Seven days of an overview export."""
    for _, row in read_csv("x_content_export/account_overview_analytics.csv"):
        yield {
            "account_key": "x:week",
            "date": datetime.strptime(row["Date"], "%a, %b %d, %Y").replace(tzinfo=UTC).date(),
            "new_follow_count": int(row["New follows"]),
            "unfollow_count": int(row["Unfollows"]),
            "engagement_count": int(row["Engagements"]),
        }


def organisation_months() -> Iterator[Row]:
    """Posts by month from the exports, new followers from the monthly table: its lines go back month by month."""
    likes: dict[date, list[float]] = {}
    for path, row in read_csv("ropensci_tweets/tweet_activity_metrics_*.csv"):
        stamp = path.stem.split("_")[4]
        likes.setdefault(date(int(stamp[:4]), int(stamp[4:6]), 1), []).append(float(row["likes"]))
    for number, (_, row) in enumerate(read_csv("ropensci_tweets/twitter_metrics_monthly_*.csv")):
        months = 2021 * 12 + 11 - number
        month = date(months // 12, months % 12 + 1, 1)
        if month in likes:
            yield {
                "account_key": "x:organisation",
                "month_start_date": month,
                "post_count": len(likes[month]),
                "mean_like_count": sum(likes[month]) / len(likes[month]),
                "new_follow_count": None if row["new_followers"] == "NA" else int(row["new_followers"]),
            }


def made_up_days() -> Iterator[Row]:
    """Sixty days, 3 new follows each; nothing is posted on Sundays."""
    for number in range(60):
        yield {"account_key": "x:made", "date": date(2026, 3, 2) + timedelta(days=number), "new_follow_count": 3}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:  # noqa: ARG001 - skips without
    days = [*person_days(), *week_days(), *made_up_days()]
    covered = [row for row in days if row["account_key"] != "x:week"]
    posted = [row["date"] for row in made_up_days() if row["date"].weekday() != 6]
    posts = [*person_posts()]
    posts += [
        {
            "post_key": f"x:made{number}",
            "account_key": "x:made",
            "post_kind": "original",
            "created_at": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            "new_follow_count": number % 2,
            "link_click_count": 3 + number % 5,
        }
        for number, day in enumerate(posted)
    ]
    parents = {
        "int_account_days_reported": pa.Table.from_pylist(days, schema=DAYS),
        "int_post_periods_covered": pa.table(
            {
                "source": ["export"] * len(covered),
                "account_key": [row["account_key"] for row in covered],
                "start_date": [row["date"] for row in covered],
                "end_date": [row["date"] for row in covered],
            }
        ),
        "int_posts": pa.Table.from_pylist(posts, schema=POSTS),
        "int_growth_account_months": pa.Table.from_pylist(list(organisation_months()), schema=MONTHS),
    }
    return build_models(tmp_path_factory.mktemp("own") / "data", parents, MODELS)


def test_one_account_over_months_has_the_known_correlations_and_no_more(warehouse: Path) -> None:
    rows = read_rows(warehouse, "from marts.account_month_correlations")
    found = {row["driver"]: row for row in rows if row["outcome"] == "new_follow_count"}
    assert found["post_count"]["correlation"] == pytest.approx(0.23, abs=0.005)
    assert found["mean_like_count"]["correlation"] == pytest.approx(0.56, abs=0.005)
    # Sixty months of posts; in one of them nobody noted the new followers.
    assert {row["month_count"] for row in found.values()} == {59}
    assert found["post_count"]["conf_low"] < 0 < found["mean_like_count"]["conf_low"]
    unknown = [row for row in rows if row["outcome"] == "follower_change"]
    assert {(row["status"], row["correlation"], row["month_count"]) for row in unknown} == {
        ("insufficient_data", None, 0)
    }


def test_nine_follows_in_a_year_of_3087_posts_carry_no_model(warehouse: Path) -> None:
    (row,) = read_rows(warehouse, "from marts.own_account_follows where account_key = 'x:person'")
    assert (row["day_count"], row["new_follow_count"], row["status"]) == (365, 9, "insufficient_data")
    assert row["post_follow_count"] + row["unattributed_follow_count"] == 9
    rows = read_rows(warehouse, "from marts.own_account_growth where account_key = 'x:person'")
    assert {(each["status"], each["estimate"]) for each in rows} == {("insufficient_data", None)}
    assert rows[0]["response_basis"] == "clicks_by_day"
    assert "9 new follows in 365 days" in {each["specification"]: each["status_reason"] for each in rows}["same_day"]


def test_a_week_without_the_posts_export_credits_nobody(warehouse: Path) -> None:
    (row,) = read_rows(warehouse, "from marts.own_account_follows where account_key = 'x:week'")
    assert (row["day_count"], row["new_follow_count"], row["post_follow_count"]) == (0, None, None)
    assert row["status_reason"].startswith("no export of posts")
    days = read_rows(warehouse, "from marts.own_account_days where account_key = 'x:week'")
    assert (len(days), sum(day["new_follow_count"] for day in days)) == (7, 13)
    assert {(day["post_count"], day["post_follow_count"]) for day in days} == {(None, None)}


def test_follows_on_days_without_posts_stay_with_nobody(warehouse: Path) -> None:
    days = read_rows(warehouse, "from marts.own_account_days where account_key = 'x:made'")
    silent = [day for day in days if day["date"].weekday() == 6]
    assert {(day["post_count"], day["post_follow_count"], day["response_count"]) for day in silent} == {(0, 0, 0)}
    (row,) = read_rows(warehouse, "from marts.own_account_follows where account_key = 'x:made'")
    assert (row["silent_day_count"], row["silent_day_follow_count"]) == (8, 24)
    assert (row["new_follow_count"], row["post_follow_count"], row["unattributed_follow_count"]) == (180, 26, 154)
    assert row["summary_text"].startswith("Of 180 new follows on 60 days, the platform states 26 for single posts")
