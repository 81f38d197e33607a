"""Weeks of accounts that are read once a week, on any weekday, or at odd times: figures worked out by hand.

Every account grows by 0.2 per cent a day without a break and posts at fixed times, so the right figures do not depend
on when it is read: seven days hold 0.014 of log growth, up to the rounding of a million followers to whole ones.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.marts.stand import build_from_raw, read_rows

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = 26
DAILY_GROWTH = 0.002
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Weekdays from 0 on, hours, and by how many minutes a reader may be early or late.
READERS = {
    **{name: (weekday, 9.0, 45) for weekday, name in enumerate(WEEKDAYS)},
    "thu_noon": (3, 12.0, 180),  # in the middle between two ends of weeks
    "thu_midnight": (3, 24.0, 180),  # where Thursday ends
    "thu_morning": (3, 0.0, 180),  # where Wednesday ends
    "sun_midnight": (6, 24.0, 180),  # where the week ends
}
Row = dict[str, object]


def reading(name: str, at: datetime, **counts: int | None) -> Row:
    days = (at - MONDAY) / timedelta(days=1)
    levels = {"follower_count": round(1e6 * math.exp(DAILY_GROWTH * days)), "following_count": 1000 + round(10 * days)}
    identity = {"platform": "x", "account_id": name, "handle": name, "captured_at": at}
    return {**identity, "status": "active", **levels, **counts}


def moment(week: int, weekday: int, hour: float) -> datetime:
    return MONDAY + timedelta(days=7 * week + weekday, hours=hour)


def weekly(name: str) -> Iterator[Row]:
    weekday, hour, minutes = READERS[name]
    rng = np.random.default_rng(sum(name.encode()))
    for week in range(WEEKS):
        yield reading(name, moment(week, weekday, hour) + timedelta(minutes=round(rng.uniform(-minutes, minutes))))


def daily(name: str) -> Iterator[Row]:
    yield from (reading(name, moment(0, day, 6)) for day in range(7 * WEEKS))


def posted(name: str, number: int, at: datetime, read_until: datetime, **more: object) -> Iterator[tuple[str, Row]]:
    """A post with reactions, first seen at once, read at seven days of age; the timeline is read to the end."""
    base = {"platform": "x", "post_id": f"{name}-{number}", "account_id": name, "handle": name}
    kinds = {"created_at": at, "post_kind": "original", "availability": "available", **more}
    yield "posts", {**base, **kinds, "captured_at": at + timedelta(minutes=1)}
    yield "posts", {**base, **kinds, "captured_at": read_until}
    counts = {"like_count": 30 + 7 * number % 11, "repost_count": 0, "reply_count": 0, "quote_count": 0}
    seen = {"captured_at": at + timedelta(days=7), "metric_scope": "public", "impression_count": 1000}
    yield "post_metrics", {**base, **seen, **counts}


def timeline(name: str) -> Iterator[tuple[str, Row]]:
    """One post at 15:00 on Monday, Wednesday and Saturday, from four weeks before the first reading on."""
    times = [moment(week, weekday, 15) for week in range(-4, WEEKS + 3) for weekday in (0, 2, 5)]
    for number, at in enumerate(times):
        yield from posted(name, number, at, moment(WEEKS + 3, 0, 0))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows: dict[str, list[Row]] = {"accounts": [*daily("daily")], "posts": [], "post_metrics": []}
    for name in READERS:
        rows["accounts"] += weekly(name)
    for name in ("daily", *READERS):
        for table, row in timeline(name):
            rows[table].append(row)
    selection = ["+account_weeks", "+int_benchmark_growth", "+int_growth_account_segments"]
    return build_from_raw(tmp_path_factory.mktemp("weeks"), rows, selection)


def weeks_of(warehouse: Path, name: str) -> list[Row]:
    return read_rows(warehouse, f"from marts.account_weeks where account_key = 'x:{name}' order by week_start_date")


@pytest.mark.parametrize("name", ["daily", *READERS])
def test_a_reader_on_any_weekday_has_every_week_and_the_growth_of_the_daily_reader(warehouse: Path, name: str) -> None:
    weeks = [week for week in weeks_of(warehouse, name) if week["growth_rate"] is not None]
    for week in weeks:
        print(week)
    assert len(weeks) >= 0.95 * (WEEKS - 1)
    for week in weeks:
        # A follower more or less at each end of a million.
        assert week["growth_rate"] == pytest.approx(7 * DAILY_GROWTH, abs=2e-6)
        assert week["day_count"] == pytest.approx(7, abs=0.3)
