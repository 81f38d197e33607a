"""Mappings for profile tables: chosen by their columns, checked by name, long and wide tables."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources import profile_snapshots
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

REQUEST = Request(now=datetime(2026, 11, 22, 12, tzinfo=UTC))
LONG = {"kind": "profile_snapshots", "columns": {"captured_at": "day", "follower_count": "fans"}}
SINGLE = {**LONG, "account": {"handle": "acme", "account_id": 12}}
WIDE = {"kind": "profile_snapshots", "layout": "wide", "date_column": "day"}


def mapped(*fields: dict[str, Any], **changes: Any) -> Request:
    mappings = tuple(FileMapping(f"m{place}", each, f"mappings/m{place}.yml") for place, each in enumerate(fields))
    return replace(REQUEST, mappings=mappings, **changes)


def read(folder: Path, text: str, request: Request) -> Reading:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    file = InputFile(path, "table.csv", "0" * 64)
    assert profile_snapshots.recognises(file, request)
    return profile_snapshots.read(file, request)


def levels(reading: Reading) -> list[tuple[str | None, date, int | None]]:
    return [(row["handle"], row["captured_at"].date(), row["follower_count"]) for row in reading.tables["accounts"]]


def test_a_file_of_one_account_is_read_through_its_mapping(tmp_path: Path) -> None:
    reading = read(tmp_path, "Day,fans,other\n2026-01-01,5,x\n2026-02-01,6,y\n", mapped(SINGLE))
    assert levels(reading) == [("acme", date(2026, 1, 1), 5), ("acme", date(2026, 2, 1), 6)]
    assert {row["account_id"] for row in reading.tables["accounts"]} == {"12"}
    assert (reading.account, reading.options["mapping"]) == ("acme", "m0")


def test_a_changed_mapping_is_another_input(tmp_path: Path) -> None:
    text = "day,fans\n2026-01-01,5\n"
    one, other = (read(tmp_path, text, mapped({**SINGLE, "description": each})).options for each in "ab")
    assert one["mapping_sha256"] != other["mapping_sha256"]


def test_a_missing_column_is_named_with_the_mapping_and_the_columns_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, "day,followers_now\n2026-01-01,5\n", mapped(SINGLE))
    assert "fans" in caught.value.what
    assert "mappings/m0.yml" in caught.value.where
    assert "day, followers_now" in caught.value.why


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": 1}, "colour"),
        ({"columns": {**LONG["columns"], "fan_count": "x"}}, "fan_count"),  # type: ignore[dict-item]
        ({"account": {"name": "x"}}, "name"),
        ({"layout": "tall"}, "tall"),
        ({"value": "likes"}, "likes"),
        ({"platform": "myspace"}, "myspace"),
        ({"account": {"handle": "far too long for a handle"}}, "characters"),
        ({"columns": {"captured_at": "day"}}, "follower_count"),
        ({"account": "acme"}, "account is not a list of names and values"),
        ({"accounts": {"Acme Ltd": "acme"}}, "accounts is only for layout: wide"),
        ({"columns": {**LONG["columns"], "handle": None}}, "this is empty"),  # type: ignore[dict-item]
    ],
)
def test_a_wrong_mapping_is_refused_by_name(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    with pytest.raises(TweetbenchError, match=named) as caught:
        read(tmp_path, "day,fans\n2026-01-01,5\n", mapped({**SINGLE, **change}))
    assert (caught.value.exit_code, caught.value.where) == (Exit.CONFIGURATION, "mappings/m0.yml")


def test_a_wrong_key_is_shown_by_its_line_with_the_key_that_was_probably_meant(tmp_path: Path) -> None:
    fields = {**LONG, "acount": {"handle": "acme"}}
    written = FileMapping("m", fields, "mappings/m.yml", {"kind": 1, "columns": 2, "acount": 5})
    with pytest.raises(TweetbenchError, match="acount is not a key that a mapping knows") as caught:
        read(tmp_path, "day,fans\n2026-01-01,5\n", replace(REQUEST, mappings=(written,)))
    assert caught.value.where == "mappings/m.yml, line 5"
    assert "did you mean account?" in caught.value.next_step


def test_a_mapping_of_another_kind_or_for_other_columns_is_not_chosen(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("day,fans\n2026-01-01,5\n")
    file = InputFile(path, "table.csv", "")
    assert not profile_snapshots.recognises(file, mapped({**SINGLE, "kind": "survey"}))
    assert not profile_snapshots.recognises(file, mapped({**SINGLE, "columns": {"follower_count": "x"}}))


def test_a_daily_export_is_not_taken_because_it_has_a_date(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Day,Impressions,Likes,New follows\n2026-01-01,5,1,1\n")
    file = InputFile(path, "table.csv", "")
    assert not profile_snapshots.recognises(file, mapped(SINGLE, WIDE))


def test_two_mappings_for_the_same_columns_are_told_apart_by_the_account(tmp_path: Path) -> None:
    text, both = "day,fans\n2026-01-01,5\n", (SINGLE, {**LONG, "account": {"handle": "other"}})
    with pytest.raises(TweetbenchError, match="--account HANDLE"):
        read(tmp_path, text, mapped(*both))
    assert levels(read(tmp_path, text, mapped(*both, account="@Other")))[0][0] == "other"
    with pytest.raises(TweetbenchError, match="not for the account"):
        read(tmp_path, text, mapped(SINGLE, account="other"))


def test_account_and_day_may_come_from_the_user(tmp_path: Path) -> None:
    text = "fans\n5\n"
    fields = {"kind": "profile_snapshots", "columns": {"follower_count": "fans"}}
    with pytest.raises(TweetbenchError, match="--captured-at DATE"):
        read(tmp_path, text, mapped(fields))
    day = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(TweetbenchError, match="--account HANDLE"):
        read(tmp_path, text, mapped(fields, captured_at=day))
    assert levels(read(tmp_path, text, mapped(fields, captured_at=day, account="acme"))) == [("acme", day.date(), 5)]
    fixed = {**fields, "captured_at": date(2022, 11, 15), "account": {"handle": "acme"}}
    assert levels(read(tmp_path, text, mapped(fixed))) == [("acme", date(2022, 11, 15), 5)]


def test_a_named_date_format_reads_dates_that_are_ambiguous_without_it(tmp_path: Path) -> None:
    reading = read(tmp_path, "day,fans\n03/02/2026,5\n", mapped({**SINGLE, "date_format": "%d/%m/%Y"}))
    assert levels(reading) == [("acme", date(2026, 2, 3), 5)]


def test_a_wide_table_gives_a_snapshot_for_each_filled_cell(tmp_path: Path) -> None:
    text = "day,@Acme,other,Not A Handle\n2026-01-01,5,,1\n2026-01-02,6,x,1\n"
    reading = read(tmp_path, text, mapped(WIDE))
    assert levels(reading) == [("Acme", date(2026, 1, 1), 5), ("Acme", date(2026, 1, 2), 6)]
    assert [row["problem"] for row in reading.tables["issues"]] == ["not_a_count", "unknown_column"]


@pytest.mark.parametrize("columns", ["temperature,humidity", "Open,High,Volume", "AAPL,MSFT"])
def test_words_that_are_legal_handles_are_no_accounts_without_more_evidence(tmp_path: Path, columns: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"day,{columns}\n2026-01-01,{','.join('5' for _ in columns.split(','))}\n")
    file = InputFile(path, "table.csv", "")
    assert not profile_snapshots.recognises(file, mapped(WIDE))
    assert profile_snapshots.recognises(file, mapped({**WIDE, "file_name": "table*.csv"}))


def test_a_table_of_days_by_accounts_is_shown_by_an_own_account_among_its_columns(tmp_path: Path) -> None:
    text = "day,acme,other\n2026-01-01,5,6\n"
    own = replace(mapped(WIDE), own_handles=frozenset({"acme"}))
    assert levels(read(tmp_path, text, own)) == [("acme", date(2026, 1, 1), 5), ("other", date(2026, 1, 1), 6)]


def test_a_wide_table_may_name_its_accounts_and_its_value(tmp_path: Path) -> None:
    fields = {**WIDE, "value": "following_count", "accounts": {"Acme Ltd": "@acme", "Other Inc": "other"}}
    reading = read(tmp_path, "day,Acme Ltd,Other Inc,total\n2026-01-01,5,7,12\n", mapped(fields))
    assert [(row["handle"], row["following_count"]) for row in reading.tables["accounts"]] == [
        ("acme", 5),
        ("other", 7),
    ]
    assert all(row.get("follower_count") is None for row in reading.tables["accounts"])


def test_a_mistyped_date_in_a_wide_table_is_reported_once(tmp_path: Path) -> None:
    days = [f"2026-{month:02}-01" for month in range(1, 11)]
    days[4] = "2016-05-01"
    text = "day,@acme,other\n" + "".join(f"{day},5,6\n" for day in days)
    reading = read(tmp_path, text, mapped(WIDE))
    assert [row["problem"] for row in reading.tables["issues"]] == ["date_out_of_order"]
    assert len(reading.tables["accounts"]) == 18


def test_a_mapping_of_one_account_does_not_take_the_table_of_an_account_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="the file names accounts itself"):
        read(tmp_path, "day,account,fans\n2026-01-01,@acme@social.example,5\n", mapped(SINGLE))
