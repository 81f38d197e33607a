"""Weeks of accounts that are read once a week, on any weekday, or at odd times: figures worked out by hand.

Every account grows by 0.2 per cent a day without a break and posts at fixed times, so the right figures do not depend
on when it is read: seven days hold 0.014 of log growth, up to the rounding of a million followers to whole ones.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
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


POST_TIMES = [moment(week, weekday, 15) for week in range(-4, WEEKS + 3) for weekday in (0, 2, 5)]


def timeline(name: str, *, silent_weeks: Sequence[int] = ()) -> Iterator[tuple[str, Row]]:
    """One original at 15:00 on Monday, Wednesday and Saturday; in silent weeks nothing but a reply on Wednesday."""
    for number, at in enumerate(POST_TIMES):
        week = (at - MONDAY) // timedelta(days=7)
        if week not in silent_weeks:
            yield from posted(name, number, at, moment(WEEKS + 3, 0, 0))
        elif at.weekday() == 2:
            yield from posted(name, number, at, moment(WEEKS + 3, 0, 0), post_kind="reply")


def odd_readings() -> Iterator[Row]:
    jumps = [moment(0, 0, 9), moment(1, 2, 9), moment(2, 0, 9), moment(3, 1, 21)]
    yield from (reading("jumps", at) for at in jumps)
    yield from (reading("midnight", at) for at in (moment(0, 6, 23.5), moment(1, 0, 0.5), moment(2, 0, 0.5)))
    yield from (reading("missed", moment(week, 0, 9)) for week in (0, 1, 3, 4))
    yield from (reading("twice", at) for at in (moment(0, 0, 8), moment(0, 0, 20), moment(1, 0, 8), moment(1, 0, 20)))
    yield from (reading("exact", at) for at in (moment(0, 0, 9), moment(1, 0, 15), moment(2, 0, 9)))
    # Followers on Mondays; accounts followed on Sundays, a day and three hours earlier.
    for week in range(3):
        yield reading("half", moment(week, 0, 9), following_count=None)
        yield reading("half", moment(week, -1, 6), follower_count=None)
    yield from (reading("silent", moment(week, 0, 9)) for week in range(WEEKS))
    yield from (reading("unmeasured", moment(week, 0, 9)) for week in range(WEEKS))
    yield from (reading("ages", moment(0, 0, 9) + timedelta(days=10 * step)) for step in range(4))


def overview(name: str, days: int) -> Iterator[Row]:
    """Daily figures of an export without any count of followers: day n has n new follows."""
    for day in range(days):
        at = {"date": moment(0, day, 0).date(), "captured_at": moment(WEEKS, 0, 0)}
        yield {"platform": "x", "account_id": name, "handle": name, **at, "new_follow_count": day, "unfollow_count": 0}


ODD = ("jumps", "midnight", "missed", "twice", "exact", "half", "overview")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows: dict[str, list[Row]] = {"accounts": [*daily("daily"), *odd_readings()], "posts": [], "post_metrics": []}
    rows["account_daily"] = [*overview("overview", 20), *overview("jumps", 16)]
    for name in READERS:
        rows["accounts"] += weekly(name)
    posts = [row for name in ("daily", *READERS, *ODD) for row in timeline(name)]
    posts += timeline("silent", silent_weeks=(8, 9))
    posts += timeline("unmeasured", silent_weeks=range(-4, WEEKS + 3))
    for table, row in posts:
        rows[table].append(row)
    selection = ["+account_weeks", "+int_benchmark_growth", "+int_growth_account_segments"]
    return build_from_raw(tmp_path_factory.mktemp("weeks"), rows, selection)


def weeks_of(warehouse: Path, name: str) -> dict[int, Row]:
    """Rows of the panel by number of the week; the mart has fewer columns."""
    query = f"from intermediate.int_account_week_panel where account_key = 'x:{name}' order by week_start_date"
    return {(row["week_start_date"] - MONDAY.date()).days // 7: row for row in read_rows(warehouse, query)}


@pytest.mark.parametrize("name", ["daily", *READERS])
def test_a_reader_on_any_weekday_has_the_weeks_and_the_growth_of_the_daily_reader(warehouse: Path, name: str) -> None:
    weeks = weeks_of(warehouse, name)
    grown = {week: row for week, row in weeks.items() if row["growth_rate"] is not None}
    assert len(grown) >= 0.95 * (WEEKS - 1)
    # The first week with growth has none before it.
    assert sum(row["is_in_panel"] for row in weeks.values()) >= 0.95 * (WEEKS - 2)
    for row in grown.values():
        # A follower more or less at each end of a million: equal to what the daily reader finds in any seven days.
        assert row["growth_rate"] == pytest.approx(7 * DAILY_GROWTH, abs=2e-6)
        expected = sum(row["reading_start_at"] < at <= row["reading_end_at"] for at in POST_TIMES)
        assert row["original_post_count"] == expected
        assert row["originals_per_week"] == pytest.approx(7 * expected / row["day_count"])
        assert row["volume_same"] == pytest.approx(math.log1p(7 * expected / row["day_count"]))
    (benchmark,) = read_rows(warehouse, f"from intermediate.int_benchmark_growth where account_key = 'x:{name}'")
    assert benchmark["weekly_growth_rate"] == pytest.approx(7 * DAILY_GROWTH, abs=2e-6)
    assert benchmark["week_count"] >= 11
    query = f"from intermediate.int_growth_account_segments where account_key = 'x:{name}'"
    segments = {row["segment_dimension"]: row["segment"] for row in read_rows(warehouse, query)}
    assert segments == {"platform": "x", "size_tier": "pro", "ratio_style": "mass_communication"}


def figures(weeks: Mapping[int, Row], *columns: str) -> dict[int, tuple[object, ...]]:
    """The columns of the weeks with growth, numbers to six digits."""
    return {
        week: tuple(round(row[name], 6) if isinstance(row[name], float) else row[name] for name in columns)
        for week, row in weeks.items()
        if row["growth_rate"] is not None
    }


def test_readings_that_jump_between_weekdays_give_rates_per_seven_days(warehouse: Path) -> None:
    weeks = weeks_of(warehouse, "jumps")
    # Monday to Wednesday of the next week, to Monday, to Tuesday night; posts at 15:00 on Monday, Wednesday, Saturday.
    counts = figures(weeks, "day_count", "original_post_count", "originals_per_week", "following_change")
    assert counts == {0: (9.0, 4, 3.111111, 90), 1: (5.0, 2, 2.8, 50), 2: (8.5, 4, 3.294118, 85)}
    assert [weeks[week]["growth_rate"] for week in range(3)] == pytest.approx([0.014] * 3, abs=4e-6)
    # New follows of Monday to Tuesday: 0 + 1 + ... + 8 on nine days; of Wednesday to Sunday 9 + ... + 13 on five.
    assert [weeks[week]["new_follow_count"] for week in range(3)] == pytest.approx([7 * 4.0, 7 * 11.0, None])
    assert weeks[1]["original_post_count_lag"] == 3
    assert weeks[1]["following_change_lag"] == pytest.approx(math.log(1095 / 1005) * 7 / 9)


def test_of_sunday_and_monday_half_an_hour_from_midnight_sunday_ends_the_week(warehouse: Path) -> None:
    weeks = weeks_of(warehouse, "midnight")
    assert weeks[0]["reading_end_at"] == moment(0, 6, 23.5)
    assert figures(weeks, "day_count", "original_post_count") == {1: (7.041667, 3)}
    assert weeks[1]["growth_rate"] == pytest.approx(0.014, abs=2e-6)


def test_a_missed_week_costs_the_weeks_that_it_ends_and_begins_and_loses_no_post(warehouse: Path) -> None:
    weeks = weeks_of(warehouse, "missed")
    assert figures(weeks, "day_count") == {0: (7.0,), 3: (7.0,)}
    assert (weeks[1]["exclusion_reason"], weeks[2]["exclusion_reason"]) == (
        "no_level_at_week_end",
        "no_level_at_previous_week_end",
    )
    # Half-read weeks begin and end on Monday 00:00 on the side without a reading.
    assert [weeks[week]["original_post_count"] for week in range(4)] == [3, 3, 3, 3]
    assert [weeks[week]["day_count"] for week in (1, 2)] == pytest.approx([6.625, 7.375])


def test_the_last_reading_of_a_day_stands_for_the_day(warehouse: Path) -> None:
    (week,) = (row for row in weeks_of(warehouse, "twice").values() if row["growth_rate"] is not None)
    assert (week["reading_start_at"], week["reading_end_at"]) == (moment(0, 0, 20), moment(1, 0, 20))
    assert week["follower_count_start"] == round(1e6 * math.exp(DAILY_GROWTH * 20 / 24))


def test_a_post_at_the_moment_of_a_reading_is_counted_once_before_it(warehouse: Path) -> None:
    weeks = weeks_of(warehouse, "exact")
    assert figures(weeks, "original_post_count") == {0: (4,), 1: (2,)}
    query = "from intermediate.int_account_week_quality where account_key = 'x:exact' order by week_start_date"
    measured = {row["week_start_date"]: row["measured_post_count"] for row in read_rows(warehouse, query)}
    assert [measured[moment(week, 0, 0).date()] for week in (0, 1)] == [4, 2]


def test_accounts_followed_have_the_interval_of_their_own_readings(warehouse: Path) -> None:
    weeks = weeks_of(warehouse, "half")
    assert figures(weeks, "day_count", "following_change") == {0: (7.0, 70), 1: (7.0, 70)}
    assert weeks[1]["following_change_lag"] == pytest.approx(math.log((1001 + 62) / (1001 - 8)), abs=1e-9)


def test_an_account_with_daily_figures_alone_has_new_follows_by_the_weeks_of_the_calendar(warehouse: Path) -> None:
    weeks = weeks_of(warehouse, "overview")
    assert {row["exclusion_reason"] for row in weeks.values()} == {"no_level_at_week_end"}
    # 0 + ... + 6 and 7 + ... + 13; the third week lacks its last day.
    assert [weeks[week]["new_follow_count"] for week in range(3)] == [21, 70, None]
    assert (weeks[0]["day_count"], weeks[0]["original_post_count"], weeks[0]["reading_end_at"]) == (7.0, 3, None)


def test_silent_weeks_stay_in_the_panel_without_a_quality(warehouse: Path) -> None:
    weeks = weeks_of(warehouse, "silent")
    names = ("is_silent_lag", "is_silent_same", "is_silent_lead", "exclusion_reason")
    flags = {week: tuple(weeks[week][name] for name in names) for week in (6, 7, 8, 9, 10, 11)}
    assert flags == {
        6: (False, False, False, None),
        7: (False, False, True, None),
        8: (False, True, True, None),
        9: (True, True, False, None),
        10: (True, False, False, None),
        11: (False, False, False, None),
    }
    assert [weeks[week]["quality_same"] is None for week in (7, 8, 9, 10)] == [False, True, True, False]
    assert [weeks[week]["quality_lag"] is None for week in (7, 8, 9, 10)] == [False, False, True, True]
    assert (weeks[8]["volume_same"], weeks[8]["post_count"]) == (0.0, 1)


def test_an_account_that_only_replies_has_no_quality_to_stand_at(warehouse: Path) -> None:
    reasons = {row["exclusion_reason"] for week, row in weeks_of(warehouse, "unmeasured").items() if 1 <= week < 25}
    assert reasons == {"no_quality_measure"}


def test_readings_every_ten_days_have_growth_where_both_ends_of_a_week_have_one(warehouse: Path) -> None:
    # A Monday, a Thursday, a Sunday and a Wednesday: the ends of the weeks -1, 0, 2 and 3.
    weeks = weeks_of(warehouse, "ages")
    assert figures(weeks, "day_count") == {0: (10.0,), 3: (10.0,)}
    assert [weeks[week]["growth_rate"] for week in (0, 3)] == pytest.approx([0.014, 0.014], abs=2e-6)
