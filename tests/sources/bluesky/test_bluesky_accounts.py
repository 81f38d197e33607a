"""Accounts of Bluesky: by DID, renamed, gone, hidden, or shown with counts that cannot be."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit
from pipeline.sources.bluesky.labels import COPY
from tests.sources.api.scripted import Reply

from .stand import ACME, NOW, OTHER, acme_world, make_profile
from .tiny_appview import HTML_403

SINGLE, MANY = "app.bsky.actor.getProfile", "app.bsky.actor.getProfiles"
FEED = "app.bsky.feed.getAuthorFeed"


def test_a_snapshot_has_the_profile_s_counts_and_nulls_for_what_bluesky_lacks(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles[ACME] |= {
            "website": "https://acme.example",
            "createdAt": "2024-02-03T04:05:06.789Z",
            "verification": {"verifications": [], "verifiedStatus": "valid", "trustedVerifierStatus": "none"},
        }
        result = stand.run()
        (row,) = stand.rows("accounts")
    assert (row["account_id"], row["handle"], row["status"]) == (ACME, "acme.bsky.social", "active")
    assert (row["follower_count"], row["following_count"], row["post_count"]) == (120, 80, 3)
    assert (row["listed_count"], row["liked_count"], row["is_protected"], row["location"]) == (None, None, None, None)
    assert (row["is_verified"], row["verified_type"], row["url"]) == (True, "verified", "https://acme.example")
    assert row["created_at"].isoformat() == "2024-02-03T04:05:06.789000+00:00"
    assert (result.shortfalls, result.usd, result.request_count) == ((), 0.0, 2)
    assert all(headers["User-Agent"].startswith("tweetbench/") for _, _, headers in stand.tiny.requests)


def test_profiles_are_asked_by_25_and_matched_by_did_though_bluesky_leaves_some_out(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        dids = [f"did:plc:firm{number:020d}" for number in range(60)]
        stand.tiny.profiles |= {
            did: make_profile(did, f"firm{n}.example", followersCount=n) for n, did in enumerate(dids)
        }
        stand.tiny.refusals[dids[7]] = ("AccountTakedown", "Account has been suspended")
        stand.run([{"platform": "bluesky", "account_id": did} for did in dids])
        rows = {row["account_id"]: row for row in stand.rows("accounts")}
    assert [len(query) for query in stand.tiny.calls(MANY)] == [25, 25, 10]
    assert stand.tiny.calls(SINGLE) == [[("actor", dids[7])]]
    assert {did: rows[did]["follower_count"] for did in dids} == {d: None if n == 7 else n for n, d in enumerate(dids)}
    assert rows[dids[7]]["status"] == "suspended"


@pytest.mark.parametrize(
    ("error", "message", "status"),
    [
        ("AccountTakedown", "Account has been suspended", "suspended"),
        ("AccountDeactivated", "Account is deactivated", "deactivated"),
        ("InvalidRequest", "Profile not found", "not_found"),
    ],
)
def test_what_is_left_out_is_asked_singly_and_gets_the_status_that_bluesky_names(
    tmp_path: Path, error: str, message: str, status: str
) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.refusals["acme.bsky.social"] = (error, message)
        result = stand.run()
        (row,) = stand.rows("accounts")
    assert (row["status"], row["follower_count"], row["handle"]) == (status, None, "acme.bsky.social")
    assert row["account_id"] == (None if status == "not_found" else ACME)
    assert stand.problems() == [f"api_{status}"]
    assert (result.shortfalls, stand.rows("posts")) == ((), [])


def test_an_invalid_request_about_something_else_says_nothing_of_the_account(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.refusals["acme.bsky.social"] = ("InvalidRequest", "Error: Params must have the property actor")
        result = stand.run()
    assert stand.rows("accounts") == []
    assert [shortfall.exit_code for shortfall in result.shortfalls] == [Exit.INCOMPLETE]


@pytest.mark.parametrize("status", [401, 403, 404, 503])
def test_a_page_of_the_cdn_is_blocked_for_now_and_no_word_about_the_account(tmp_path: Path, status: int) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.script["*"] = [Reply(status, HTML_403)] * 40
        result = stand.run()
    assert (stand.rows("accounts"), stand.rows("posts")) == ([], [])
    assert set(stand.problems()) == {"api_transient" if status == 503 else "api_blocked"}
    assert [shortfall.exit_code for shortfall in result.shortfalls] == [Exit.UNAVAILABLE]


def test_handle_invalid_is_no_rename_and_a_new_handle_is_one(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.run()
        stand.tiny.profiles[ACME]["handle"] = "handle.invalid"
        stand.run(now=NOW + timedelta(days=1))
        assert stand.rows("handle_changes") == []
        stand.tiny.profiles[ACME]["handle"] = "acme.example"
        stand.run(now=NOW + timedelta(days=2))
        (change,) = stand.rows("handle_changes")
        handles = [row["handle"] for row in sorted(stand.rows("accounts"), key=lambda row: row["captured_at"])]
    assert handles == ["acme.bsky.social", "acme.bsky.social", "acme.example"]
    assert (change["previous_handle"], change["handle"], change["account_id"]) == (
        "acme.bsky.social",
        "acme.example",
        ACME,
    )


def test_an_account_whose_handle_does_not_resolve_from_the_start_keeps_the_registry_s(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles[ACME]["handle"] = "handle.invalid"
        stand.run([{"platform": "bluesky", "handle": "acme.bsky.social", "account_id": ACME}])
        (row,) = stand.rows("accounts")
    assert (row["handle"], len(stand.ids())) == ("acme.bsky.social", 3)


def test_all_counts_zero_after_others_is_a_fault_of_the_view_and_not_a_fact(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.run()
        stand.tiny.profiles[ACME] |= {"followersCount": 0, "followsCount": 0, "postsCount": 0}
        result = stand.run(now=NOW + timedelta(days=1))
        assert [row["follower_count"] for row in stand.rows("accounts")] == [120]
        assert stand.problems() == ["counts_all_zero"]
        assert [shortfall.exit_code for shortfall in result.shortfalls] == [Exit.INCOMPLETE]
        stand.tiny.profiles[ACME] |= {"followsCount": 80}
        stand.run(now=NOW + timedelta(days=2))
    assert sorted(row["follower_count"] for row in stand.rows("accounts")) == [0, 120]


def test_a_new_account_without_anything_has_zeros(tmp_path: Path) -> None:
    with acme_world(tmp_path, []) as stand:
        stand.tiny.profiles[ACME] |= {"followersCount": 0, "followsCount": 0, "postsCount": 0}
        stand.run()
    assert [row["follower_count"] for row in stand.rows("accounts")] == [0]


@pytest.mark.parametrize("is_own", [False, True])
def test_an_account_that_asks_not_to_be_shown_is_read_only_by_its_owner(tmp_path: Path, is_own: bool) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles[ACME]["labels"] = [{"val": "!no-unauthenticated", "src": ACME, "uri": "at://x"}]
        stand.run([{"platform": "bluesky", "handle": "acme.bsky.social", "is_own": is_own}])
    assert (len(stand.rows("accounts")), len(stand.ids())) == ((1, 3) if is_own else (0, 0))
    assert stand.problems() == ([] if is_own else ["asks_not_to_be_shown"])
    assert len(stand.tiny.calls(FEED)) == is_own


@pytest.mark.parametrize(
    "label",
    [
        {"val": "!no-unauthenticated", "src": OTHER},
        {"val": "!no-unauthenticated", "src": ACME, "neg": True},
        {"val": "!no-unauthenticated", "src": ACME, "exp": "2020-01-01T00:00:00Z"},
        {"val": "bot", "src": ACME},
    ],
)
def test_another_label_hides_nothing(tmp_path: Path, label: dict[str, Any]) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles[ACME]["labels"] = [label]
        stand.run()
    assert len(stand.rows("accounts")) == 1


ELSEWHERE = "a copy that a bridge keeps of an account elsewhere"


@pytest.mark.parametrize(
    ("label", "detail"),
    [
        ({"val": "bridged-from-bridgy-fed-activitypub", "src": ACME}, f"{COPY} an account on Mastodon or its like"),
        ({"val": "bridged-from-bridgy-fed-web", "src": ACME}, f"{COPY} a website's posts"),
        ({"val": "bridged-from-bridgy-fed-farcaster", "src": ACME}, ELSEWHERE),
        ({"val": "bridged-from-bridgy-fed", "src": ACME}, ELSEWHERE),
        ({"val": "bridged-from-bridgy-fed-web", "src": OTHER}, None),
        ({"val": "bridged-from-bridgy-fed-web", "src": ACME, "neg": True}, None),
        ({"val": "not-bridged-from-bridgy-fed-web", "src": ACME}, None),
        ({"val": ["bridged-from-bridgy-fed-web"], "src": ACME}, None),
    ],
)
def test_a_copy_under_a_domain_of_its_own_is_known_by_the_bridge_s_label(
    tmp_path: Path, label: dict[str, Any], detail: str | None
) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles[ACME] |= {"labels": [label], "handle": "acme.example"}
        stand.run([{"platform": "bluesky", "handle": "acme.example"}])
        (row,) = stand.rows("accounts")
    assert (row["status"], row["status_detail"], row["handle"]) == ("active", detail, "acme.example")


def test_odd_entries_of_the_registry_become_issues_and_harm_no_other(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        registry = [
            {"platform": "bluesky", "handle": "handle.invalid"},
            {"platform": "bluesky", "account_id": "1234567"},
            {"platform": "bluesky", "handle": "acme"},
            {"platform": "x", "handle": "acme"},
            {"platform": "bluesky", "handle": f"https://bsky.app/profile/{ACME}"},
        ]
        stand.run(registry)
    assert stand.problems() == ["bad_handle"] * 3
    assert [row["account_id"] for row in stand.rows("accounts")] == [ACME]


def test_an_odd_profile_becomes_an_issue_and_the_rest_lands(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.profiles[OTHER] = make_profile(OTHER, "other.example", followersCount=-1, postsCount=0)
        odd = [{"did": 7}, None, "text", make_profile("did:plc:nobody", "asked.for.none")]
        stand.tiny.script[MANY] = [Reply(change=lambda body: {"profiles": [*odd, *body["profiles"]]})]
        stand.run([{"platform": "bluesky", "account_id": did} for did in (ACME, OTHER)])
        counts = {row["account_id"]: row["follower_count"] for row in stand.rows("accounts")}
    assert counts == {ACME: 120, OTHER: None}
    assert sorted(stand.problems()) == ["malformed_item"] * 3 + ["unusable_metric"]
