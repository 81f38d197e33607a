"""What makes a post work, in worlds with known effects, in worlds of luck alone, and where there is too little."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.first_hour import EARLY_COLUMNS
from pipeline.analysis.post_factors import add_early, add_words, estimate_factors

NAMES = [f"word__{letter}" for letter in "abcdefghijklmnopqrst"]
Row = dict[str, object]


def draw_posts(
    accounts: int, posts: int, seed: int, *, effects: dict[str, float] | None = None, own: int = 0, spread: float = 0.8
) -> pa.Table:
    """Log responses of accounts and weeks that differ, plus effects; accounts differ in how often they use a factor."""
    rng = np.random.default_rng(seed)
    count = accounts * posts
    account, week = np.repeat(np.arange(accounts), posts), rng.integers(0, 26, count)
    habits = rng.uniform(0.1, 0.5, (accounts, len(NAMES)))
    factors = (rng.random((count, len(NAMES))) < habits[account]).astype(np.int64)
    level = rng.normal(-4, 1, accounts)[account] + 2 * habits[account, 0] + rng.normal(0, 0.2, 26)[week]
    response = level + rng.normal(0, spread, count)
    for name, effect in (effects or {}).items():
        response += effect * factors[:, NAMES.index(name)]
    return pa.table(
        {
            "account_key": [f"x:{number:03d}" for number in account],
            "platform": ["x"] * count,
            "is_own": (account < own).tolist(),
            "week_start_date": pa.array([date(2026, 1, 5) + timedelta(weeks=int(number)) for number in week]),
            "basis": ["per_impression"] * count,
            "log_response": response,
            **{name: pa.nulls(count, pa.float64()) for name in EARLY_COLUMNS},
            **{name: factors[:, place] for place, name in enumerate(NAMES)},
        }
    )


def by_factor(table: pa.Table, dimension: str = "platform") -> dict[str, Row]:
    """What is seen of a post; the first hour has tests of its own."""
    rows = [row for row in table.to_pylist() if row["segment_dimension"] == dimension]
    assert [row["factor"] for row in rows].count("first_hour") == len({row["segment"] for row in rows})
    return {row["factor"]: row for row in rows if row["factor"] != "first_hour"}


def test_true_effects_are_found_within_their_limits_and_habits_of_accounts_are_not() -> None:
    found = by_factor(estimate_factors(draw_posts(40, 60, 1, effects={"word__b": 0.4, "word__c": -0.3})))
    assert {name for name, row in found.items() if row["is_distinct_from_usual"]} == {"b", "c"}
    for name, effect in (("b", 0.4), ("c", -0.3), ("a", 0.0)):
        assert float(str(found[name]["conf_low"])) <= np.exp(effect) <= float(str(found[name]["conf_high"]))
    # Effects of 0.4 and -0.3 of factors used in three posts of ten, against a spread of 0.8.
    assert 0.03 <= float(str(found["b"]["explained_share"])) <= 0.12
    assert float(str(found["b"]["partial_r2"])) > float(str(found["d"]["partial_r2"]))


def test_luck_alone_makes_no_finding_and_is_shrunk_away() -> None:
    alarms = 0
    for seed in range(12):
        found = by_factor(estimate_factors(draw_posts(30, 40, 100 + seed)))
        alarms += any(row["is_distinct_from_usual"] for row in found.values())
        shrunk = [abs(np.log(float(str(row["response_ratio"])))) for row in found.values()]
        measured = [abs(np.log(float(str(row["measured_ratio"])))) for row in found.values()]
        assert max(shrunk) < 0.75 * max(measured)
        assert float(str(found["a"]["explained_share"])) < 0.03
    assert alarms <= 3


def test_an_own_account_is_judged_on_its_own_posts() -> None:
    table = draw_posts(12, 300, 3, effects={"word__e": 0.6}, own=1)
    found = by_factor(estimate_factors(table), "account")
    assert (found["e"]["segment"], found["e"]["account_count"], found["e"]["status"]) == ("x:000", 1, "ok")
    assert found["e"]["is_distinct_from_usual"]
    assert float(str(found["e"]["conf_low"])) > 1


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (draw_posts(9, 60, 1), "9 accounts with posts whose response is known; a comparison over accounts needs 10"),
        (draw_posts(1, 60, 1), "1 account with posts"),
        (draw_posts(12, 2, 1), "are too few"),
    ],
)
def test_too_few_accounts_or_posts_have_a_reason(table: pa.Table, words: str) -> None:
    found = by_factor(estimate_factors(table))
    assert len(found) == len(NAMES)
    assert {(row["status"], row["response_ratio"]) for row in found.values()} == {("insufficient_data", None)}
    assert words in str(found["a"]["status_reason"])


def test_an_own_account_with_few_posts_says_how_many_it_needs() -> None:
    found = by_factor(estimate_factors(draw_posts(12, 40, 1, own=1)), "account")
    assert found["a"]["status_reason"] == "40 posts whose response is known; the posts of one account need 100"


def test_a_factor_that_repeats_another_or_a_response_that_never_varies_is_not_judged() -> None:
    table = draw_posts(20, 60, 2)
    twice = table.append_column("form__twin", table["word__a"])
    found = by_factor(estimate_factors(twice))
    assert found["twin"]["status"] == "not_testable"
    assert found["a"]["status"] == "ok"
    still = table.set_column(5, "log_response", pa.array([0.5] * len(table)))
    rows = by_factor(estimate_factors(still))
    assert {row["status"] for row in rows.values()} == {"not_testable"}
    own = table.set_column(2, "is_own", pa.array([True] * len(table)))
    assert estimate_factors(own.slice(0, 0)).num_rows == 0


def test_words_become_columns_of_the_posts_that_have_them() -> None:
    posts = pa.table({"post_key": ["x:1", "x:2"], "platform": ["x", "x"]})
    words = pa.table({"post_key": ["x:2", "x:1", "x:2"], "word": ["price", "launch", "launch"]})
    found = add_words(posts, words)
    assert (found["word__launch"].to_pylist(), found["word__price"].to_pylist()) == ([1, 1], [0, 1])


def test_early_readings_reach_their_posts_and_leave_the_others_null() -> None:
    posts = pa.table({"post_key": ["x:1", "x:2", "x:3"]})
    early = pa.table(
        {"post_key": ["x:3", "x:1"], "early_reaction_count": [None, 4], "early_hours": [None, 1.2],
         "total_reaction_count": [7, 9]}
    )  # fmt: skip
    found = add_early(posts, early)
    assert found["early_reaction_count"].to_pylist() == [4, None, None]
    assert found["total_reaction_count"].to_pylist() == [9, None, 7]
