"""Which dates break an otherwise sorted list."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.profile_snapshots.date_order import FEWEST_ROWS, find_out_of_order

START = datetime(2026, 1, 1, tzinfo=UTC)


def moments(steps: list[int]) -> list[datetime]:
    return [START + timedelta(days=step) for step in steps]


def test_two_neighbours_that_contradict_each_other_are_both_named() -> None:
    assert find_out_of_order(moments([0, 1, 2, 4, 3, 5, 6, 7, 8, 9])) == [3, 4]


def test_a_short_list_says_nothing() -> None:
    assert find_out_of_order(moments([0, 1, 2, 3, 90, 4, 5, 6, 7])) == []


@given(st.lists(st.integers(0, 400), max_size=60), st.booleans())
def test_a_sorted_list_has_no_breaks(steps: list[int], is_descending: bool) -> None:
    assert find_out_of_order(moments(sorted(steps, reverse=is_descending))) == []


@given(st.lists(st.integers(0, 400), min_size=12, max_size=60, unique=True), st.integers(2, 9), st.booleans())
def test_one_far_off_date_in_a_sorted_list_is_the_one_that_is_named(
    steps: list[int], place: int, is_descending: bool
) -> None:
    ordered = sorted(steps)
    ordered[place] = -1_000
    expected = place
    if is_descending:
        ordered.reverse()
        expected = len(ordered) - 1 - place
    assert find_out_of_order(moments(ordered)) == [expected]


@given(
    st.lists(st.integers(0, 400), min_size=FEWEST_ROWS, max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 400)), min_size=1, max_size=4),
)
def test_what_is_left_is_sorted_and_at_least_four_fifths(steps: list[int], typos: list[tuple[int, int]]) -> None:
    ordered = sorted(steps)
    for place, value in typos:
        ordered[place % len(ordered)] = value
    found = moments(ordered)
    broken = find_out_of_order(found)
    left = [moment for place, moment in enumerate(found) if place not in broken]
    if broken:
        assert left in (sorted(left), sorted(left, reverse=True))
    assert len(left) >= 0.8 * len(found)
