"""Odd values in answers of servers that speak Mastodon's API: each costs a value, and neither its post nor its page."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.api.scripted import Reply

from .stand import HANDLE, LOCAL, acme_world, make_account, make_status

FEED, LOOKUP = f"/api/v1/accounts/{LOCAL}/statuses", "/api/v1/accounts/lookup"


@pytest.mark.parametrize(
    "odd",
    [
        {"content": "<p>a <![<![ b</p>"},
        {"card": {"url": ["https://x.example"]}},
        {"mentions": [{"url": {"a": 1}, "acct": "ann"}], "tags": [{"name": "forge", "url": []}]},
        {"created_at": "0001-01-01T00:00:00.000Z"},
        {"created_at": "9999-12-31T23:59:59.999Z"},
        {"reblog": {}, "quote": "https://x.example", "pleroma": "x", "poll": {"options": None}},
    ],
)
def test_an_odd_field_costs_no_status_and_ends_no_reading(tmp_path: Path, odd: dict[str, Any]) -> None:
    statuses = [make_status(0), make_status(5, **odd), make_status(9)]
    with acme_world(tmp_path, statuses) as stand:
        stand.run()
        assert [row["post_id"].partition("/")[2] for row in stand.rows("posts")] == [each["id"] for each in statuses]
        years = {row["created_at"].year for row in stand.rows("posts") if row["created_at"]}
        assert (years, stand.problems()) == ({2026}, [])


@pytest.mark.parametrize("new", [rb"x\ud800y", b"x\xffy"])
def test_a_character_that_is_none_costs_itself_alone(tmp_path: Path, new: bytes) -> None:
    def change(body: Any) -> bytes:
        return json.dumps(body).encode().replace(b"post 5", new)

    with acme_world(tmp_path, [make_status(0), make_status(5), make_status(9)]) as stand:
        stand.tiny.script[FEED] = [Reply(change=change)] * 9
        stand.run()
        assert len(stand.ids()) == 3


@pytest.mark.parametrize(
    "odd",
    [{"note": "<![<!["}, {"note": f"&#{'9' * 5000};"}, {"followers_count": "9" * 5000}, {"created_at": "0001-01-01"}],
)
def test_an_odd_profile_ends_no_run(tmp_path: Path, odd: dict[str, Any]) -> None:
    with acme_world(tmp_path) as stand:
        stand.home.accounts[LOCAL] = make_account(**odd)
        stand.run()
        (row,) = stand.rows("accounts")
        assert (row["handle"], row["status"], len(stand.ids())) == (HANDLE, "active", 3)
        assert row["created_at"] is None or row["created_at"].year == 2023
