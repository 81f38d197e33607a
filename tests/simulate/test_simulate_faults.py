"""Each scripted fault is seen by a client as what it is named after."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.faults import KINDS, Fault
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.world import World

Get = Callable[..., requests.Response]


@pytest.fixture
def get(world: World, server: DemoServer) -> Iterator[Get]:
    """`get(fault, params)`: queue a fault, then read a page of the own timeline."""
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer demo-token-of-loopback"

        def read(fault: Fault | None = None, timeout: float = 5, **params: Any) -> requests.Response:
            if fault:
                server.faults.add(fault)
            url = f"{server.base_url}/2/users/{world.own_account_id}/tweets"
            return session.get(url, params={"max_results": 10, **params}, timeout=timeout)

        yield read


def fault(kind: str, **options: Any) -> Fault:
    return Fault("timeline", kind, **options)


def ids(response: requests.Response) -> list[str]:
    return [post["id"] for post in response.json().get("data", [])]


def test_a_status_fault_gives_status_body_and_headers_and_strikes_once(get: Get, server: DemoServer) -> None:
    struck = get(fault("status", status=418, body='{"a":1}', headers={"x-demo": "1", "x-rate-limit-reset": None}))
    assert (struck.status_code, struck.json(), struck.headers["x-demo"]) == (418, {"a": 1}, "1")
    assert "x-rate-limit-reset" not in struck.headers
    assert server.admin.billing() == {}
    assert get().status_code == 200


@pytest.mark.parametrize(
    ("reset", "seconds_ahead", "text"),
    [("normal", 900, ""), ("absent", 0, None), ("past", -3600, ""), ("far", 31_536_000, ""), ("text", 0, "soon")],
)
def test_window_limits_come_with_every_kind_of_reset(
    get: Get, clock: DemoClock, reset: str, seconds_ahead: int, text: str | None
) -> None:
    struck = get(fault("window_limit", reset=reset))
    expected = str(int(clock().timestamp()) + seconds_ahead) if text == "" else text
    assert (struck.status_code, struck.headers["x-rate-limit-remaining"]) == (429, "0")
    assert struck.headers.get("x-rate-limit-reset") == expected


@pytest.mark.parametrize(
    ("kind", "status", "title", "remaining"),
    [
        ("second_limit", 429, "Too Many Requests", "299"),
        ("usage_cap", 429, "UsageCapExceeded", "39999"),
        ("credits_depleted", 402, "CreditsDepleted", "9999"),
        ("not_enrolled", 403, "Client Forbidden", "9999"),
        ("server_json", 503, "Service Unavailable", "9999"),
    ],
)
def test_refusals_have_their_status_title_and_remaining(
    get: Get, kind: str, status: int, title: str, remaining: str
) -> None:
    struck = get(fault(kind))
    assert (struck.status_code, struck.json()["title"]) == (status, title)
    assert struck.headers["x-rate-limit-remaining"] == remaining


def test_bodies_that_are_not_the_api_s(get: Get) -> None:
    missing, zero = get(fault("missing_endpoint")), get(fault("zero_bytes"))
    assert (missing.status_code, missing.content, zero.status_code, zero.content) == (404, b"", 200, b"")
    for kind, status in (("server_html", 502), ("html", 200)):
        page = get(fault(kind, status=502))
        assert (page.status_code, page.headers["Content-Type"]) == (status, "text/html")
        assert "Over capacity" in page.text
    assert (get(fault("server_list", status=500)).json()[0]["message"], get(fault("json_list")).status_code) == (
        "Over capacity",
        200,
    )


def test_connections_that_break(get: Get, server: DemoServer) -> None:
    with pytest.raises(requests.exceptions.ConnectionError):
        get(fault("disconnect"))
    assert server.admin.billing() == {}
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get(fault("close"))
    cut = get(fault("truncated"))
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.content)
    assert server.admin.billing()["2026-10-23"]["post"] == 10  # both were served, on the same day
    assert [entry.fault for entry in server.admin.requests()] == ["disconnect", "close", "truncated"]


def test_slow_answers(get: Get) -> None:
    with pytest.raises(requests.exceptions.ReadTimeout):
        get(fault("delay", seconds=5.0), timeout=0.2)
    assert get(fault("delay", seconds=0.3)).elapsed.total_seconds() >= 0.3
    for kind in ("drip", "header_drip"):
        assert len(ids(get(fault(kind, seconds=0.0), timeout=2))) == 10


def test_a_drip_passes_a_read_timeout_and_an_endless_body_never_ends(get: Get, server: DemoServer) -> None:
    headers = {"Authorization": "Bearer demo-token-of-loopback"}
    url = f"{server.base_url}/2/users/{server.world.own_account_id}/tweets"
    server.faults.add(fault("drip", seconds=0.05), fault("endless"))
    with requests.get(url, headers=headers, timeout=0.2, stream=True) as dripping:
        assert [next(dripping.iter_content(1)) for _ in range(3)] == [b"{", b'"', b"d"]
    with requests.get(url, headers=headers, timeout=2, stream=True) as endless:
        read = 0
        for chunk in endless.iter_content(65_536):
            read += len(chunk)
            if read > 2_000_000:
                break
    assert read > 2_000_000
    assert get().status_code == 200


def test_a_page_comes_twice_and_the_next_token_leads_on(get: Get) -> None:
    first = get()
    token = first.json()["meta"]["next_token"]
    again = get(fault("duplicate_page"), pagination_token=token)
    assert ids(again) == ids(first)
    third = get(pagination_token=again.json()["meta"]["next_token"])
    assert not set(ids(third)) & set(ids(first))


def test_a_repeating_token_leads_to_the_same_page_for_ever(get: Get) -> None:
    loop = fault("repeating_token", times=3)
    first = get(loop)
    token = first.json()["meta"]["next_token"]
    second = get(pagination_token=token)
    assert second.json()["meta"]["next_token"] == token
    assert ids(get(pagination_token=token)) == ids(second) == ids(first)


def test_an_empty_page_and_a_short_page_lose_nothing(get: Get, server: DemoServer) -> None:
    whole = ids(get(max_results=30))
    empty = get(fault("empty_page"))
    assert empty.json()["meta"]["result_count"] == 0
    short = get(fault("short_page", count=3), pagination_token=empty.json()["meta"]["next_token"])
    rest = get(pagination_token=short.json()["meta"]["next_token"])
    assert ids(short) + ids(rest) == whole[:13]
    assert [len(entry.served) for entry in server.admin.requests()] == [30, 0, 3, 10]


def test_late_posts_are_missing_behind_the_newest_and_there_the_next_time(get: Get, server: DemoServer) -> None:
    early = get(fault("late_posts", count=2))
    later = get()
    assert ids(early) == ids(later)[:1] + ids(later)[3:]
    assert early.json()["meta"]["result_count"] == 8
    assert server.admin.requests()[0].served == tuple(ids(early))


def test_order_dialect_and_fields_change_as_scripted(get: Get) -> None:
    plain = get()
    mixed = get(fault("out_of_order"))
    assert ids(mixed) != ids(plain)
    assert sorted(ids(mixed)) == sorted(ids(plain))
    other = get(fault("dialect"), **{"tweet.fields": "public_metrics"}).json()["data"][0]
    assert "repost_count" in other["public_metrics"]
    lacking = get(fault("missing_field", field_path="public_metrics.like_count"), **{"tweet.fields": "public_metrics"})
    assert all(
        "like_count" not in post["public_metrics"] and "reply_count" in post["public_metrics"]
        for post in lacking.json()["data"]
    )
    assert get(fault("extra_field")).json()["data"][0]["demo_unknown"] == {"value": 1}


def test_a_fault_can_wait_for_a_request_of_its_route(world: World, clock: DemoClock) -> None:
    script = [Fault("users", "status", at=1, times=2, status=500), Fault("posts", "zero_bytes")]
    with serve(world, clock=clock, faults=script) as server, requests.Session() as session:
        session.headers["Authorization"] = "Bearer demo-token-of-loopback"
        codes = [session.get(f"{server.base_url}/2/users?ids=1", timeout=5).status_code for _ in range(4)]
        assert session.get(f"{server.base_url}/2/tweets?ids=1", timeout=5).content == b""
    assert codes == [200, 500, 500, 200]


def test_an_unknown_kind_is_refused_and_every_kind_is_tested_here() -> None:
    with pytest.raises(ValueError, match="unknown fault 'typo'; known: close, "):
        Fault("users", "typo")
    source = Path(__file__).read_text()
    assert [kind for kind in sorted(KINDS) if f'"{kind}"' not in source] == []
