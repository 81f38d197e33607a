"""Every 200 body of the loopback platform fits the published specification of the API."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from pipeline.simulate.vocabulary import POST_FIELDS, USER_FIELDS, spell
from pipeline.simulate.world import World

Ask = Callable[..., requests.Response]
Check = Callable[[dict[str, Any], str], None]
SCHEMAS = {
    "users_by": "Get2UsersByResponse",
    "users": "Get2UsersResponse",
    "timeline": "Get2UsersIdTweetsResponse",
    "posts": "Get2TweetsResponse",
    "me": "Get2UsersMeResponse",
}
# Seen in recorded live answers and absent from the specification.
EXTRA_METRICS = {"media_count", "url_link_clicks", "user_profile_clicks", "engagements"}
ALL_FIELDS = {
    "tweet.fields": ",".join(POST_FIELDS),
    "user.fields": ",".join(USER_FIELDS),
}


@pytest.fixture(scope="module")
def specification(shared_reference: Path) -> dict[str, Any]:
    """The specification, corrected where recorded live answers contradict it: some integers are strings."""
    found: dict[str, Any] = json.loads((shared_reference / "x_openapi_2.166.json").read_text())
    corrected = copy.deepcopy(found)
    schemas = corrected["components"]["schemas"]
    schemas["Tweet"]["properties"]["edit_controls"]["properties"]["edits_remaining"] = {"type": "string"}
    return corrected


@pytest.fixture(scope="module")
def check(specification: dict[str, Any]) -> Check:
    """`check(body, route)` fails if the body does not fit, or has fields that the specification does not know."""
    resource = DRAFT202012.create_resource(specification)
    registry: Registry[Any] = Registry().with_resource("urn:specification", resource)
    schemas = specification["components"]["schemas"]

    def validate(body: dict[str, Any], route: str) -> None:
        reference = {"$ref": f"urn:specification#/components/schemas/{SCHEMAS[route]}"}
        plain = spell(body, "tweet")
        problems = [error.message for error in Draft202012Validator(reference, registry=registry).iter_errors(plain)]
        assert problems == []
        data = plain.get("data", [])
        for item in data if isinstance(data, list) else [data]:
            known = schemas["Tweet" if "text" in item else "User"]["properties"]
            assert set(item) <= set(known)
            for name, parts in item.items():
                if name.endswith("_metrics"):
                    assert set(parts) <= set(known[name]["properties"]) | EXTRA_METRICS

    return validate


def test_profiles_fit_the_specification_with_their_errors(
    ask: Ask, world: World, check: Check, account_with: Callable[[str], int]
) -> None:
    ids = ",".join([*world.cast.account_ids[:98], "99"])
    body = ask("/2/users", {"ids": ids, **ALL_FIELDS}).json()
    assert len(body["data"]) + len([e for e in body["errors"] if e["parameter"] == "ids"]) == 99
    check(body, "users")
    check(ask("/2/users/by", {"usernames": "demo_harbor_000,nobody", **ALL_FIELDS}).json(), "users_by")
    suspended = world.cast.account_ids[account_with("suspended")]
    check(ask("/2/users", {"ids": suspended}).json(), "users")
    check(ask("/2/users/me", ALL_FIELDS, user=True).json(), "me")


@pytest.mark.parametrize("dialect", ["tweet", "post"])
@pytest.mark.parametrize("user", [True, False])
def test_timelines_fit_the_specification_in_both_dialects(
    ask: Ask, world: World, check: Check, dialect: str, user: bool
) -> None:
    fields = {f"{dialect}.fields": ",".join(POST_FIELDS), "user.fields": ",".join(USER_FIELDS)}
    for account_id in [world.own_account_id, *world.cast.account_ids[1:25:4]]:
        check(ask(f"/2/users/{account_id}/tweets", {**fields, "max_results": 100}, user=user).json(), "timeline")


def test_answers_about_hidden_accounts_fit_the_specification(
    ask: Ask, world: World, check: Check, account_with: Callable[[str], int]
) -> None:
    for role in ("protected", "suspended", "deactivated"):
        body = ask(f"/2/users/{world.cast.account_ids[account_with(role)]}/tweets").json()
        assert "errors" in body
        check(body, "timeline")
    newest = ask(f"/2/users/{world.own_account_id}/tweets").json()["meta"]["newest_id"]
    check(ask(f"/2/users/{world.own_account_id}/tweets", {"since_id": newest}).json(), "timeline")


def test_lookups_of_every_kind_of_post_fit_the_specification(ask: Ask, world: World, check: Check) -> None:
    posts = world.posts
    edited = np.flatnonzero(posts.root != np.arange(posts.size))[:10]
    rows = [*np.flatnonzero(posts.is_long)[:10], *edited, *posts.root[edited], *np.flatnonzero(posts.is_viral)[:5]]
    rows += [row for kind in range(5) for row in np.flatnonzero(posts.kind == kind)[:8]]
    rows += [*np.flatnonzero(posts.removed_ms < 2**62)[:10], world.withheld_row]
    ids = list(dict.fromkeys(str(posts.post_id[row]) for row in rows))[:100]
    body = ask("/2/tweets", {"ids": ",".join(ids), **ALL_FIELDS}).json()
    check(body, "posts")
    shown = {post["id"]: post for post in body["data"]}
    missing = {error["value"] for error in body["errors"] if error["parameter"] == "ids" and "field" not in error}
    assert sorted([*shown, *missing]) == sorted(ids)
    assert len(missing) >= 10
    long = next(post for post in shown.values() if "note_tweet" in post)
    assert len(long["text"]) <= 280 < len(long["note_tweet"]["text"])
    reposts = [p for p in shown.values() if p.get("referenced_tweets", [{}])[0].get("type") == "retweeted"]
    assert reposts
    assert all(post["text"].startswith("RT @demo") and len(post["text"]) <= 140 for post in reposts)
    edits = [post for post in shown.values() if len(post["edit_history_tweet_ids"]) > 1]
    assert {post["edit_controls"]["edits_remaining"] for post in edits} <= {"4", "3", "2"}


def test_entities_point_at_the_characters_they_name(ask: Ask, world: World) -> None:
    body = ask(f"/2/users/{world.own_account_id}/tweets", {"max_results": 100, "tweet.fields": "entities"}).json()
    marked = 0
    for post in body["data"]:
        entities = post.get("entities", {})
        for link in entities.get("urls", []):
            assert post["text"][link["start"] : link["end"]] == link["url"]
            marked += 1
        for tag in entities.get("hashtags", []):
            assert post["text"][tag["start"] : tag["end"]] == f"#{tag['tag']}"
    assert marked > 20
