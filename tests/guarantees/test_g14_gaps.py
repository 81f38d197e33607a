"""G14: after any downtime every day that cannot be had is shown, and everything that can be had is named as such."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from pipeline.gaps import Gap, find_gaps
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.x_api.bookmark import id_at
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
