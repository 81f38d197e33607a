"""Odd but possible answers and lives of accounts and posts, end to end or at the parser."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer.main

import tests.sources.x_api
from pipeline.cli.main import app
from pipeline.sources.x_api.normalise import PostContext, normalise_accounts, normalise_posts
from tests.sources.api.scripted import Reply

from .stand import NOW, Stand, make_account, make_post, problem, tiny_world

TIMELINE = "/2/users/1001/tweets"
CONTEXT = PostContext(NOW, "GET /2/tweets")


def test_every_test_that_the_lists_name_exists() -> None:
    named = set(re.findall(r"test_[a-z0-9_]{12,}", str(tests.sources.x_api.__doc__)))
    texts = [path.read_text() for path in Path(__file__).parents[1].glob("*api/test_*.py")]
    assert len(named) > 40
    assert {name for name in named if not any(f"def {name}(" in text for text in texts)} == set()


def duplicate_of_page_one(first: list[dict[str, Any]], page: dict[str, Any]) -> dict[str, Any]:
    """The page with page one's posts once more at its end."""
    return {**page, "data": [*page["data"], *first]}


def test_posts_that_come_on_two_pages_are_billed_and_kept_once_a_reading(tmp_path: Path) -> None:
    with tiny_world(250) as tiny:
        stand = Stand(tiny, tmp_path)
        newest = sorted(tiny.posts["1001"], key=lambda post: -int(post["id"]))[:100]
        tiny.script[TIMELINE] = [None, Reply(change=lambda page: duplicate_of_page_one(newest, page))]
        result = stand.run()
        assert stand.post_ids() == stand.served_posts()
        assert result.resource_count == 251
        assert result.usd == pytest.approx(0.010 + 250 * 0.005)
        assert len(stand.rows("posts")) <= 350


def test_a_removed_post_that_comes_back_is_available_and_refreshed_again(tmp_path: Path) -> None:
    with tiny_world(3) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        gone = tiny.posts["1001"].pop(1)
        stand.run(now=NOW + timedelta(hours=25))
        tiny.posts["1001"].append(gone)
        stand.run(now=NOW + timedelta(hours=49))
        states = [row["availability"] for row in stand.rows("posts") if row["post_id"] == gone["id"]]
        assert states == ["available", "removed", "available"]
        tiny.requests.clear()
        stand.run(now=NOW + timedelta(days=8))
        asked = [query["ids"].split(",") for path, query, _ in tiny.requests if path == "/2/tweets"]
        assert gone["id"] in asked[0]


def test_a_week_of_protection_is_a_status_and_a_gap_and_never_zeros(tmp_path: Path) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        tiny.accounts["1001"]["protected"] = True
        tiny.requests.clear()
        for day in range(1, 8):
            stand.run(now=NOW + timedelta(days=day), refresh_ages_days=())
        assert TIMELINE not in tiny.paths()
        tiny.accounts["1001"]["protected"] = False
        meanwhile = make_post(7, at=NOW + timedelta(days=4))
        tiny.posts["1001"].append(meanwhile)
        stand.run(now=NOW + timedelta(days=8), refresh_ages_days=())
        assert [row["status"] for row in stand.rows("accounts")] == ["active", *["protected"] * 7, "active"]
        assert {row["follower_count"] for row in stand.rows("accounts")} == {101}
        assert meanwhile["id"] in stand.post_ids()


def test_followers_that_a_purge_took_away_are_kept_as_reported(tmp_path: Path) -> None:
    with tiny_world(0) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        tiny.accounts["1001"]["public_metrics"]["followers_count"] = 40
        stand.run(now=NOW + timedelta(days=1))
        assert [row["follower_count"] for row in stand.rows("accounts")] == [101, 40]
        assert "unusable_metric" not in stand.problems()


def test_metrics_that_fall_are_kept_as_reported(tmp_path: Path) -> None:
    with tiny_world(1) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        tiny.posts["1001"][0]["public_metrics"]["like_count"] = 1
        stand.run(now=NOW + timedelta(hours=13))
        assert [row["like_count"] for row in stand.rows("post_metrics")] == [3, 1]
        assert "unusable_metric" not in stand.problems()


def test_an_answer_of_errors_only_is_kept_and_the_account_not_declared_dead(tmp_path: Path) -> None:
    hidden = problem("Authorization Error", "Sorry, you are not authorized", parameter="id", value="1001")
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script[TIMELINE] = [Reply(200, {"errors": [hidden]})]
        assert stand.run().partial_reason is None
        assert json.loads(stand.rows("issues")[0]["payload"])["title"] == "Authorization Error"
        assert [row["status"] for row in stand.rows("accounts")] == ["active"]
        stand.run(now=NOW + timedelta(hours=1))
        assert stand.post_ids() == stand.served_posts()


def test_a_partial_answer_lands_its_data_and_its_errors(tmp_path: Path) -> None:
    side = problem("Not Found Error", "Could not find tweet", parameter="referenced_tweets.id", value="8")
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script[TIMELINE] = [Reply(change=lambda page: {**page, "errors": [side]})]
        stand.run()
        assert stand.post_ids() == stand.served_posts()
        assert stand.problems() == ["api_side_object"]


@pytest.mark.parametrize("host", ["api.twitter.com", "api.x.com"])
def test_the_host_of_a_problem_type_does_not_matter(host: str) -> None:
    gone = problem("Not Found Error", "Could not find user with ids: [8].", parameter="ids", value="8")
    gone["type"] = f"https://{host}/2/problems/resource-not-found"
    rows = normalise_accounts({"errors": [gone]}, at=NOW, endpoint="e").tables["accounts"]
    assert [row["status"] for row in rows] == ["not_found"]


@pytest.mark.parametrize("body", [{}, {"data": None}, {"includes": {"tweets": [make_post(1)]}}, {"data": []}])
def test_an_answer_without_data_has_no_rows_and_no_issue(body: dict[str, Any]) -> None:
    page = normalise_posts(body, CONTEXT)
    assert page.tables == {"posts": [], "post_metrics": [], "issues": []}


def test_a_single_object_instead_of_a_list_is_one_row() -> None:
    assert len(normalise_posts({"data": make_post(1)}, CONTEXT).ids) == 1
    assert len(normalise_accounts({"data": make_account(1)}, at=NOW, endpoint="e").ids) == 1


@pytest.mark.parametrize(
    "stated", ["2026-11-21T12:01:00Z", "2026-11-21T12:01:00+00:00", "2026-11-21T13:01:00.000+01:00"]
)
def test_times_come_with_or_without_fraction_and_offset(stated: str) -> None:
    post = make_post(1, at=datetime(2026, 11, 21, 12, 1, tzinfo=UTC), created_at=stated)
    row = normalise_posts({"data": [post]}, CONTEXT).tables["posts"][0]
    assert row["created_at"].replace(microsecond=0) == datetime(2026, 11, 21, 12, 1, tzinfo=UTC)


def test_right_to_left_text_and_offsets_beyond_the_text_leave_text_and_links_alone() -> None:
    text = "\u202e\u0645\u0631\u062d\u0628\u0627 \U0001f468\u200d\U0001f469\u200d\U0001f467 https://t.co/a"
    link = {"start": 900, "end": 923, "url": "https://t.co/a", "expanded_url": "https://shop.example/x"}
    row = normalise_posts({"data": [make_post(1, text=text, entities={"urls": [link]})]}, CONTEXT).tables["posts"][0]
    assert (row["text"], row["link_urls"]) == (text, ["https://shop.example/x"])
    assert json.loads(row["payload"])["text"] == text


def test_no_command_takes_a_token_on_its_command_line() -> None:
    command = typer.main.get_command(app)
    names = [name for sub in command.commands.values() for option in sub.params for name in option.opts]  # type: ignore[attr-defined]
    assert "--only" in names
    assert not [name for name in names if any(word in name for word in ("token", "secret", "key", "bearer"))]
