"""How many requests a day of a large registry takes: the plan, its arithmetic, and what the server's log counts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.lake import Lake
from pipeline.sources.api.quotas import Quota
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.dialect import ALL_REQUESTS, DIALECT
from pipeline.sources.bluesky.run_plan import plan_run
from tests.sources.api.scripted import most_within, serve

from .stand import NOW, Stand, acme_world, make_entry, make_profile
from .tiny_appview import TinyAppView

ACCOUNTS, POSTS_A_DAY, DAYS = 50, 3, 9
LARGE, MOST = 1_000, 2_000


def test_a_thousand_accounts_need_at_most_two_thousand_requests_a_day(tmp_path: Path) -> None:
    dids = [f"did:plc:firm{number:020d}" for number in range(ACCOUNTS)]
    registry = [{"platform": "bluesky", "handle": f"firm{number}.example"} for number in range(ACCOUNTS)]
    profiles = {did: make_profile(did, f"firm{number}.example") for number, did in enumerate(dids)}
    planned, counted = [], []
    with serve(TinyAppView(profiles, {did: [] for did in dids})) as tiny:
        stand = Stand(tiny, tmp_path)
        config = BlueskyConfig(base_url=tiny.base_url)
        for day in range(DAYS):
            now = NOW + timedelta(days=day)
            for number, did in enumerate(dids):
                for post in range(POSTS_A_DAY):
                    name = (day * ACCOUNTS + number) * POSTS_A_DAY + post
                    tiny.feeds[did].insert(0, make_entry(name, did=did, at=now - timedelta(hours=8 * (3 - post) - 1)))
                profiles[did]["postsCount"] = len(tiny.feeds[did])
            planned.append(plan_run(config, stand.lake, registry, now=now).request_count)
            before = len(tiny.requests)
            stand.run(registry, now=now)
            counted.append(len(tiny.requests) - before)
    # 2 batches of profiles, a page of each feed, and from the eighth day on 150 posts of each of two ages in batches
    # of 25; those of one day and of three are in the page of the feed.
    assert counted[0] == 2 + ACCOUNTS
    assert all(0 <= plan - count <= 1 for plan, count in zip(planned, counted, strict=True)), (planned, counted)
    assert max(counted) * LARGE / ACCOUNTS <= MOST
    new = [{"platform": "bluesky", "handle": f"firm{number}.example"} for number in range(LARGE)]
    assert plan_run(config, Lake(tmp_path / "empty"), new, now=NOW).request_count == LARGE / 25 + LARGE


def test_the_server_s_own_log_never_shows_more_requests_than_the_limit_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is kept though the server says nothing of it; 40 in its place show what 3,000 would after an hour."""
    assert (ALL_REQUESTS.request_count, ALL_REQUESTS.seconds, DIALECT.quotas) == (3_000, 300.0, (ALL_REQUESTS,))
    small = replace(DIALECT, quotas=(Quota(40, 300.0),))
    monkeypatch.setattr("pipeline.sources.bluesky.session.DIALECT", small)
    with acme_world(tmp_path, [make_entry(number) for number in range(90)], page_size=1) as stand:
        log: list[float] = []
        stand.tiny.on_request = lambda _number: log.append(stand.time.seconds)
        stand.run()
        assert len(set(stand.ids())) == 90
    assert len(log) == 91
    assert most_within(300.0, log) == 40
