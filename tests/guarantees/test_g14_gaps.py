"""G14: after any downtime every day that cannot be had is shown, and everything that can be had is named as such."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.x_api.bookmarks import id_at
from pipeline.sources.x_api.gaps import Gap, find_gaps
from tests.conftest import NOW
from tests.guarantees.stand import account

REGISTRY = [{"platform": "x", "handle": "firm1", "account_id": "1"}]


def capture(settings: Settings, at: datetime, **bookmark: Any) -> None:
    row = {**account("1", "d"), "handle": "firm1", "captured_at": at}
    state = {"timeline:1": {"high": id_at(at), "settled_at": at.isoformat(), **bookmark}}
    Lake(settings.lake_dir).commit({"accounts": [row]}, source="x_api", run_id="run", now=at, state=state)


def gaps(settings: Settings, kind: str) -> list[Gap]:
    found = find_gaps(Lake(settings.lake_dir), REGISTRY, now=NOW, backfill_days=30)
    return [gap for gap in found if gap.kind == kind]


@pytest.mark.parametrize("days_down", [1, 5, 6, 40])
def test_g14_every_day_of_a_downtime_is_shown_once(settings: Settings, days_down: int) -> None:
    last = NOW - timedelta(days=days_down + 1)
    capture(settings, last - timedelta(days=1))
    capture(settings, last)
    first, end = last.date() + timedelta(days=1), NOW.date() - timedelta(days=1)
    (snapshots,), (posts,) = gaps(settings, "snapshots"), gaps(settings, "posts")
    assert (snapshots.first_day, snapshots.last_day, snapshots.day_count) == (first, end, days_down)
    assert not snapshots.is_recoverable
    assert (posts.first_day, posts.last_day, posts.is_recoverable) == (first, end, True)
    assert "tweetbench backfill --missing" in posts.remedy


def test_g14_a_day_on_which_everything_was_read_leaves_no_gap(settings: Settings) -> None:
    for day in range(3):
        capture(settings, NOW - timedelta(days=day))
    capture(settings, NOW)
    assert find_gaps(Lake(settings.lake_dir), REGISTRY, now=NOW, backfill_days=30) == []


def test_g14_a_gap_in_the_past_stays_a_gap_after_the_accounts_are_read_again(settings: Settings) -> None:
    capture(settings, NOW - timedelta(days=10))
    capture(settings, NOW)
    (gap,) = gaps(settings, "snapshots")
    assert (gap.first_day, gap.day_count, gap.is_recoverable) == (date(2026, 11, 13), 9, False)


def test_g14_a_reading_that_was_broken_off_and_an_account_never_read_can_be_had(settings: Settings) -> None:
    capture(settings, NOW)
    low, since = NOW - timedelta(days=3), NOW - timedelta(days=8)
    window = {"since": id_at(since), "low": id_at(low), "opened_at": NOW.isoformat(), "is_overlapped": True}
    Lake(settings.lake_dir).commit(
        {}, source="x_api", run_id="r", now=NOW, state={"timeline:1": {"settled_at": NOW.isoformat(), "window": window}}
    )
    (gap,) = gaps(settings, "posts")
    assert (gap.first_day, gap.last_day, gap.is_recoverable) == (since.date(), low.date(), True)
    found = find_gaps(Lake(settings.lake_dir), [{"handle": "new_firm"}], now=NOW, backfill_days=30)
    assert [(gap.account, gap.kind, gap.day_count) for gap in found] == [("new_firm", "posts", 30)]


def test_g14_posts_behind_the_limit_of_x_are_named_as_lost(settings: Settings) -> None:
    row = {"platform": "x", "captured_at": NOW, "subject": "account 1", "problem": "timeline_gap"}
    Lake(settings.lake_dir).commit({"issues": [row]}, source="x_api", run_id="r", now=NOW)
    (gap,) = gaps(settings, "posts behind X's limit")
    assert not gap.is_recoverable
    assert "X archive" in gap.remedy


def run_x(
    settings: Settings, at: datetime, *rows: dict[str, Any], partial: str | None = None, unread: list[str]
) -> None:
    """A run of the X source as it leaves the lake: snapshots, no new post, and the facts of its end."""
    found = {"request_count": 3, "usd": 0.0, "partial_reason": partial, "unread": unread}
    stamped = [{**row, "captured_at": at} for row in rows]
    Lake(settings.lake_dir).commit({"accounts": stamped}, source="x_api", run_id="run", now=at, found=found)


QUIET = {**account("1", "d"), "handle": "firm1"}


def test_g14_a_quiet_account_that_was_read_to_its_end_is_not_listed_for_ever(settings: Settings) -> None:
    capture(settings, NOW - timedelta(days=5))
    for days in range(4, -1, -1):
        run_x(settings, NOW - timedelta(days=days), QUIET, unread=[])
    assert gaps(settings, "posts") == [], "an empty page leaves the bookmark where it was"


def test_g14_a_run_that_ended_early_or_could_not_read_the_account_settles_nothing(settings: Settings) -> None:
    capture(settings, NOW - timedelta(days=5))
    run_x(settings, NOW - timedelta(days=2), QUIET, partial="the budget is reached", unread=[])
    run_x(settings, NOW - timedelta(days=1), QUIET, unread=["1"])
    (gap,) = gaps(settings, "posts")
    assert (gap.day_count, gap.is_recoverable) == (4, True)


def test_g14_an_account_added_after_the_last_whole_run_can_be_had(settings: Settings) -> None:
    run_x(settings, NOW, QUIET, unread=[])
    registry = [*REGISTRY, {"platform": "x", "handle": "newcomer", "account_id": "2"}]
    found = find_gaps(Lake(settings.lake_dir), registry, now=NOW, backfill_days=30)
    assert [(gap.account, gap.kind, gap.is_recoverable) for gap in found] == [("newcomer", "posts", True)]


@pytest.mark.parametrize(
    ("status", "words"), [("protected", "approved followers"), ("suspended", "once it is back"), ("not_found", "check")]
)
def test_g14_posts_that_x_serves_to_nobody_are_shown_and_not_said_to_be_had(
    settings: Settings, status: str, words: str
) -> None:
    capture(settings, NOW - timedelta(days=5))
    for days in (2, 1, 0):
        run_x(settings, NOW - timedelta(days=days), {**QUIET, "status": status}, unread=[])
    (gap,) = gaps(settings, "posts")
    assert (gap.day_count, gap.is_recoverable) == (4, False)
    assert words in gap.remedy
    assert "backfill" not in gap.remedy


def test_g14_a_handle_that_x_never_knew_cannot_be_had_either(settings: Settings) -> None:
    unknown = {**QUIET, "account_id": None, "handle": "No_Body", "status": "not_found"}
    run_x(settings, NOW, unknown, unread=[])
    found = find_gaps(Lake(settings.lake_dir), [{"handle": "no_body"}], now=NOW, backfill_days=30)
    assert [(gap.kind, gap.is_recoverable) for gap in found] == [("posts", False)]
