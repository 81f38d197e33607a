"""Every way in which the X API refuses or fails, against a loopback server with the real tweepy; no real sleeping."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.api.exchange import Exchange
from pipeline.sources.api.outcomes import Outcome, classify
from tests.sources.api.scripted import Reply

from .stand import NOW, Stand, make_post, tiny_world

BY = "/2/users/by"
EPOCH = int(NOW.timestamp())
TYPES = "https://api.twitter.com/2/problems"
CAP = {
    "title": "UsageCapExceeded",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": f"{TYPES}/usage-capped",
}
CREDITS = {"title": "CreditsDepleted", "detail": "account [1] does not have any credits", "type": f"{TYPES}/credits"}
NOT_ENROLLED = {"title": "Client Forbidden", "detail": "no access", "reason": "client-not-enrolled", "client_id": "1"}
LIMITED = {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}


@pytest.mark.parametrize(
    ("status", "body", "remaining", "outcome"),
    [
        (429, LIMITED, "0", Outcome.WINDOW_LIMIT),
        (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, "0", Outcome.WINDOW_LIMIT),
        (429, LIMITED, None, Outcome.WINDOW_LIMIT),
        (429, LIMITED, "17", Outcome.SECOND_LIMIT),
        (429, CAP, "39999", Outcome.USAGE_CAP),
        (402, CREDITS, "5", Outcome.CREDITS_GONE),
        (403, {"title": "Forbidden", "detail": "spend cap reached"}, "5", Outcome.CREDITS_GONE),
        (403, NOT_ENROLLED, "5", Outcome.NOT_ENROLLED),
        (403, {"title": "Forbidden", "detail": "Forbidden"}, "5", Outcome.FORBIDDEN),
        (401, {"title": "Unauthorized", "status": 401}, None, Outcome.UNAUTHORISED),
        (404, b"", None, Outcome.MISSING),
        (400, {"errors": [], "title": "Invalid Request"}, "5", Outcome.BAD_REQUEST),
        (503, b"<html>over capacity</html>", None, Outcome.TRANSIENT),
        (200, b"<html></html>", "5", Outcome.MALFORMED),
        (200, b"[]", "5", Outcome.MALFORMED),
        (200, b'{"data": [', "5", Outcome.MALFORMED),
        (200, b"\xff\xfe", "5", Outcome.MALFORMED),
        (200, {"meta": {"result_count": 0}}, "5", Outcome.OK),
    ],
)
def test_every_answer_has_one_outcome(status: int, body: Any, remaining: str | None, outcome: Outcome) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert classify(Exchange("/2/users", status, data, remaining=remaining)) is outcome


@pytest.mark.parametrize(
    ("reset", "shortest", "longest"),
    [
        (str(EPOCH + 300), 300, 310),
        (None, 55, 70),
        (str(EPOCH - 9_999), 5, 15),
        (str(EPOCH + 86_400 * 365), 900, 970),
        ("soon", 55, 70),
        ("9" * 40, 55, 70),
    ],
)
def test_a_window_limit_waits_a_bounded_time_and_continues(
    tmp_path: Path, reset: str | None, shortest: float, longest: float
) -> None:
    headers = {"x-rate-limit-remaining": "0", **({"x-rate-limit-reset": reset} if reset else {})}
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script[BY] = [Reply(429, LIMITED, headers)]
        result = stand.run()
        assert (result.partial_reason, len(stand.post_ids())) == (None, 5)
        assert len(stand.time.naps) == 1
        assert shortest <= stand.time.naps[0] <= longest


@pytest.mark.parametrize("skew_days", [-1, 1])
def test_a_clock_that_is_a_day_off_waits_by_the_servers_clock(tmp_path: Path, skew_days: int) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.date = f"{'Mon, 23' if skew_days > 0 else 'Sat, 21'} Nov 2026 12:00:00 GMT"
        server_now = EPOCH + 86_400 * skew_days
        headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(server_now + 120)}
        tiny.script[BY] = [Reply(429, LIMITED, headers)]
        stand.run()
        assert 120 <= stand.time.naps[0] <= 130
        assert stand.problems() == ["clock_skew"]
        assert len(stand.post_ids()) == 5


def test_one_request_a_second_is_waited_out_in_seconds(tmp_path: Path) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script[BY] = [Reply(429, LIMITED, {"x-rate-limit-remaining": "120"})] * 2
        assert stand.run().partial_reason is None
        assert all(1 <= nap <= 11 for nap in stand.time.naps)


def test_an_empty_window_is_waited_for_before_the_request_is_refused(tmp_path: Path) -> None:
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 60)}
    with tiny_world(150) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script["/2/users/1001/tweets"] = [Reply(headers=headers)]
        stand.run()
        assert [60 <= nap <= 65 for nap in stand.time.naps] == [True]
        assert stand.post_ids() == stand.served_posts()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [(429, CAP, "usage cap"), (402, CREDITS, "credits"), (403, {"title": "x", "detail": "spend cap"}, "spend cap")],
)
def test_caps_and_credits_stop_the_run_without_a_retry(tmp_path: Path, status: int, body: Any, words: str) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script["/2/users/1001/tweets"] = [Reply(status, body, {"x-rate-limit-remaining": "39999"})] * 9
        result = stand.run()
        assert words in str(result.partial_reason).casefold()
        assert len(tiny.requests) == 2
        assert len(stand.rows("accounts")) == 1


@pytest.mark.parametrize(("status", "words"), [(401, "does not accept"), (403, "refuses")])
def test_a_refused_token_stops_at_once_with_one_message(tmp_path: Path, status: int, words: str) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script["/2/users/1001/tweets"] = [Reply(status, {"title": "Unauthorized", "detail": "no"})]
        with pytest.raises(TweetbenchError, match=words) as caught:
            stand.run()
        assert caught.value.exit_code is Exit.AUTHENTICATION
        assert "TWEETBENCH_X_BEARER_TOKEN" in str(caught.value)
        assert "/2/users/:id/tweets" in str(caught.value)
        assert len(tiny.requests) == 2
        assert len(stand.rows("accounts")) == 1


def test_a_token_that_may_read_nobodys_posts_is_refused_after_ten_accounts(tmp_path: Path) -> None:
    with tiny_world(5, account_count=12) as tiny:
        stand = Stand(tiny, tmp_path)
        for number in range(1_001, 1_013):
            tiny.script[f"/2/users/{number}/tweets"] = [Reply(403, {"title": "Forbidden", "detail": "no"})]
        with pytest.raises(TweetbenchError, match="refuses") as caught:
            stand.run()
        assert caught.value.exit_code is Exit.AUTHENTICATION
        assert len(tiny.requests) == 1 + 10


def test_g19_accounts_that_keep_their_posts_from_us_stop_no_other_whatever_their_place(tmp_path: Path) -> None:
    with tiny_world(account_count=8) as tiny:
        tiny.posts = {str(number): [make_post(number, author=str(number))] for number in range(1_001, 1_009)}
        stand = Stand(tiny, tmp_path)
        for number in (1_001, 1_002, 1_003, 1_004, 1_007):
            tiny.script[f"/2/users/{number}/tweets"] = [Reply(403, {"title": "Forbidden", "detail": "no"})] * 2
        for _ in range(2):  # the same accounts come first again the next day
            stand.run()
            assert {row["account_id"] for row in stand.rows("posts")} == {"1005", "1006", "1008"}


@pytest.mark.parametrize("wire", ["drip", "header_drip"])
def test_a_slow_drip_is_cut_off_by_the_total_deadline(tmp_path: Path, wire: str) -> None:
    with tiny_world(5) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script["/2/users/1001/tweets"] = [Reply(wire=wire)]
        started = time.monotonic()
        stand.time.monotonic = time.monotonic  # type: ignore[method-assign] # deadlines need time that passes
        stand.run(answer_seconds=0.4, read_seconds=5.0)
        assert time.monotonic() - started < 4
        assert stand.post_ids() == stand.served_posts()


@pytest.mark.parametrize("packed", [True, False])
def test_an_answer_beyond_the_byte_cap_is_refused(tmp_path: Path, packed: bool) -> None:
    bomb = b"[" + b" " * 3_000_000
    with tiny_world(5, account_count=2) as tiny:
        stand = Stand(tiny, tmp_path)
        headers = {"Content-Encoding": "gzip"} if packed else {}
        tiny.script["/2/users/1002/tweets"] = [Reply(200, gzip.compress(bomb) if packed else bomb, headers)] * 2
        assert stand.run(max_answer_bytes=1_000_000).partial_reason is None
        assert "too_large" in stand.rows("issues")[0]["detail"]
        assert len(stand.post_ids()) == 5


def test_an_account_that_is_gone_suspended_or_protected_was_read_and_leaves_a_run_complete(tmp_path: Path) -> None:
    with tiny_world(0, account_count=2) as tiny:
        tiny.accounts["1002"]["protected"] = True
        registry = [{"handle": "firm1"}, {"handle": "firm2"}, {"handle": "nobody"}]
        assert Stand(tiny, tmp_path).run(registry).shortfalls == ()


def test_a_refused_token_is_an_issue_too(tmp_path: Path) -> None:
    with tiny_world(2) as tiny:
        stand = Stand(tiny, tmp_path)
        tiny.script[BY] = [Reply(401, {"title": "Unauthorized"})]
        with pytest.raises(TweetbenchError):
            stand.run()
        (row,) = stand.rows("issues")
        assert row["problem"] == "token_refused"
        assert "X does not accept TWEETBENCH_X_BEARER_TOKEN" in row["detail"]
