"""Profile tables: recognised by their columns, one snapshot per account and time, nothing lost silently."""

import statistics
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.schemas import TABLES
from pipeline.sources import profile_snapshots
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request
from pipeline.sources.issue_summary import line_count

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUEST = Request(now=NOW)
DATED = replace(REQUEST, captured_at=datetime(2022, 11, 15, tzinfo=UTC))
HEADER = "platform,account_id,handle,captured_at,follower_count,following_count"


def table(folder: Path, *lines: str, encoding: str = "utf-8") -> InputFile:
    path = folder / "profiles.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return InputFile(path, "profiles.csv", "0" * 64)


def read(folder: Path, *lines: str, request: Request = REQUEST) -> Reading:
    file = table(folder, *lines)
    assert profile_snapshots.recognises(file, request)
    return profile_snapshots.read(file, request)


def problems(reading: Reading) -> list[str]:
    return [row["problem"] for row in reading.tables["issues"]]


def test_the_canonical_header_is_read(tmp_path: Path) -> None:
    lines = ["x,12,acme,2026-01-02,1200,30", "bluesky,did:plc:1,acme.bsky.social,2026-01-02T10:00:00Z,7,8"]
    reading = read(tmp_path, HEADER, *lines)
    first, second = reading.tables["accounts"]
    assert (first["account_id"], first["handle"], first["follower_count"], first["following_count"]) == (
        "12", "acme", 1200, 30,
    )  # fmt: skip
    assert first["captured_at"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert (second["platform"], second["captured_at"].hour, second["status"]) == ("bluesky", 10, "active")
    assert (reading.period_start, reading.period_end) == (date(2026, 1, 2), date(2026, 1, 2))
    assert set(first) <= set(TABLES["accounts"].names)
    Lake(tmp_path / "lake").commit(reading.tables, source="profile_snapshots", run_id="r1", now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        "id,username,followers_count,following_count,tweet_count",
        "user_id,screen_name,followers_count,friends_count,statuses_count",
        "id,username,public_metrics.followers_count,public_metrics.following_count,public_metrics.tweet_count",
        "author_id,handle,followers,following,posts",
    ],
)
def test_common_spellings_are_read_without_a_mapping(tmp_path: Path, header: str) -> None:
    (row,) = read(tmp_path, header, '7,acme,"1,203",0,9', request=DATED).tables["accounts"]
    assert (row["account_id"], row["follower_count"], row["following_count"], row["post_count"]) == ("7", 1203, 0, 9)
    assert row["captured_at"] == DATED.captured_at


@pytest.mark.parametrize(
    "header",
    [
        "id,author_id,text,followers_count",
        "Post id,Date,Impressions,followers",
        "id,email,followers",
        "handle,following_count",
        "date,followers",
    ],
)
def test_tables_of_posts_days_and_contacts_are_not_recognised(tmp_path: Path, header: str) -> None:
    assert not profile_snapshots.recognises(table(tmp_path, header), REQUEST)


def test_without_a_date_the_next_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, "id,username,followers_count", "7,acme,5")
    assert caught.value.next_step == "run: tweetbench ingest FILE --captured-at DATE"
    with pytest.raises(TweetbenchError, match="a header and no lines"):
        read(tmp_path, HEADER)


def test_status_comes_from_protected_and_withheld_or_is_told(tmp_path: Path) -> None:
    header = "handle,date,followers,protected,withheld,status"
    lines = ["a,2026-01-01,1,True,,", "b,2026-01-01,1,False,\"{'country_codes': ['IN']}\",", "c,2026-01-01,1,,,"]
    rows = read(tmp_path, header, *lines, "d,2026-01-01,,,,suspended").tables["accounts"]
    assert [row["status"] for row in rows] == ["protected", "withheld", "active", "suspended"]
    assert (rows[1]["withheld_countries"], rows[3]["follower_count"]) == (["IN"], None)


def test_rows_that_cannot_be_used_are_named_and_the_others_load(tmp_path: Path) -> None:
    lines = [
        "x,12,acme,2026-01-02,1200,30",
        "x,1.2E+18,other,2026-01-02,5,5",
        "x,1849990000000000000,,2026-01-02,5,5",
        "x,13,third,2026-01-02,-4,5",
        "x,14,fourth,2026-01-02,4.5,5",
        "x,15,fifth,01/02/2026,4,5",
        "x,16,sixth,2062-01-02,4,5",
        "x,17,seventh,2026-01-02,4",
        "x,18,eighth,9999-12-31T23:59:59-10:00,4,5",
        "x,19,ninth,2026-01-02,NA,5",
    ]
    reading = read(tmp_path, HEADER, *lines)
    assert [(row["account_id"], row["handle"]) for row in reading.tables["accounts"]] == [
        ("12", "acme"),
        (None, "other"),
    ]
    # Lines that share a cause are one issue, which says how many they are.
    assert {row["problem"]: line_count(row) for row in reading.tables["issues"]} == {
        "damaged_id": 1,
        "no_account": 1,
        "not_a_count": 2,
        "unreadable_date": 2,
        "impossible_date": 1,
        "ragged_row": 1,
        "no_follower_count": 1,
    }


def test_lesser_cells_that_cannot_be_read_are_left_empty_and_summarised(tmp_path: Path) -> None:
    reading = read(tmp_path, "handle,date,followers,created_at", "a,2026-01-01,1,9/22/2011", "b,2026-01-01,1,soon")
    assert [row["created_at"] for row in reading.tables["accounts"]] == [None, None]
    assert problems(reading) == ["unreadable_cells"]


def test_repeated_lines_count_once_and_the_later_contradiction_wins(tmp_path: Path) -> None:
    lines = ["x,1,a,2026-01-01,5,5", "x,1,a,2026-01-01,5,5", "x,2,b,2026-01-01,5,5", "x,2,b,2026-01-01,6,5"]
    reading = read(tmp_path, HEADER, *lines)
    assert [row["follower_count"] for row in reading.tables["accounts"]] == [5, 6]
    assert problems(reading) == ["contradicting_lines"]
    assert "follower_count 5 there, 6 here" in reading.tables["issues"][0]["detail"]


def test_semicolons_utf16_and_decimal_commas_are_read(tmp_path: Path) -> None:
    file = table(tmp_path, HEADER.replace(",", ";"), "x;1;a;2026-01-01;1.234;5,0", encoding="utf-16")
    (row,) = profile_snapshots.read(file, REQUEST).tables["accounts"]
    assert (row["follower_count"], row["following_count"]) == (1234, 5)


def test_a_mistyped_date_in_a_sorted_file_is_reported_and_not_loaded(tmp_path: Path) -> None:
    days = [date(2026, 1, 3) - timedelta(days=30 * step) for step in range(12)]
    days[1] = days[1].replace(year=2024)
    reading = read(tmp_path, HEADER, *[f"x,1,a,{day},5,5" for day in days])
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], len(reading.tables["accounts"])) == ("date_out_of_order", 11)
    assert all(str(day) in issue["detail"] for day in days[:3])
    assert issue["subject"] == "profiles.csv, line 3"


def test_a_file_in_no_order_loads_whole(tmp_path: Path) -> None:
    days = [date(2026, 1, 1) + timedelta(days=(step * 7) % 20) for step in range(20)]
    assert len(read(tmp_path, HEADER, *[f"x,1,a,{day},5,5" for day in days]).tables["accounts"]) == 20


LINES = st.tuples(
    st.sampled_from(["1", "2", "1.2E+18", ""]),
    st.sampled_from(["a", "b", "", "not a handle"]),
    st.integers(0, 25).map(lambda step: str(date(2026, 1, 1) + timedelta(days=step)))
    | st.sampled_from(["", "1/2/2026"]),
    st.sampled_from(["5", "6", "NA", "", "-1", "x"]),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=25), is_sorted=st.booleans())
def test_every_line_is_used_reported_or_a_repetition(
    tmp_path: Path, lines: list[tuple[str, str, str, str]], is_sorted: bool
) -> None:
    ordered = sorted(lines, key=lambda line: line[2]) if is_sorted else lines
    written = [f"x,{account},{handle},{day},{count},1" for account, handle, day, count in ordered]
    reading = read(tmp_path, HEADER, "x,9,good,2026-01-01,5,5", *written)
    # A line whose id or handle alone is bad is used and reported as well.
    reported = sum(
        line_count(row) for row in reading.tables["issues"] if row["problem"] not in {"damaged_id", "bad_handle"}
    )
    repeated = sum(int(note.split()[0]) for note in reading.notes if "repeated lines" in note)
    assert len(reading.tables["accounts"]) + reported + repeated == len(lines) + 1
    keys = [(row["account_id"] or row["handle"], row["captured_at"]) for row in reading.tables["accounts"]]
    assert len(set(keys)) == len(keys)


def test_the_monthly_follower_table_gives_49_levels_and_names_the_mistyped_date(shared_data: Path) -> None:
    path = shared_data / "ropensci_tweets" / "twitter_metrics_monthly_rOpenSci.csv"
    columns = {"captured_at": "date", "follower_count": "followers"}
    fields = {"kind": "profile_snapshots", "platform": "x", "columns": columns, "account": {"handle": "monthly"}}
    request = replace(REQUEST, mappings=(FileMapping("monthly", fields, "mappings/monthly.yml"),))
    reading = profile_snapshots.read(InputFile(path, path.name, ""), request)
    levels = [row["follower_count"] for row in reading.tables["accounts"]]
    assert (len(levels), min(levels), max(levels)) == (49, 11_700, 33_464)
    order, gaps = reading.tables["issues"]
    assert (order["problem"], gaps["problem"]) == ("date_out_of_order", "no_follower_count")
    assert order["detail"].startswith("2021-01-03 stands after 2022-01-03 and before 2021-11-02")
    assert gaps["detail"].startswith("22 lines")


@pytest.mark.parametrize(
    ("name", "count", "protected_count"),
    [
        ("sp_500_twitter_profile_info.csv", 494, 2),
        ("sp_500_twitter_profile_info_mentioned_subsidiaries.csv", 537, 2),
        ("mergr_twitter_profile_info.csv", 46, 1),
    ],
)
def test_brand_profiles_give_one_row_each(shared_data: Path, name: str, count: int, protected_count: int) -> None:
    path = shared_data / "sp500_twitter_profiles" / name
    file = InputFile(path, path.name, "")
    assert profile_snapshots.recognises(file, REQUEST)
    with pytest.raises(TweetbenchError, match="--captured-at DATE"):
        profile_snapshots.read(file, REQUEST)
    reading = profile_snapshots.read(file, DATED)
    rows = reading.tables["accounts"]
    assert (len(rows), reading.tables["issues"]) == (count, [])
    assert sum(row["status"] == "protected" for row in rows) == protected_count
    if count == 494:
        ratios = [row["follower_count"] / row["following_count"] for row in rows if row["following_count"]]
        assert (len(rows) - len(ratios), round(statistics.median(ratios), 1)) == (7, 33.7)


def test_a_second_block_with_other_columns_is_not_read_by_the_places_of_the_first(tmp_path: Path) -> None:
    lines = ["handle,date,followers,following", "acme,2026-11-01,500,6", "handle,date,followers,following"]
    lines += ["acme,2026-11-02,501,6", "handle,date,following,followers", "acme,2026-11-03,6,502"]
    reading = read(tmp_path, *lines)
    levels = [(row["follower_count"], row["following_count"]) for row in reading.tables["accounts"]]
    assert levels == [(500, 6), (501, 6)]
    assert set(problems(reading)) == {"repeated_header", "other_table"}


@pytest.mark.parametrize("header", ["Data,Handle,Seguidores", "Jour,Handle,Abonnés", "日期,Handle,粉丝数"])
def test_days_and_followers_are_known_in_many_languages(tmp_path: Path, header: str) -> None:
    (row,) = read(tmp_path, header, "2026-10-15,@acme,500").tables["accounts"]
    assert (row["captured_at"].date(), row["follower_count"]) == (date(2026, 10, 15), 500)


def test_a_link_to_another_platform_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError) as caught:
        read(tmp_path, "handle,date,followers", "https://www.instagram.com/acme,2026-10-01,5")
    assert "is a link to another place than an account on X" in caught.value.why


def test_columns_that_nobody_reads_are_named(tmp_path: Path) -> None:
    text = "Rank,handle,date,followers,Followed accounts\n1,acme,2026-11-01,5,7\n"
    assert "columns not read: Rank, Followed accounts" in read(tmp_path, text).notes
    wide = ",".join(f"c{number}" for number in range(12))
    reading = read(tmp_path, f"handle,date,followers,{wide}", f"acme,2026-11-01,5{',x' * 12}")
    assert reading.notes[-1].endswith("c8, c9 and 2 more")
