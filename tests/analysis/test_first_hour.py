"""What the first hour tells of a post: worlds where it tells nothing, worlds where it does, and too few readings."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.analysis.first_hour import EARLY_COLUMNS
from pipeline.analysis.post_factors import estimate_factors
from tests.analysis.first_hour_worlds import FIRST_MONDAY, draw_first_hours

Row = dict[str, object]
BOOST = 0.5


def first_hour(posts: pa.Table, dimension: str = "platform") -> Row:
    """The one row about the first hour."""
    rows = [
        row
        for row in estimate_factors(posts).to_pylist()
        if row["factor"] == "first_hour" and row["segment_dimension"] == dimension
    ]
    assert len(rows) == 1
    found: Row = rows[0]
    return found


def number(row: Row, name: str) -> float:
    return float(str(row[name]))


def without_early(posts: pa.Table, forgotten: pa.Array) -> pa.Table:
    """The posts, some of them not read in their first hour."""
    for name in EARLY_COLUMNS[:2]:
        column = posts[name].combine_chunks()
        kept = pc.if_else(forgotten, pa.scalar(None, column.type), column)
        posts = posts.set_column(posts.column_names.index(name), name, kept)
    return posts


@pytest.mark.parametrize("world", [{}, {"drift": 1.0}, {"usual": 1.0}, {"shock": 0.3}])
def test_a_first_hour_that_tells_nothing_is_not_called_though_both_share_a_count(world: dict[str, float]) -> None:
    # Accounts differ ninefold, grow, and draw half at weekends: all of it moves both hours and none of it is a sign.
    rows = [first_hour(draw_first_hours(20, 20, seed, **world)) for seed in range(20)]  # type: ignore[arg-type]
    called = sum(number(row, "p_value") < 0.05 for row in rows)
    assert called <= 4
    assert 0.9 <= np.exp(np.mean([np.log(number(row, "measured_ratio")) for row in rows])) <= 1.1


def test_a_true_sign_is_found_with_its_size_within_its_limits() -> None:
    rows = [first_hour(draw_first_hours(30, 20, seed, boost=BOOST)) for seed in range(20)]
    assert sum(bool(row["is_distinct_from_usual"]) for row in rows) >= 19
    assert sum(number(row, "conf_low") <= np.exp(BOOST) <= number(row, "conf_high") for row in rows) >= 17
    assert np.exp(np.mean([np.log(number(row, "measured_ratio")) for row in rows])) == pytest.approx(1.65, abs=0.1)


def test_what_makes_both_hours_strong_is_a_sign_too() -> None:
    row = first_hour(draw_first_hours(30, 20, 1, appeal=0.5))
    assert row["is_distinct_from_usual"]
    assert row["explained_share"] is None
    assert 0 < number(row, "partial_r2") < 0.5


def test_an_own_account_is_judged_on_its_own_posts() -> None:
    row = first_hour(draw_first_hours(1, 120, 4, boost=BOOST, own=1), "account")
    assert (row["status"], row["account_count"], row["bases"]) == ("ok", 1, "per_post")
    assert number(row, "conf_low") > 1
    assert number(row, "post_count") + number(row, "other_post_count") <= 120


def test_too_few_readings_say_when_there_will_be_enough() -> None:
    posts = draw_first_hours(1, 52, 2, own=1, weeks=26)
    weeks = pc.days_between(pa.scalar(FIRST_MONDAY), posts["week_start_date"])
    # Read in time in the last 13 weeks only: 25 to 27 posts, the half of which are no 20 of each kind.
    late = without_early(posts, pc.less(weeks, 13 * 7).combine_chunks())
    row = first_hour(late, "account")
    assert row["status"] == "insufficient_data"
    assert row["response_ratio"] is None
    reason = str(row["status_reason"])
    assert "posts read about an hour after posting" in reason
    assert "a comparison needs 20 of each kind; first answer about 2026-" in reason
    newest = FIRST_MONDAY + timedelta(weeks=25, days=6)
    assert newest < pa.scalar(reason[-10:]).cast(pa.date32()).as_py() <= newest + timedelta(weeks=26)


def test_without_a_reading_in_time_there_is_a_next_step_and_no_date() -> None:
    posts = draw_first_hours(1, 60, 2, own=1)
    never = without_early(posts, pa.array([True] * 60))
    assert str(first_hour(never, "account")["status_reason"]) == (
        "0 posts read about an hour after posting, 0 of them with an unusually good start; a comparison needs 20 of "
        "each kind; a run in the hour after posting reads them"
    )
    over_accounts = str(first_hour(never)["status_reason"])
    assert over_accounts.startswith("0 accounts with posts of one quarter that were read about an hour after posting")
    assert over_accounts.endswith("a comparison over accounts needs 10; a run in the hour after posting reads them")


def test_accounts_with_one_early_reading_each_or_equal_starts_cannot_be_compared() -> None:
    alone = first_hour(draw_first_hours(40, 1, 1))
    assert (alone["status"], alone["account_count"]) == ("insufficient_data", 0)
    assert str(alone["status_reason"]).endswith("a comparison over accounts needs 10")
    posts = draw_first_hours(20, 20, 1)
    silent = np.where(np.arange(400) < 20, posts["early_reaction_count"].to_numpy(), 0)
    place = posts.column_names.index("early_reaction_count")
    one = first_hour(posts.set_column(place, "early_reaction_count", pa.array(silent)))
    assert (one["status"], one["account_count"]) == ("insufficient_data", 1)


def test_a_viral_post_or_one_hour_for_all_readings_leaves_the_sign_within_its_limits() -> None:
    posts = draw_first_hours(30, 20, 1, boost=BOOST)
    viral = np.where(np.arange(600) == 7, 10_000_000, posts["total_reaction_count"].to_numpy())
    same = pa.array([1.0] * 600)
    for name, column in (("total_reaction_count", pa.array(viral)), ("early_hours", same)):
        row = first_hour(posts.set_column(posts.column_names.index(name), name, column))
        assert number(row, "conf_low") <= np.exp(BOOST) <= number(row, "conf_high")
    shuffled = posts.take(pa.array(np.random.default_rng(0).permutation(600)))
    assert first_hour(shuffled) == first_hour(posts)


def test_silent_first_hours_have_no_date_at_which_they_would_be_enough() -> None:
    posts = draw_first_hours(1, 60, 2, own=1)
    silent = posts.set_column(
        posts.column_names.index("early_reaction_count"), "early_reaction_count", pa.array([0] * 60)
    )
    row = first_hour(silent, "account")
    assert str(row["status_reason"]).endswith("at the present pace that takes more than ten years")


def test_exports_alone_cannot_tell_the_first_hour() -> None:
    posts = draw_first_hours(1, 120, 2, own=1)
    for name in EARLY_COLUMNS:
        posts = posts.set_column(posts.column_names.index(name), name, pa.nulls(120, pa.int64()))
    row = first_hour(posts, "account")
    assert (row["status"], row["status_reason"]) == ("not_testable", "exports do not state the hour of their figures")


def test_likes_that_were_taken_back_count_as_none_after_the_first_hour() -> None:
    posts = draw_first_hours(1, 120, 2, own=1)
    fewer = pc.subtract(posts["early_reaction_count"], 1)
    row = first_hour(
        posts.set_column(posts.column_names.index("total_reaction_count"), "total_reaction_count", fewer), "account"
    )
    assert row["status"] == "not_testable"
