"""Exports for spreadsheet programs: exact ids, nothing that runs, every description, marked where synthetic."""

import csv
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from pipeline.publish.files import write_csv_files, write_parquet_files
from pipeline.publish.marts import FORMULA_TRIGGERS, read_marts, read_version
from pipeline.publish.reader import open_published
from pipeline.publish.workbook import write_workbook
from pipeline.settings import Settings
from tests.publish.published_marts import publish_tables

BEYOND_DOUBLES = ("9007199254740993", "9223372036854775807")


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return publish_tables(
        tmp_path_factory.mktemp("awkward") / "data",
        "create table odd (post_id varchar primary key, total hugeint, share double, is_own boolean, day date, "
        "seen_at timestamptz, tags varchar[], text varchar, empty varchar)",
        "insert into odd values ('9007199254740993', 9223372036854775807, 0.25, true, '2026-01-02', "
        "'2026-01-02 03:04:05+00', ['a', 'b'], '=cmd|'' /C calc''!A0', ''), "
        "('9223372036854775807', 7, 'nan', false, null, null, null, '@handle\u00fc', null)",
        "comment on table odd is 'One row per odd thing'",
        "comment on column odd.share is 'Share, 0 to 1'",
        "create table many as select i as number, 'x' || i as name from range(25) as r (i)",
    )


def workbook(settings: Settings, path: Path, **options: int) -> tuple[CalamineWorkbook, list[str]]:
    with open_published(settings) as connection:
        notes = write_workbook(connection, read_marts(connection), read_version(connection), path, **options)
    return CalamineWorkbook.from_path(path), notes


def test_ids_and_large_integers_are_exact_texts_in_a_workbook(awkward: Settings, tmp_path: Path) -> None:
    book, _ = workbook(awkward, tmp_path / "out.xlsx")
    header, first, second = book.get_sheet_by_name("odd").to_python()
    assert header[:3] == ["post_id", "total", "share"]
    assert (first[0], first[1], second[0]) == (BEYOND_DOUBLES[0], BEYOND_DOUBLES[1], BEYOND_DOUBLES[1])
    assert (second[1], first[2], second[2]) == (7.0, 0.25, "nan")
    assert (first[3], str(first[4]), str(first[5]), first[6]) == (
        True,
        "2026-01-02",
        "2026-01-02 03:04:05",
        '["a","b"]',
    )
    assert (first[8], second[8], second[4]) == ("", "", "")


def test_nothing_in_a_workbook_can_run(awkward: Settings, tmp_path: Path) -> None:
    book, _ = workbook(awkward, tmp_path / "out.xlsx")
    rows = book.get_sheet_by_name("odd").to_python()
    assert [row[7] for row in rows[1:]] == ["'=cmd|' /C calc'!A0", "'@handleü"]
    with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 4
        assert not any(b"<f>" in sheet or b"<f " in sheet or b"hyperlink" in sheet for sheet in sheets)
        assert [name for name in parts.namelist() if "external" in name.lower() or "vba" in name.lower()] == []


def test_headers_are_frozen_and_carry_the_description_of_the_column(awkward: Settings, tmp_path: Path) -> None:
    workbook(awkward, tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as parts:
        notes = b"".join(parts.read(name) for name in parts.namelist() if "comments" in name).decode()
        sheet = parts.read("xl/worksheets/sheet3.xml").decode()
    assert "Share, 0 to 1\n(DOUBLE)" in notes
    assert 'state="frozen"' in sheet
    assert 'topLeftCell="A2"' in sheet


def test_a_mart_longer_than_a_sheet_goes_on_in_further_sheets_and_says_so(awkward: Settings, tmp_path: Path) -> None:
    book, notes = workbook(awkward, tmp_path / "out.xlsx", sheet_rows=11)
    assert book.sheet_names == ["about", "many", "many 2", "many 3", "odd", "published"]
    read = [row for name in ("many", "many 2", "many 3") for row in book.get_sheet_by_name(name).to_python()[1:]]
    assert [row[0] for row in read] == list(range(25))
    assert notes == ["many has 25 rows, a sheet holds 10: it continues in many 2, many 3"]
    assert any(notes[0] in row for row in book.get_sheet_by_name("about").to_python())


def test_a_text_longer_than_a_cell_is_cut_and_counted(tmp_path: Path) -> None:
    settings = publish_tables(tmp_path / "data", "create table long as select repeat('y', 40000) as text")
    book, notes = workbook(settings, tmp_path / "out.xlsx")
    assert len(book.get_sheet_by_name("long").to_python()[1][0]) == 32_767
    assert notes == ["long: 1 texts are cut at 32,767 characters, all a cell holds"]


def test_synthetic_data_is_marked_and_real_data_is_not(filled: Settings, awkward: Settings, tmp_path: Path) -> None:
    demo, _ = workbook(filled, tmp_path / "demo.xlsx")
    assert demo.get_sheet_by_name("about").to_python()[0][0].startswith("DEMO: all of this is invented")
    real, _ = workbook(awkward, tmp_path / "real.xlsx")
    assert not any("DEMO" in str(cell) for row in real.get_sheet_by_name("about").to_python() for cell in row)
    with open_published(filled) as connection:
        version = read_version(connection)
        write_csv_files(connection, read_marts(connection, ["accounts"]), version, tmp_path / "csv")
    assert version.name == "tweetbench-v1-demo"
    assert (tmp_path / "csv" / "README.txt").read_text().startswith("DEMO")


def test_csv_keeps_ids_tells_null_from_empty_and_runs_nothing(awkward: Settings, tmp_path: Path) -> None:
    with open_published(awkward) as connection:
        write_csv_files(connection, read_marts(connection, ["odd"]), read_version(connection), tmp_path / "csv")
    path = tmp_path / "csv" / "odd.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[1].endswith(""","'=cmd|' /C calc'!A0","\"""")
    assert lines[2].endswith(""","'@handleü",""")
    rows = list(csv.DictReader(lines))
    assert [row["post_id"] for row in rows] == list(BEYOND_DOUBLES)
    assert rows[0]["total"] == BEYOND_DOUBLES[1]
    assert rows[0]["seen_at"].startswith("2026-01-02 03:04:05")
    assert path.stat().st_mode & 0o777 == 0o600


def test_parquet_keeps_types_and_carries_descriptions(awkward: Settings, tmp_path: Path) -> None:
    with open_published(awkward) as connection:
        write_parquet_files(connection, read_marts(connection, ["odd"]), read_version(connection), tmp_path / "parquet")
    table = pq.read_table(tmp_path / "parquet" / "odd.parquet")
    assert table["post_id"].to_pylist() == list(BEYOND_DOUBLES)
    assert table["text"].to_pylist()[1] == "@handleü"
    assert table.schema.field("share").metadata == {b"description": b"Share, 0 to 1"}
    assert str(table.schema.field("seen_at").type).startswith("timestamp[us, tz=")


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_at_all_becomes_a_formula_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    texts += [trigger + "1+1" for trigger in FORMULA_TRIGGERS]
    values = ", ".join("('" + text.replace("'", "''") + "')" for text in texts)
    made = publish_tables(folder / "data", "create table t (text varchar)", f"insert into t values {values}")  # noqa: S608
    with open_published(made) as connection:
        write_csv_files(connection, read_marts(connection, ["t"]), read_version(connection), folder / "csv")
    with (folder / "csv" / "t.csv").open(encoding="utf-8", newline="") as stream:
        written = [row[0] for row in csv.reader(stream)][1:]
    assert not any(cell.startswith(FORMULA_TRIGGERS) for cell in written)
    assert sorted(cell.removeprefix("'") for cell in written) == sorted(text.removeprefix("'") for text in texts)
