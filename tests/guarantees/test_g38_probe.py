"""G38: asked itself, X says which stored posts and accounts are gone; the answer is paid for once and kept."""

from pathlib import Path
from typing import Any

from pipeline.comply.lake_removals import served_posts, stored_accounts
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import Probe
from pipeline.sources.x_api import NAME
from pipeline.sources.x_api.probing import probe
from tests.sources.x_api.stand import NOW, Stand, tiny_world


def ask(stand: Stand, run_id: str, *, day: int, **changes: Any) -> Probe:
    run = ApiRun(run_id, NOW.replace(day=day), stand.time.sleep, stand.time.monotonic)
    ids = served_posts(stand.lake, NAME), stored_accounts(stand.lake, NAME)
    return probe(stand.config(**changes), stand.lake, *ids, run)


def test_g38_the_probe_finds_what_is_gone_and_what_is_withheld_within_the_budget(tmp_path: Path) -> None:
    with tiny_world(6, account_count=2) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        gone, withheld, *_ = tiny.posts["1001"]
        tiny.posts["1001"] = [post for post in tiny.posts["1001"] if post is not gone]
        withheld["withheld"] = {"country_codes": ["DE"], "copyright": False}
        del tiny.accounts["1002"]
        asked = len(tiny.requests)
        # A day later: what was billed today would cost nothing.
        found = ask(stand, "probe", day=23)
        assert dict(found.gone_posts) == {gone["id"]: "deleted", withheld["id"]: "withheld"}
        assert dict(found.gone_accounts) == {"1002": "not_found"}
        assert (found.asked_count, found.unasked_count, len(tiny.requests) - asked) == (8, 0, 2)
        assert found.served_accounts == {"1001"}
        assert len(found.served_posts) == 4
        kept = [row for row in stand.rows("posts") if row["run_id"] == "probe"]
        assert len(kept) == 5
        poor = ask(stand, "poor", day=24, max_usd=0.0)
        assert (poor.asked_count, poor.unasked_count > 0, poor.usd) == (0, True, 0.0)
        assert "budget" in str(poor.partial_reason)
