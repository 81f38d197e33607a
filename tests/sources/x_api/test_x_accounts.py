"""Accounts and refreshes: handles of every shape, batches of 100, renames, statuses, fixed ages, tombstones."""

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from pipeline.sources.x_api.accounts import read_targets
from pipeline.sources.x_api.config import UserToken
from tests.sources.api.scripted import Reply

from .stand import NOW, Stand, make_account, make_post, problem, tiny_world


def test_handles_of_every_shape_are_used_or_named() -> None:
    shapes = ["@firm1", "https://x.com/firm2", "FIRM1", "has space", "fïrm", "sixteen_letters_x", "1234567890123456789"]
    rows = [{"handle": shape} for shape in shapes] + [{"handle": "skipped", "platform": "bluesky"}, {"handle": ""}]
    targets, issues = read_targets(rows, at=NOW)
    assert [target.handle for target in targets] == ["firm1", "firm2"]
    assert [issue["problem"] for issue in issues] == ["bad_handle"] * 5
    assert "account_id" in issues[3]["next_step"]
    by_id, bad = read_targets([{"account_id": "77"}, {"account_id": "x7"}, {"account_id": "9" * 20}], at=NOW)
    assert ([target.account_id for target in by_id], len(bad)) == (["77"], 2)


def test_an_empty_registry_asks_for_nothing(tmp_path: Path) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        assert stand.run([{"handle": "only_elsewhere", "platform": "mastodon"}]).request_count == 0
        assert tiny.requests == []


def test_accounts_go_in_batches_of_a_hundred_and_are_resolved_once(tmp_path: Path) -> None:
    with tiny_world(0, account_count=230) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        assert tiny.paths().count("/2/users/by") == 3
        tiny.requests.clear()
        stand.run(now=NOW + timedelta(days=1))
        assert (tiny.paths().count("/2/users/by"), tiny.paths().count("/2/users")) == (0, 3)
        assert len(stand.rows("accounts")) == 460


def test_one_bad_item_does_not_kill_its_batch(tmp_path: Path) -> None:
    with tiny_world(0, account_count=100) as tiny:
        stand = Stand(tiny, tmp_path)
        real = tiny.answer

        def refusing(path: str, query: dict[str, str]) -> tuple[int, object, dict[str, str]]:
            if "firm42" in query.get("usernames", "").split(","):
                return 400, {"errors": [{"message": "[firm42] does not match"}], "title": "Invalid Request"}, {}
            return real(path, query)

        tiny.answer = refusing  # type: ignore[method-assign]
        stand.run()
        assert len(stand.rows("accounts")) == 99
        assert [(row["subject"], row["problem"]) for row in stand.rows("issues")] == [
            ("handle firm42", "api_bad_request")
        ]
        assert tiny.paths().count("/2/users/by") <= 2 * 7 + 1


def test_a_rename_is_kept_as_history_and_the_account_followed_by_id(tmp_path: Path) -> None:
    with tiny_world(0, account_count=2) as tiny:
        stand = Stand(tiny, tmp_path)
        registry = [{"handle": "firm1"}, {"handle": "firm2"}]
        stand.run(registry)
        tiny.accounts["1001"]["username"] = "renamed"
        tiny.accounts["1003"] = make_account(3, username="firm1")
        stand.run(registry, now=NOW + timedelta(days=1))
        change = stand.rows("handle_changes")
        assert [(row["account_id"], row["previous_handle"], row["handle"]) for row in change] == [
            ("1001", "firm1", "renamed")
        ]
        assert {row["account_id"] for row in stand.rows("accounts")} == {"1001", "1002"}
        stand.run([*registry, {"account_id": "1003"}], now=NOW + timedelta(days=2))
        assert len(stand.rows("handle_changes")) == 1


def test_a_handle_taken_over_by_another_watched_account_is_named(tmp_path: Path) -> None:
    with tiny_world(0, account_count=2) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        tiny.accounts["1002"]["username"] = "firm1"
        tiny.script["/2/users"] = [Reply(change=lambda page: {"data": [page["data"][1]]})]
        stand.run([{"handle": "firm1"}, {"handle": "firm2"}], now=NOW + timedelta(days=1))
        assert "handle_reused" in stand.problems()


def test_missing_and_suspended_accounts_have_a_status_and_the_rest_continues(tmp_path: Path) -> None:
    with tiny_world(5, account_count=3) as tiny:
        stand = Stand(tiny, tmp_path)
        registry = [{"handle": f"firm{number}"} for number in (1, 2, 3)] + [{"handle": "nobody"}]
        stand.run(registry)
        suspended = problem("Forbidden", "User has been suspended: [1002].", parameter="ids", value="1002")
        del tiny.accounts["1002"]
        tiny.script["/2/users"] = [Reply(change=lambda page: {**page, "errors": [suspended]})]
        tiny.requests.clear()
        stand.run(registry, now=NOW + timedelta(days=1))
        by_id = {(row["account_id"], row["handle"], row["status"]) for row in stand.rows("accounts")}
        assert (None, "nobody", "not_found") in by_id
        assert ("1002", None, "suspended") in by_id
        assert "/2/users/1002/tweets" not in tiny.paths()


def test_posts_are_refreshed_at_each_age_once_in_full_batches(tmp_path: Path) -> None:
    with tiny_world(250) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        counts, sizes = {}, []
        for day in (1, 2, 3, 4, 5, 6, 7, 8, 15, 30, 31, 36, 45):
            tiny.requests.clear()
            stand.run(now=NOW + timedelta(days=day))
            counts[day] = tiny.paths().count("/2/tweets")
            sizes += [len(query["ids"].split(",")) for path, query, _ in tiny.requests if path == "/2/tweets"]
        # Up to age 2 the overlap of the timeline reads the posts anyway.
        assert {day: count for day, count in counts.items() if count} == {3: 3, 7: 3, 30: 3}
        assert sizes == [100, 100, 50] * 3
        ages = [row["captured_at"] - NOW for row in stand.rows("post_metrics")]
        assert max(ages) < timedelta(days=37)


def test_a_removed_post_gets_a_tombstone_without_text_and_is_not_asked_for_again(tmp_path: Path) -> None:
    with tiny_world(3) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        gone = tiny.posts["1001"].pop(1)
        stand.run(now=NOW + timedelta(days=8))
        row = next(row for row in stand.rows("posts") if row["availability"] == "removed")
        assert (row["post_id"], row["account_id"], row["text"]) == (gone["id"], "1001", None)
        tiny.requests.clear()
        stand.run(now=NOW + timedelta(days=32))
        asked = [query["ids"] for path, query, _ in tiny.requests if path == "/2/tweets"]
        assert asked
        assert gone["id"] not in asked[0]


def test_reposts_and_superseded_versions_are_never_refreshed(tmp_path: Path) -> None:
    with tiny_world(3) as tiny:
        stand = Stand(tiny, tmp_path)
        first, repost, kept = tiny.posts["1001"]
        repost["referenced_tweets"] = [{"type": "retweeted", "id": "5"}]
        stand.run()
        edited = make_post(9, at=NOW, edit_history_tweet_ids=[first["id"], "placeholder"])
        edited["edit_history_tweet_ids"][1] = edited["id"]
        tiny.posts["1001"] = [repost, kept, edited]
        stand.run(now=NOW + timedelta(hours=1))
        stand.run(now=NOW + timedelta(days=4))
        tiny.requests.clear()
        stand.run(now=NOW + timedelta(days=9))
        asked = [query["ids"] for path, query, _ in tiny.requests if path == "/2/tweets"]
        assert [sorted(ids.split(",")) for ids in asked] == [sorted([kept["id"], edited["id"]])]


def test_own_private_metrics_need_the_user_token_and_a_refusal_ends_nothing(tmp_path: Path) -> None:
    own = {"impression_count": 9, "url_link_clicks": 4, "user_profile_clicks": 2, "engagements": 6}
    token = UserToken(SecretStr("user-canary-token-0123456789"))
    with tiny_world(4) as tiny:
        for post in tiny.posts["1001"]:
            post["non_public_metrics"] = own
        stand = Stand(tiny, tmp_path)
        registry = [{"handle": "firm1", "is_own": True}]
        stand.run(registry, user_token=token)
        clicks = [row["link_click_count"] for row in stand.rows("post_metrics") if row["metric_scope"] == "non_public"]
        assert clicks.count(4) >= 4
        used = {headers["Authorization"] for path, _, headers in tiny.requests if path == "/2/users/me"}
        assert used == {"Bearer user-canary-token-0123456789"}
        tiny.script["/2/users/me"] = [Reply(401, {"title": "Unauthorized"})]
        assert stand.run(registry, user_token=token, now=NOW + timedelta(days=1)).partial_reason is None
        assert "user_token_refused" in stand.problems()
