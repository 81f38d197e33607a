"""The servers of a run: their limits, their robots.txt, and that none of them stops another."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit
from pipeline.sources.api.quotas import Quotas
from pipeline.sources.mastodon.dialect import ALL_REQUESTS, FURTHER_PAGES, PAGING
from pipeline.sources.mastodon.probing import probe
from pipeline.sources.mastodon.run_plan import plan_run
from tests.sources.api.scripted import Reply, most_within

from .stand import ACME, HANDLE, HOME, LOCAL, NOW, Stand, acme_world, make_account, make_status, text_time
from .tiny_server import TinyServer

FEED, LOOKUP, BATCH = f"/api/v1/accounts/{LOCAL}/statuses", "/api/v1/accounts/lookup", "/api/v1/statuses"
NO_LOGIN = {"error": "This API requires an authenticated user"}
BAD, WORSE = "bad.example", "worse.example"
ALL_THREE: list[dict[str, Any]] = [
    {"platform": "mastodon", "handle": handle} for handle in (f"acme@{BAD}", f"acme@{WORSE}", HANDLE)
]


@contextmanager
def three_servers(folder: Path) -> Iterator[Stand]:
    """Three servers, each with an account and three statuses; the good one comes last."""
    with acme_world(folder) as stand:
        for host in (BAD, WORSE):
            statuses = [make_status(number) for number in range(3)]
            stand.tiny.servers[host] = TinyServer({LOCAL: make_account()}, {LOCAL: statuses})
        yield stand


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (Reply(wire="disconnect"), "api_transient"),
        (Reply(503, b"<html>down for maintenance</html>"), "api_transient"),
        (
            Reply(429, {"error": "Too many requests"}, {"X-RateLimit-Reset": "2026-11-22T23:00:00.000000Z"}),
            "api_window_limit",
        ),
        (Reply(200, b"User-agent: *\nDisallow: /"), "api_forbidden"),
        (Reply(401, NO_LOGIN), "api_unauthorised"),
    ],
)
def test_one_bad_server_never_stops_another(tmp_path: Path, broken: Reply, problem: str) -> None:
    with three_servers(tmp_path) as stand:
        for host in (BAD, WORSE):
            # WebFinger is answered, and nothing after it.
            stand.tiny.script[host] = [None, *[broken] * 60]
        result = stand.run(ALL_THREE)
        rows = {row["handle"]: row["status"] for row in stand.rows("accounts")}
    assert rows.pop(HANDLE) == "active"
    assert set(rows.values()) <= {"unknown"}
    assert stand.ids() == [f"{HOME}/{900_000 - number}" for number in range(3)]
    assert stand.problems() == [problem] * 2
    assert {one.exit_code for one in result.shortfalls} == {Exit.INCOMPLETE}
    assert result.partial_reason is None
    assert {row["subject"] for row in stand.rows("issues")} == {f"account acme@{BAD}", f"account acme@{WORSE}"}
    assert all(len(row["next_step"]) > 20 and len(row["detail"]) > 20 for row in stand.rows("issues"))


def test_a_forbidding_robots_txt_leaves_its_server_in_peace(tmp_path: Path) -> None:
    with acme_world(tmp_path, robots="User-agent: tweetbench\nDisallow: /api/") as stand:
        stand.run()
        assert stand.tiny.calls() == ["/.well-known/webfinger", "/robots.txt"]
        assert stand.rows("accounts") == []
        (row,) = stand.rows("issues")
    assert (row["problem"], "robots.txt asks tweetbench" in row["detail"]) == ("api_forbidden", True)


def test_a_server_that_fails_three_times_is_not_asked_any_more_in_this_run(tmp_path: Path) -> None:
    with three_servers(tmp_path) as stand:
        stand.tiny.script[BAD] = [Reply(404, b""), *[Reply(wire="disconnect")] * 99]
        registry: list[dict[str, Any]] = [{"platform": "mastodon", "account_id": f"{BAD}/{n}"} for n in range(20)]
        stand.run([*registry, *ALL_THREE])
        asked = sum(path.startswith(f"{BAD}/") for path in stand.tiny.paths())
    assert asked == 16, "robots.txt, and three accounts with five tries each"
    assert stand.problems() == ["api_transient"] * 21
    assert [row["handle"] for row in stand.rows("accounts")] == [f"acme@{WORSE}", HANDLE]


def test_a_limit_is_waited_for_by_its_iso_time_and_pages_have_one_of_their_own(tmp_path: Path) -> None:
    in_40_s, in_9_min = (text_time(NOW + timedelta(seconds=seconds)) for seconds in (40, 540))
    with acme_world(tmp_path, [make_status(n) for n in range(100)]) as stand:
        stand.tiny.script[LOOKUP] = [Reply(429, {"error": "Too many requests"}, {"X-RateLimit-Reset": in_40_s})]
        nothing_left = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in_9_min, "X-RateLimit-Limit": "300"}
        stand.tiny.script[FEED] = [None, Reply(headers=nothing_left)]
        result = stand.run()
    # The third page waits for the limit of pages; the server's clock stands still.
    assert [round(nap) for nap in stand.time.naps] == [44, 542]
    assert (len(set(stand.ids())), result.shortfalls) == (100, ())


def test_both_limits_are_kept_where_a_server_says_nothing_of_them() -> None:
    quotas = Quotas((ALL_REQUESTS, FURTHER_PAGES))
    for second in range(300):
        assert quotas.seconds_to_wait(PAGING, second * 0.1) == 0
        quotas.count(PAGING, second * 0.1)
    assert quotas.seconds_to_wait("lookup", 30.0) == 270.0
    assert quotas.seconds_to_wait(PAGING, 30.0) == 870.0
    assert quotas.seconds_to_wait("lookup", 300.0) == 0.0
    assert round(quotas.seconds_to_wait(PAGING, 300.0), 1) == 600.0


def test_four_hundred_further_pages_wait_a_quarter_of_an_hour_once(tmp_path: Path) -> None:
    with acme_world(tmp_path, [make_status(n) for n in range(330)], page_size=1) as stand:
        result = stand.run()
    # 300 requests in five minutes, and 300 further pages in fifteen.
    assert [round(nap) for nap in stand.time.naps] == [300, 600]
    assert (len(set(stand.ids())), result.shortfalls) == (330, ())


def test_a_used_up_time_ends_the_run_with_what_was_read(tmp_path: Path) -> None:
    with three_servers(tmp_path) as stand:
        result = stand.run(ALL_THREE, time_budget_seconds=-1.0)
    assert [one.exit_code for one in result.shortfalls] == [Exit.UNAVAILABLE]
    assert stand.problems() == ["time_budget_used"]


def test_days_with_too_little_time_are_at_the_cost_of_another_account_each(tmp_path: Path) -> None:
    with three_servers(tmp_path) as stand:
        stand.tiny.on_request = lambda _: stand.time.pass_by(10.0)
        for day in range(3):
            stand.run(ALL_THREE, now=NOW + timedelta(days=day), time_budget_seconds=35.0)
        handles = [row["handle"] for row in stand.rows("accounts")]
    assert handles == [row["handle"] for row in ALL_THREE]


def test_what_was_removed_is_told_by_a_probe_and_a_server_that_is_silent_tells_nothing(tmp_path: Path) -> None:
    with three_servers(tmp_path) as stand:
        stand.run(ALL_THREE)
        posts = stand.ids()
        stand.home.gone.add("900000")
        del stand.tiny.servers[WORSE].accounts[LOCAL]
        stand.tiny.servers[WORSE].statuses.clear()
        stand.tiny.script[BAD] = [None, *[Reply(503, b"<html>")] * 99]
        accounts = [f"{host}/{LOCAL}" for host in (BAD, WORSE, HOME)]
        found = probe(stand.config(), stand.lake, posts, accounts, stand.next_run(NOW + timedelta(days=1)))
    assert dict(found.gone_accounts) == {f"{WORSE}/{LOCAL}": "not_found"}
    assert set(found.gone_posts) == {f"{HOME}/900000", *(f"{WORSE}/{900_000 - n}" for n in range(3))}
    assert found.served_accounts == {ACME}
    assert found.served_posts == {f"{HOME}/899999", f"{HOME}/899998"}
    assert (found.asked_count, found.unasked_count, found.usd) == (8, 4, 0.0)


def test_the_plan_has_a_line_for_each_server_and_costs_nothing(tmp_path: Path) -> None:
    with three_servers(tmp_path) as stand:
        fresh = plan_run(stand.config(), stand.lake, ALL_THREE, now=NOW)
        # robots.txt, WebFinger, profile and three pages of 40 for 90 assumed posts.
        assert [(line.endpoint, line.request_count) for line in fresh.lines] == [(BAD, 6), (HOME, 6), (WORSE, 6)]
        stand.run(ALL_THREE)
        later = plan_run(stand.config(), stand.lake, ALL_THREE, now=NOW + timedelta(days=3))
        many = [{"platform": "mastodon", "handle": f"firm{n}@{HOME}"} for n in range(400)]
        large = plan_run(stand.config(), stand.lake, many, now=NOW)
    # The due posts lie in the overlap that the page brings anyway.
    assert [line.request_count for line in later.lines] == [3, 3, 3]
    assert (fresh.usd, later.usd, large.usd, large.fits) == (0, 0, 0, True)
    # 800 further pages at 300 in a quarter of an hour.
    assert (large.request_count, round(large.minutes)) == (2001, 40)


def test_the_server_s_own_log_never_shows_more_requests_than_its_limits_allow(tmp_path: Path) -> None:
    """In no five minutes more than 300 requests, and in no quarter of an hour more than 300 further pages."""
    with acme_world(tmp_path, [make_status(n) for n in range(420)], page_size=1) as stand:
        log: list[float] = []
        stand.tiny.on_request = lambda _number: log.append(stand.time.seconds)
        stand.run()
        pages = [at for at, (_, query, _) in zip(log, stand.tiny.requests, strict=True) if "max_id" in dict(query)]
        assert len(set(stand.ids())) == 420
    assert (len(log), len(pages)) == (423, 419)
    assert most_within(300.0, log) == 300
    assert most_within(900.0, pages) == 300
