"""Excel workbooks as tables of text: typed cells, rounded ids, formulas, sheets, and what is refused before reading."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task
from pipeline.sources.files.cell_values import parse_id
from pipeline.sources.files.protocol import InputFile, Request
from pipeline.sources.files.tabular import Sheet
from pipeline.sources.files.workbook import MAX_COLUMNS, as_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROFILES = ["platform", "account_id", "handle", "captured_at", "follower_count", "following_count"]


def write(path: Path, **sheets: list[list[object]]) -> InputFile:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(at, column, cell, day)
                    elif isinstance(cell, tuple):
                        sheet.write_formula(at, column, cell[0], None, cell[1])
                    elif isinstance(cell, str):
                        sheet.write_string(at, column, cell)
                    elif cell is not None:
                        sheet.write(at, column, cell)
    return InputFile(path, path.name, "0" * 64)


def cells(sheet: Sheet) -> list[tuple[str, ...]]:
    return [record.cells for record in sheet.records]


def test_typed_cells_become_text_that_the_parsers_know(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 4, 10, 5)  # noqa: DTZ001 - a spreadsheet has no time zones
    file = write(
        tmp_path / "a.xlsx",
        One=[["n", "f", "b", "t", "d", "s"], [12.0, 0.5, True, moment, moment.replace(hour=0, minute=0), "0012"]],
    )
    assert file.is_workbook
    assert not file.is_zip
    assert cells(file.sheet) == [("12", "0.5", "True", "2026-01-04 10:05:00", "2026-01-04", "0012")]
    assert (file.sheet.form, file.sheet.records[0].line) == ("xlsx", 2)


@pytest.mark.parametrize("number", [2**53, 1849990000000000123, 10**18 + 1])
def test_a_numeric_id_that_a_cell_cannot_hold_is_refused_with_a_reason(tmp_path: Path, number: int) -> None:
    file = write(tmp_path / "a.xlsx", One=[["id", "same as text"], [number, str(number)]])
    (row,) = cells(file.sheet)
    with pytest.raises(ValueError, match="a spreadsheet program has rounded"):
        parse_id(row[0])
    assert parse_id(row[1]) == str(number)


def test_rounded_account_ids_of_a_profile_table_are_issues_and_the_line_keeps_its_handle(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", One=[PROFILES, ["x", 1849990000000000123, "brand", "2026-11-01", 100, 10]])
    name, reading = do_task("read", file, Request(NOW))
    (row,) = reading.tables["accounts"]
    assert (name, row["account_id"], row["handle"], row["follower_count"]) == ("profile_snapshots", None, "brand", 100)
    assert [issue["problem"] for issue in reading.tables["issues"]] == ["damaged_id"]


def test_formulas_are_never_computed_and_those_without_a_result_are_named(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "b"], [("=1+1", 2), ("=1+1", "")], [("=NOW()", ""), "x"]]
    sheet = write(tmp_path / "a.xlsx", One=rows).sheet
    assert cells(sheet) == [("2", ""), ("", "x")]
    assert [flag.problem for flag in sheet.flags] == ["formula_cells", "formula_without_value"]
    assert "2 formulas have no stored result and are read as empty: B2, A3" in sheet.flags[1].detail


def test_errors_in_cells_are_empty_and_counted(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", One=[["a"], ["#REF!"], ["x"]]).sheet
    assert cells(sheet) == [("",), ("x",)]
    assert "1 cell shows an error" in sheet.flags[0].detail


def test_the_sheet_that_a_source_knows_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.xlsx",
        Notes=[["about this file"], ["made by somebody"]],
        Empty=[],
        Data=[PROFILES, ["x", "7", "brand", "2026-11-01", 100, 10]],
    )
    _, reading = do_task("read", file, Request(NOW))
    assert [row["handle"] for row in reading.tables["accounts"]] == ["brand"]
    (issue,) = reading.tables["issues"]
    assert issue["problem"] == "sheet_not_read"
    assert "'Data' was read; not read: Notes" in issue["detail"]


@pytest.mark.parametrize("half", [True, False])
def test_a_damaged_workbook_is_refused(tmp_path: Path, half: bool) -> None:
    file = write(tmp_path / "a.xlsx", One=[PROFILES, ["x", "7", "brand", "2026-11-01", 100, 10]])
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[: len(whole) // 2] if half else b"PK\x03\x04" + b"\x00" * 200)
    with pytest.raises(TweetbenchError, match="damaged or incomplete"):
        do_task("read", InputFile(file.path, "a.xlsx", "1"), Request(NOW))


def test_a_sheet_that_unpacks_two_hundred_times_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", One=[["a"], ["b"]])
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(file.path) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data + b" " * 20_000_000 if name.endswith("sheet1.xml") else data)
    with pytest.raises(TweetbenchError) as caught:
        do_task("read", InputFile(bomb, "bomb.xlsx", "1"), Request(NOW))
    assert "a ZIP bomb" in str(caught.value)


def test_too_wide_a_sheet_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", One=[[f"c{at}" for at in range(MAX_COLUMNS + 1)], ["x"]])
    with pytest.raises(TweetbenchError, match="5,001 columns"):
        assert file.sheet


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=12).filter(
    lambda text: text.strip() and not text.startswith("#")
)
CELLS = st.one_of(TEXTS, st.integers(-(10**12), 10**12), st.booleans(), st.floats(-1e6, 1e6, width=32))


@settings(deadline=None, max_examples=30)  # each example writes a workbook
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_is_written_comes_back_as_text(tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]]) -> None:
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    sheet = write(path, One=[["a", "b", "c"], *rows]).sheet
    assert sheet.header == ("a", "b", "c")
    for row, record in zip(rows, sheet.records, strict=True):
        for cell, text in zip(row, record.cells, strict=True):
            if isinstance(cell, float):
                assert float(text) == pytest.approx(cell, rel=1e-12)
            else:
                assert text == (cell if isinstance(cell, str) else as_text(cell))
