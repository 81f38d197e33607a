"""The loopback platform: what it serves is the world's, in the words, bounds and errors of the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import requests

from pipeline.simulate.cast import OWN
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.server import DemoServer
from pipeline.simulate.world import World

Ask = Callable[..., requests.Response]


def read_timeline(ask: Ask, account_id: str, **params: Any) -> list[dict[str, Any]]:
    """Bodies of all pages."""
    pages: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        page = ask(f"/2/users/{account_id}/tweets", {"max_results": 100, **params, **token}).json()
        pages.append(page)
        if "next_token" not in page.get("meta", {}):
            return pages
        token = {"pagination_token": page["meta"]["next_token"]}


def ids_of(pages: list[dict[str, Any]]) -> list[str]:
    return [post["id"] for page in pages for post in page.get("data", [])]


def test_all_pages_together_are_the_world_s_posts_newest_first(ask: Ask, world: World, clock: DemoClock) -> None:
    pages = read_timeline(ask, world.own_account_id, max_results=37)
    assert ids_of(pages) == world.posts_at(OWN, clock())
    assert all(page["meta"]["result_count"] == len(page["data"]) for page in pages)
    assert pages[0]["meta"]["newest_id"] == pages[0]["data"][0]["id"]


def test_bounds_by_id_select_the_posts_between_them(ask: Ask, world: World, clock: DemoClock) -> None:
    shown = world.posts_at(OWN, clock())
    assert ids_of(read_timeline(ask, world.own_account_id, since_id=shown[20])) == shown[:20]
    assert ids_of(read_timeline(ask, world.own_account_id, until_id=shown[20], since_id=shown[25])) == shown[21:25]


def test_nothing_new_is_a_count_of_zero_without_data(ask: Ask, world: World, clock: DemoClock) -> None:
    newest = world.posts_at(OWN, clock())[0]
    body = ask(f"/2/users/{world.own_account_id}/tweets", {"since_id": newest}).json()
    assert body == {"meta": {"result_count": 0}}


def test_the_cap_ends_a_timeline_without_an_error(
    ask: Ask, world: World, clock: DemoClock, account_with: Callable[[str], int]
) -> None:
    chatty = account_with("chatty")
    account_id, shown = world.cast.account_ids[chatty], world.posts_at(chatty, clock())
    assert len(shown) > 3_200
    assert ids_of(read_timeline(ask, account_id)) == shown[:3_200]
    beyond = ask(f"/2/users/{account_id}/tweets", {"until_id": shown[3_199]}).json()
    assert beyond == {"meta": {"result_count": 0}}


def test_only_requested_fields_come_back(ask: Ask, world: World) -> None:
    bare = ask("/2/users", {"ids": world.own_account_id}).json()["data"][0]
    assert set(bare) == {"id", "name", "username"}
    path = f"/2/users/{world.own_account_id}/tweets"
    assert set(ask(path).json()["data"][0]) == {"id", "text", "edit_history_tweet_ids"}
    post = ask(path, {"tweet.fields": "created_at,public_metrics,author_id"}).json()["data"][0]
    assert set(post) == {"id", "text", "edit_history_tweet_ids", "created_at", "public_metrics", "author_id"}


def test_the_spelling_of_the_request_decides_the_spelling_of_the_answer(ask: Ask, world: World) -> None:
    path = f"/2/users/{world.own_account_id}/tweets"
    plain = ask(path, {"tweet.fields": "public_metrics,author_id"}).json()["data"][0]
    other = ask(path, {"post.fields": "public_metrics,author_id,referenced_posts"}).json()["data"][0]
    assert "retweet_count" in plain["public_metrics"]
    assert plain["author_id"] == world.own_account_id
    assert "repost_count" in other["public_metrics"]
    assert "edit_history_post_ids" in other
    assert not {"author_id", "referenced_posts", "edit_history_tweet_ids"} & set(other)
    account = ask("/2/users", {"ids": world.own_account_id, "user.fields": "public_metrics", "post.fields": "id"})
    assert "post_count" in account.json()["data"][0]["public_metrics"]


def test_partial_errors_are_worded_as_the_platform_words_them(
    ask: Ask, world: World, account_with: Callable[[str], int]
) -> None:
    suspended = world.cast.account_ids[account_with("suspended")]
    body = ask("/2/users", {"ids": f"{world.own_account_id},99,{suspended}"}).json()
    assert [user["id"] for user in body["data"]] == [world.own_account_id]
    missing, barred = body["errors"]
    assert missing["title"] == "Not Found Error"
    assert missing["detail"] == "Could not find user with ids: [99]."
    assert barred["title"] == "Forbidden"
    assert barred["detail"] == f"User has been suspended: [{suspended}]."
    assert barred["type"].endswith("/resource-not-found")
    assert ask("/2/users", {"ids": "99"}).json().keys() == {"errors"}


def test_a_protected_account_shows_its_profile_and_hides_its_posts(
    ask: Ask, world: World, clock: DemoClock, account_with: Callable[[str], int]
) -> None:
    account = account_with("protected")
    account_id = world.cast.account_ids[account]
    row = int(world.visible_rows(account, clock())[0])
    profile = ask("/2/users", {"ids": account_id, "user.fields": "protected,public_metrics"}).json()["data"][0]
    assert profile["protected"] is True
    assert profile["public_metrics"]["followers_count"] > 0
    error = ask(f"/2/users/{account_id}/tweets").json()["errors"][0]
    assert (error["title"], error["section"]) == ("Authorization Error", "data")
    post_id = str(world.posts.post_id[row])
    lookup = ask("/2/tweets", {"ids": post_id}).json()
    assert lookup["errors"][0]["detail"] == f"Sorry, you are not authorized to see the Tweet with ids: [{post_id}]."


def test_a_removed_post_is_missing_from_a_lookup_and_a_withheld_one_says_so(ask: Ask, world: World) -> None:
    removed = int(np.flatnonzero(world.posts.removed_ms < world.calendar.start_ms + 300 * 86_400_000)[0])
    ids = [str(world.posts.post_id[removed]), str(world.posts.post_id[world.withheld_row])]
    body = ask("/2/tweets", {"ids": ",".join(ids), "tweet.fields": "withheld"}).json()
    assert [post["withheld"]["country_codes"] for post in body["data"]] == [["DE"]]
    assert body["errors"][0]["detail"] == f"Could not find tweet with ids: [{ids[0]}]."


@pytest.mark.parametrize(
    ("path", "params", "message"),
    [
        ("/2/users/by", {"usernames": "fine_one,x-y"}, r"value [x-y] does not match ^[A-Za-z0-9_]{1,15}$"),
        ("/2/users", {"ids": ""}, r"value [] does not match ^[0-9]{1,19}$"),
        ("/2/users", {"ids": ",".join(map(str, range(101)))}, "[101] is not between 1 and 100"),
        ("/2/users/5/tweets", {"max_results": 4}, "value [4] is not between 5 and 100"),
        ("/2/users/5/tweets", {"max_results": 101}, "value [101] is not between 5 and 100"),
        ("/2/users/5/tweets", {"pagination_token": "zzz"}, "value [zzz] is not valid"),
        ("/2/tweets", {"ids": "1", "bogus": "1"}, "The query parameter [bogus] is not one of"),
    ],
)
def test_one_bad_parameter_refuses_the_whole_request(
    ask: Ask, world: World, path: str, params: dict[str, Any], message: str
) -> None:
    response = ask(path.replace("/5/", f"/{world.own_account_id}/"), params)
    assert response.status_code == 400
    body = response.json()
    assert body["title"] == "Invalid Request"
    assert message in body["errors"][0]["message"]
    assert list(body["errors"][0]["parameters"]) == [name for name in params if name != "ids" or "bogus" not in params]


def test_without_the_token_there_is_a_401_without_rate_headers_and_nothing_is_billed(server: DemoServer) -> None:
    response = requests.get(
        f"{server.base_url}/2/users", params={"ids": "1"}, headers={"Authorization": "Bearer wrong"}, timeout=5
    )
    assert response.status_code == 401
    assert response.json() == {"type": "about:blank", "title": "Unauthorized", "detail": "Unauthorized", "status": 401}
    assert not [name for name in response.headers if name.startswith("x-rate-limit")]
    assert not server.admin.requests()[0].is_authorised
    assert "wrong" not in repr(server.admin.as_json())
    assert server.admin.billing() == {}


def test_private_metrics_are_for_the_owner_s_posts_of_thirty_days_only(
    ask: Ask, world: World, clock: DemoClock
) -> None:
    path = f"/2/users/{world.own_account_id}/tweets"
    fields = {"tweet.fields": "non_public_metrics,organic_metrics", "max_results": 5}
    mine = ask(path, fields, user=True).json()["data"][0]
    assert set(mine["non_public_metrics"]) == {
        *("impression_count", "url_link_clicks", "user_profile_clicks", "engagements")
    }
    assert "url_link_clicks" in mine["organic_metrics"]
    stranger = ask(path, fields).json()
    assert "non_public_metrics" not in stranger["data"][0]
    assert stranger["errors"][0]["field"] == "non_public_metrics"
    assert stranger["errors"][0]["type"].endswith("/not-authorized-for-field")
    old = world.posts_at(OWN, clock() - timedelta(days=31))[0]
    beyond = ask(path, {**fields, "until_id": old}, user=True).json()
    assert beyond["meta"]["result_count"] == 0
    assert "next_token" in beyond["meta"]


def test_an_oauth1_header_with_the_owner_s_token_is_a_user_and_may_ask_who_it_is(server: DemoServer) -> None:
    header = 'OAuth oauth_consumer_key="k", oauth_token="demo-user-token-of-loopback", oauth_signature="s"'
    me = requests.get(f"{server.base_url}/2/users/me", headers={"Authorization": header}, timeout=5)
    assert me.json()["data"]["id"] == server.world.own_account_id
    app_headers = {"Authorization": "Bearer demo-token-of-loopback"}
    app = requests.get(f"{server.base_url}/2/users/me", headers=app_headers, timeout=5)
    assert (app.status_code, app.json()["title"]) == (403, "Unsupported Authentication")


def test_unknown_fields_are_dropped(world: World, ask: Ask) -> None:
    params = {"ids": world.own_account_id, "user.fields": "created_at,shoe_size"}
    assert set(ask("/2/users", params).json()["data"][0]) == {"id", "name", "username", "created_at"}
