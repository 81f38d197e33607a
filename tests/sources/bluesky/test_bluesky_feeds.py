"""Feeds of Bluesky: what a post is, how far a feed is read, and cursors that lead nowhere."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pipeline.errors import Exit
from pipeline.sources.api.feeds.fitting import fitted
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.normalise import read_posts
from pipeline.sources.bluesky.post_structs import Record
from pipeline.sources.bluesky.records import marks_of
from tests.sources.api.converted import rows_of
from tests.sources.api.scripted import Reply

from .stand import ACME, NOW, OTHER, acme_world, make_entry, make_repost
from .tiny_appview import HTML_403

FEED, POSTS = "app.bsky.feed.getAuthorFeed", "app.bsky.feed.getPosts"
PARENT, ROOT = f"at://{OTHER}/app.bsky.feed.post/3kparent", f"at://{OTHER}/app.bsky.feed.post/3kroot"


def reply_to(parent: str, root: str = ROOT) -> dict[str, Any]:
    return {"parent": {"uri": parent, "cid": "b"}, "root": {"uri": root, "cid": "b"}}


@pytest.mark.parametrize(
    ("record", "kind", "referenced", "answered"),
    [
        ({}, "original", None, None),
        ({"reply": reply_to(PARENT)}, "reply", PARENT, OTHER),
        (
            {"reply": reply_to(f"at://{ACME}/app.bsky.feed.post/3k")},
            "self_reply",
            f"at://{ACME}/app.bsky.feed.post/3k",
            ACME,
        ),
        ({"embed": {"$type": "app.bsky.embed.record", "record": {"uri": PARENT}}}, "quote", PARENT, None),
        (
            {"embed": {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": {"uri": PARENT}}}},
            "quote",
            PARENT,
            None,
        ),
        (
            {"embed": {"$type": "app.bsky.embed.record", "record": {"uri": f"at://{OTHER}/app.bsky.graph.list/3k"}}},
            "original",
            None,
            None,
        ),
        ({"embed": {"$type": "app.bsky.embed.carousel", "panes": [1, None]}}, "original", None, None),
        ({"reply": "odd", "embed": 7, "facets": {"a": 1}, "tags": [None], "langs": "en"}, "original", None, None),
        (
            {"reply": reply_to(PARENT), "embed": {"$type": "app.bsky.embed.record", "record": {"uri": ROOT}}},
            "reply",
            PARENT,
            OTHER,
        ),
    ],
)
def test_the_kind_of_a_post_follows_from_its_record(
    tmp_path: Path, record: dict[str, Any], kind: str, referenced: str | None, answered: str | None
) -> None:
    with acme_world(tmp_path, [make_entry(1, **record)]) as stand:
        stand.run()
        (row,) = stand.rows("posts")
    assert (row["post_kind"], row["referenced_post_id"], row["in_reply_to_account_id"]) == (kind, referenced, answered)
    assert row["conversation_id"] == (ROOT if answered else row["post_id"])
    assert (row["text"], row["availability"]) == ("post 1", "available")


def test_a_reply_to_a_post_that_is_gone_or_blocked_is_still_a_reply(tmp_path: Path) -> None:
    gone = {**make_entry(1, reply=reply_to(PARENT)), "reply": {"parent": {"uri": PARENT, "notFound": True}}}
    blocked = {**make_entry(2, reply=reply_to(PARENT)), "reply": {"root": {"blocked": True, "author": {"did": OTHER}}}}
    with acme_world(tmp_path, [gone, blocked]) as stand:
        stand.run()
        kinds = [(row["post_kind"], row["in_reply_to_account_id"]) for row in stand.rows("posts")]
    assert kinds == [("reply", OTHER), ("reply", OTHER)]


def test_metrics_are_public_counts_and_null_for_impressions_and_clicks(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(5)]) as stand:
        stand.run()
        (row,) = stand.rows("post_metrics")
    names = ("like_count", "repost_count", "reply_count", "quote_count", "bookmark_count")
    assert [row[name] for name in names] == [5, 2, 1, 0, 4]
    assert (row["impression_count"], row["link_click_count"], row["engagement_count"]) == (None, None, None)
    assert row["metric_scope"] == "public"


def test_a_repost_is_volume_of_the_account_at_its_own_time_and_brings_no_metrics(tmp_path: Path) -> None:
    named = f"at://{ACME}/app.bsky.feed.repost/3krep"
    entries = [make_repost(1, at=NOW - timedelta(hours=1), uri=named), make_repost(2, at=NOW - timedelta(hours=2))]
    with acme_world(tmp_path, entries) as stand:
        stand.run()
        rows = stand.rows("posts")
    assert [row["post_kind"] for row in rows] == ["repost", "repost"]
    assert [row["account_id"] for row in rows] == [ACME, ACME]
    assert [row["created_at"] for row in rows] == [NOW - timedelta(hours=1), NOW - timedelta(hours=2)]
    assert rows[0]["post_id"] == named
    assert rows[1]["post_id"] == f"at://{ACME}/app.bsky.feed.repost/of:{OTHER}:3k00000000002"
    assert rows[1]["referenced_post_id"] == entries[1]["post"]["uri"]
    assert stand.rows("post_metrics") == []


def test_a_repost_does_not_show_whom_asks_not_to_be_shown(tmp_path: Path) -> None:
    entry = make_repost(1, at=NOW - timedelta(hours=1))
    entry["post"]["author"]["labels"] = [{"val": "!no-unauthenticated", "src": OTHER}]
    with acme_world(tmp_path, [entry]) as stand:
        stand.run()
        (row,) = stand.rows("posts")
    assert (row["post_kind"], row["text"], "post 1" in row["payload"]) == ("repost", None, False)


@pytest.mark.parametrize(
    ("written", "indexed", "expected"),
    [
        ("2026-11-20T10:00:00.000Z", "2026-11-20T10:00:05.000Z", "2026-11-20T10:00:00+00:00"),
        ("2026-11-20T18:00:00+08:00", "2026-11-20T10:00:05Z", "2026-11-20T10:00:00+00:00"),
        ("2031-01-01T00:00:00Z", "2026-11-20T10:00:05.000Z", "2026-11-20T10:00:05+00:00"),
        ("2009-06-01T12:00:00", "2026-11-20T10:00:05.000Z", "2009-06-01T12:00:00+00:00"),
        ("2026-11-20T10:00:00.123456789Z", "2026-11-20T10:00:05Z", "2026-11-20T10:00:00.123456+00:00"),
        ("yesterday", "2026-11-20T10:00:05.000Z", "2026-11-20T10:00:05+00:00"),
        (None, "2026-11-20T10:00:05.000Z", "2026-11-20T10:00:05+00:00"),
        ("0001-01-01T00:00:00+14:00", "2026-11-20T10:00:05Z", "2026-11-20T10:00:05+00:00"),
    ],
)
def test_a_post_is_of_the_earlier_of_what_it_says_and_when_it_was_seen(
    written: str | None, indexed: str, expected: str
) -> None:
    post = {"uri": f"at://{ACME}/app.bsky.feed.post/1", "author": {"did": ACME}, "indexedAt": indexed}
    view = msgspec.Raw(json.dumps({**post, "record": {"createdAt": written}}).encode())
    ((row,), _) = rows_of(BLUESKY, read_posts([view], handles={}, endpoint="posts", at=NOW))
    assert row["created_at"].isoformat() == expected


def test_links_come_from_facets_and_cards_and_mentions_are_cut_by_bytes() -> None:
    text = "Größe 📈 @ändy.example und mehr: acme.example/abc..."
    start = len("Größe 📈 ".encode())
    link = {"$type": "app.bsky.richtext.facet#link", "uri": "https://acme.example/abcdef"}
    mention = {"$type": "app.bsky.richtext.facet#mention", "did": OTHER}
    facets = [
        {"index": {"byteStart": 40, "byteEnd": 900}, "features": [link, {"$type": "app.pollblue.poll.facet#option"}]},
        {"index": {"byteStart": start, "byteEnd": start + len("@ändy.example".encode())}, "features": [mention]},
        {"index": {"byteStart": 1, "byteEnd": 4}, "features": [{**mention, "did": ACME}]},
        {"features": "odd"},
        None,
    ]
    card = {"$type": "app.bsky.embed.external", "external": {"uri": "https://acme.example/card", "title": "t"}}
    record = {"text": text, "facets": facets, "embed": {"$type": "app.bsky.embed.recordWithMedia", "media": card}}
    links, _, handles = marks_of(fitted(record, Record))
    assert links == ["https://acme.example/abcdef", "https://acme.example/card"]
    assert handles == ["ändy.example", ACME]


def test_a_count_that_is_none_is_not_reported_and_the_post_lands(tmp_path: Path) -> None:
    entries = [make_entry(0), make_entry(1)]
    entries[0]["post"]["likeCount"] = -1
    entries[1]["post"]["likeCount"] = 7.0
    with acme_world(tmp_path, entries) as stand:
        stand.run()
        counts = [row["like_count"] for row in stand.rows("post_metrics")]
    assert counts == [None, 7]
    assert stand.problems() == ["unusable_metric"]


def test_reading_stops_where_the_time_of_indexing_passes_the_window_and_an_import_does_not_stop_it(
    tmp_path: Path,
) -> None:
    old = NOW - timedelta(days=60)
    imported = make_entry(0, createdAt="2012-01-01T00:00:00Z")
    entries = [imported, *(make_entry(n) for n in range(1, 99)), make_entry(99, at=old), make_entry(100, at=old)]
    with acme_world(tmp_path, entries, page_size=50) as stand:
        stand.run()
        assert len(stand.tiny.calls(FEED)) == 2
        created = min(row["created_at"] for row in stand.rows("posts"))
    assert (len(stand.ids()), created.year) == (99, 2012)
    assert stand.problems() == []


def test_a_pin_out_of_order_does_not_end_the_reading(tmp_path: Path) -> None:
    pinned = {**make_entry(900, at=NOW - timedelta(days=300)), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}}
    entries = [make_entry(n) for n in range(60)]
    with acme_world(tmp_path, entries, page_size=30) as stand:
        stand.tiny.script[FEED] = [Reply(change=lambda body: {**body, "feed": [*body["feed"], pinned]})]
        stand.run()
    assert len(stand.ids()) == 60


def test_the_next_day_reads_what_is_new_and_the_overlap_alone(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(n, at=NOW - timedelta(days=n, minutes=1)) for n in range(20)]) as stand:
        stand.run()
        assert len(stand.ids()) == 20
        later = NOW + timedelta(days=1)
        stand.tiny.feeds[ACME].insert(0, make_entry(500, at=later - timedelta(hours=1)))
        stand.run(now=later, refresh_ages_days=())
        again = [row for row in stand.rows("posts") if row["captured_at"] == later]
        quiet = stand.run(now=later + timedelta(hours=1), refresh_ages_days=())
    # Overlap: two days before the first reading, in which posts 0 and 1 lie.
    assert {row["post_id"][-3:] for row in again} == {"500", "000", "001"}
    assert quiet.row_counts.get("posts", 0) == 0


def test_a_run_whose_clock_is_a_little_behind_that_of_the_run_before_reads_no_overlap_again(tmp_path: Path) -> None:
    """The machine's clock was set back, or the run before was another machine's."""
    with acme_world(tmp_path, [make_entry(number) for number in range(150)]) as stand:
        stand.run(now=NOW + timedelta(seconds=90), refresh_ages_days=())
        assert len(stand.ids()) == 150
        behind = stand.run(now=NOW, refresh_ages_days=())
        assert behind.row_counts.get("posts", 0) == 0
        assert len(stand.tiny.calls(FEED)) == 3  # two pages, then the newest again, where the mark is


def test_a_feed_that_ends_before_the_profile_s_count_is_said_and_read_again(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(n) for n in range(150)]) as stand:
        stand.tiny.script[FEED] = [Reply(change=lambda body: {"feed": body["feed"]})]
        stand.run()
        assert (len(stand.ids()), stand.problems()) == (100, ["feed_ended_early"])
        stand.run(now=NOW + timedelta(hours=1))
    assert len(set(stand.ids())) == 150
    assert stand.problems() == ["feed_ended_early"]


@pytest.mark.parametrize("kind", ["same cursor", "same page", "empty pages", "new posts for ever"])
def test_a_cursor_without_end_ends_all_the_same(tmp_path: Path, kind: str) -> None:
    def endless(number: int) -> dict[str, Any]:
        first = 3 + 100 * number
        feed = {
            "same cursor": [make_entry(number)],
            "same page": [make_entry(1)],
            "empty pages": [],
            "new posts for ever": [make_entry(n, at=NOW - timedelta(seconds=n)) for n in range(first, first + 100)],
        }[kind]
        return {"feed": feed, "cursor": "c" if kind == "same cursor" else f"c{number}"}

    with acme_world(tmp_path) as stand:
        stand.tiny.script[FEED] = [Reply(body=endless(number)) for number in range(40)]
        stand.run()
        assert len(stand.tiny.calls(FEED)) <= 8
    assert stand.problems() == ["feed_without_end"]


def test_a_feed_of_more_pages_than_one_run_reads_is_resumed_by_its_cursor(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(n) for n in range(100)], page_size=20) as stand:
        first = stand.run(max_feed_pages=3, refresh_ages_days=())
        assert (len(stand.ids()), [one.exit_code for one in first.shortfalls]) == (60, [Exit.INCOMPLETE])
        second = stand.run(now=NOW + timedelta(minutes=5), max_feed_pages=3, refresh_ages_days=())
        assert second.shortfalls == ()
    cursors = [dict(query).get("cursor") for query in stand.tiny.calls(FEED)]
    assert cursors == [None, "20", "40", "60", "80", None]
    assert len(stand.ids()) == len(set(stand.ids())) == 100


def test_a_cursor_that_is_not_taken_any_more_starts_the_window_at_its_top(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(n) for n in range(60)], page_size=20) as stand:
        stand.tiny.script[FEED] = [None, None, *[Reply(403, HTML_403)] * 3]
        assert stand.run().shortfalls
        refused = Reply(400, {"error": "InvalidRequest", "message": "Malformed cursor"})
        stand.tiny.script[FEED] = [refused]
        assert stand.run(now=NOW + timedelta(hours=1)).shortfalls == ()
    assert len(set(stand.ids())) == 60


def test_posts_are_read_again_at_their_ages_and_what_is_left_out_twice_is_removed(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(n, at=NOW - timedelta(hours=n + 1)) for n in range(30)]) as stand:
        stand.run()
        gone = stand.tiny.feeds[ACME][3]["post"]["uri"]
        stand.tiny.gone.add(gone)
        for day, due in ((1, 23), (3, 29), (5, 0), (7, 29), (30, 29), (40, 0)):
            before = len(stand.tiny.calls(POSTS))
            stand.run(now=NOW + timedelta(days=day, hours=1), overlap_hours=0.0)
            asked = {uri for query in stand.tiny.calls(POSTS)[before:] for _, uri in query}
            assert (day, len(asked)) == (day, due)
        rows = [row for row in stand.rows("posts") if row["availability"] == "removed"]
    assert [(row["post_id"], row["account_id"]) for row in rows] == [(gone, ACME)]
    assert max(len(query) for query in stand.tiny.calls(POSTS)) == 25


def test_a_batch_of_which_nothing_comes_back_is_a_fault_and_deletes_nothing(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(n) for n in range(8)]) as stand:
        stand.run()
        stand.tiny.script[POSTS] = [Reply(body={"posts": []})] * 2
        stand.run(now=NOW + timedelta(days=2), overlap_hours=0.0)
    assert {row["availability"] for row in stand.rows("posts")} == {"available"}
    assert "missing_from_answer" in stand.problems()


def test_a_limit_is_waited_for_by_its_own_header_and_a_missing_header_is_normal(tmp_path: Path) -> None:
    reset = str(int(NOW.timestamp()) + 42)
    with acme_world(tmp_path, date=NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")) as stand:
        stand.tiny.script["*"] = [
            Reply(429, {"error": "RateLimitExceeded"}, {"Retry-After": "30"}),
            Reply(429, {"error": "RateLimitExceeded"}, {"RateLimit-Reset": reset}),
            Reply(429, b"", {}),
            Reply(headers={"RateLimit-Remaining": "0", "RateLimit-Reset": reset}),
        ]
        result = stand.run()
    assert [round(nap) for nap in stand.time.naps] == [34, 46, 182, 44]
    assert (result.shortfalls, len(stand.ids())) == ((), 3)
