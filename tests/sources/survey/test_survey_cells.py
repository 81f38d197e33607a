"""Cells of surveys: numbers, times around clock changes, and choices that a tool joined in one cell."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.files.cells import DateOrder, fold, infer_date_order, parse_time, second_reading
from pipeline.sources.survey.answer_rows import split_joined

BERLIN = ZoneInfo("Europe/Berlin")
LATEST = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("2017-07-18 08:28:09", None, "2017-07-18T06:28:09"),
        ("2017-07-18T08:28:09.500Z", None, "2017-07-18T08:28:09"),
        ("2017-07-18T08:28:09+05:30", None, "2017-07-18T02:58:09"),
        ("2020/01/31 4:53:12 PM GMT+1", None, "2020-01-31T15:53:12"),
        ("10/28/2016 12:02:31 AM", "month_first", "2016-10-27T22:02:31"),
        ("5/10/18 4:01", "month_first", "2018-05-10T02:01:00"),
        ("5/10/18 4:01", "day_first", "2018-10-05T02:01:00"),
        ("16.05.2018, 07:19", None, "2018-05-16T05:19:00"),
        ("2018-01-05", None, "2018-01-04T23:00:00"),
        ("2025-10-26 02:30", None, "2025-10-26T00:30:00"),  # the clocks repeat this hour: the earlier one
    ],
)
def test_times_become_utc(cell: str, order: DateOrder | None, expected: str) -> None:
    assert parse_time(cell, BERLIN, order, latest=LATEST) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cell",
    ["", "yesterday", "5/6/2018", "2018-02-30", "2018-01-05 25:00", "2025-03-30 02:30", "2107-01-01", "0001-01-01"],
)
def test_times_that_cannot_be_read_in_one_way_are_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"time|year|swapped|day|hour|clocks|future|range"):
        parse_time(cell, BERLIN, None, latest=LATEST)


def test_an_end_before_the_start_in_a_repeated_hour_is_the_later_reading() -> None:
    start, end = (parse_time(f"2025-10-26 02:{minute}", BERLIN, None, latest=LATEST) for minute in (50, 10))
    assert end < start
    assert (second_reading(end, BERLIN) - start).total_seconds() == 20 * 60
    assert second_reading(LATEST, BERLIN) == LATEST


def test_the_order_of_day_and_month_is_taken_from_the_file_only_without_doubt() -> None:
    assert infer_date_order(["5/6/18", "5/16/18 7:19"]) == "month_first"
    assert infer_date_order(["5/6/18", "16/5/18"]) == "day_first"
    assert infer_date_order(["5/6/18", "6/5/18"]) is None
    assert infer_date_order(["5/16/18", "16/5/18"]) is None


def test_joined_choices_are_taken_apart_longest_option_first() -> None:
    known = {fold(text): text for text in ("A", "B", "A, B", "Ads, paid", "Lines")}
    assert split_joined("A, B", ",", known) == {"A, B"}
    assert split_joined("B,A", ",", known) == {"A", "B"}
    assert split_joined(" ads,  paid ,, B,", ",", known) == {"Ads, paid", "B"}
    assert split_joined("B, my own, with commas, A", ",", known) == {"A", "B", "(other)"}
    assert split_joined("A\nLines", "\n", known) == {"A", "Lines"}
    assert split_joined("A || B", "||", known) == {"A", "B"}
    assert split_joined("Aardvark, Bee", ",", known) == {"(other)"}


@given(
    st.sets(st.text("ab,; ", min_size=1, max_size=4).map(fold).filter(lambda text: text.strip(",; ")), max_size=5),
    st.text("ab,; ", max_size=20),
    st.sampled_from([",", ";", ", ", ";;"]),
)
def test_taking_apart_ends_and_invents_nothing(options: set[str], cell: str, separator: str) -> None:
    known = {text: text for text in options}
    assert split_joined(cell, separator, known) <= {*options, "(other)"}


@given(st.lists(st.sampled_from(["Facebook", "Ads, paid", "Leads; all", "X"]), min_size=1, unique=True))
def test_what_a_tool_joins_is_found_again(chosen: list[str]) -> None:
    known = {fold(text): text for text in ("Facebook", "Ads, paid", "Leads; all", "X")}
    for separator in (", ", ";", " | "):
        assert split_joined(separator.join(chosen), separator, known) == set(chosen)
