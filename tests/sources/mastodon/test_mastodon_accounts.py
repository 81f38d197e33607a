"""Accounts of Mastodon: found at their home servers, and what is said of those that a server does not show."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit
from pipeline.sources.mastodon.accounts import look_up
from pipeline.sources.mastodon.run_plan import plan_run
from pipeline.sources.mastodon.session import open_session
from tests.sources.api.scripted import Reply

from .stand import ACME, HANDLE, HOME, LOCAL, NOW, acme_world, make_account, make_status
from .tiny_server import TinyServer

LOOKUP, WEBFINGER = "/api/v1/accounts/lookup", "/.well-known/webfinger"
PROFILE, FEED = f"/api/v1/accounts/{LOCAL}", f"/api/v1/accounts/{LOCAL}/statuses"
NO_LOGIN = {"error": "This API requires an authenticated user"}


def test_a_snapshot_has_the_home_server_s_counts_and_nulls_for_what_mastodon_lacks(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        fields = [
            {"name": "Shop", "value": "https://shop.example", "verified_at": None},
            {
                "name": "Web",
                "value": '<a href="https://acme.example" rel="me">acme.example</a>',
                "verified_at": "2024-01-01T00:00:00Z",
            },
        ]
        stand.home.accounts[LOCAL] |= {"fields": fields, "locked": True}
        result = stand.run()
        (row,) = stand.rows("accounts")
    assert (row["account_id"], row["handle"], row["status"], row["status_detail"]) == (ACME, HANDLE, "active", None)
    assert (row["follower_count"], row["following_count"], row["post_count"]) == (120, 80, 3)
    assert (row["is_verified"], row["is_protected"], row["listed_count"], row["location"]) == (None, None, None, None)
    assert (row["description"], row["url"], row["created_at"].year) == ("We forge.", "https://acme.example", 2023)
    assert (result.shortfalls, result.usd, result.request_count) == ((), 0.0, 4)
    assert stand.tiny.calls() == [WEBFINGER, "/robots.txt", LOOKUP, FEED]
    assert all(headers["User-Agent"].startswith("tweetbench/") for *_, headers in stand.tiny.requests)


def test_a_known_account_is_asked_for_by_its_id_and_its_home_is_not_looked_up_again(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.run()
        stand.tiny.requests.clear()
        stand.home.accounts[LOCAL]["followers_count"] = 121
        stand.run(now=NOW + timedelta(days=1))
        counts = [row["follower_count"] for row in stand.rows("accounts")]
    assert sorted(counts) == [120, 121]
    assert stand.tiny.calls() == ["/robots.txt", PROFILE, FEED]


def test_the_domain_of_a_handle_and_its_server_may_differ(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.homes["acme.example"] = HOME
        stand.run([{"platform": "mastodon", "handle": "@Acme@acme.example"}])
        (row,) = stand.rows("accounts")
    assert (row["account_id"], row["handle"]) == (ACME, "acme@acme.example")
    assert stand.problems() == []


def test_a_domain_that_only_names_an_account_elsewhere_leads_to_that_account(tmp_path: Path) -> None:
    link = {"rel": "self", "type": "application/activity+json", "href": f"https://{HOME}/ap/users/116"}
    document = {"subject": f"acct:acme@{HOME}", "links": [{"rel": "http://webfinger.net/rel/profile-page"}, link]}
    with acme_world(tmp_path) as stand:
        stand.tiny.script[WEBFINGER] = [Reply(body=document)]
        stand.run([{"platform": "mastodon", "handle": "boss@acme.example"}])
        (row,) = stand.rows("accounts")
    assert (row["account_id"], row["handle"]) == (ACME, HANDLE)


@pytest.mark.parametrize(
    ("home", "why"),
    [
        ("https://web.brid.gy/acme.com", "it repeats the posts of a website, which is no account anywhere"),
        ("https://bsky.brid.gy/ap/did:plc:acme", "it is the copy of an account on Bluesky"),
        ("https://fed.brid.gy/acme.com", "it is a copy that a bridge keeps"),
        ("https://www.threads.net/ap/users/17841400", "Mastodon holds a copy only of an account on Threads"),
    ],
)
def test_a_domain_that_leads_to_a_bridge_is_refused_in_its_words(tmp_path: Path, home: str, why: str) -> None:
    link = {"rel": "self", "type": "application/activity+json", "href": home}
    document = {"subject": "acct:acme.com@acme.com", "links": [link]}
    with acme_world(tmp_path) as stand:
        stand.tiny.script[WEBFINGER] = [Reply(body=document)]
        stand.run([{"platform": "mastodon", "handle": "acme.com@acme.com"}])
        (row,) = stand.rows("issues")
        assert (stand.rows("accounts"), stand.tiny.calls().count(LOOKUP)) == ([], 0)
    assert (row["detail"].startswith(f"acme.com@acme.com: {why}"), row["next_step"]) == (
        True,
        "take the account out of accounts.csv",
    )


@pytest.mark.parametrize(
    ("call", "reply", "status", "problem"),
    [
        (WEBFINGER, Reply(404, b""), "not_found", "api_not_found"),
        (WEBFINGER, Reply(404, b"<html>no such page</html>"), "not_found", "api_not_found"),
        (LOOKUP, Reply(404, {"error": "Record not found"}), "not_found", "api_not_found"),
        (LOOKUP, Reply(410, {"error": "Gone"}), "suspended", "api_suspended"),
        (LOOKUP, Reply(401, NO_LOGIN), "unknown", "api_unauthorised"),
        (LOOKUP, Reply(401, {"error": "Unauthorized: token not supplied"}), "unknown", "api_unauthorised"),
        (LOOKUP, Reply(403, {"error": "This method requires an authenticated user"}), "unknown", "api_unauthorised"),
        (LOOKUP, Reply(403, b"<html>Just a moment...</html>"), None, "api_blocked"),
        (LOOKUP, Reply(404, b"<html>not found</html>"), None, "api_bad_request"),
        (LOOKUP, Reply(404, {"error": {"code": "UNKNOWN_API_ENDPOINT"}}), None, "api_bad_request"),
        (
            LOOKUP,
            Reply(404, {"error": "Account not found", "type": "about:blank", "status": 404}),
            None,
            "api_bad_request",
        ),
        (LOOKUP, Reply(404, {"code": "rest_no_route", "message": "No route"}), None, "api_bad_request"),
        (LOOKUP, Reply(200, b"<html>one page for all</html>"), None, "api_bad_request"),
        (WEBFINGER, Reply(200, {"subject": "acct:acme", "links": []}), None, "api_bad_request"),
        (LOOKUP, Reply(302, b"", {"Location": "https://elsewhere.example/"}), None, "api_redirected"),
    ],
)
def test_a_status_is_given_only_where_the_server_says_it(
    tmp_path: Path, call: str, reply: Reply, status: str | None, problem: str
) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.script[call] = [reply] * 9
        result = stand.run()
        rows = [(row["status"], row["handle"], row["follower_count"]) for row in stand.rows("accounts")]
        next_steps = [row["next_step"] for row in stand.rows("issues")]
    assert rows == ([(status, HANDLE, None)] if status else [])
    assert stand.problems() == [problem]
    assert len(next_steps[0]) > 20
    is_told = status in {"not_found", "suspended"}
    assert [one.exit_code for one in result.shortfalls] == ([] if is_told else [Exit.UNAVAILABLE])


def test_a_suspended_account_and_one_that_moved_have_a_status(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.home.accounts[LOCAL] |= {"suspended": True, "followers_count": 0, "statuses_count": 0}
        stand.run()
        stand.home.accounts[LOCAL] = make_account(moved=make_account("7", "forge", acct="forge@new.example"))
        stand.run(now=NOW + timedelta(days=1))
        first, second = sorted(stand.rows("accounts"), key=lambda row: row["captured_at"])
    assert (first["status"], first["follower_count"], first["account_id"]) == ("suspended", None, ACME)
    assert (second["status"], second["follower_count"]) == ("moved", 120)
    assert second["status_detail"] == "moved to forge@new.example"
    assert stand.problems() == ["api_suspended", "account_moved"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"followers_count": -1}, (None, 80, 3)),
        ({"followers_count": 0, "pleroma": {"hide_followers_count": True}}, (None, 80, 3)),
        ({"following_count": 0, "pleroma": {"hide_follows_count": True}}, (120, None, 3)),
        ({"followers_count": 0, "pleroma": {"hide_followers_count": False}}, (0, 80, 3)),
        ({"followers_count": "120", "statuses_count": None}, (120, 80, None)),
    ],
)
def test_a_hidden_count_is_not_reported(tmp_path: Path, fields: dict[str, Any], expected: tuple[Any, ...]) -> None:
    with acme_world(tmp_path) as stand:
        stand.home.accounts[LOCAL] |= fields
        stand.run()
        (row,) = stand.rows("accounts")
    assert (row["follower_count"], row["following_count"], row["post_count"]) == expected
    assert stand.problems() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"acct": "acme@other.example"},
        {"username": "somebody"},
        {"id": None},
        {"id": "../../etc"},
    ],
)
def test_an_answer_that_is_not_the_account_at_its_home_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.script[LOOKUP] = [Reply(change=lambda body: {**body, **fields})]
        result = stand.run()
    assert (stand.rows("accounts"), stand.rows("posts"), stand.problems()) == ([], [], ["not_at_home"])
    assert [one.exit_code for one in result.shortfalls] == [Exit.INCOMPLETE]


def test_an_account_that_was_made_again_gets_its_new_id_and_the_old_one_a_status(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.run()
        stand.home.accounts = {"2002": make_account("2002", followers_count=5)}
        stand.run(now=NOW + timedelta(days=1))
        rows = {(row["account_id"], row["status"]): row["follower_count"] for row in stand.rows("accounts")}
        stand.run(now=NOW + timedelta(days=2))
    assert rows == {(ACME, "active"): 120, (ACME, "not_found"): None, (f"{HOME}/2002", "active"): 5}
    assert stand.tiny.calls()[-2:] == ["/api/v1/accounts/2002", "/api/v1/accounts/2002/statuses"]


def test_a_rule_of_the_server_on_programs_that_read_is_shown_to_whoever_adds_an_account(tmp_path: Path) -> None:
    rules = [{"id": "1", "text": "Be kind."}, {"id": "2", "text": "No scraping without asking us first."}, "odd", {}]
    with acme_world(tmp_path) as stand:
        session = open_session(stand.config(), stand.lake, stand.next_run(NOW))
        stand.tiny.script["/api/v1/instance/rules"] = [Reply(body=rules), Reply(404, {"error": "x"}), Reply(body={})]
        details = [look_up(session, [HANDLE])[HANDLE]["status_detail"] for _ in range(3)]
    assert details == ["a rule of its server: No scraping without asking us first.", None, None]


def test_two_handles_of_one_account_are_one_account(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.homes["acme.example"] = HOME
        registry = [
            {"platform": "mastodon", "handle": handle} for handle in (" @ACME@home.example", "acme@acme.example")
        ]
        for day in range(2):
            stand.run(registry, now=NOW + timedelta(days=day))
        handles = [row["handle"] for row in stand.rows("accounts")]
    assert handles == [HANDLE, HANDLE]
    assert (stand.tiny.calls().count(FEED), stand.problems(), len(set(stand.ids()))) == (2, [], 3)


def test_an_id_that_a_new_server_gives_to_somebody_else_is_not_the_account(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.run()
        stand.home.accounts[LOCAL] = make_account(username="stranger")
        stand.run(now=NOW + timedelta(days=1))
    assert (len(stand.rows("accounts")), stand.problems()) == (1, ["not_at_home"])
    assert stand.tiny.calls().count(FEED) == 1


def test_a_profile_that_is_not_found_by_id_and_found_by_name_is_there(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.run()
        stand.tiny.script[PROFILE] = [Reply(404, {"error": "Record not found"})]
        stand.run(now=NOW + timedelta(days=1))
        statuses = [row["status"] for row in stand.rows("accounts")]
    assert (statuses, stand.tiny.calls().count(FEED)) == (["active", "active"], 2)


SELF = {"rel": "self", "type": "application/activity+json"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body={"subject": f"acct:{HANDLE}", "links": [SELF | {"href": "https://10.0.0.7/users/acme"}]}),
        Reply(body={"subject": f"acct:{HANDLE}", "links": [SELF | {"href": f"http://{HOME}/users/acme"}]}),
        Reply(body={"subject": f"acct:{HANDLE}", "links": [SELF | {"href": f"https://{HOME}:8443/users/acme"}]}),
        Reply(body={"subject": f"acct:{HANDLE}", "links": [SELF | {"href": "https://[bad"}]}),
        Reply(body={"subject": 7, "links": {"rel": "self"}}),
        Reply(302, b"", {"Location": "https://169.254.169.254/.well-known/webfinger?resource=acct:a@b.example"}),
        Reply(302, b"", {"Location": "/login"}),
        Reply(301, b"", {"Location": f"https://{HOME}/.well-known/webfinger?resource=acct:{HANDLE}"}),
        Reply(400, {"error": "bad request"}),
    ],
)
def test_a_webfinger_that_leads_nowhere_good_is_followed_nowhere(tmp_path: Path, reply: Reply) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.script[WEBFINGER] = [reply] * 9
        result = stand.run()
    assert set(stand.tiny.calls()) == {WEBFINGER}
    assert (stand.rows("accounts"), len(stand.problems())) == ([], 1)
    assert [one.exit_code for one in result.shortfalls] == [Exit.UNAVAILABLE]


@pytest.mark.parametrize("body", [[], [{"id": "1"}], None, "acme", {}, {"id": {"a": 1}}])
def test_a_profile_that_is_none_is_no_account(tmp_path: Path, body: Any) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.script[LOOKUP] = [Reply(body=json.dumps(body).encode())] * 9
        result = stand.run()
    assert (stand.rows("accounts"), stand.rows("posts"), len(result.shortfalls)) == ([], [], 1)


def test_old_and_odd_fields_of_a_profile_harm_nothing(tmp_path: Path) -> None:
    odd = {"id": int(LOCAL), "note": "a\u0000b", "fields": {"a": 1}, "moved": "no", "created_at": "long ago"}
    with acme_world(tmp_path) as stand:
        stand.home.accounts[LOCAL] |= odd
        stand.run()
        (row,) = stand.rows("accounts")
    assert (row["account_id"], row["description"], row["created_at"], row["status"]) == (ACME, "ab", None, "active")


def test_odd_entries_of_the_registry_become_issues_and_harm_no_other(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        registry: list[dict[str, Any]] = [
            {"platform": "mastodon", "handle": "zuck@threads.net"},
            {"platform": "mastodon", "handle": "acme.example@bsky.brid.gy"},
            {"platform": "mastodon", "handle": "acme"},
            {"platform": "mastodon", "handle": "acme@127.0.0.1"},
            {"platform": "mastodon", "account_id": "12345"},
            {"platform": "bluesky", "handle": "acme.example"},
            {"platform": "mastodon", "account_id": ACME},
            {"platform": "mastodon", "handle": f"https://{HOME}/@nobody"},
        ]
        stand.run(registry)
        rows = [(row["handle"], row["status"]) for row in stand.rows("accounts")]
    assert stand.problems() == ["bad_handle"] * 5 + ["api_not_found"]
    assert rows == [(HANDLE, "active"), (f"nobody@{HOME}", "not_found")]
    assert "copy" in stand.rows("issues")[0]["detail"]


def test_what_a_handle_leads_to_is_looked_up_without_writing(tmp_path: Path) -> None:
    with acme_world(tmp_path) as stand:
        stand.tiny.servers["closed.example"] = TinyServer({LOCAL: make_account()})
        stand.tiny.script[f"closed.example{LOOKUP}"] = [Reply(401, NO_LOGIN)]
        stand.tiny.script["broken.example"] = [Reply(503, b"<html>")] * 9
        session = open_session(stand.config(), stand.lake, stand.next_run(NOW))
        asked = [HANDLE, f"nobody@{HOME}", "zuck@threads.net", "acme@broken.example", "acme@closed.example"]
        found = look_up(session, asked)
    assert [found[handle]["status"] for handle in asked] == ["active", "not_found", *["unknown"] * 3]
    assert (found[HANDLE]["follower_count"], found[HANDLE]["account_id"]) == (120, ACME)
    assert "Threads" in found["zuck@threads.net"]["status_detail"]
    assert stand.rows("accounts") == []


@pytest.mark.parametrize(("has_batches", "asked"), [(True, ["/accounts", "/accounts/7"]), (False, None)])
def test_known_profiles_come_in_one_request_where_the_server_has_it_and_whoever_is_left_out_is_asked_for(
    tmp_path: Path, has_batches: bool, asked: list[str] | None
) -> None:
    names = {LOCAL: "acme", "7": "forge", "8": "mill"}
    registry = [{"platform": "mastodon", "handle": f"{name}@{HOME}"} for name in names.values()]
    with acme_world(tmp_path, [], has_batches=has_batches) as stand:
        stand.home.accounts = {key: make_account(key, name, followers_count=int(key)) for key, name in names.items()}
        for number, (key, name) in enumerate(names.items()):
            author = {"id": key, "acct": name, "username": name}
            stand.home.statuses[key] = [make_status(number) | {"account": author}]
        stand.run(registry)
        stand.home.accounts["7"] |= {"suspended": True}
        stand.tiny.requests.clear()
        later = NOW + timedelta(days=1)
        planned = plan_run(stand.config(), stand.lake, registry, now=later)
        result = stand.run(registry, now=later)
        calls = [path.removeprefix("/api/v1") for path in stand.tiny.calls() if "/statuses" not in path]
        rows = [row for row in stand.rows("accounts") if row["captured_at"] >= later]
    expected = asked or ["/accounts", *(f"/accounts/{key}" for key in ("7", "8", LOCAL))]
    assert sorted(calls) == sorted(["/robots.txt", *expected])
    found = {row["handle"].partition("@")[0]: (row["status"], row["follower_count"]) for row in rows}
    assert found == {"acme": ("active", 1001), "forge": ("suspended", None), "mill": ("active", 8)}
    assert planned.request_count == 1 + 1 + 3
    # The feed of the suspended account is not asked for; its post, which is due, is.
    assert result.request_count == 1 + len(expected) + 2 + 1


@pytest.mark.parametrize(
    ("moved", "detail"),
    [
        ({"id": "7", "acct": "forge@new.example"}, "moved to forge@new.example"),
        ({"id": "7", "url": "https://new.example/@forge"}, "moved to https://new.example/@forge"),
        ({"id": "7", "acct": None}, "moved to another account"),
        ({"acct": "a@b.example", "moved": {"acct": "c@d.example", "moved": {"acct": "acme"}}}, "moved to a@b.example"),
    ],
)
def test_where_an_account_moved_to_is_said_as_far_as_the_server_says_it(
    tmp_path: Path, moved: dict[str, Any], detail: str
) -> None:
    """Only the next place is named, and nobody follows it: a chain of moves may be long, or a ring."""
    with acme_world(tmp_path) as stand:
        stand.home.accounts[LOCAL] = make_account(moved=moved)
        stand.run()
        (row,) = stand.rows("accounts")
        asked = [path for path in stand.tiny.calls() if "statuses" not in path]
    assert (row["status"], row["status_detail"], stand.problems()) == ("moved", detail, ["account_moved"])
    assert asked == ["/.well-known/webfinger", "/robots.txt", "/api/v1/accounts/lookup"]
