"""The exporter's offset from UTC: said as a range where several fit, as two where clocks changed, never guessed."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.analytics.offset import OFFSETS, infer_offset

HOUR = timedelta(hours=1)
MOMENTS = st.integers(1_700_000_000, 1_720_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def printed(moments: list[datetime], minutes: int) -> list[tuple[datetime, date]]:
    return [(moment, (moment + timedelta(minutes=minutes)).date()) for moment in moments]


def every_hour(first: datetime, days: int) -> list[datetime]:
    return [first + number * HOUR + timedelta(minutes=15 * (number // 24 % 4)) for number in range(24 * days)]


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(OFFSETS))
def test_the_true_offset_is_among_those_named_and_no_row_gets_another(moments: list[datetime], minutes: int) -> None:
    found = infer_offset(printed(moments, minutes))
    assert found is not None
    assert (minutes,) in found.candidates
    assert found.missed == 0
    assert set(found.minutes) <= {minutes, None}


def test_posts_round_the_clock_tell_one_offset() -> None:
    found = infer_offset(printed(every_hour(datetime(2026, 3, 3, tzinfo=UTC), 4), -180))
    assert found is not None
    assert set(found.minutes) == {-180}
    assert found.note() == "dates are printed at UTC-03:00, inferred from the ids"


def test_where_several_offsets_fit_the_note_gives_the_range_and_no_row_gets_one() -> None:
    posts = [datetime(2026, 3, 5, 2, 20, tzinfo=UTC), datetime(2026, 3, 5, 10, 30, tzinfo=UTC)]
    found = infer_offset([(posts[0], date(2026, 3, 4)), (posts[1], date(2026, 3, 5))])
    assert found is not None
    assert found.minutes == (None, None)
    assert found.note() == ("dates are printed at an offset from UTC-10:00 to UTC-02:30: the ids do not tell which")


def test_a_change_of_clocks_inside_the_file_is_two_offsets_and_not_an_odd_one() -> None:
    winter = printed(every_hour(datetime(2026, 3, 20, tzinfo=UTC), 9), 60)
    summer = printed(every_hour(datetime(2026, 3, 29, 1, tzinfo=UTC), 9), 120)
    found = infer_offset([*summer, *winter])
    assert found is not None
    assert (found.candidates, found.missed) == (((60, 120),), 0)
    assert found.note() == (
        "dates are printed at UTC+01:00 and UTC+02:00, inferred from the ids; "
        "clocks changed between 2026-03-28 and 2026-03-30"
    )
    known = {(moment, minutes) for (moment, _), minutes in zip([*summer, *winter], found.minutes, strict=True)}
    assert {minutes for moment, minutes in known if moment < datetime(2026, 3, 28, 23, tzinfo=UTC)} == {60, None}
    assert {minutes for moment, minutes in known if moment > datetime(2026, 3, 29, 22, tzinfo=UTC)} == {120, None}
    assert all(
        minutes in (None, 60 if moment < datetime(2026, 3, 29, 1, tzinfo=UTC) else 120) for moment, minutes in known
    )


def test_a_row_that_fits_no_offset_is_counted_and_gets_none() -> None:
    posts = printed(every_hour(datetime(2026, 3, 3, tzinfo=UTC), 4), 0)
    found = infer_offset([*posts, (posts[0][0], date(2026, 3, 9))])
    assert found is not None
    assert found.minutes == (*[0] * 96, None)
    assert found.note().endswith("UTC+00:00, inferred from the ids; 1 rows contradict it")
    assert infer_offset([]) is None
