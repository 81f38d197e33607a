"""Time from post ids."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.snowflake import EPOCH_MS, FIRST_SNOWFLAKE, created_at

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
