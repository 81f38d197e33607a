"""Planned experiments through the real models: from what is registered in the lake to their results."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.ingest import experiments as registry
from pipeline.ingest.experiments import Account, Plan
from pipeline.lake import Lake
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from tests.marts.stand import build_from_raw, read_rows

START = date(2026, 1, 5)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
ACME = Account("x", "1", "acme")
Row = dict[str, object]


def plan_of(name: str, *, pairs: int = 6, arms: tuple[str, str] = ("3", "6"), account: Account = ACME) -> Plan:
    return Plan(name, account, arms, "new_follows", START, pairs, 2, 0.25, "seed of the test")


def posts_on(day: date, count: int, *, link_count: int = 0) -> list[Row]:
    return [
        {
            "platform": "x",
            "account_id": "1",
            "handle": "acme",
            "post_id": str(1_900_000_000_000_000_000 + day.toordinal() * 1_000 + number),
            "created_at": datetime(day.year, day.month, day.day, 10, number, tzinfo=UTC),
            "captured_at": datetime(2026, 4, 20, tzinfo=UTC),
            "post_kind": "original",
            "text": "words",
            "link_urls": ["https://example.com/a"] if number < link_count else [],
            "availability": "available",
        }
        for number in range(count)
    ]


def readings(last_day: date) -> list[Row]:
    """Daily readings of the account from the week before the first to the last day."""
    first = START - timedelta(days=7)
    days = [first + timedelta(days=number) for number in range((last_day - first).days + 1)]
    return [
        {
            "platform": "x",
            "account_id": "1",
            "handle": "acme",
            "captured_at": datetime(day.year, day.month, day.day, 6, tzinfo=UTC),
            "follower_count": 1_000 + 5 * number,
            "status": "active",
        }
        for number, day in enumerate(days)
    ]


def daily(plan: Plan, last_day: date, *, missing: tuple[date, ...] = ()) -> list[Row]:
    """As an overview export states them: 20 new follows a day under arm a, 30 under arm b, 500 on each Monday."""
    days = [START + timedelta(days=number) for number in range((last_day - START).days + 1)]
    usual = {"3": 20, "6": 30, None: 20}
    return [
        {
            "platform": "x",
            "account_id": "1",
            "handle": "acme",
            "source": "x_analytics_overview",
            "date": day,
            "captured_at": datetime(2026, 4, 20, tzinfo=UTC),
            "new_follow_count": 500 if day.weekday() == 0 else usual[plan.arm_of(day)],
            "period_start_date": START,
            "period_end_date": last_day,
        }
        for day in days
        if day not in missing
    ]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five experiments over the same twelve weeks and more; readings end in the week after the twelfth."""
    folder = tmp_path_factory.mktemp("experiments")
    settings = Settings(_env_file=None, data_dir=folder / "lake_side")
    settings.make_folders()
    lake, whole = Lake(settings.lake_dir), plan_of("whole")
    late, middle = START + timedelta(days=7, hours=0), datetime(2026, 3, 3, tzinfo=UTC)
    with hold_lease(settings, purpose="test", now=BEFORE):
        registry.register(lake, whole, now=BEFORE)
        registry.register(lake, plan_of("under_way", pairs=8), now=BEFORE)
        registry.register(lake, plan_of("of_another", account=Account("x", "9", "other")), now=BEFORE)
        registry.register(lake, plan_of("stopped", pairs=8, arms=("tips", "news")), now=BEFORE)
        registry.stop(lake, "stopped", "sold", now=middle)
        registry.register(lake, plan_of("amended"), now=BEFORE)
        moved = Plan("amended", ACME, ("3", "7"), "new_follows", date(2026, 1, 19), 6, 2, 0.25, "other")
        registry.register(lake, moved, now=datetime(late.year, late.month, late.day, tzinfo=UTC), reason="ill")
        registry.note(lake, "whole", "trade fair", day=START + timedelta(days=9), now=middle)
        registry.note(lake, "whole", "outage", day=START + timedelta(days=10), now=middle)
    events = [
        {**row, "lake_sequence": number} for number, row in enumerate(lake.read("experiment_events").to_pylist(), 1)
    ]
    last = whole.end_date + timedelta(days=3)
    posts = []
    for week in range(12):
        monday = START + timedelta(days=7 * week)
        wanted = int(whole.arm_of(monday) or 0)
        posts += posts_on(monday + timedelta(days=2), wanted + (3 if week == 4 else 0), link_count=week % 2)
    # Readings before and after let the posts' weeks count as covered.
    edges = [*posts_on(START - timedelta(days=6), 1), *posts_on(last, 1)]
    rows = {
        "experiment_events": events,
        "accounts": readings(last),
        "account_daily": daily(whole, last, missing=tuple(START + timedelta(days=56 + day) for day in range(2, 5))),
        "posts": [*posts, *edges],
    }
    return build_from_raw(folder / "data", rows, ["+experiments", "+experiment_weeks"])


def experiment(warehouse: Path, name: str) -> Row:
    (row,) = read_rows(warehouse, f"select * from marts.experiments where experiment_id = '{name}'")  # noqa: S608
    return row


def weeks(warehouse: Path, name: str) -> list[Row]:
    return read_rows(
        warehouse,
        f"select * from marts.experiment_weeks where experiment_id = '{name}' order by week_number",  # noqa: S608
    )


def test_the_weeks_have_their_arms_follows_without_the_washout_and_posts(warehouse: Path) -> None:
    rows, plan = weeks(warehouse, "whole"), plan_of("whole")
    assert [row["arm"] for row in rows] == list(plan.week_arms)
    assert [row["pair_number"] for row in rows] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]
    assert rows[0]["week_start_date"] == START
    # The 500 of each Monday belong to the week before.
    by_arm = {"a": 140.0, "b": 210.0}
    expected = [None if row["week_number"] == 9 else by_arm[str(row["arm"])] for row in rows]
    assert [row["follows_per_week"] for row in rows] == expected
    assert [row["day_count"] for row in rows] == [5] * 8 + [2] + [5] * 3
    assert [row["is_kept"] for row in rows] == [True] * 4 + [False] + [True] * 7
    assert [row["notes"] for row in rows][:3] == [None, "trade fair, outage", None]


def test_a_week_whose_follows_are_unknown_takes_its_pair_and_the_rest_may_be_too_few(warehouse: Path) -> None:
    row = experiment(warehouse, "whole")
    assert (row["pair_count"], row["status"]) == (5, "insufficient_data")
    assert row["status_reason"] == "5 whole pairs of weeks; a test at 5 % needs 6"
    assert (row["weeks_kept_count"], row["weeks_not_kept_count"], row["weeks_over_count"]) == (11, 1, 12)


def test_nothing_is_shown_of_an_experiment_that_is_not_over(warehouse: Path) -> None:
    row = experiment(warehouse, "under_way")
    assert (row["effect"], row["mean_a"], row["p_value"], row["status"]) == (None, None, None, "insufficient_data")
    assert str(row["status_reason"]).startswith("12 of 16 weeks are over; the result is shown when the last one is")


def test_an_experiment_of_an_account_that_is_never_read_waits(warehouse: Path) -> None:
    row = experiment(warehouse, "of_another")
    assert (row["account_key"], row["weeks_over_count"], row["status"]) == ("x:9", 0, "insufficient_data")


def test_a_stopped_experiment_says_so_and_what_posts_cannot_show_is_not_judged(warehouse: Path) -> None:
    row = experiment(warehouse, "stopped")
    assert (row["stop_reason"], row["weeks_over_count"], row["p_value"]) == ("sold", 8, None)
    assert {each["is_kept"] for each in weeks(warehouse, "stopped")} == {None}


def test_a_plan_that_was_changed_after_its_start_is_marked_for_ever(warehouse: Path) -> None:
    row = experiment(warehouse, "amended")
    assert (row["is_changed_after_start"], row["change_reason"], row["plan_count"]) == (True, "ill", 2)
    assert (row["arm_b"], row["start_date"]) == ("7", date(2026, 1, 19))
    assert experiment(warehouse, "whole")["is_changed_after_start"] is False
