"""Odd values in answers of Bluesky: each costs a value, and neither its post nor its page."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sources.api.scripted import Reply

from .stand import ACME, acme_world, make_entry, make_profile

FEED, PROFILES = "app.bsky.feed.getAuthorFeed", "app.bsky.actor.getProfiles"
ODD = "post 5"
Change = Callable[[Any], Any]


def replaced(old: str, new: bytes) -> Change:
    """An answer in which some text has taken the place of another."""
    return lambda body: json.dumps(body).encode().replace(old.encode(), new)


@pytest.mark.parametrize(
    "odd",
    [
        {"labels": "!no-unauthenticated"},
        {"labels": ["bot", None, 5]},
        {"verification": "none"},
        {"handle": 7},
        {"createdAt": {}, "displayName": []},
    ],
)
def test_an_odd_field_of_the_author_costs_no_post(tmp_path: Path, odd: dict[str, Any]) -> None:
    entry = make_entry(5)
    entry["post"]["author"] |= odd
    with acme_world(tmp_path, [make_entry(0), entry, make_entry(9)]) as stand:
        stand.run()
        assert [row["text"] for row in stand.rows("posts")] == ["post 0", ODD, "post 9"]
        assert stand.problems() == []


@pytest.mark.parametrize("reason", ["pinned", {"$type": "app.bsky.feed.defs#reasonTrend", "by": 5}, {"uri": 4}, []])
def test_a_reason_of_a_new_kind_leaves_the_post_what_it_is(tmp_path: Path, reason: Any) -> None:
    with acme_world(tmp_path, [{**make_entry(5), "reason": reason}]) as stand:
        stand.run()
        assert [(row["text"], row["post_kind"]) for row in stand.rows("posts")] == [(ODD, "original")]


@pytest.mark.parametrize(
    ("change", "text", "likes"),
    [
        (replaced(ODD, rb"x\ud800y"), "x?y", 5),
        (replaced(ODD, b"x\xffy"), "x\ufffdy", 5),
        (replaced('"likeCount": 5', b'"likeCount": 1e999'), ODD, None),
        (replaced('"likeCount": 5', b'"likeCount": NaN'), ODD, None),
        (replaced('"likeCount": 5', b'"likeCount": ' + b"9" * 5000), ODD, None),
        (replaced('"likeCount": 5', b'"likeCount": "' + b"9" * 5000 + b'"'), ODD, None),
        (lambda body: b"\xef\xbb\xbf" + json.dumps(body).encode(), ODD, 5),
        (lambda body: {**body, "cursor": {"a": 1}}, ODD, 5),
    ],
    ids=["surrogate", "no UTF-8", "1e999", "NaN", "long number", "long text", "byte order mark", "cursor"],
)
def test_a_value_that_is_none_costs_itself_alone(tmp_path: Path, change: Change, text: str, likes: int | None) -> None:
    with acme_world(tmp_path, [make_entry(0), make_entry(5), make_entry(9)]) as stand:
        stand.tiny.script[FEED] = [Reply(change=change)] * 9
        stand.run()
        assert [row["text"] for row in stand.rows("posts")] == ["post 0", text, "post 9"]
        assert [row["like_count"] for row in stand.rows("post_metrics")] == [0, likes, 9]


def test_a_cursor_that_is_a_number_is_asked_for_as_one(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_entry(number) for number in range(5)], page_size=3) as stand:
        stand.tiny.script[FEED] = [Reply(change=lambda body: {**body, "cursor": 3})]
        stand.run()
        assert len(stand.ids()) == 5


@pytest.mark.parametrize("year", ["0001", "1970", "9999"])
def test_a_time_that_says_never_is_none(tmp_path: Path, year: str) -> None:
    with acme_world(tmp_path, [make_entry(5, createdAt=f"{year}-01-01T00:00:00Z")]) as stand:
        stand.run()
        assert [row["created_at"].year for row in stand.rows("posts")] == [2026]


def test_one_odd_label_does_not_hide_the_wish_not_to_be_shown(tmp_path: Path) -> None:
    profile = make_profile(labels=[5, {"val": "!no-unauthenticated", "src": ACME}])
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles[ACME] = profile
        stand.run()
        assert (stand.problems(), stand.rows("accounts"), stand.rows("posts")) == (["asks_not_to_be_shown"], [], [])


def test_a_profile_with_an_odd_name_costs_none_of_the_profiles_that_came_with_it(tmp_path: Path) -> None:
    others = {f"did:plc:{number:024d}": f"a{number}.example" for number in range(3)}
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles |= {did: make_profile(did, handle, postsCount=0) for did, handle in others.items()}
        stand.tiny.script[PROFILES] = [Reply(change=replaced('"Acme"', rb'"A\ud800"'))] * 9
        stand.run([{"platform": "bluesky", "handle": handle} for handle in ["acme.bsky.social", *others.values()]])
        assert len(stand.rows("accounts")) == 4


@pytest.mark.parametrize("body", [{"feed": None}, {"error": "InternalServerError"}, {}])
def test_json_that_is_not_what_was_asked_for_is_asked_for_again_and_named(tmp_path: Path, body: Any) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.script[FEED] = [Reply(body=body)]
        stand.run()
        assert (len(stand.ids()), stand.problems()) == (3, [])
        stand.tiny.script[FEED] = [Reply(body=body)] * 9
        stand.run()
        assert stand.problems() == ["api_malformed"]
