"""The same companies on Bluesky and Mastodon: what the loopback servers answer is the world's, in each API's form."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from pipeline.lake import Lake
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.elsewhere import BRIDGE, CLOSED_HOST, Elsewhere, draw_elsewhere, local_id
from pipeline.simulate.exports import write_accounts
from pipeline.simulate.faults import Fault
from pipeline.simulate.history_elsewhere import bookmarks, landed_before
from pipeline.simulate.posts import KINDS, REPOST
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import NEVER_MS, to_instant
from pipeline.sources.account_registry import read as read_registry
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Request
from tests.simulate.lexicons import Lexicons

NOON = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)
Ask = Callable[..., requests.Response]
Sites = tuple[Elsewhere, Elsewhere]


@pytest.fixture(scope="module")
def sites(world: World) -> Sites:
    return draw_elsewhere(world)


@pytest.fixture
def served(world: World, sites: Sites) -> Iterator[DemoServer]:
    with serve(world, clock=DemoClock(NOON), elsewhere=sites) as running:
        yield running


@pytest.fixture
def bluesky(served: DemoServer) -> Iterator[Ask]:
    """`bluesky(method, pairs)`: one XRPC query."""
    with requests.Session() as session:
        yield lambda method, *pairs: session.get(f"{served.base_url}/xrpc/{method}", params=pairs, timeout=10)


@pytest.fixture
def mastodon(served: DemoServer) -> Iterator[Ask]:
    """`mastodon(host, path, pairs)`: one request to a home server."""
    with requests.Session() as session:
        yield lambda host, path, *pairs: session.get(f"{served.base_url}/{host}{path}", params=pairs, timeout=10)


def with_role(site: Elsewhere, role: str) -> tuple[int, str]:
    account = site.world.cast.roles.index(role)
    return account, site.world.cast.account_ids[account]


def read_feed(bluesky: Ask, actor: str, limit: int = 100) -> list[dict[str, Any]]:
    """Bodies of all pages."""
    pages: list[dict[str, Any]] = []
    cursor: list[tuple[str, str]] = []
    while True:
        pages.append(bluesky("app.bsky.feed.getAuthorFeed", ("actor", actor), ("limit", limit), *cursor).json())
        if "cursor" not in pages[-1]:
            return pages
        cursor = [("cursor", pages[-1]["cursor"])]


def read_statuses(mastodon: Ask, account_id: str, limit: int = 40) -> list[dict[str, Any]]:
    host, _, number = account_id.partition("/")
    path = f"/api/v1/accounts/{number}/statuses"
    answer = mastodon(host, path, ("limit", limit))
    found: list[dict[str, Any]] = answer.json()
    while "next" in answer.links:
        query = answer.links["next"]["url"].partition("?")[2]
        answer = mastodon(host, f"{path}?{query}")
        found += answer.json()
    return found


def test_all_pages_of_a_feed_are_the_world_s_posts_newest_first(sites: Sites, bluesky: Ask) -> None:
    site = sites[0]
    entries = [entry for page in read_feed(bluesky, site.world.own_account_id, 37) for entry in page["feed"]]
    uris = [entry["reason"]["uri"] if "reason" in entry else entry["post"]["uri"] for entry in entries]
    rows = [int(row) for row in site.feed_rows(0, NOON)]
    lost = {
        site.post_ids[row]
        for row in rows
        if site.world.posts.kind[row] == REPOST and site.source_row(row, NOON) is None
    }
    assert uris == [site.post_ids[row] for row in rows if site.post_ids[row] not in lost]
    assert len(uris) > 300
    moments = [entry.get("reason", entry["post"])["indexedAt"] for entry in entries]
    assert moments == sorted(moments, reverse=True)
    profile = bluesky("app.bsky.actor.getProfile", ("actor", site.world.own_account_id)).json()
    assert profile["postsCount"] == sum("reason" not in entry for entry in entries)


def test_a_repost_of_a_post_that_has_gone_leaves_a_shorter_page_that_leads_on(sites: Sites, bluesky: Ask) -> None:
    site = sites[0]
    account, rows = next(
        (account, rows)
        for account in range(site.world.cast.size)
        if site.world.status(account, NOON) == "active"
        and (rows := [int(row) for row in site.feed_rows(account, NOON)])
        and any(site.world.posts.kind[row] == REPOST and site.source_row(row, NOON) is None for row in rows[:-10])
    )
    pages = read_feed(bluesky, site.world.cast.account_ids[account], 10)
    assert any(len(page["feed"]) < 10 for page in pages[:-1])
    assert sum(len(page["feed"]) for page in pages) < len(rows)


def test_profiles_leave_out_in_silence_whom_they_do_not_show_and_one_profile_says_why(
    sites: Sites, bluesky: Ask
) -> None:
    ids = sites[0].world.cast.account_ids
    answer = bluesky("app.bsky.actor.getProfiles", *[("actors", each) for each in (*ids, "nobody.example")]).json()
    gone = {with_role(sites[0], role)[1] for role in ("suspended", "deactivated")}
    assert {profile["did"] for profile in answer["profiles"]} == set(ids) - gone
    refusals = {
        with_role(sites[0], "suspended")[1]: ("AccountTakedown", "Account has been suspended"),
        with_role(sites[0], "deactivated")[1]: ("AccountDeactivated", "Account is deactivated"),
        "nobody.example": ("InvalidRequest", "Profile not found"),
    }
    for actor, (error, message) in refusals.items():
        for method in ("app.bsky.actor.getProfile", "app.bsky.feed.getAuthorFeed"):
            refused = bluesky(method, ("actor", actor))
            assert (refused.status_code, refused.json()) == (400, {"error": error, "message": message})


def test_bounds_of_xrpc_are_kept(sites: Sites, bluesky: Ask) -> None:
    own = ("actor", sites[0].world.own_account_id)
    for method, *pairs in (
        ("app.bsky.actor.getProfiles", *[("actors", f"a{n}.example") for n in range(26)]),
        ("app.bsky.feed.getPosts", *[("uris", f"at://{n}") for n in range(26)]),
        ("app.bsky.feed.getAuthorFeed", own, ("limit", "101")),
        ("app.bsky.feed.getAuthorFeed", own, ("cursor", "nonsense")),
    ):
        refused = bluesky(method, *pairs)
        assert (refused.status_code, refused.json()["error"]) == (400, "InvalidRequest")
    assert bluesky("app.bsky.feed.getAuthorFeed", own, ("cursor", "x")).json()["message"] == "Malformed cursor"
    assert len(bluesky("app.bsky.feed.getAuthorFeed", own).json()["feed"]) <= 50


def test_handles_lead_to_their_account_before_and_after_a_renaming(
    sites: Sites, served: DemoServer, bluesky: Ask
) -> None:
    account, did = with_role(sites[0], "renamed")
    old, new = [naming.handle for naming in sites[0].world.cast.namings if naming.account == account]
    resolve = "com.atproto.identity.resolveHandle"
    assert bluesky(resolve, ("handle", new)).json() == {"did": did}
    assert bluesky(resolve, ("handle", old)).json()["message"] == "Unable to resolve handle"
    assert isinstance(served.clock, DemoClock)
    served.clock.set(NOON - timedelta(days=20))
    assert bluesky(resolve, ("handle", old)).json() == {"did": did}


def test_posts_are_given_once_without_those_that_have_gone(sites: Sites, bluesky: Ask) -> None:
    site, posts = sites[0], sites[0].world.posts
    part = posts.rows_of(0)
    removed = next(row for row in range(part.start, part.stop) if posts.removed_ms[row] < NEVER_MS)
    shown = int(site.feed_rows(0, NOON)[-1])
    uris = [
        site.post_ids[shown],
        site.post_ids[removed],
        site.post_ids[shown],
        "at://did:plc:none/app.bsky.feed.post/3k",
    ]
    answer = bluesky("app.bsky.feed.getPosts", *[("uris", uri) for uri in uris]).json()
    assert [post["uri"] for post in answer["posts"]] == [site.post_ids[shown]]
    counts = site.world.metrics(shown, NOON)
    names = {"likeCount": "like_count", "repostCount": "repost_count", "bookmarkCount": "bookmark_count"}
    assert {name: answer["posts"][0][name] for name in names} == {key: counts[name] for key, name in names.items()}


def test_an_answer_to_a_post_that_has_gone_shows_its_tombstone(sites: Sites, bluesky: Ask) -> None:
    entries = [
        entry
        for actor in sites[0].world.cast.account_ids
        for page in read_feed(bluesky, actor)
        for entry in page.get("feed", [])
    ]
    parents = [entry["reply"]["parent"] for entry in entries if "reply" in entry]
    gone = [parent for parent in parents if parent["$type"] == "app.bsky.feed.defs#notFoundPost"]
    assert gone
    assert all(parent["notFound"] for parent in gone)
    assert len(gone) < len(parents)


def test_every_answer_of_the_appview_fits_the_lexicons(sites: Sites, bluesky: Ask, shared_data: Path) -> None:
    lexicons = Lexicons(shared_data / "platforms" / "bluesky_lexicons")
    ids = sites[0].world.cast.account_ids
    pages = [page for actor in ids for page in read_feed(bluesky, actor) if "feed" in page]
    posts = [entry["post"] for page in pages for entry in page["feed"]]
    answers = {
        "app.bsky.actor.getProfiles": [bluesky("app.bsky.actor.getProfiles", *[("actors", did) for did in ids]).json()],
        "app.bsky.actor.getProfile": [bluesky("app.bsky.actor.getProfile", ("actor", ids[7])).json()],
        "app.bsky.feed.getAuthorFeed": pages,
        "app.bsky.feed.getPosts": [bluesky("app.bsky.feed.getPosts", ("uris", posts[0]["uri"])).json()],
    }
    faults = [
        fault for name, bodies in answers.items() for body in bodies for fault in lexicons.faults_of_answer(body, name)
    ]
    faults += [fault for post in posts for fault in lexicons.faults_of_record(post["record"], "app.bsky.feed.post")]
    assert (faults, len(posts) > 500) == ([], True)
    # What the check itself is worth: one wrong value of each kind is found.
    spoilt = {**posts[0], "likeCount": "9", "cid": "no", "views": 7, "author": {"handle": "x"}}
    assert len(lexicons.faults_of_answer({"posts": [spoilt]}, "app.bsky.feed.getPosts")) == 5


def test_marks_stand_on_what_they_mark_in_bytes(sites: Sites, bluesky: Ask) -> None:
    page = read_feed(bluesky, sites[0].world.own_account_id)[0]
    marked = 0
    for record in (entry["post"]["record"] for entry in page["feed"]):
        raw = record["text"].encode()
        for facet in record["facets"]:
            part = raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            feature = facet["features"][0]
            assert part == f"#{feature['tag']}" if "tag" in feature else part.rstrip("…") in feature["uri"]
            marked += 1
    assert marked > 100


def test_links_lead_through_all_statuses_of_an_account(sites: Sites, mastodon: Ask) -> None:
    site = sites[1]
    account_id = site.world.own_account_id
    found = [status["id"] for status in read_statuses(mastodon, account_id, 17)]
    rows = [int(row) for row in site.feed_rows(0, NOON)]
    shown = [row for row in rows if site.world.posts.kind[row] != REPOST or site.source_row(row, NOON) is not None]
    assert found == [local_id(site.post_ids[row]) for row in shown]
    assert len(found) > 200
    host, _, number = account_id.partition("/")
    whole = mastodon(host, f"/api/v1/accounts/{number}/statuses")
    assert (len(whole.json()), mastodon(host, f"/api/v1/accounts/{number}/statuses", ("limit", "41")).status_code) == (
        20,
        400,
    )
    newer = mastodon(host, f"/api/v1/accounts/{number}/statuses", ("since_id", found[3])).json()
    assert [status["id"] for status in newer] == found[:3]


def test_an_edit_keeps_its_id_and_says_when(sites: Sites, served: DemoServer, mastodon: Ask) -> None:
    site, posts = sites[1], sites[1].world.posts
    edits = [
        row
        for row in range(posts.size)
        if posts.root[row] != row and posts.superseded_ms[row] == NEVER_MS and posts.removed_ms[row] == NEVER_MS
    ]
    row = edits[-1]
    host, _, number = site.post_ids[row].partition("/")
    status = mastodon(host, f"/api/v1/statuses/{number}").json()
    assert status["edited_at"] > status["created_at"]
    assert "(edited)" in status["content"]
    assert isinstance(served.clock, DemoClock)
    served.clock.set(to_instant(int(posts.created_ms[posts.root[row]])) + timedelta(seconds=1))
    before = mastodon(host, f"/api/v1/statuses/{number}").json()
    assert (before["id"], before["edited_at"], "(edited)" in before["content"]) == (status["id"], None, False)


def test_statuses_that_have_gone_are_left_out_and_singly_not_found(sites: Sites, mastodon: Ask) -> None:
    site, posts = sites[1], sites[1].world.posts
    part = posts.rows_of(0)
    removed = next(row for row in range(part.start, part.stop) if posts.removed_ms[row] < NEVER_MS)
    host, shown = site.post_ids[removed].partition("/")[0], site.post_ids[int(site.feed_rows(0, NOON)[0])]
    ids = [local_id(site.post_ids[removed]), local_id(shown)]
    assert [each["id"] for each in mastodon(host, "/api/v1/statuses", *[("id[]", each) for each in ids]).json()] == ids[
        1:
    ]
    gone = mastodon(host, f"/api/v1/statuses/{ids[0]}")
    assert (gone.status_code, gone.json()) == (404, {"error": "Record not found"})


def test_a_moved_account_points_to_its_new_home_and_is_silent(sites: Sites, served: DemoServer, mastodon: Ask) -> None:
    account, account_id = with_role(sites[1], "moved")
    host, _, number = account_id.partition("/")
    shown = mastodon(host, f"/api/v1/accounts/{number}").json()
    assert shown["moved"]["acct"] == sites[1].world.handle(account + 1, NOON)
    assert sites[1].companies[account] == sites[1].companies[account + 1]
    moved_at = next(spell.start_ms for spell in sites[1].world.cast.spells if spell.account == account)
    newest = read_statuses(mastodon, account_id)[0]["created_at"]
    assert datetime.fromisoformat(newest) < to_instant(moved_at)
    assert isinstance(served.clock, DemoClock)
    served.clock.set(to_instant(moved_at) - timedelta(days=1))
    assert "moved" not in mastodon(host, f"/api/v1/accounts/{number}").json()


def test_servers_speak_for_their_own_accounts_and_one_for_its_users_alone(sites: Sites, mastodon: Ask) -> None:
    name, _, host = sites[1].world.handle(0, NOON).partition("@")
    assert mastodon(host, "/api/v1/accounts/lookup", ("acct", name)).json()["acct"] == name
    elsewhere = sites[1].world.handle(3, NOON).partition("@")
    assert mastodon(host, "/api/v1/accounts/lookup", ("acct", elsewhere[0] + "_none")).status_code == 404
    found = mastodon(host, "/.well-known/webfinger", ("resource", f"acct:{name}@{host}")).json()
    assert found["links"][0]["href"] == f"https://{host}/users/{name}"
    assert mastodon("nowhere.example", "/api/v1/accounts/lookup", ("acct", name)).status_code == 404
    closed = mastodon(CLOSED_HOST, "/api/v1/accounts/lookup", ("acct", "demo_news"))
    assert (closed.status_code, closed.json()["error"]) == (401, "This API requires an authenticated user")
    assert "Disallow: /media_proxy/" in mastodon(host, "/robots.txt").text


def test_each_server_counts_requests_and_pages_beyond_the_first(world: World, sites: Sites) -> None:
    host, _, number = sites[1].world.own_account_id.partition("/")
    clock = DemoClock(NOON)
    with serve(world, clock=clock, elsewhere=sites) as running, requests.Session() as session:
        path = f"{running.base_url}/{host}/api/v1/accounts/{number}"
        for _ in range(299):
            session.get(path, timeout=10)
        last = session.get(path, timeout=10)
        assert (last.status_code, last.headers["X-RateLimit-Remaining"]) == (200, "0")
        assert last.headers["X-RateLimit-Reset"] == "2026-10-23T12:05:00.000000Z"
        assert session.get(path, timeout=10).status_code == 429
        other = sites[1].world.cast.account_ids[3].partition("/")
        assert session.get(f"{running.base_url}/{other[0]}/api/v1/accounts/{other[2]}", timeout=10).status_code == 200
        clock.advance(timedelta(minutes=5))
        paged = session.get(f"{path}/statuses", params={"max_id": "1"}, timeout=10)
        assert (paged.headers["X-RateLimit-Remaining"], paged.headers["X-RateLimit-Reset"][14:16]) == ("299", "10")


def entity_keys(recorded: Path) -> dict[str, Any]:
    """The last JSON object with an account's figures that a recorded exchange brought."""
    text = yaml.safe_load(recorded.read_text(encoding="utf-8"))
    bodies = [each["response"]["body"]["string"] for each in text["interactions"]]
    found = [json.loads(body) for body in bodies if b"_count" in (body if isinstance(body, bytes) else body.encode())]
    entity: dict[str, Any] = found[-1]
    return entity


@pytest.mark.parametrize("kind", ["account", "status"])
def test_entities_have_the_fields_of_recorded_ones(sites: Sites, mastodon: Ask, shared_data: Path, kind: str) -> None:
    recorded = entity_keys(shared_data / "platforms" / "mastodon_py_cassettes" / f"test_entity_{kind}.yaml")
    host, _, number = sites[1].world.own_account_id.partition("/")
    answer = mastodon(host, f"/api/v1/accounts/{number}" + ("/statuses" if kind == "status" else "")).json()
    ours = answer[0] if kind == "status" else answer
    known = {
        "indexable",
        "hide_collections",
        "noindex",
        "roles",
        "quote",
        "quotes_count",
        "uri",
        "edited_at",
        "application",
    }
    assert set(ours) - set(recorded) <= known
    differing = [
        name
        for name in set(ours) & set(recorded)
        if None not in (ours[name], recorded[name]) and type(ours[name]) is not type(recorded[name])
    ]
    assert differing == []


@pytest.mark.parametrize("route", ["author_feed", "statuses_of"])
def test_faults_of_pages_strike_every_platform(
    sites: Sites, served: DemoServer, bluesky: Ask, mastodon: Ask, route: str
) -> None:
    def pages(kind: str | None = None, **options: Any) -> tuple[list[str], bool]:
        """Ids of a page, and whether it leads on; the fault strikes that page alone."""
        if kind:
            served.faults.add(Fault(route, kind, **options))
        if route == "author_feed":
            body = bluesky(
                "app.bsky.feed.getAuthorFeed", ("actor", sites[0].world.own_account_id), ("limit", 10)
            ).json()
            ids = [entry.get("reason", entry["post"])["uri"] for entry in body["feed"]]
            return ids, "cursor" in body
        host, _, number = sites[1].world.own_account_id.partition("/")
        answer = mastodon(host, f"/api/v1/accounts/{number}/statuses", ("limit", 10))
        return [status["id"] for status in answer.json()], "next" in answer.links

    honest = pages()
    assert (len(honest[0]), honest[1]) == (10, True)
    assert pages("empty_page") == ([], True)
    assert pages("short_page", count=3) == (honest[0][:3], True)
    shuffled, _ = pages("out_of_order")
    assert (sorted(shuffled), shuffled == honest[0]) == (sorted(honest[0]), False)
    assert pages("duplicate_page") == honest
    served.faults.add(Fault(route, "html"))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        pages()
    with pytest.raises(requests.exceptions.ConnectionError):
        pages("disconnect")
    assert pages() == honest


def test_no_token_is_asked_for_and_nothing_is_billed_but_on_x(
    world: World, sites: Sites, served: DemoServer, bluesky: Ask
) -> None:
    read_feed(bluesky, sites[0].world.own_account_id)
    assert served.admin.usd() == 0
    assert {entry.caller for entry in served.admin.requests()} == {"anyone"}
    refused = requests.get(f"{served.base_url}/2/users/{world.own_account_id}/tweets", timeout=10)
    assert refused.status_code == 401


def test_the_registry_ties_a_company_s_accounts_together(world: World, sites: Sites, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    write_accounts(path, world, NOON, sites)
    reading = read_registry(open_input(path, 10), Request(NOON))
    assert reading.tables["issues"] == []
    rows = reading.tables["account_registry"]
    on = {platform: [row for row in rows if row["platform"] == platform] for platform in ("x", "bluesky", "mastodon")}
    assert (len(on["bluesky"]), len(on["mastodon"])) == (8, 7)
    companies = {name: {json.loads(row["payload"])["company"] for row in listed} for name, listed in on.items()}
    assert companies["bluesky"] | companies["mastodon"] <= companies["x"]
    assert len(companies["bluesky"] & companies["mastodon"]) == 3
    assert [row["handle"] for row in rows if row["is_own"]] == [
        site.handle(0, NOON) for site in (world, *(s.world for s in sites))
    ]
    assert {f"demo_news@{CLOSED_HOST}", f"{sites[0].world.handle(0, NOON)}@{BRIDGE}"} <= {
        row["handle"] for row in on["mastodon"]
    }


def test_x_is_what_it_is_without_the_other_platforms(world: World, sites: Sites, tmp_path: Path) -> None:
    write_accounts(tmp_path / "alone.csv", world, NOON)
    write_accounts(tmp_path / "all.csv", world, NOON, sites)
    alone, every = ((tmp_path / name).read_text().splitlines() for name in ("alone.csv", "all.csv"))
    assert every[: len(alone)] == alone
    path, token = f"/2/users/{world.own_account_id}/tweets", {"Authorization": "Bearer demo-token-of-loopback"}
    answers = []
    for others in ((), sites):
        with serve(world, clock=DemoClock(NOON), elsewhere=others) as running:
            answers.append(requests.get(running.base_url + path, headers=token, timeout=10).content)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("place", [0, 1])
def test_the_past_that_is_landed_is_what_the_platform_would_have_shown(
    sites: Sites, tmp_path: Path, place: int
) -> None:
    site = sites[place]
    first, last = (NOON - timedelta(days=40)).date(), (NOON - timedelta(days=8)).date()
    rows = landed_before(site, first, last)
    lake = Lake(tmp_path)
    lake.commit(rows, source=site.platform, run_id="past", now=NOON, state=bookmarks(rows, NOON))
    assert lake.read("accounts").num_rows == len(rows["accounts"])
    for row in rows["accounts"]:
        account = site.world.find_account(row["account_id"])
        assert account is not None
        assert not site.is_hidden(account)
        if row["status"] == "active":
            state = site.world.account_state(account, row["captured_at"])
            counted = site.own_count(account, row["captured_at"]) if place == 0 else state.post_count
            assert (row["follower_count"], row["post_count"]) == (state.follower_count, counted)
    for row in rows["post_metrics"]:
        number = site.find_row(row["post_id"], row["captured_at"])
        assert number is not None
        assert row["like_count"] == site.world.metrics(number, row["captured_at"])["like_count"]
        assert not {"impression_count", "link_click_count"} & row.keys()
        assert KINDS[site.world.posts.kind[number]] != "repost"
    assert {row["status"] for row in rows["accounts"]} == (
        {"active", "suspended", "deactivated"} if place == 0 else {"active"}
    )
