"""Guarantees of every API source, page by page: nothing lost or doubled, nothing asked for without end."""

from datetime import timedelta

import pytest

from pipeline import sources
from pipeline.sources.api.source import ApiSource
from tests.conftest import NOW
from tests.sources.api import lark
from tests.sources.api.platform import SPOILED, SourceStand, open_stand, platform_module
from tests.sources.api.scripted import Reply

CUT = Reply(wire="close")
# As often as a request is tried, and an account that cannot be read in between.
CUT_OFF = [CUT] * 5
DAY = timedelta(days=1)


def test_a_source_that_brings_no_platform_fails_with_what_to_write() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"write tests/sources/lark/platform.py with `read` and `Platform`"):
        platform_module(lark.NAME)
    assert {source.NAME for source in sources.API_SOURCES} >= {"x_api", "bluesky"}


def test_g03_g04_six_hundred_new_posts_and_a_cut_after_page_one_lose_none(stand: SourceStand) -> None:
    known = stand.fill(0, 50)
    stand.run()
    assert stand.post_ids() == set(known)
    later = NOW + timedelta(hours=13)
    new = stand.fill(0, 600, until=later)
    stand.tiny.script[stand.platform.posts_key(0)] = [None, *CUT_OFF]
    cut = stand.run(now=later)
    assert len(stand.post_ids() - set(known)) == stand.platform.page_size
    assert (stand.shortfall_codes(cut), stand.problems()) == ({3}, ["api_transient"])
    assert stand.run(now=later + timedelta(minutes=1)).shortfalls == ()
    assert stand.post_ids() == {*known, *new}
    stand.assert_no_reading_twice()


@pytest.mark.parametrize("kind", SPOILED)
@pytest.mark.parametrize("position", [0, 1])
def test_g03_g22_spoiled_pages_lose_and_double_nothing_and_are_bounded(
    stand: SourceStand, kind: str, position: int
) -> None:
    if position and kind in {"short", "empty"}:
        position = 0  # their cursors lead to the first page
    posts = stand.fill(0, 250)
    key = stand.platform.posts_key(0)
    stand.tiny.script[key] = [None] * position + [stand.platform.changed_page(kind)]
    stand.run()
    asked = len(stand.tiny.requests)
    # Where cursors lead nowhere the source says so, and the next run reads the stretch again.
    said = set(stand.problems())
    assert said <= {"malformed_item", "missing_required_metric", "unusable_metric", "feed_without_end"}
    assert bool(said & {"malformed_item"}) == (kind == "odd")
    if "feed_without_end" in said:
        stand.run(now=NOW + timedelta(minutes=1))
    assert stand.post_ids() == set(posts)
    stand.assert_no_reading_twice()
    assert asked <= stand.most_requests(250, more=6)


def test_g22_cursors_that_lead_nowhere_for_ever_end_the_reading_and_the_next_run_has_all(stand: SourceStand) -> None:
    posts = stand.fill(0, 150)
    others = stand.fill(1, 5)
    key = stand.platform.posts_key(0)
    for number, kind in enumerate(("same cursor", "empty")):
        stand.tiny.script[key] = [stand.platform.changed_page(kind) for _ in range(60)]
        before = len(stand.tiny.requests)
        result = stand.run(now=NOW + number * timedelta(hours=1))
        assert (kind, result.partial_reason, len(stand.tiny.requests) - before <= stand.most_requests(150, more=8)) == (
            kind,
            None,
            True,
        )
        assert set(others) <= stand.post_ids()
    stand.tiny.script.clear()
    stand.run(now=NOW + timedelta(hours=2))
    assert stand.post_ids() == {*posts, *others}


def test_g03_a_second_run_of_the_same_day_and_one_of_the_next_double_nothing(stand: SourceStand) -> None:
    posts = stand.fill(0, 30)
    stand.run()
    fresh = stand.fill(0, 2, until=NOW + timedelta(hours=1))
    for hours in (1, 2, 25):
        stand.run(now=NOW + timedelta(hours=hours))
    assert stand.post_ids() == {*posts, *fresh}
    stand.assert_no_reading_twice()
    assert [row["availability"] for row in stand.rows("posts") if row["availability"] != "available"] == []


def test_g08_a_damaged_or_future_bookmark_is_refused_with_a_reason_and_the_others_are_read(
    source: ApiSource, stand: SourceStand
) -> None:
    damaged = [stand.platform.bookmark(NOW + 40 * DAY), {"high": [1]}, {"window": {"since": 3}}, "text"]
    others = stand.fill(1, 5)
    stand.fill(0, 5)
    key = f"timeline:{stand.platform.account_ids[0]}"
    for number, bad in enumerate(damaged):
        stand.lake.commit({}, source=source.NAME, run_id="old", now=NOW, state={key: bad})
        codes = stand.shortfall_codes(stand.run(now=NOW + timedelta(minutes=number)))
        assert (bad, codes, stand.problems().count("bookmark_unusable")) == (bad, {3}, number + 1)
        assert stand.post_ids() == set(others)


def test_g38_a_post_that_the_platform_took_back_is_a_tombstone_and_comes_back_if_it_does(stand: SourceStand) -> None:
    kept, gone = stand.fill(0, 2)
    stand.run()
    stand.platform.remove_post(gone)
    stand.run(now=NOW + timedelta(hours=25), overlap_hours=0.0)
    states = {row["post_id"]: row["availability"] for row in stand.rows("posts")}
    assert states == {kept: "available", gone: "removed"}
    assert [row["text"] for row in stand.rows("posts") if row["availability"] == "removed"] == [None]


def test_g38_a_probe_names_what_is_gone_and_what_is_there_and_nothing_else(stand: SourceStand) -> None:
    posts = stand.fill(0, 6)
    stand.fill(1, 1)
    stand.run()
    stand.platform.remove_post(posts[2])
    stand.platform.remove_account(2)
    found = stand.probe(posts, stand.platform.account_ids, now=NOW + DAY)
    assert dict(found.gone_posts) == {posts[2]: "deleted"}
    assert found.served_posts == set(posts) - {posts[2]}
    assert set(found.gone_accounts) == {stand.platform.account_ids[2]}
    assert found.served_accounts == set(stand.platform.account_ids[:2])
    assert (found.asked_count, found.unasked_count, found.partial_reason) == (9, 0, None)


def test_g22_a_probe_that_is_not_answered_says_nothing_of_anything(stand: SourceStand) -> None:
    posts = stand.fill(0, 3)
    stand.run()
    stand.tiny.script["*"] = [Reply(503, b"<html>") for _ in range(99)]
    found = stand.probe(posts, stand.platform.account_ids, now=NOW + DAY)
    assert (found.gone_posts, found.gone_accounts, found.served_posts, found.asked_count) == ({}, {}, frozenset(), 0)
    assert found.unasked_count == 6


def test_g14_days_that_were_not_read_are_gaps_and_read_days_are_none(source: ApiSource, stand: SourceStand) -> None:
    settings, registry = stand.platform.settings(stand.folder), stand.platform.registry
    stand.fill(0, 3)

    def gaps(days: int) -> set[tuple[str, str, int]]:
        found = source.find_gaps(settings, stand.lake, registry, now=NOW + days * DAY)
        return {(gap.account, gap.kind, gap.day_count) for gap in found}

    names = [str(row["handle"]) for row in registry]
    assert gaps(0) == {(name, "posts", 30) for name in names}
    stand.run()
    assert gaps(0) == gaps(1) == set()
    assert gaps(4) == {(name, kind, 3) for name in names for kind in ("posts", "snapshots")}
    stand.run(now=NOW + 4 * DAY)
    assert gaps(4) == {(name, "snapshots", 3) for name in names}, "follower counts of past days cannot be read"


def test_the_accounts_of_other_platforms_are_passed_over(source: ApiSource, stand: SourceStand) -> None:
    other = "x" if source.PLATFORM != "x" else "bluesky"
    stand.platform.registry[:] = [{"platform": other, "handle": "someone.example" if other == "bluesky" else "someone"}]
    assert stand.run().request_count == 0
    assert stand.tiny.requests == []
    with open_stand(source, stand.folder / "none", account_count=0) as empty:
        assert (empty.run().request_count, empty.tiny.requests) == (0, [])
