"""Time and offset from post ids."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.snowflake import EPOCH_MS, FIRST_SNOWFLAKE, OFFSETS, created_at, infer_offset_minutes

START = datetime.fromtimestamp(0, UTC)
MOMENTS = st.integers(1_300_000_000_000, 2_800_000_000_000).map(lambda ms: START + timedelta(milliseconds=ms))


def id_at(moment: datetime) -> str:
    return str(((moment - START) // timedelta(milliseconds=1) - EPOCH_MS) << 22)


@given(MOMENTS)
def test_an_id_gives_its_millisecond(moment: datetime) -> None:
    assert created_at(id_at(moment)) == moment


def test_ids_from_before_the_clock_or_beyond_its_range_have_no_time() -> None:
    assert created_at(str(FIRST_SNOWFLAKE - 1)) is None
    assert created_at(str(2**63)) is None
    assert created_at(str(2**63 - 1)) is not None


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(OFFSETS))
def test_the_inferred_offset_fits_every_day_and_none_nearer_to_utc_does(moments: list[datetime], minutes: int) -> None:
    pairs = [(id_at(moment), (moment + timedelta(minutes=minutes)).date()) for moment in moments]
    found = infer_offset_minutes(pairs)
    assert found is not None
    offset, misses = found
    assert misses == 0
    assert abs(offset) <= abs(minutes)


def test_rows_that_contradict_the_offset_are_counted() -> None:
    noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    pairs = [(id_at(noon), date(2026, 3, 5)), (id_at(noon + timedelta(seconds=1)), date(2026, 3, 9))]
    assert infer_offset_minutes(pairs) == (0, 1)
    assert infer_offset_minutes([("12", date(2026, 3, 5))]) is None
