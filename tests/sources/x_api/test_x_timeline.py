"""Timelines against a loopback server with the real tweepy: nothing lost, nothing asked for without end."""

from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.sources.x_api import timeline
from tests.sources.api.scripted import Reply

from .stand import NOW, Stand, make_post, tiny_world

TIMELINE = "/2/users/1001/tweets"
CUT = [Reply(wire="close")] * 5


def timeline_queries(stand: Stand) -> list[dict[str, str]]:
    return [query for path, query, _ in stand.tiny.requests if path == TIMELINE]


def test_the_mark_does_not_move_before_the_window_is_complete(tmp_path: Path) -> None:
    with tiny_world(300) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script[TIMELINE] = [None, None, *CUT]
        stand.run()
        state = stand.lake.state("x_api")["timeline:1001"]
        assert "high" not in state
        assert state["window"]["fetched"] == 200
        stand.run()
        resumed = timeline_queries(stand)[-2]
        assert resumed["until_id"] == state["window"]["low"]
        assert "pagination_token" not in resumed
        assert stand.post_ids() == stand.served_posts()


def test_exclude_and_expansions_are_never_sent(tmp_path: Path) -> None:
    with tiny_world(150) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        asked = {name for _, query, _ in tiny.requests for name in query}
        assert not asked & {"exclude", "expansions"}
        assert asked == {"usernames", "user.fields", "max_results", "since_id", "tweet.fields", "pagination_token"}


def test_a_post_that_shows_up_late_is_found_by_the_overlap(tmp_path: Path) -> None:
    with tiny_world(50) as tiny:
        stand = Stand(tiny, tmp_path)
        late = tiny.posts["1001"].pop(10)
        stand.run()
        assert late["id"] not in stand.post_ids()
        tiny.posts["1001"].append(late)
        stand.run(now=NOW + timedelta(hours=24))
        assert late["id"] in stand.post_ids()


def test_a_second_run_on_the_same_day_reads_only_what_is_new(tmp_path: Path) -> None:
    with tiny_world(50) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        tiny.served.clear()
        tiny.posts["1001"].append(fresh := make_post(900, at=NOW))
        assert stand.run().usd == pytest.approx(0.005)
        assert tiny.served == [fresh["id"]]


def test_a_quiet_account_costs_nothing_and_leaves_no_state(tmp_path: Path) -> None:
    with tiny_world(3) as tiny:
        stand = Stand(tiny, tmp_path)
        for day in (0, 1, 2, 3, 4):
            stand.run(now=NOW + timedelta(days=day), refresh_ages_days=())
        tiny.served.clear()
        stand.run(now=NOW + timedelta(days=5), refresh_ages_days=())
        assert tiny.served == ["1001"]
        last = list(stand.lake.commits())[-2]
        assert not any(key.startswith("timeline:") for key in last.state)


def test_the_cap_leaves_an_explicit_gap(tmp_path: Path) -> None:
    with tiny_world(10) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        tiny.posts["1001"] = [make_post(n, at=NOW + timedelta(seconds=10 * n)) for n in range(3_900)]
        tiny.accounts["1001"]["public_metrics"]["tweet_count"] = 3_910
        stand.run(now=NOW + timedelta(days=3))
        gap = next(row for row in stand.rows("issues") if row["problem"] == "timeline_gap")
        assert "3200 were read" in gap["detail"]
        assert "tweetbench ingest" in gap["next_step"]


def test_g20_a_timeline_without_end_is_ended_and_named_and_the_next_account_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MOST_POSTS", 350)
    with tiny_world(900, account_count=2) as tiny:
        tiny.posts["1002"] = [make_post(1, author="1002")]
        stand = Stand(tiny, tmp_path)
        stand.run()
        assert len(stand.post_ids()) == 401
        (issue,) = [row for row in stand.rows("issues") if row["problem"] == "timeline_without_end"]
        assert "400 new ones came with no end in sight" in issue["detail"]
        before = len(tiny.requests)
        assert stand.run().partial_reason is None
        assert len(tiny.requests) - before <= 4, "what was paid for is not asked for again"


def test_a_post_of_the_future_is_stored_and_moves_no_mark(tmp_path: Path) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        newest = max(stand.served_posts(), key=int)
        tiny.posts["1001"].append(make_post(7, at=NOW + timedelta(days=400)))
        stand.run()
        assert len(stand.post_ids()) == 6
        assert stand.lake.state("x_api")["timeline:1001"]["high"] == newest
        stand.run()
        assert "bookmark_unusable" not in stand.problems()


def test_nothing_is_bought_again_by_a_run_whose_clock_is_a_little_behind_that_of_the_run_before(tmp_path: Path) -> None:
    """The machine's clock was set back, or the run before was another machine's."""
    with tiny_world(post_count=150) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run(now=NOW + timedelta(seconds=90))
        assert len(tiny.served) == 151
        stand.run(now=NOW)
    assert len(tiny.served) == 151
