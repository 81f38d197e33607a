"""Rows kept by column are the rows that were added, however many they are and from whichever end they are read."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources.files import records
from pipeline.sources.files.records import Record, RecordStore, StoredRecords, column_of


def kept(rows: list[tuple[str, ...]]) -> records.Records:
    store = RecordStore(width=len(rows[0]) if rows else 1)
    for line, cells in enumerate(rows, start=2):
        store.add(line, cells)
    return store.finish()


def test_few_rows_stay_as_they_are_and_many_are_kept_by_column() -> None:
    assert kept([("a", "b")]) == (Record(2, ("a", "b")),)
    many = kept([(str(at), "same", "ü" * (at % 3)) for at in range(150_001)])
    assert isinstance(many, StoredRecords)
    assert (len(many), many[0], many[-1]) == (
        150_001,
        Record(2, ("0", "same", "")),
        Record(150_002, ("150000", "same", "")),
    )
    assert [record.cells[0] for record in many[3:5]] == ["3", "4"]
    below = many[2:]
    assert (len(below), below[0].line, next(iter(below)).line) == (149_999, 4, 4)
    assert column_of(below, 0) == [str(at) for at in range(2, 150_001)]
    assert sum(record.cells[1] == "same" for record in below) == 149_999


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), st.sampled_from(["", "x", "-"])), max_size=60), st.integers(0, 70))
def test_every_form_gives_the_same_rows(rows: list[tuple[str, str]], start: int) -> None:
    blocks, few = records.BLOCK_ROWS, records.FEW_CELLS
    records.BLOCK_ROWS, records.FEW_CELLS = 7, 20
    try:
        many = kept(list(rows))
    finally:
        records.BLOCK_ROWS, records.FEW_CELLS = blocks, few
    plain = [Record(line, cells) for line, cells in enumerate(rows, start=2)]
    assert list(many) == plain
    assert list(many[start:]) == plain[start:]
    assert [many[at] for at in range(len(plain))] == plain
    assert column_of(many[start:], 1) == [record.cells[1] for record in plain[start:]]
