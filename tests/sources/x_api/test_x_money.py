"""Budget, ledger of the UTC day, prices and the plan: a run never passes its limit, and the plan says what it costs."""

import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.api.budget import POST_READ, USER_READ, Budget, load_prices
from pipeline.sources.api.rate_limits import PartialRun
from pipeline.sources.x_api.config import PRICES_FILE
from pipeline.sources.x_api.run_plan import Load, estimate, plan_run
from tests.sources.api.scripted import serve

from .stand import NOW, Stand, make_account, make_post, tiny_world
from .tiny_server import TinyX


def test_the_price_table_is_dated(tmp_path: Path) -> None:
    table = tmp_path / "prices.csv"
    table.write_text("resource,usd,valid_from,source\npost_read,0.005,2026-02-06,a\npost_read,0.004,2026-12-01,b\n")
    prices = load_prices(table)
    assert prices.usd("post_read", date(2026, 11, 30)) == Decimal("0.005")
    assert prices.usd("post_read", date(2026, 12, 1)) == Decimal("0.004")
    assert prices.usd("post_read", date(2020, 1, 1)) == Decimal("0.005")
    with pytest.raises(TweetbenchError, match="no price for user_read"):
        prices.usd("user_read", date(2026, 12, 1))


@pytest.mark.parametrize("text", ["", "resource,usd\na,b\n", "resource,usd,valid_from\na,x,2026-01-01\n"])
def test_a_broken_price_table_is_refused_in_words(tmp_path: Path, text: str) -> None:
    table = tmp_path / "prices.csv"
    table.write_text(text)
    with pytest.raises(TweetbenchError, match="price"):
        load_prices(table).usd("post_read", date(2026, 1, 1))


def test_a_resource_is_billed_once_per_utc_day() -> None:
    budget = Budget(load_prices(PRICES_FILE), 1.0)
    evening = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    assert budget.record(POST_READ, ["1", "2", "2"], evening) == Decimal("0.010")
    assert budget.record(POST_READ, ["1", "2"], evening) == 0
    assert budget.record(POST_READ, ["1"], evening + timedelta(minutes=2)) == Decimal("0.005")
    assert budget.spent_usd == Decimal("0.015")


def test_the_budget_refuses_exactly_the_request_that_could_pass_it() -> None:
    budget = Budget(load_prices(PRICES_FILE), 0.05)
    budget.require(USER_READ, ["1", "2", "3", "4", "5"], NOW)
    with pytest.raises(PartialRun, match=r"budget of 0\.05 USD is reached"):
        budget.require(USER_READ, ["1", "2", "3", "4", "5", "6"], NOW)
    budget.record(USER_READ, ["1", "2", "3", "4", "5"], NOW)
    budget.require(USER_READ, ["1", "5"], NOW)


@pytest.mark.parametrize("max_usd", [0.0, 0.005, 0.01, 0.03, 0.035, 0.3, 0.51, 0.6, 1.0])
def test_a_run_never_spends_more_than_its_limit_and_the_next_resumes(tmp_path: Path, max_usd: float) -> None:
    with tiny_world(220) as tiny:
        stand = Stand(tiny, tmp_path)
        result = stand.run(max_usd=max_usd)
        assert result.usd <= max_usd
        assert "budget" in str(result.partial_reason)
        served = 0.005 * len([item for item in tiny.served if item != "1001"]) + 0.010 * tiny.served.count("1001")
        assert served == pytest.approx(result.usd)
        # Less than the smallest page of five posts is left: the budget is used, not merely kept.
        assert result.usd > max_usd - 0.030 or max_usd < 0.035
        assert "budget_reached" in stand.problems()
        assert stand.run().partial_reason is None
        assert stand.post_ids() == stand.served_posts()
        assert len(tiny.served) == len(set(tiny.served))


def test_a_short_budget_gives_up_refreshes_first_and_snapshots_last(tmp_path: Path) -> None:
    with tiny_world(40, account_count=2) as tiny:
        stand = Stand(tiny, tmp_path)
        stand.run()
        stand.run(now=NOW + timedelta(days=4))
        tiny.posts["1001"] += [make_post(number, at=NOW + timedelta(days=9)) for number in range(5)]
        day = NOW + timedelta(days=10)
        for max_usd, paths in (
            (0.009, []),
            # Users are no longer asked for all or nothing: one of two fits.
            (0.019, ["/2/users"]),
            (0.02, ["/2/users"]),
            (0.045, ["/2/users", "/2/users/1002/tweets", "/2/users/1001/tweets"]),
            (0.1, ["/2/users", "/2/users/1002/tweets", "/2/users/1001/tweets", "/2/tweets"]),
        ):
            stand_again = Stand(tiny, tmp_path / f"b{max_usd}")
            shutil.copytree(stand.lake.root, stand_again.lake.root)
            tiny.requests.clear()
            assert stand_again.run(now=day, max_usd=max_usd).usd <= max_usd
            assert list(dict.fromkeys(tiny.paths())) == paths


OWN_LAST = [{"handle": f"firm{number}", "is_own": number == 8} for number in range(1, 9)]


@pytest.mark.parametrize("is_known", [False, True])
def test_accounts_are_asked_for_as_far_as_the_budget_goes_own_first_then_in_the_order_of_the_registry(
    tmp_path: Path, is_known: bool
) -> None:
    # Ids run against the order of the registry, so that an order by id would show.
    accounts = {str(2_000 - number): make_account(number, id=str(2_000 - number)) for number in range(1, 9)}
    with serve(TinyX(accounts=accounts)) as tiny:
        stand, day = Stand(tiny, tmp_path), NOW
        if is_known:
            stand.run(OWN_LAST)
            day = NOW + timedelta(days=1)
            tiny.served.clear()
        result = stand.run(OWN_LAST, now=day, max_usd=0.059)
        assert tiny.served == ["1992", "1999", "1998", "1997", "1996"]
        assert result.usd == pytest.approx(0.05)
        (missing,) = result.shortfalls
        assert missing.exit_code is Exit.INCOMPLETE
        assert "the counts of 3 of 8 accounts were not read: @firm5, @firm6, @firm7" in missing.why
        assert missing.why == result.partial_reason
        assert missing.why in [row["detail"] for row in stand.rows("issues")]
        # What was paid for on this day is not bought again.
        assert stand.run(OWN_LAST, now=day).shortfalls == ()
        assert sorted(tiny.served) == sorted(accounts)


def test_handles_that_x_does_not_know_cost_nothing_and_leave_their_room_to_the_next(tmp_path: Path) -> None:
    with tiny_world(0, account_count=3) as tiny:
        stand = Stand(tiny, tmp_path)
        registry = [{"handle": f"nobody{number}"} for number in range(4)]
        registry += [{"handle": f"firm{number}"} for number in (1, 2, 3)]
        result = stand.run(registry, max_usd=0.02)
        assert tiny.served == ["1001", "1002"]
        assert result.usd == pytest.approx(0.02)
        assert "1 of 7 accounts were not read: @firm3" in str(result.partial_reason)


def test_a_budget_stop_names_a_few_accounts_and_counts_the_rest(tmp_path: Path) -> None:
    with tiny_world(0, account_count=9) as tiny:
        reason = str(Stand(tiny, tmp_path).run(max_usd=0.01).partial_reason)
        assert "8 of 9 accounts were not read: @firm2, @firm3, @firm4, @firm5, @firm6 and 3 more" in reason


def test_the_ledger_of_the_day_is_the_data_and_midnight_starts_a_new_one(tmp_path: Path) -> None:
    with tiny_world(30) as tiny:
        stand = Stand(tiny, tmp_path)
        assert stand.run().usd == pytest.approx(0.010 + 30 * 0.005)
        assert stand.run().usd == 0
        midnight = datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
        assert stand.run(now=midnight).usd == pytest.approx(0.010 + 30 * 0.005)


def test_the_plan_names_requests_resources_money_and_time() -> None:
    config = Stand.config(_stand())
    load = Load(
        known_account_count=50, timeline_count=50, new_post_count=150, overlap_post_count=300, due_post_count=450
    )
    plan = estimate(load, config, load_prices(PRICES_FILE), date(2026, 11, 22))
    found = {line.endpoint: (line.request_count, line.resource_count, line.usd) for line in plan.lines}
    assert found["users"] == (1, 50, 0.5)
    assert found["timelines"] == (54, 450, 2.25)
    assert found["posts"] == (5, 450, 2.25)
    assert (plan.usd, plan.resource_count, plan.fits) == (5.0, 950, True)


def test_ten_thousand_accounts_fit_into_the_windows_of_the_api() -> None:
    load = Load(known_account_count=10_000, timeline_count=10_000, new_post_count=50_000, due_post_count=150_000)
    plan = estimate(load, Stand.config(_stand()), load_prices(PRICES_FILE), date(2026, 11, 22))
    assert plan.minutes < 180
    assert not plan.fits


def test_the_plan_equals_what_the_run_then_costs(tmp_path: Path) -> None:
    with tiny_world(400, account_count=3) as tiny:
        # One post an hour: 400 hours back, so that overlap, ages and history all matter.
        tiny.posts["1001"] = [make_post(n, at=NOW - timedelta(hours=n)) for n in range(1, 400)]
        stand = Stand(tiny, tmp_path)
        rows = [{"handle": f"firm{number}"} for number in (1, 2, 3)]
        for day in range(3):
            now = NOW + timedelta(days=day)
            tiny.posts["1001"] += [make_post(n, at=now - timedelta(hours=n)) for n in range(24) if day]
            plan = plan_run(stand.config(), stand.lake, rows, now=now)
            result = stand.run(rows, now=now)
        assert plan.usd == pytest.approx(result.usd, rel=0.05)
        assert {saving.setting for saving in plan.savings} >= {
            "refresh_ages_days without 7",
            "overlap_hours 24 instead of 48",
        }
        assert all(saving.usd_per_day > 0 for saving in plan.savings)


def _stand() -> Stand:
    return Stand(TinyX(), Path())
