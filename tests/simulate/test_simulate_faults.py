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


def test_a_page_that_is_no_answer_costs_nothing_and_strikes_once(get: Get, server: DemoServer) -> None:
    page = get(fault("html"))
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html")
    assert "Over capacity" in page.text
    assert server.admin.billing() == {}
    assert get().headers["Content-Type"] != "text/html"


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


@pytest.mark.parametrize("kind", ["drip", "header_drip"])
def test_a_drip_passes_a_read_timeout(get: Get, kind: str) -> None:
    dripped = get(fault(kind, seconds=0.002), timeout=0.3)
    assert len(ids(dripped)) == 10
    assert dripped.elapsed.total_seconds() > (0.3 if kind == "header_drip" else 0.0)


def test_a_page_comes_twice_and_the_next_token_leads_on(get: Get) -> None:
    first = get()
    token = first.json()["meta"]["next_token"]
    again = get(fault("duplicate_page"), pagination_token=token)
    assert ids(again) == ids(first)
    third = get(pagination_token=again.json()["meta"]["next_token"])
    assert not set(ids(third)) & set(ids(first))


def test_an_empty_page_and_a_short_page_lose_nothing(get: Get, server: DemoServer) -> None:
    whole = ids(get(max_results=30))
    empty = get(fault("empty_page"))
    assert empty.json()["meta"]["result_count"] == 0
    short = get(fault("short_page", count=3), pagination_token=empty.json()["meta"]["next_token"])
    rest = get(pagination_token=short.json()["meta"]["next_token"])
    assert ids(short) + ids(rest) == whole[:13]
    assert [len(entry.served) for entry in server.admin.requests()] == [30, 0, 3, 10]


def test_order_and_dialect_change_as_scripted(get: Get) -> None:
    plain = get()
    mixed = get(fault("out_of_order"))
    assert ids(mixed) != ids(plain)
    assert sorted(ids(mixed)) == sorted(ids(plain))
    other = get(fault("dialect"), **{"tweet.fields": "public_metrics"}).json()["data"][0]
    assert "repost_count" in other["public_metrics"]


def test_a_fault_can_wait_for_a_request_of_its_route(world: World, clock: DemoClock) -> None:
    script = [Fault("users", "html", at=1, times=2), Fault("posts", "html")]
    with serve(world, clock=clock, faults=script) as server, requests.Session() as session:
        session.headers["Authorization"] = "Bearer demo-token-of-loopback"
        paths = ["users?ids=1"] * 4 + ["tweets?ids=1"]
        answers = [session.get(f"{server.base_url}/2/{path}", timeout=5).text for path in paths]
    assert ["Over capacity" in answer for answer in answers] == [False, True, True, False, True]


def test_an_unknown_kind_is_refused_and_every_kind_is_tested_here() -> None:
    with pytest.raises(ValueError, match="unknown fault 'typo'; known: close, "):
        Fault("users", "typo")
    source = Path(__file__).read_text()
    assert [kind for kind in sorted(KINDS) if f'"{kind}"' not in source] == []
