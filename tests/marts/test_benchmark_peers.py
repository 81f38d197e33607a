"""An account against its peers: every figure computed a second time from the values, and the interval by resampling."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.marts.stand import read_rows

DRAWS = 4000


def _values(warehouse: Path, metric: str) -> dict[str, float]:
    rows = read_rows(
        warehouse,
        "select account_key, value from intermediate.int_benchmark_values "  # noqa: S608 - our names
        f"where metric = '{metric}' and account_key like 'x:%' "
        "and account_key in (select account_key from marts.ratio_styles)",
    )
    return {str(row["account_key"]): float(str(row["value"])) for row in rows}


def _bootstrap_limits(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    draws = np.random.default_rng(0).choice(values, (DRAWS, len(values)))
    low, high = np.quantile(np.median(draws, axis=1), [0.025, 0.975])
    return float(low), float(high)


@pytest.mark.parametrize("metric", ["followers_per_following", "weekly_growth_rate", "posts_per_day"])
def test_median_means_and_percentile_are_those_of_the_other_accounts(raw_warehouse: Path, metric: str) -> None:
    values = _values(raw_warehouse, metric)
    rows = read_rows(
        raw_warehouse,
        f"from marts.benchmark_peer_sets where metric = '{metric}' and peer_set = 'platform' "
        "and account_key not like '%bad%' order by account_key",
    )
    assert len(rows) > 100
    for row in rows[:20]:
        others = np.array([value for key, value in values.items() if key != row["account_key"]])
        own = values[str(row["account_key"])]
        assert (row["peer_count"], row["status"]) == (len(others), "ok")
        assert row["peer_median"] == pytest.approx(np.median(others))
        assert row["peer_mean_without_account"] == pytest.approx(others.mean(), rel=1e-6)
        assert row["peer_mean_with_account"] == pytest.approx((others.sum() + own) / (len(others) + 1), rel=1e-6)
        expected = 100 * ((others < own).mean() + (others == own).mean() / 2)
        assert row["percentile"] == pytest.approx(expected)


def test_the_copies_that_bridges_keep_are_flagged_and_are_nobodys_peers(raw_warehouse: Path) -> None:
    flags = read_rows(
        raw_warehouse, "select account_key, is_bridged from marts.accounts where platform <> 'x' order by 1"
    )
    assert [tuple(row.values()) for row in flags] == [
        ("bluesky:bad_alone", False),
        ("bluesky:bad_bridged", True),
        ("bluesky:bad_domain", True),
        ("bluesky:bad_left", False),
        ("bluesky:bad_tabled", True),
        ("mastodon:bad_threads", True),
    ]
    for mart in ("ratio_styles", "benchmark_peer_sets"):
        query = f"select distinct account_key from marts.{mart} where account_key not like 'x:%'"  # noqa: S608 - our names
        found = [row["account_key"] for row in read_rows(raw_warehouse, f"{query} order by 1")]
        assert found == ["bluesky:bad_alone", "bluesky:bad_left"]


def test_the_limits_of_the_median_are_those_of_a_bootstrap_to_two_positions(raw_warehouse: Path) -> None:
    values = _values(raw_warehouse, "weekly_growth_rate")
    rows = read_rows(
        raw_warehouse,
        "from marts.benchmark_peer_sets where metric = 'weekly_growth_rate' and peer_set = 'platform' "
        "order by account_key limit 5",
    )
    for row in rows:
        others = np.sort([value for key, value in values.items() if key != row["account_key"]])
        for limit, drawn in zip((row["conf_low"], row["conf_high"]), _bootstrap_limits(others), strict=True):
            apart = np.searchsorted(others, float(str(limit))) - np.searchsorted(others, drawn)
            assert abs(int(apart)) <= 2


def test_each_account_has_one_row_a_metric_and_its_peer_set_is_named(raw_warehouse: Path) -> None:
    rows = read_rows(raw_warehouse, "select account_key, metric, peer_set, status from marts.benchmark")
    assert len(rows) == len({(row["account_key"], row["metric"]) for row in rows}) > 400
    assert {row["peer_set"] for row in rows if row["status"] == "ok"} == {"size_tier"}


def test_the_own_value_has_limits_where_it_is_an_estimate(raw_warehouse: Path) -> None:
    """Posts a day: mean over the covered days and 1.96 standard errors, computed a second time from the posts."""
    keys = read_rows(
        raw_warehouse,
        "select account_key, value, value_low, value_high, covered_day_count from marts.benchmark "
        "inner join intermediate.int_benchmark_posting using (account_key) where metric = 'posts_per_day' "
        "order by account_key limit 5",
    )
    for row in keys:
        days = read_rows(
            raw_warehouse,
            "select count(*) as posts from intermediate.int_posts as posts "  # noqa: S608 - our names
            f"where account_key = '{row['account_key']}' and cast(created_at as date) > "
            "(select max(end_date) from intermediate.int_post_periods_covered as covered "
            f"where covered.account_key = posts.account_key) - {row['covered_day_count']} "
            "group by cast(created_at as date)",
        )
        counts = np.zeros(int(str(row["covered_day_count"])))
        counts[: len(days)] = [day["posts"] for day in days]
        error = counts.std(ddof=1) / np.sqrt(len(counts))
        assert row["value"] == pytest.approx(counts.mean())
        assert row["value_low"] == pytest.approx(max(0.0, counts.mean() - 1.96 * error))
        assert row["value_high"] == pytest.approx(counts.mean() + 1.96 * error)
    limits = read_rows(
        raw_warehouse,
        "select metric, count(*) filter (where value_low > value or value_high < value) as outside, "
        "count(value_low) as with_limits from marts.benchmark group by metric",
    )
    assert {row["metric"]: row["outside"] for row in limits} == dict.fromkeys((row["metric"] for row in limits), 0)
    without = {row["metric"] for row in limits if row["with_limits"] == 0}
    assert without == {"followers_per_following"}, "both counts are read, not estimated"
