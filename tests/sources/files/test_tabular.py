"""Delimited text of any encoding and delimiter as a table."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.sources.files import tabular
from pipeline.sources.files.tabular import read_sheet

TEXT = "id,name,count\n1,café,2\n2,naïve,3\n"
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
PLAIN_CELLS = st.text("abc 1ü\n\"';", min_size=1, max_size=8).filter(lambda cell: cell.strip())


def written(rows: list[list[str]], delimiter: str = ",", line_end: str = "\r\n") -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_every_common_encoding_gives_the_same_table(encoding: str) -> None:
    sheet = read_sheet(TEXT.encode(encoding), "a.csv")
    assert sheet.header == ("id", "name", "count")
    assert [record.cells for record in sheet.records] == [("1", "café", "2"), ("2", "naïve", "3")]


@pytest.mark.parametrize("delimiter", list(tabular.DELIMITERS))
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_delimiter_and_line_end_gives_the_same_table(delimiter: str, line_end: str) -> None:
    data = TEXT.replace(",", delimiter).replace("\n", line_end).encode()
    sheet = read_sheet(data, "a.csv")
    assert [record.cells for record in sheet.records] == [("1", "café", "2"), ("2", "naïve", "3")]
    assert [record.line for record in sheet.records] == [2, 3]
    assert sheet.delimiter == delimiter


def test_a_file_without_a_last_line_end_keeps_its_last_row() -> None:
    assert len(read_sheet(b"a,b\n1,2\n3,4", "a.csv").records) == 2


def test_ragged_rows_are_set_aside_with_their_line_and_others_are_kept() -> None:
    sheet = read_sheet(b'a,b\n1,2\n3\n"4\n4",5\n6,7,8\n9,10,,\n', "a.csv")
    assert [(record.line, record.cells) for record in sheet.records] == [
        (2, ("1", "2")),
        (5, ("4\n4", "5")),
        (7, ("9", "10")),
    ]
    assert [(row.line, row.problem, row.detail) for row in sheet.set_aside] == [
        (3, "ragged_row", "1 cell where the header has 2"),
        (6, "ragged_row", "3 cells where the header has 2"),
    ]


def test_nul_bytes_and_blank_lines_disappear() -> None:
    sheet = read_sheet(b"a\x00,b\n\n1,\x002\n,\n", "a.csv")
    assert sheet.header == ("a", "b")
    assert [record.cells for record in sheet.records] == [("1", "2")]


def test_header_names_are_compared_in_lower_case_with_single_spaces() -> None:
    assert read_sheet(b"Post  Id, DATE \n1,2\n", "a.csv").normalised_header() == ("post id", "date")


@pytest.mark.parametrize(
    ("start", "kind"), [(b"PK\x03\x04", "ZIP archive"), (b"%PDF", "PDF"), (b"PAR1", "Parquet"), (b"\x1f\x8b", "gzip")]
)
def test_a_binary_file_is_refused_by_its_kind(start: bytes, kind: str) -> None:
    with pytest.raises(TweetbenchError, match=kind) as caught:
        read_sheet(start + b"\x00\x01", "a.bin")
    assert caught.value.where == "a.bin"
    assert "CSV" in caught.value.next_step


def test_a_table_whose_first_column_begins_with_pk_is_not_taken_for_an_archive() -> None:
    assert read_sheet(b"PKID,name\n1,a\n", "a.csv").header == ("PKID", "name")


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf", b'"', b",,\n,,\n"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(TweetbenchError, match="the file is empty"):
        read_sheet(data, "a.csv")


def test_a_header_of_too_many_columns_is_refused() -> None:
    with pytest.raises(TweetbenchError, match="5,001 columns"):
        read_sheet(b"x," * tabular.MAX_COLUMNS + b"x\n", "a.csv")


def test_a_cell_of_over_a_million_characters_is_refused() -> None:
    with pytest.raises(TweetbenchError, match="not a readable table") as caught:
        read_sheet(b'a,b\n1,"' + b"x" * (tabular.MAX_CELL_CHARACTERS + 1) + b'"\n', "a.csv")
    assert "quotation mark" in caught.value.next_step


def test_a_quotation_mark_that_only_a_wrong_delimiter_leaves_open_does_no_harm() -> None:
    long_row = b"2," + b"z" * (tabular.MAX_CELL_CHARACTERS // 2) + b"\n"
    sheet = read_sheet(b'a,b\n1,x;"y\n' + 3 * long_row, "a.csv")
    assert sheet.delimiter == ","
    assert sheet.records[0].cells == ("1", 'x;"y')
    assert len(sheet.records) == 4


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8))
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str, str]]) -> None:
    shown = [row for row in rows if any(cell.strip() for cell in row)]
    sheet = read_sheet(written([["one", "two", "three"], *map(list, rows)]).encode(), "a.csv")
    assert sheet.delimiter == ","
    assert [record.cells for record in sheet.records] == shown
    assert sheet.set_aside == ()


@given(
    st.lists(st.tuples(PLAIN_CELLS, PLAIN_CELLS, PLAIN_CELLS), min_size=1, max_size=8),
    st.sampled_from([",", "\t"]),
    st.sampled_from(["utf-8-sig", "utf-16", "cp1252"]),
)
def test_quoted_cells_survive_every_delimiter_and_encoding(
    rows: list[tuple[str, str, str]], delimiter: str, encoding: str
) -> None:
    data = written([["one", "two", "three"], *map(list, rows)], delimiter).encode(encoding)
    sheet = read_sheet(data, "a.csv")
    assert sheet.header == ("one", "two", "three")
    assert [record.cells for record in sheet.records] == rows


@given(st.binary(max_size=200))
def test_any_bytes_give_a_table_or_an_error_message(data: bytes) -> None:
    try:
        sheet = read_sheet(data, "a.csv")
    except TweetbenchError as error:
        said, fits = error.what, True
    else:
        said, fits = "a table", all(len(record.cells) == len(sheet.header) for record in sheet.records)
    assert said
    assert fits


def test_what_a_disk_or_a_copy_has_lost_is_set_aside_and_never_a_shorter_number() -> None:
    whole = b"handle,followers\nalpha,12345678\nbravo,7\ncharlie,1\n"
    sheet = read_sheet(whole + bytes(3_000), "a.csv")
    assert [record.cells for record in sheet.records] == [("alpha", "12345678"), ("bravo", "7"), ("charlie", "1")]
    assert [row.problem for row in sheet.set_aside] == ["damaged_row"]
    sheet = read_sheet(whole.replace(b"5678\nbrav", bytes(9)), "a.csv")
    assert [record.cells for record in sheet.records] == [("charlie", "1")]
    assert [(row.line, row.problem) for row in sheet.set_aside] == [(2, "damaged_row")]
