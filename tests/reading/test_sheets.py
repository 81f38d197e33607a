"""Workbooks with a sheet for each year: all that one reader knows are one reading; what is not read is named."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task
from pipeline.sources.files.periods import are_of_one_series
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = ["handle", "followers", "date"]
YEARS = {
    "2024": [HEADER, ["a", 1, "2024-12-31"], ["b", 2, "2024-12-31"]],
    "2025": [["date", "handle", "followers", "following"], ["2025-12-31", "a", 3, 9], ["2025-12-31", "b", 4, 9]],
    "2026": [HEADER, ["a", 5, "2026-10-31"], ["b", 6, "2026-10-31"]],
}


def read(
    folder: Path, sheets: dict[str, list[list[Any]]], *mappings: dict[str, Any], **known: Any
) -> tuple[str, Reading]:
    with xlsxwriter.Workbook(str(folder / "book.xlsx")) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    written = tuple(FileMapping(f"m{at}", fields, f"mappings/m{at}.yml") for at, fields in enumerate(mappings))
    request = Request(now=NOW, mappings=written, pseudonym=lambda text: f"#{text}", **known)
    return do_task("read", InputFile(folder / "book.xlsx", "book.xlsx", ""), request)


def issues(reading: Reading) -> list[tuple[str, str]]:
    return [(row["problem"], row["subject"]) for row in reading.tables["issues"]]


def test_the_sheets_of_three_years_are_one_reading(tmp_path: Path) -> None:
    name, reading = read(tmp_path, YEARS)
    assert name == "profile_snapshots"
    assert [row["follower_count"] for row in reading.tables["accounts"]] == [1, 2, 3, 4, 5, 6]
    assert (reading.row_count, str(reading.period_start), str(reading.period_end)) == (6, "2024-12-31", "2026-10-31")
    assert reading.notes[0] == "sheet '2024': 2 snapshots of 2 accounts"
    assert issues(reading) == []


def test_sheets_with_other_content_are_named(tmp_path: Path) -> None:
    _, reading = read(tmp_path, {"Read me": [["remark"], ["hello"]], **YEARS, "Colours": [["colour"], ["red"]]})
    assert len(reading.tables["accounts"]) == 6
    (issue,) = reading.tables["issues"]
    assert issue["detail"] == "the sheets '2024', '2025', '2026' were read; not read: Read me, Colours"


def test_a_row_in_two_sheets_counts_once_and_a_contradiction_is_an_issue(tmp_path: Path) -> None:
    more = [HEADER, ["a", 1, "2024-12-31"], ["B", 99, "2024-12-31"]]
    _, reading = read(tmp_path, {"2024": YEARS["2024"], "again": more})
    assert [(row["handle"], row["follower_count"]) for row in reading.tables["accounts"]] == [("a", 1), ("B", 99)]
    assert "1 rows are in several sheets and count once" in reading.notes
    (issue,) = reading.tables["issues"]
    assert issue["subject"] == "book.xlsx, sheet '2024'"
    assert "@B on 2024-12-31 is in the sheets '2024' and 'again' with other values" in issue["detail"]
    assert "follower_count 2 there, 99 here" in issue["detail"]


def test_a_sheet_that_fails_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    _, reading = read(tmp_path, {"2024": [HEADER, ["a", "many", "2024-12-31"]], "2025": YEARS["2025"]})
    assert len(reading.tables["accounts"]) == 2
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], issue["subject"]) == ("sheet_not_read", "book.xlsx, sheet '2024'")
    assert "the sheet '2024' cannot be read: no line can be used; column 'followers': 'many'" in issue["detail"]


def test_a_workbook_of_which_no_sheet_can_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="no line can be used"):
        read(tmp_path, {"2024": [HEADER, ["a", "x", "2024-12-31"]], "2025": [HEADER, ["a", "y", "2025-12-31"]]})


def test_an_issue_says_in_which_sheet_its_line_is(tmp_path: Path) -> None:
    bad = [HEADER, ["a", "x", "2025-12-31"], ["b", 4, "2025-12-31"]]
    _, reading = read(tmp_path, {"2024": YEARS["2024"], "2025": bad})
    assert issues(reading) == [("not_a_count", "book.xlsx, sheet '2025', line 2")]


@pytest.mark.parametrize("is_mapped", [True, False])
def test_sheets_of_one_account_each_are_not_read_as_one_account(tmp_path: Path, is_mapped: bool) -> None:
    own = {"kind": "profile_snapshots", "account": {"handle": "brand"}}
    mapping = {**own, "columns": {"captured_at": "date", "follower_count": "followers"}}
    given, known = ([mapping], {}) if is_mapped else ([], {"account": "brand"})
    header = ["date", "followers"]
    sheets = {"nike": [header, ["2026-11-01", 5]], "adidas": [header, ["2026-11-02", 600]]}
    with pytest.raises(TweetbenchError, match="one account is given for all of them") as caught:
        read(tmp_path, sheets, *given, **known)
    assert "the sheets 'nike', 'adidas' may be of different accounts" in caught.value.why
    years = {"2025": [header, ["2025-11-01", 5]], "2026": [header, ["2026-11-02", 6]]}
    assert [row["follower_count"] for row in read(tmp_path, years, *given, **known)[1].tables["accounts"]] == [5, 6]


def test_sheets_of_one_day_each_are_not_read_as_one_day(tmp_path: Path) -> None:
    header = ["handle", "followers"]
    sheets = {"2026-11-01": [header, ["a", 5], ["b", 7]], "2026-11-02": [header, ["a", 6], ["b", 8]]}
    with pytest.raises(TweetbenchError, match="one day is given for all") as caught:
        read(tmp_path, sheets, captured_at=NOW)
    assert "--captured-at DATE" in caught.value.next_step
    groups = {"Retail": [header, ["a", 5]], "Food": [header, ["b", 7], ["c", 8]]}
    assert len(read(tmp_path, groups, captured_at=NOW)[1].tables["accounts"]) == 3


def test_names_of_sheets_of_one_series() -> None:
    assert are_of_one_series(["2025", "2026"])
    assert are_of_one_series(["Sheet1", "Sheet2"])
    assert are_of_one_series(["Jan 2026", "Februar 2026", "Q1", "2026-11"])
    assert are_of_one_series(["Followers 2025", "Followers (2026)"])
    assert not are_of_one_series(["nike", "adidas"])
    assert not are_of_one_series(["2025", "nike"])
    assert not are_of_one_series(["Marketing", "Decisions"])


def test_a_contact_in_two_sheets_keeps_the_handle_it_agreed_to(tmp_path: Path) -> None:
    columns = {"email": "mail", "handle": "x", "consent": "ok"}
    mapping = {"kind": "contacts", "list_id": "l", "columns": columns, "consent_values": ["yes"]}
    header = ["mail", "x", "ok"]
    sheets = {"a": [header, ["a@b.example", "ada", "yes"]], "b": [header, ["a@b.example", "", "no"]]}
    name, reading = read(tmp_path, sheets, mapping)
    (row,) = reading.tables["contacts"]
    assert (name, row["has_consent"], row["handle_hash"]) == ("contacts", True, "#handle:x:ada")
    assert "example" not in repr([row["detail"] for row in reading.tables["issues"]])
