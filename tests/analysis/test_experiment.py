"""A planned experiment of one account: an exact test, limits that agree with it, and a length reckoned right."""

from datetime import date, timedelta
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.experiment import (
    draw_arms,
    estimate_experiments,
    judge_pairs,
    needed_pairs,
    power,
    visible_shift,
)
from tests.analysis.experiment_worlds import draw_null_p_values


def by_hand(differences: list[float]) -> float:
    """The p of the same question, counted over every order that chance could have drawn."""
    sizes = np.abs(differences)
    ranks = np.array([(sizes < size).sum() + ((sizes == size).sum() + 1) / 2 for size in sizes])
    ranks = np.where(sizes == 0, 0, ranks)
    observed = abs((np.sign(differences) * ranks).sum())
    sums = [abs((np.array(signs) * ranks).sum()) for signs in product((-1, 1), repeat=len(sizes))]
    return float(np.mean([total >= observed - 1e-9 for total in sums]))


@pytest.mark.parametrize(
    "differences",
    [
        [0.4, 1.1, -0.2, 0.9, 2.0, 0.7],
        [1.0, 1.0, -1.0, 2.0, 0.0, 0.0, 3.0, 4.0],
        [-5.0, -4.0, -3.0, -2.0, -1.0, -0.5, -0.25],
        [0.0] * 6,
        [1.0] * 9,
    ],
)
def test_the_p_is_the_share_of_orders_that_are_at_least_as_extreme(differences: list[float]) -> None:
    assert judge_pairs(differences).p_value == pytest.approx(by_hand(differences), abs=1e-12)


def test_published_signed_ranks_are_reproduced() -> None:
    """Darwin's 15 pairs of maize, in eighths of an inch: p of 0.0413, the middle of all Walsh averages at 25."""
    darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    found = judge_pairs([float(value) for value in darwin])

    assert found.p_value == pytest.approx(0.0413, abs=5e-5)
    assert found.shift == 25.0


def test_in_a_thousand_plans_without_an_effect_the_test_has_the_size_that_it_states() -> None:
    p_values = draw_null_p_values(1_000)

    for level in (0.01, 0.05, 0.2, 0.5):
        # Four standard errors of a share of a thousand plans; a test on ranks can only fall short of a level.
        assert np.mean(np.array(p_values) <= level) == pytest.approx(
            level, abs=4 * (level * (1 - level) / 1_000) ** 0.5
        )


def test_limits_leave_zero_out_exactly_where_the_test_finds_a_difference() -> None:
    drawn = np.random.default_rng(5)
    for number in range(300):
        found = judge_pairs(drawn.standard_t(2, 6 + number % 15) + 0.8)
        assert (found.p_value <= 0.05) == (found.low > 0 or found.high < 0)


def test_limits_hold_a_known_shift_as_often_as_they_say() -> None:
    drawn = np.random.default_rng(6)
    held = [(found := judge_pairs(drawn.laplace(0.3, 0.5, 12))).low <= 0.3 <= found.high for _ in range(1_000)]
    assert 0.94 <= np.mean(held) <= 0.975


def test_fewer_than_six_pairs_are_no_test() -> None:
    with pytest.raises(ValueError, match="5 pairs; a test at 5 % needs 6"):
        judge_pairs([1.0] * 5)


def test_the_length_that_is_reckoned_notices_the_effect_as_often_as_promised() -> None:
    drawn = np.random.default_rng(7)
    noise = drawn.normal(0, 0.3, 40)
    pairs = needed_pairs(noise, np.log1p(0.35))
    assert pairs is not None
    found = [
        judge_pairs(drawn.choice(noise, pairs) * drawn.choice([-1, 1], pairs) + np.log1p(0.35)) for _ in range(800)
    ]
    noticed = np.mean([each.p_value <= 0.05 for each in found])
    assert noticed == pytest.approx(power(noise, np.log1p(0.35), pairs), abs=0.06)
    assert noticed >= 0.75
    assert power(noise, np.log1p(0.35), pairs - 1) < 0.8
    assert visible_shift(noise, pairs) < np.log1p(0.35) < visible_shift(noise, pairs - 1)


def test_an_effect_that_a_year_cannot_show_has_no_length() -> None:
    assert needed_pairs(np.random.default_rng(8).normal(0, 1.0, 30), 0.05) is None


def test_both_arms_are_in_every_pair_and_chance_decides_which_comes_first() -> None:
    arms = [draw_arms(f"seed {number}", 10) for number in range(200)]
    assert all({one[2 * pair], one[2 * pair + 1]} == {"a", "b"} for one in arms for pair in range(10))
    assert np.mean([one[0] == "b" for one in arms]) == pytest.approx(0.5, abs=0.12)
    assert draw_arms("the same", 10) == draw_arms("the same", 10)


def weeks_of(
    counts: list[float | None], *, over: int | None = None, outcome: str = "new_follows", stopped: bool = False
) -> pa.Table:
    """Weeks of one experiment, arms in turn."""
    over = len(counts) if over is None else over
    monday = date(2026, 1, 5)
    return pa.Table.from_pylist(
        [
            {
                "experiment_id": "e",
                "week_number": number + 1,
                "pair_number": number // 2 + 1,
                "arm": "ab"[number % 2],
                "week_end_date": monday + timedelta(days=7 * number + 6),
                "outcome": outcome,
                "is_stopped": stopped,
                "is_over": number < over,
                "weekly_count": count,
            }
            for number, count in enumerate(counts)
        ]
    )


def result_of(table: pa.Table) -> dict[str, object]:
    (row,) = estimate_experiments(table).to_pylist()
    return dict(row)


def test_a_ratio_of_new_follows_is_a_share() -> None:
    row = result_of(weeks_of([19.5, 29.5] * 6))
    assert row["effect"] == pytest.approx(0.5)
    assert (row["pair_count"], row["p_value"], row["status"]) == (6, 2 / 64, "ok")
    assert (row["mean_a"], row["mean_b"]) == (19.5, 29.5)


def test_net_follows_may_be_negative_and_are_compared_as_they_are() -> None:
    row = result_of(weeks_of([-10.0, -4.0] * 6, outcome="net_follows"))
    assert (row["effect"], row["status"]) == (6.0, "ok")


def test_before_its_end_an_experiment_shows_nothing_to_stop_by() -> None:
    row = result_of(weeks_of([10.0, 30.0] * 8, over=14))
    assert (row["status"], row["effect"], row["p_value"], row["mean_a"]) == ("insufficient_data", None, None, None)
    assert row["status_reason"] == "14 of 16 weeks are over; the result is shown when the last one is, after 2026-04-26"


def test_a_week_without_follows_takes_its_pair_with_it() -> None:
    row = result_of(weeks_of([10.0, 30.0] * 6 + [None, 30.0]))
    assert (row["pair_count"], row["status"]) == (6, "ok")
    row = result_of(weeks_of([10.0, 30.0] * 5 + [None, 30.0]))
    assert (row["status"], row["status_reason"]) == (
        "insufficient_data",
        "5 whole pairs of weeks; a test at 5 % needs 6",
    )


def test_an_experiment_that_was_stopped_early_has_no_p_and_no_limits() -> None:
    row = result_of(weeks_of([19.5, 29.5] * 8, over=13, stopped=True))
    assert row["effect"] == pytest.approx(0.5)
    assert (row["p_value"], row["effect_low"], row["status"], row["pair_count"]) == (None, None, "not_testable", 6)


def test_no_experiment_gives_no_rows() -> None:
    assert estimate_experiments(weeks_of([1.0]).slice(0, 0)).num_rows == 0
