"""Real answers of the AppView, and the lexicons that say what an answer is; both lie next to the project."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from pipeline.sources.api.feeds.items import Page
from pipeline.sources.bluesky import post_structs
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.labels import is_hidden
from pipeline.sources.bluesky.normalise import account_row, read_feed, read_items, read_posts
from pipeline.sources.bluesky.structs import (
    Feed,
    FeedViewPost,
    Label,
    Posts,
    PostView,
    Profiles,
    ProfileView,
    Reason,
    Resolved,
    Verification,
)
from pipeline.sources.lake_source import Row
from tests.sources.api.converted import rows_of

READ_AT = datetime(2026, 11, 28, tzinfo=UTC)
RECORDER = "did:plc:wpe35pganb6d4pg4ekmfy6u5"


def texts(items: Iterable[Any]) -> list[msgspec.Raw]:
    return [msgspec.Raw(json.dumps(item).encode()) for item in items]


def cassette(shared_data: Path, name: str) -> dict[str, Any]:
    """The body of a recorded answer."""
    recorded = yaml.safe_load((shared_data / "platforms/bluesky_bskyr" / name).read_text("utf-8"))
    body: dict[str, Any] = json.loads(recorded["http_interactions"][0]["response"]["body"]["string"])
    return body


def load(shared_data: Path, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads((shared_data / "platforms/bluesky_twitwi" / name).read_text("utf-8"))
    return items


def kinds(posts: Iterable[Row]) -> Counter[str]:
    return Counter(row["post_kind"] for row in posts)


def link_count(posts: Iterable[Row]) -> int:
    return sum(len(row["link_urls"]) for row in posts)


def like_count(metrics: Iterable[Row]) -> int:
    return sum(row["like_count"] for row in metrics)


def test_a_recorded_feed_of_50_entries_is_read_whole(shared_data: Path) -> None:
    answer = msgspec.json.decode(json.dumps(cassette(shared_data, "f_autfeed.yml")).encode(), type=Feed)
    page = read_feed(answer.feed, account_id=RECORDER, handle=None, endpoint="feed", at=READ_AT)
    assert (len(page.items), page.issues, answer.cursor) == (50, [], "2024-03-21T23:36:16.378Z")
    posts, metrics = rows_of(BLUESKY, page)
    assert kinds(posts) == {"reply": 23, "original": 12, "quote": 7, "repost": 7, "self_reply": 1}
    assert (link_count(posts), like_count(metrics), len(metrics)) == (27, 146, 43)
    assert len({row["post_id"] for row in posts}) == 50
    moments = [item.at for item in page.items if item.at]
    assert moments == sorted(moments, reverse=True)
    assert (max(moments), min(moments)) == (
        datetime(2025, 5, 5, 1, 30, 18, 253000, UTC),
        datetime(2024, 3, 21, 23, 36, 16, 378000, UTC),
    )


def test_110_odd_posts_are_read_each_with_its_kind_links_and_time(shared_data: Path) -> None:
    recorded = [item for item in load(shared_data, "bluesky-posts.json") if "post" not in item]
    page = read_posts(texts(recorded), handles={}, endpoint="posts", at=READ_AT)
    assert (len(page.items), page.issues) == (110, [])
    # Four of them are recorded twice, which within one answer is one reading.
    posts, metrics = rows_of(BLUESKY, page)
    assert (len(posts), len(metrics)) == (106, 106)
    each = [rows_of(BLUESKY, Page([item])) for item in page.items]
    posts, metrics = [row for rows, _ in each for row in rows], [row for _, rows in each for row in rows]
    assert kinds(posts) == {"original": 79, "quote": 18, "reply": 8, "self_reply": 5}
    assert (link_count(posts), like_count(metrics)) == (190, 1817)
    created = [row["created_at"] for row in posts]
    assert min(created) == datetime(2023, 8, 29, 21, 11, 23, 659000, UTC)
    # One says that it is of the year 0000, in both of its times: its key knows better.
    assert datetime(2023, 10, 14, 15, 16, 37, tzinfo=UTC) in created
    assert sum(row["handle"] is None for row in posts) == 2


def test_13_odd_entries_of_feeds_are_read_and_two_of_them_are_reposts(shared_data: Path) -> None:
    found: Counter[str] = Counter()
    for entry in load(shared_data, "bluesky-posts.json"):
        if "post" in entry:
            owner = (entry.get("reason") or {}).get("by", entry["post"]["author"])["did"]
            page = read_feed(texts([entry]), account_id=owner, handle=None, endpoint="feed", at=READ_AT)
            assert page.issues == []
            found += kinds(rows_of(BLUESKY, page)[0])
    assert found == {"self_reply": 4, "original": 4, "repost": 2, "quote": 2, "reply": 1}


def test_recorded_profiles_have_their_counts_and_13_of_123_authors_ask_not_to_be_shown(shared_data: Path) -> None:
    profiles, issues = read_items(
        texts(load(shared_data, "bluesky-profiles.json")), ProfileView, endpoint="profiles", at=READ_AT
    )
    rows = {row["handle"]: row for row in (account_row(*each, handle=None, at=READ_AT) for each in profiles)}
    counts = [rows["nytimes.com"][name] for name in ("follower_count", "following_count", "post_count")]
    assert (issues, len(rows), counts) == ([], 5, [1_120_434, 31, 12_736])
    authors = [item.get("post", item)["author"] for item in load(shared_data, "bluesky-posts.json")]
    shown, _ = read_items(texts(authors), ProfileView, endpoint="profiles", at=READ_AT)
    assert (len(shown), sum(is_hidden(profile, at=READ_AT) for profile, _ in shown)) == (123, 13)


def test_a_profile_without_counts_has_none_and_no_zeros(shared_data: Path) -> None:
    partial = texts(load(shared_data, "bluesky-partial-profiles.json"))
    for profile, raw in read_items(partial, ProfileView, endpoint="profiles", at=READ_AT)[0]:
        row = account_row(profile, raw, handle=None, at=READ_AT)
        assert (row["follower_count"], row["following_count"], row["post_count"]) == (None, None, None)


@pytest.mark.parametrize(
    ("struct", "file", "definition"),
    [
        (ProfileView, "app.bsky.actor.defs", "profileViewDetailed"),
        (Verification, "app.bsky.actor.defs", "verificationState"),
        (Label, "com.atproto.label.defs", "label"),
        (PostView, "app.bsky.feed.defs", "postView"),
        (post_structs.Post, "app.bsky.feed.defs", "postView"),
        (post_structs.KeptPost, "app.bsky.feed.defs", "postView"),
        (post_structs.Author, "app.bsky.actor.defs", "profileViewBasic"),
        (post_structs.Why, "app.bsky.feed.defs", "reasonRepost"),
        (post_structs.Entry, "app.bsky.feed.defs", "feedViewPost"),
        (post_structs.Reply, "app.bsky.feed.post", "replyRef"),
        (post_structs.Facet, "app.bsky.richtext.facet", "main"),
        (post_structs.ByteSlice, "app.bsky.richtext.facet", "byteSlice"),
        (post_structs.External, "app.bsky.embed.external", "external"),
        (FeedViewPost, "app.bsky.feed.defs", "feedViewPost"),
        (Reason, "app.bsky.feed.defs", "reasonRepost"),
        (Profiles, "app.bsky.actor.getProfiles", "main"),
        (Feed, "app.bsky.feed.getAuthorFeed", "main"),
        (Posts, "app.bsky.feed.getPosts", "main"),
        (Resolved, "com.atproto.identity.resolveHandle", "main"),
    ],
)
def test_every_field_that_we_read_is_in_the_lexicon(
    shared_data: Path, struct: type[msgspec.Struct], file: str, definition: str
) -> None:
    lexicon = json.loads((shared_data / "platforms/bluesky_lexicons" / f"{file}.json").read_text("utf-8"))
    named = lexicon["defs"][definition]
    known = named.get("output", {}).get("schema", named)["properties"]
    read = {each.encode_name for each in msgspec.structs.fields(struct)} - {"$type"}
    assert read <= known.keys()
    counts = {name for name in read if name.endswith("Count")}
    assert all(known[name]["type"] == "integer" for name in counts)


def test_the_calls_take_what_we_send(shared_data: Path) -> None:
    folder = shared_data / "platforms/bluesky_lexicons"
    sent = {
        "app.bsky.actor.getProfiles": {"actors"},
        "app.bsky.actor.getProfile": {"actor"},
        "app.bsky.feed.getAuthorFeed": {"actor", "limit", "cursor", "filter"},
        "app.bsky.feed.getPosts": {"uris"},
        "com.atproto.identity.resolveHandle": {"handle"},
    }
    for call, names in sent.items():
        parameters = json.loads((folder / f"{call}.json").read_text("utf-8"))["defs"]["main"]["parameters"]
        assert names <= parameters["properties"].keys()
        longest = [value["maxLength"] for value in parameters["properties"].values() if "maxLength" in value]
        assert set(longest) <= {25}
