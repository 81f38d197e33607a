"""What strangers' servers and clients put into an answer: each costs a value, never a post, a page or a run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.sources.files.handles import normalise_handle
from tests.sources.api.scripted import Reply
from tests.sources.bluesky import stand as bluesky
from tests.sources.bluesky.platform import FEED as BLUESKY_FEED
from tests.sources.mastodon import stand as mastodon
from tests.sources.mastodon.test_mastodon_feeds import FEED as MASTODON_FEED

SEEN = bluesky.NOW - timedelta(minutes=2)
AUTHOR = {"did": bluesky.ACME, "handle": "acme.bsky.social"}
HALF = "half \ud83d of a pair \U0001f98a"
LINK = {"$type": "app.bsky.richtext.facet#link", "uri": "https://a.example"}
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("post", "record", "expected"),
    [
        # Where a client has no time it writes the first one of its calendar, or any.
        ({}, {"createdAt": "0001-01-01T00:00:00Z"}, {"created_at": SEEN}),
        ({}, {"createdAt": "1970-01-01T00:00:00.000Z"}, {"created_at": SEEN}),
        ({}, {"createdAt": "9999-12-31T23:59:59-12:00"}, {"created_at": SEEN}),
        ({}, {"createdAt": "2009-03-01T00:00:00Z"}, {"created_at": datetime(2009, 3, 1, tzinfo=UTC)}),
        ({"indexedAt": "9999-12-31T00:00:00Z"}, {}, {"created_at": SEEN, "indexed_at": None}),
        ({"indexedAt": "2031-01-01T00:00:00Z"}, {}, {"created_at": SEEN}),
        ({"indexedAt": 1_700_000_000}, {}, {"created_at": SEEN, "indexed_at": None}),
        ({"likeCount": 2**70}, {}, {"like_count": None}),
        ({"likeCount": "12"}, {}, {"like_count": 12}),
        ({"likeCount": True}, {}, {"like_count": None}),
        ({"author": {**AUTHOR, "labels": {"a": 1}}}, {}, {"handle": "acme.bsky.social"}),
        ({"author": {**AUTHOR, "labels": ["!no-unauthenticated", None, {"val": [1]}]}}, {}, {"text": "post 1"}),
        ({"author": {**AUTHOR, "verification": "none"}}, {}, {"text": "post 1"}),
        ({"author": {**AUTHOR, "handle": 7}}, {}, {"handle": "acme.bsky.social"}),
        ({"author": {**AUTHOR, "handle": "handle.invalid"}}, {}, {"handle": "acme.bsky.social"}),
        ({"record": None}, {}, {"post_kind": "unknown", "text": None}),
        ({"uri": "at://acme.bsky.social/app.bsky.feed.post/3kabc"}, {}, {"post_kind": "original"}),
        ({}, {"text": HALF}, {"text": "half ? of a pair \U0001f98a"}),
        ({}, {"text": "\\ud83d is no half"}, {"text": "\\ud83d is no half"}),
        ({}, {"text": "a\x00b"}, {"text": "ab"}),
        ({}, {"text": 5, "langs": "en", "tags": [None, "#a"]}, {"text": None, "lang": None, "hashtags": ["a"]}),
        (
            {},
            {"facets": [{"index": None, "features": [{"$type": "new#emoji"}, LINK, None]}]},
            {"link_urls": [LINK["uri"]]},
        ),
        ({}, {"facets": {"features": LINK}, "embed": [1]}, {"link_urls": [], "media_types": []}),
        (
            {},
            {"embed": {"$type": "app.bsky.embed.recordWithMedia", "record": [1], "media": [2]}},
            {"post_kind": "original"},
        ),
    ],
)
def test_an_odd_value_of_a_post_on_bluesky(
    tmp_path: Path, post: dict[str, Any], record: dict[str, Any], expected: dict[str, Any]
) -> None:
    odd = bluesky.make_entry(1, **record)
    odd["post"] |= post
    with bluesky.acme_world(tmp_path, [bluesky.make_entry(0), odd, bluesky.make_entry(2)]) as stand:
        stand.run()
        posts = {row["post_id"]: row for row in stand.rows("posts")}
        metrics = {row["post_id"]: row for row in stand.rows("post_metrics")}
    assert len(posts) == 3
    found = posts[odd["post"]["uri"]] | {"like_count": metrics[odd["post"]["uri"]]["like_count"]}
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize("reason", ["pin", {"$type": 5}, {"$type": "app.bsky.feed.defs#reasonNew", "by": 3}, []])
def test_a_reason_of_no_known_form_leaves_an_own_post_what_it_is(tmp_path: Path, reason: Any) -> None:
    odd = {**bluesky.make_entry(1), "reason": reason}
    with bluesky.acme_world(tmp_path, [bluesky.make_entry(0), odd]) as stand:
        stand.run()
        assert [row["post_kind"] for row in stand.rows("posts")] == ["original"] * 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"created_at": "0001-01-01T00:00:00.000Z"}, {"created_at": None}),
        ({"created_at": "9999-12-31T00:00:00.000Z"}, {"created_at": None}),
        ({"created_at": "2031-01-01T00:00:00.000Z"}, {"text": "post 1"}),
        ({"account": {"id": 1001, "acct": "Acme@Home.Example"}}, {"account_id": mastodon.ACME}),
        ({"favourites_count": 2**70}, {"like_count": None}),
        ({"favourites_count": None}, {"like_count": None}),
        ({"favourites_count": -1}, {"like_count": None}),
        ({"content": f"<p>{HALF}</p>"}, {"text": "half ? of a pair \U0001f98a"}),
        ({"poll": {"id": 1, "options": [{"votes_count": None}], "votes_count": -1}}, {"post_kind": "original"}),
        ({"edited_at": "2026-11-22T11:59:00Z"}, {"created_at": SEEN}),
        ({"quote": {"state": "pending", "quoted_status": None}}, {"post_kind": "quote", "referenced_post_id": None}),
        ({"quote": {"state": "deleted", "quoted_status_id": 77}}, {"referenced_post_id": f"{mastodon.HOME}/77"}),
        ({"pleroma": {"quote_id": "AbC9"}}, {"post_kind": "quote", "referenced_post_id": f"{mastodon.HOME}/AbC9"}),
        ({"mentions": None, "tags": None, "media_attachments": None}, {"hashtags": [], "media_types": []}),
        (
            {"mentions": [{"acct": 5}, "x"], "tags": [{"name": "日本"}, {}]},
            {"mentioned_handles": [], "hashtags": ["日本"]},
        ),
        ({"media_attachments": [{"type": "unknown"}, {"type": "image"}], "card": "x"}, {"media_types": ["photo"]}),
        ({"reblog": "x", "in_reply_to_id": 5, "in_reply_to_account_id": 1001}, {"post_kind": "self_reply"}),
    ],
)
def test_an_odd_value_of_a_status_on_mastodon(tmp_path: Path, fields: dict[str, Any], expected: dict[str, Any]) -> None:
    odd = {**mastodon.make_status(1), **fields}
    with mastodon.acme_world(tmp_path, [mastodon.make_status(0), odd, mastodon.make_status(2)]) as stand:
        stand.run()
        posts = {row["post_id"]: row for row in stand.rows("posts")}
        counts = {row["post_id"]: row["like_count"] for row in stand.rows("post_metrics")}
        # A time far ahead must not be how far the feed was read.
        stand.home.statuses[mastodon.LOCAL].insert(0, mastodon.make_status(-1, at=mastodon.NOW + DAY / 2))
        stand.run(now=mastodon.NOW + DAY)
        assert f"{mastodon.HOME}/900001" in stand.ids()
    assert len(posts) == 3
    name = f"{mastodon.HOME}/899999"
    found = posts[name] | {"like_count": counts[name]}
    assert {column: found[column] for column in expected} == expected


ODD_ANSWERS = [
    Reply(200, b"<html><title>Just a moment...</title></html>"),
    Reply(200, b""),
    Reply(200, b'{"feed": [{"post": '),
    Reply(200, {"feed": None, "posts": []}),
    Reply(302, b"", {"location": "https://elsewhere.example/feed"}),
    Reply(200, b"\xff\xfe[\x00]\x00"),
]


@pytest.mark.parametrize("reply", ODD_ANSWERS)
@pytest.mark.parametrize("platform", ["bluesky", "mastodon"])
def test_an_answer_that_is_no_page_says_nothing_of_the_account_and_the_next_run_reads_all(
    tmp_path: Path, platform: str, reply: Reply
) -> None:
    """The account stays active, no post is removed, and what was missed is read the day after."""
    module, feed = (bluesky, BLUESKY_FEED) if platform == "bluesky" else (mastodon, MASTODON_FEED)
    with module.acme_world(tmp_path) as stand:  # type: ignore[attr-defined]
        stand.tiny.script[feed] = [reply] * 9
        stand.run()
        assert [row["status"] for row in stand.rows("accounts")] == ["active"]
        assert (stand.rows("posts"), len(stand.problems())) == ([], 1)
        stand.tiny.script.clear()
        stand.run(now=module.NOW + DAY)  # type: ignore[attr-defined]
        assert len(stand.ids()) == 3
        assert {row["availability"] for row in stand.rows("posts")} == {"available"}


@pytest.mark.parametrize(
    ("platform", "given", "handle"),
    [
        ("mastodon", "@Acme@Bücher.Example", "Acme@xn--bcher-kva.Example"),
        ("mastodon", "https://bücher.example/@acme", "acme@xn--bcher-kva.example"),
        ("bluesky", "@Bücher.example", "xn--bcher-kva.example"),
        ("bluesky", "🦊.example", "xn--9s9h.example"),
        ("bluesky", "ACME.Bsky.Social", "acme.bsky.social"),
    ],
)
def test_a_domain_in_letters_of_any_alphabet_is_read_as_servers_spell_it(
    platform: str, given: str, handle: str
) -> None:
    assert normalise_handle(given, platform) == handle


@pytest.mark.parametrize("given", ["acme🦊@x.example", "acme@straße.example", "acme@.example", "acme@b\u0300.e..x"])
def test_what_has_two_spellings_or_none_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="is not a Mastodon handle"):
        normalise_handle(given, "mastodon")
