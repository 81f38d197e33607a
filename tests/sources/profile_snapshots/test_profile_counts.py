"""Counts of profile tables: which locale a column is written in, rounded figures, totals, columns without counts."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.errors import TweetbenchError
from pipeline.sources import profile_snapshots
from pipeline.sources.files.cell_values import parse_time
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request
from pipeline.sources.issue_summary import line_count
from pipeline.sources.profile_snapshots.moments import parse_moment
from pipeline.sources.profile_snapshots.totals import is_summary_word, sums_up

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SHOPS = [
    ("shop_a", "12.000", "300"),
    ("shop_b", "630.000", "35"),
    ("shop_c", "980", "1.000"),
    ("shop_d", "1.250", "10"),
]


def read(folder: Path, text: str, **known: object) -> Reading:
    (folder / "table.csv").write_text(text, encoding="utf-8")
    request = Request(now=NOW, **known)  # type: ignore[arg-type]
    return profile_snapshots.read(InputFile(folder / "table.csv", "table.csv", ""), request)


def a_table(rows: list[tuple[str, ...]], delimiter: str = ",", header: str = "username,followers,following") -> str:
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in rows]
    lines = [[*header.split(","), "date"], *([*row, "2026-11-01"] for row in quoted)]
    return "".join(f"{delimiter.join(line)}\n" for line in lines)


def levels(reading: Reading) -> dict[str, tuple[int, int | None]]:
    rows = reading.tables["accounts"]
    return {row["handle"]: (row["follower_count"], row.get("following_count")) for row in rows}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("thousands", [".", ","])
def test_three_zeros_are_the_thousands_of_the_locale_that_the_file_shows(
    tmp_path: Path, delimiter: str, thousands: str
) -> None:
    rows = [tuple(cell.replace(".", thousands) for cell in row) for row in SHOPS]
    reading = read(tmp_path, a_table(rows, delimiter))
    assert levels(reading) == {
        "shop_a": (12_000, 300),
        "shop_b": (630_000, 35),
        "shop_c": (980, 1_000),
        "shop_d": (1_250, 10),
    }
    assert reading.tables["issues"] == []


def test_another_count_column_of_the_file_tells_the_locale(tmp_path: Path) -> None:
    assert levels(read(tmp_path, a_table([("a", "12.000", "1.234"), ("b", "15.000", "7")]))) == {
        "a": (12_000, 1_234),
        "b": (15_000, 7),
    }


def test_floats_of_a_data_frame_are_whole_numbers(tmp_path: Path) -> None:
    assert levels(read(tmp_path, a_table([("a", "12000.0", "12.0"), ("b", "980.0", "")]))) == {
        "a": (12_000, 12),
        "b": (980, None),
    }


def test_what_nothing_decides_is_refused_with_both_readings(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, a_table([("a", "12.000", "5"), ("b", "13.000", "5000")]))
    assert "'12.000' can be 12 or 12,000, and nothing in the file shows which" in caught.value.why
    assert caught.value.next_step.startswith("write the counts of that column without marks of thousands")


@pytest.mark.parametrize("rounded", ["1.2K", "3,4 Tsd.", "1.5M", "10k+", "~12000", "2,1 Mio.", "3.4万", "12 mil"])
def test_a_rounded_figure_is_no_count(tmp_path: Path, rounded: str) -> None:
    reading = read(tmp_path, a_table([("a", rounded, "5"), ("b", "980", "7")], ";"))
    assert levels(reading) == {"b": (980, 7)}
    (issue,) = reading.tables["issues"]
    assert f"{rounded!r} is a rounded figure, and the exact count is not in the file" in issue["detail"]
    assert issue["next_step"].startswith("export exact counts")


def test_groups_of_two_digits_are_those_of_india(tmp_path: Path) -> None:
    reading = read(tmp_path, a_table([("a", "12,34,567", "12,000"), ("b", "980", "1,23,000")]))
    assert levels(reading) == {"a": (1_234_567, 12_000), "b": (980, 123_000)}


def test_a_change_is_no_level(tmp_path: Path) -> None:
    reading = read(tmp_path, a_table([("a", "+12", "5"), ("b", "980", "7")]))
    assert levels(reading) == {"b": (980, 7)}
    assert "'+12' is a change and not a level" in reading.tables["issues"][0]["detail"]


def test_a_column_in_thousands_holds_no_exact_count(tmp_path: Path) -> None:
    columns = {"handle": "brand", "captured_at": "date", "follower_count": "Follower (Tsd.)"}
    mapping = FileMapping("m", {"kind": "profile_snapshots", "columns": columns}, "mappings/m.yml")
    with pytest.raises(TweetbenchError, match="no line can be used") as caught:
        read(tmp_path, "brand,date,Follower (Tsd.)\na,2026-11-01,12\n", mappings=(mapping,))
    assert "'12' is a rounded figure" in caught.value.why


def test_what_a_spreadsheet_program_left_of_thousands_is_not_taken_for_hundreds(tmp_path: Path) -> None:
    reading = read(
        tmp_path, a_table([("a", "12", "5"), ("b", "1.25", "5"), ("c", "630", "5"), ("d", "1.234.567", "5")])
    )
    assert levels(reading) == {"d": (1_234_567, 5)}
    details = " ".join(row["detail"] for row in reading.tables["issues"])
    assert "'12' may be what a spreadsheet program left of 12,000, as '1.25' in the same column is no count" in details


def test_a_bad_lesser_cell_costs_the_cell_and_a_bad_level_the_line(tmp_path: Path) -> None:
    rows = [("a", "5", "x"), ("b", "6", "7"), ("c", "many", "8"), ("d", "-4", "8")]
    reading = read(tmp_path, a_table(rows))
    assert levels(reading) == {"a": (5, None), "b": (6, 7)}
    found = {row["problem"]: row for row in reading.tables["issues"]}
    assert line_count(found["not_a_count"]) == 2
    assert found["not_a_count"]["detail"].startswith(
        "2 lines: line 4: column 'followers': 'many' is not a whole number"
    )
    assert found["unreadable_cells"]["detail"] == (
        "column 'following': 1 cell without a value that can be read, left empty, the first: 'x' is not a whole number"
    )


def test_a_lesser_column_without_counts_is_left_aside_and_named_once(tmp_path: Path) -> None:
    reading = read(tmp_path, a_table([("a", "5", "TRUE"), ("b", "6", "FALSE")]))
    assert levels(reading) == {"a": (5, None), "b": (6, None)}
    (issue,) = reading.tables["issues"]
    assert issue["problem"] == "column_left_aside"
    assert issue["detail"].startswith("the column 'following' holds no counts (2 cells")


@pytest.mark.parametrize(
    ("label", "figure"),
    [
        ("Total", 1500),
        ("Gesamt:", 1500),
        ("合計", 1500),
        ("Moyenne", 750),
        ("Ø", 750),
        ("Max.", 1200),
        ("Average", 750),
    ],
)
def test_a_line_that_adds_up_the_others_is_no_account(tmp_path: Path, label: str, figure: int) -> None:
    reading = read(tmp_path, a_table([("shop_a", "1200", "300"), ("shop_b", "300", "35"), (label, str(figure), "")]))
    assert set(levels(reading)) == {"shop_a", "shop_b"}
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], issue["subject"]) == ("summary_line", "table.csv, line 4")
    assert f"{label!r} is" in issue["detail"]


def test_a_total_for_each_day_or_without_a_day_is_no_account(tmp_path: Path) -> None:
    text = "handle,followers,date\na,5,2026-11-01\nb,7,2026-11-01\ntotal,12,2026-11-01\n"
    text += "a,6,2026-11-02\nb,8,2026-11-02\ntotal,14,2026-11-02\nSumme,999,\nMedian,7,Median\n"
    assert set(levels(read(tmp_path, text))) == {"a", "b"}


@pytest.mark.parametrize(("handle", "figure"), [("total", "77"), ("@total", "1500")])
def test_a_real_account_called_total_stays(tmp_path: Path, handle: str, figure: str) -> None:
    reading = read(tmp_path, a_table([("shop_a", "1200", "300"), ("shop_b", "300", "35"), (handle, figure, "5")]))
    assert levels(reading)["total"] == (int(figure), 5)
    assert reading.tables["issues"] == []


def test_a_subtotal_below_each_block_is_no_account(tmp_path: Path) -> None:
    rows = [
        ("a", "5", ""),
        ("b", "6", ""),
        ("Subtotal", "11", ""),
        ("c", "7", ""),
        ("d", "8", ""),
        ("Subtotal", "15", ""),
    ]
    reading = read(tmp_path, a_table([*rows, ("Total", "26", "")]))
    assert set(levels(reading)) == {"a", "b", "c", "d"}
    assert sum(line_count(row) for row in reading.tables["issues"] if row["problem"] == "summary_line") == 3


def test_a_header_in_the_middle_of_the_table_is_no_account(tmp_path: Path) -> None:
    text = "handle,followers\na,5\nHandle,Followers\nb,6\n"
    reading = read(tmp_path, text, captured_at=NOW)
    assert set(levels(reading)) == {"a", "b"}
    assert [(row["problem"], row["subject"]) for row in reading.tables["issues"]] == [
        ("repeated_header", "table.csv, line 3")
    ]
    assert reading.row_count == 3


def test_yes_and_no_are_read_in_other_languages(tmp_path: Path) -> None:
    text = "handle,followers,date,verified,protected\na,5,2026-11-01,ja,nein\nb,6,2026-11-01,non,oui\n"
    rows = read(tmp_path, text).tables["accounts"]
    assert [(row["is_verified"], row["status"]) for row in rows] == [(True, "active"), (False, "protected")]


def test_lines_of_another_platform_are_not_those_of_the_account_that_is_told(tmp_path: Path) -> None:
    text = "platform,date,followers\nx,2026-11-01,5\nbluesky,2026-11-01,600\n"
    own = {"kind": "profile_snapshots", "account": {"handle": "brand"}}
    mapping = FileMapping(
        "m", {**own, "columns": {"captured_at": "date", "follower_count": "followers"}}, "mappings/m.yml"
    )
    for known in ({"account": "brand"}, {"mappings": (mapping,)}):
        reading = read(tmp_path, text, **known)
        assert levels(reading) == {"brand": (5, None)}
        assert [row["problem"] for row in reading.tables["issues"]] == ["other_platform"]


def test_a_total_column_of_a_wide_table_is_no_account(tmp_path: Path) -> None:
    fields = {"kind": "profile_snapshots", "layout": "wide", "date_column": "date"}
    mapping = FileMapping("m", fields, "mappings/m.yml")
    reading = read(
        tmp_path,
        "date,@nike,@adidas,Total\n2026-11-01,5,6,11\n2026-11-02,6,7,13\n2026-11-03,,,0\n",
        mappings=(mapping,),
    )
    assert {row["handle"] for row in reading.tables["accounts"]} == {"nike", "adidas"}
    assert [row["problem"] for row in reading.tables["issues"]] == ["summary_column"]


def test_words_for_totals_are_known_in_many_languages_and_handles_are_not() -> None:
    words = ["TOTAL", "Grand Total", "Średnia", "Итого", "合计", "합계", "Összesen", "Yhteensä", "Σ", "Total (n = 3)"]
    assert [word for word in words if not is_summary_word(word)] == []
    assert not any(is_summary_word(word) for word in ["@total", "totalenergies", "", "average_joe", "shop_a"])
    assert [sums_up(value, [1, 2, 6]) for value in (9, 3, 2, 6, 1, 5)] == [
        "sum",
        "mean",
        "median",
        "largest",
        "smallest",
        None,
    ]


def test_the_sign_up_day_of_an_account_is_not_taken_from_the_post_beside_it(tmp_path: Path) -> None:
    header = "screen_name,followers_count,created_at,account_created_at"
    (row,) = read(tmp_path, f"{header}\nacme,5,2022-03-01,2015-05-01\n", captured_at=NOW).tables["accounts"]
    assert row["created_at"].date() == date(2015, 5, 1)


def test_a_post_beside_the_account_gives_neither_its_id_nor_its_time(tmp_path: Path) -> None:
    header = "id,text,created_at,user.id,user.screen_name,user.followers_count"
    (row,) = read(tmp_path, f"{header}\n99999,hello,2022-03-01,7,acme,5\n", captured_at=NOW).tables["accounts"]
    assert (row["account_id"], row["handle"], row["created_at"]) == ("7", "acme", None)


def test_column_names_in_camel_case_are_known(tmp_path: Path) -> None:
    reading = read(
        tmp_path, "userId,userName,followersCount,friendsCount,createdAt,date\n7,acme,5,6,2015-05-01,2026-11-01\n"
    )
    (row,) = reading.tables["accounts"]
    assert (row["account_id"], row["handle"], row["follower_count"], row["following_count"]) == ("7", "acme", 5, 6)
    assert row["created_at"].date() == date(2015, 5, 1)


def test_days_and_followers_are_read_for_the_account_that_is_told(tmp_path: Path) -> None:
    text = "date,followers\n2026-11-01,5\n2026-11-02,6\n"
    reading = read(tmp_path, text, account="@OurBrand")
    assert [(row["handle"], row["follower_count"]) for row in reading.tables["accounts"]] == [
        ("OurBrand", 5),
        ("OurBrand", 6),
    ]
    assert reading.options == {"account": "ourbrand"}
    with pytest.raises(TweetbenchError, match="--account: 'our brand'"):
        read(tmp_path, text, account="our brand")


def test_a_column_id_that_numbers_the_lines_names_no_account(tmp_path: Path) -> None:
    reading = read(tmp_path, "id,date,followers\n1,2026-11-01,5\n2,2026-11-02,6\n", account="ourbrand")
    assert {(row["account_id"], row["handle"]) for row in reading.tables["accounts"]} == {(None, "ourbrand")}
    assert reading.notes[-1] == "the column id only numbers the lines and is not read as an id of accounts"


def test_ids_that_all_end_in_zeros_are_rounded_and_the_handles_are_used(tmp_path: Path) -> None:
    text = "account_id,handle,followers,date\n1849991234567890000,a,5,2026-11-01\n1749991234567890000,b,6,2026-11-01\n"
    reading = read(tmp_path, text)
    assert [(row["account_id"], row["handle"]) for row in reading.tables["accounts"]] == [(None, "a"), (None, "b")]
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], line_count(issue)) == ("damaged_id", 2)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("2026-W44", "is a week, not a day"), ("2026-11", "is a month, not a day"), ("2026", "is a year, not a day")],
)
def test_a_week_a_month_and_a_year_are_no_day(tmp_path: Path, cell: str, words: str) -> None:
    reading = read(tmp_path, f"handle,followers,date\na,5,{cell}\nb,6,2026-11-01\n")
    assert set(levels(reading)) == {"b"}
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], issue["detail"]) == ("unreadable_date", f"{cell!r} {words}")
    assert issue["next_step"].startswith("name the day on which the followers were counted")


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["01/02/2026", "13/02/2026"], date(2026, 2, 1)),
        (["01/02/2026", "01/13/2026"], date(2026, 1, 2)),
        (["01.02.2026", "02.02.2026"], date(2026, 2, 1)),
    ],
)
def test_the_order_of_day_and_month_is_that_of_the_column(tmp_path: Path, cells: list[str], first: date) -> None:
    reading = read(tmp_path, f"handle,followers,date\na,5,{cells[0]}\na,6,{cells[1]}\n")
    assert reading.tables["accounts"][0]["captured_at"].date() == first
    assert reading.tables["issues"] == []


def test_day_and_month_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="no line can be used") as caught:
        read(tmp_path, "handle,followers,date\na,5,01/02/2026\na,6,02/02/2026\n")
    assert "can be read as day/month or month/day" in caught.value.why


@pytest.mark.parametrize("cell", ["@acme", "https://x.com/acme"])
def test_a_column_of_another_name_that_holds_handles_names_the_accounts(tmp_path: Path, cell: str) -> None:
    reading = read(tmp_path, f"Datum;Profil;Follower\n01.11.2026;{cell};1.234\n01.11.2026;@rival;12.000\n")
    assert levels(reading) == {"acme": (1_234, None), "rival": (12_000, None)}


def test_an_average_with_a_fraction_is_no_account(tmp_path: Path) -> None:
    reading = read(tmp_path, a_table([("a", "5", "1"), ("b", "6", "1"), ("Average", "5.5", "1")]))
    assert levels(reading) == {"a": (5, 1), "b": (6, 1)}
    assert [row["problem"] for row in reading.tables["issues"]] == ["summary_line"]


def test_a_week_is_no_day_anywhere() -> None:
    with pytest.raises(ValueError, match="'2026-W44' is a week, not a day"):
        parse_time("2026-W44")
    assert parse_time("2026-W44-3").date() == date(2026, 10, 28)


def test_seconds_since_1970_are_a_time() -> None:
    assert parse_moment("1525472700") == datetime(2018, 5, 4, 22, 25, tzinfo=UTC)
    assert parse_moment("1525472700000") == datetime(2018, 5, 4, 22, 25, tzinfo=UTC)


def test_220_levels_of_one_brand_are_read_from_seconds_and_counts(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "platforms" / "followers_decred" / "twitter.com__decredproject__followers.tsi"
    reading = read(tmp_path, "date,followers\n" + source.read_text(), account="decredproject")
    rows = reading.tables["accounts"]
    assert (len(rows), rows[0]["follower_count"], rows[0]["captured_at"].date()) == (220, 38_376, date(2018, 5, 4))
    assert reading.tables["issues"] == []
