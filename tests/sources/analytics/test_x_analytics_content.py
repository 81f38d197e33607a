"""X's export by post: both headers, other languages, bad rows, and real files."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.analytics import x_analytics_content as source
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.lake_source import Row
from pipeline.sources.snowflake import EPOCH_MS, created_at

NEWER = [
    *("Post id", "Date", "Post text", "Post Link", "Impressions", "Likes", "Engagements", "Bookmarks", "Shares"),
    *("New follows", "Replies", "Reposts", "Profile visits", "Detail Expands", "URL Clicks", "Hashtag Clicks"),
    "Permalink Clicks",
]
RENAMED = {"Post Link": "Link", "Shares": "Share", "Detail Expands": "Detail expands", "URL Clicks": "Url clicks"}
OLDER = [RENAMED.get(name, name).replace("Clicks", "clicks") for name in NEWER]
JAPANESE = ["ポストID", "日付", "ポスト本文", "ポストのリンク", *(f"指標{number}" for number in range(13))]
METRICS = ["50", "2", "9", "0", "1", "3", "4", "5", "6", "7", "8", "0", "-"]
COLUMNS = [
    *("impression_count", "like_count", "engagement_count", "bookmark_count", "share_count", "new_follow_count"),
    *("reply_count", "repost_count", "profile_click_count", "detail_expand_count", "link_click_count"),
    *("hashtag_click_count", "permalink_click_count"),
]
NAME = "account_analytics_content_2026-03-01_2026-03-08.csv"
REQUEST = Request(now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
NOON = datetime(2026, 3, 5, 12, 0, 0, 250_000, UTC)
Ingest = Callable[..., Reading]


def id_at(moment: datetime, number: int = 1) -> str:
    return str(((int(moment.timestamp() * 1000) - EPOCH_MS) << 22) + number)


def post(moment: datetime = NOON, number: int = 1, handle: str = "brand", /, **changed: str) -> list[str]:
    post_id = id_at(moment, number)
    cells = [post_id, f"{moment:%a}, {moment:%b} {moment.day}, {moment.year}", f"Text {number}"]
    row = dict(zip(NEWER, [*cells, f"https://x.com/{handle}/status/{post_id}", *METRICS], strict=True))
    return list({**row, **changed}.values())


def written(rows: list[list[str]], header: list[str] = NEWER, delimiter: str = ",") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([header, *rows])
    return stream.getvalue().encode()


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    def read(data: bytes, request: Request = REQUEST, name: str = NAME) -> Reading:
        (tmp_path / "file").write_bytes(data)
        file = InputFile(path=tmp_path / "file", shown_name=name, sha256="0" * 64)
        assert source.recognises(file, request)
        reading = source.read(file, request)
        Lake(tmp_path / "lake").commit(reading.tables, source=source.NAME, run_id="r1", now=request.now)
        return reading

    return read


def problems(reading: Reading) -> dict[str, str]:
    return {issue["subject"].removeprefix(f"{NAME} "): issue["problem"] for issue in reading.tables["issues"]}


def only(rows: list[Row]) -> Row:
    assert len(rows) == 1
    return rows[0]


@pytest.mark.parametrize(
    ("header", "dialect"), [(NEWER, "Post Link, Shares"), (OLDER, "Link, Share"), (JAPANESE, "localised")]
)
def test_every_header_gives_the_same_rows(ingest: Ingest, header: list[str], dialect: str) -> None:
    cells = post(**{"Post text": "R&amp;D #news @other https://t.co/a1"})
    reading = ingest(written([cells], header))
    assert (reading.dialect, reading.account, reading.row_count) == (dialect, "brand", 1)
    row = only(reading.tables["posts"])
    assert (row["post_id"], row["created_at"]) == (id_at(NOON), NOON)
    # One post at noon fits nearly every offset: nothing tells which, so none is given.
    assert (row["created_date"], row["utc_offset_minutes"]) == (date(2026, 3, 5), None)
    assert (row["text"], row["post_kind"]) == ("R&D #news @other https://t.co/a1", "original")
    assert (row["link_urls"], row["hashtags"], row["mentioned_handles"]) == (["https://t.co/a1"], ["news"], ["other"])
    metric = only(reading.tables["post_metrics"])
    assert metric["metric_scope"] == "export"
    assert [metric[column] for column in COLUMNS] == [50, 2, 9, 0, 1, 3, 4, 5, 6, 7, 8, 0, None]
    daily = only(reading.tables["post_daily"])
    assert (daily["date"], daily["impression_count"]) == (date(2026, 3, 5), 50)
    assert json.loads(metric["payload"]) == dict(zip(header, cells, strict=True))


def test_columns_may_come_in_another_order_be_missing_or_new(ingest: Ingest) -> None:
    row = dict(zip(NEWER, post(), strict=True)) | {"Quotes": "7"}
    del row["Bookmarks"]
    reading = ingest(written([list(row.values())[::-1]], list(row)[::-1]))
    metric = only(reading.tables["post_metrics"])
    assert (metric["impression_count"], metric.get("bookmark_count")) == (50, None)
    assert "columns kept in the payload only: Quotes" in reading.notes
    assert "columns not in this file, left empty: bookmark_count" in reading.notes


@pytest.mark.parametrize(
    ("delimiter", "cell"), [(",", "1,203"), (",", "1203.0"), (";", "1.203"), (";", "1203,0"), ("\t", "1203,0")]
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_spreadsheet_locales_and_encodings_are_read(ingest: Ingest, delimiter: str, cell: str, encoding: str) -> None:
    data = written([post(Impressions=cell, **{"Post text": "Café"})], delimiter=delimiter)
    reading = ingest(data.decode().encode(encoding))
    assert only(reading.tables["post_metrics"])["impression_count"] == 1203
    assert only(reading.tables["posts"])["text"] == "Café"


def test_a_second_export_below_is_read_in_another_spelling_and_never_in_another_order(ingest: Ingest) -> None:
    below = post(NOON, 2)
    reading = ingest(written([post(), OLDER, below]))
    assert [row["problem"] for row in reading.tables["issues"]] == ["header_row"]
    assert len(reading.tables["posts"]) == 2
    swapped = [*NEWER[:4], NEWER[5], NEWER[4], *NEWER[6:]]
    reading = ingest(written([post(), swapped, [*below[:4], below[5], below[4], *below[6:]]]))
    assert [row["problem"] for row in reading.tables["issues"]] == ["other_table", "other_table"]
    assert only(reading.tables["post_metrics"])["impression_count"] == 50


def test_each_bad_row_becomes_an_issue_and_the_good_one_loads(ingest: Ingest) -> None:
    lost = post()
    lost[0], lost[3] = "", "https://x.com/brand/status/undefined"
    rows = [
        post(),
        lost,
        post(NOON, 2, **{"Post id": "2.00796E+18"}),
        post(NOON, 3, **{"Post id": id_at(NOON, 4)}),
        post(NOON, 7)[:-1],
        post(NOON, 8, "rival"),
    ]
    reading = ingest(written(rows))
    assert only(reading.tables["posts"])["post_id"] == id_at(NOON)
    expected = ["missing_post_id", *["damaged_post_id"] * 2, "ragged_row", "other_account"]
    assert problems(reading) == {f"line {line}": problem for line, problem in enumerate(expected, start=3)}
    assert all(issue["next_step"] and issue["payload"] for issue in reading.tables["issues"])
    assert json.loads(reading.tables["issues"][1]["payload"])["Post id"] == "2.00796E+18"


def test_a_bad_cell_costs_the_cell_and_the_column_says_how_many(ingest: Ingest) -> None:
    rows = [post(), post(NOON, 5, Likes="many"), post(NOON, 6, Likes="-1"), post(NOON, 7, Impressions="1.2729541E7")]
    reading = ingest(written(rows))
    assert [row["like_count"] for row in reading.tables["post_metrics"]] == [2, None, None, 2]
    assert [row["impression_count"] for row in reading.tables["post_daily"]] == [50, 50, 50, 12_729_541]
    issue = only(reading.tables["issues"])
    assert (issue["subject"], issue["problem"]) == (f"{NAME} column Likes", "not_a_count")
    assert issue["detail"].startswith(
        "2 of 4 cells are not counts and left empty; the rows are used, e.g. in line 3: 'many'"
    )
    assert json.loads(issue["payload"]) == {"column": "Likes", "lines": [3, 4]}


def test_a_bad_date_costs_the_date_where_the_id_tells_the_time(ingest: Ingest) -> None:
    rows = [post(), post(NOON, 9, Date="Mon, Feb 30, 2026"), post(NOON, 10, Date="Fri, Jan 1, 2100")]
    reading = ingest(written(rows))
    assert [row["created_date"] for row in reading.tables["posts"]] == [date(2026, 3, 5), None, None]
    assert {row["created_at"] for row in reading.tables["posts"]} == {NOON}
    issue = only(reading.tables["issues"])
    assert issue["problem"] == "impossible_dates"
    assert issue["detail"].startswith("2 dates are none, e.g. in line 3: 'Mon, Feb 30, 2026'")


@pytest.mark.parametrize("cell", ["12.000", "12,000"])
def test_a_count_that_two_locales_read_differently_is_decided_by_the_file_or_left_empty(
    ingest: Ingest, cell: str
) -> None:
    mark = cell[2]
    later = ingest(written([post(Impressions=cell), post(NOON, 2, Impressions=f"1{mark}250")], delimiter=";"))
    assert [row["impression_count"] for row in later.tables["post_metrics"]] == [12_000, 1_250]
    tabbed = ingest(written([post(Impressions=cell, Engagements=f"1{mark}250")], delimiter="\t"))
    assert only(tabbed.tables["post_metrics"])["impression_count"] == 12_000
    alone = ingest(written([post(Impressions=cell), post(NOON, 2, Impressions="1250")], delimiter=";"))
    assert [row["impression_count"] for row in alone.tables["post_metrics"]] == [None, 1_250]
    assert "can be 12 or 12,000, and nothing in the file shows which" in only(alone.tables["issues"])["detail"]


def test_a_file_without_a_single_count_is_refused(ingest: Ingest) -> None:
    with pytest.raises(TweetbenchError, match="no figure of this file can be read") as caught:
        ingest(written([post(**dict.fromkeys(NEWER[4:], "n/k"))]))
    assert "13 cells are not counts, e.g. in line 2: 'n/k'" in caught.value.why


def test_rewritten_dates_keep_the_rows_because_ids_tell_the_time(ingest: Ingest) -> None:
    reading = ingest(written([post(Date="5/3/2026"), post(NOON, 2, Date="5/3/2026")]))
    assert [(row["created_at"], row["created_date"]) for row in reading.tables["posts"]] == [(NOON, None)] * 2
    issue = only(reading.tables["issues"])
    assert (issue["subject"], issue["problem"]) == (NAME, "rewritten_dates")
    assert "2 dates such as 5/3/2026" in issue["detail"]


def test_exact_copies_are_counted_and_of_other_repeats_the_newer_is_kept(ingest: Ingest) -> None:
    reading = ingest(written([post(Impressions="70"), post(Impressions="50"), post(Impressions="70")]))
    assert only(reading.tables["post_metrics"])["impression_count"] == 70
    assert problems(reading) == {"line 3": "repeated_post"}
    assert "1 exact copies of rows were passed over" in reading.notes


def test_the_offset_of_printed_days_is_said_as_far_as_the_ids_tell_it(ingest: Ingest) -> None:
    late = [NOON.replace(hour=hour) for hour in (20, 21, 22, 23)]
    rows = [post(moment, Date="Fri, Mar 6, 2026") for moment in late] + [post(NOON.replace(day=4))]
    reading = ingest(written(rows))
    assert {row["utc_offset_minutes"] for row in reading.tables["post_daily"]} == {None}
    assert "dates are printed at an offset from UTC+04:00 to UTC+11:00: the ids do not tell which" in reading.notes
    rows.append(post(NOON.replace(hour=19), 2))
    reading = ingest(written([*rows, post(NOON.replace(hour=19, minute=31), 3, Date="Fri, Mar 6, 2026")]))
    assert {row["utc_offset_minutes"] for row in reading.tables["post_daily"]} == {270}


def test_the_capture_is_the_midnight_after_the_period_and_never_before_a_post(ingest: Ingest) -> None:
    reading = ingest(written([post()]))
    assert (reading.period_start, reading.period_end) == (date(2026, 3, 1), date(2026, 3, 7))
    assert {row["captured_at"] for row in reading.tables["posts"]} == {datetime(2026, 3, 8, tzinfo=UTC)}
    west = post(datetime(2026, 3, 8, 3, tzinfo=UTC), Date="Sat, Mar 7, 2026")
    assert only(ingest(written([west])).tables["posts"])["captured_at"] == datetime(2026, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize("name", ["export.csv", "account_analytics_content_2026-03-06_2026-03-08.csv"])
def test_without_a_fitting_name_the_period_is_that_of_the_rows(ingest: Ingest, name: str) -> None:
    reading = ingest(written([post()]), name=name)
    assert (reading.period_start, reading.period_end) == (date(2026, 3, 5), date(2026, 3, 5))


def test_exactly_a_thousand_rows_raise_an_issue(ingest: Ingest) -> None:
    reading = ingest(written([post(NOON, number) for number in range(1_000)]))
    assert len(reading.tables["posts"]) == 1_000
    assert problems(reading) == {NAME: "truncated_export"}
    assert problems(ingest(written([post(NOON, number) for number in range(999)]))) == {}


def test_the_options_name_what_beside_the_bytes_decided_the_rows(ingest: Ingest) -> None:
    assert ingest(written([post()])).options == {"account": "brand"}
    later = Request(now=REQUEST.now, account="@Brand", captured_at=NOON + timedelta(days=9))
    reading = ingest(written([post()]), later)
    assert reading.options == {"account": "brand", "captured_at": "2026-03-14T12:00:00.250000+00:00"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "a header and no rows"),
        ([post(**{"Post id": "1.9E+18"}), post(**{"Post id": "1.8E+18"})], "none of the 2 rows can be used"),
        ([post(Date="", **{"Post id": "12", "Post Link": "https://x.com/brand/status/12"})], "when it was posted"),
    ],
)
def test_a_file_of_which_nothing_can_be_used_is_refused(ingest: Ingest, rows: list[list[str]], words: str) -> None:
    with pytest.raises(TweetbenchError, match=words) as caught:
        ingest(written(rows))
    assert caught.value.where == NAME
    assert "run: tweetbench ingest" in caught.value.next_step


def test_an_export_of_another_account_is_refused(ingest: Ingest) -> None:
    with pytest.raises(TweetbenchError, match="belong to @brand, not to @rival"):
        ingest(written([post()]), Request(now=REQUEST.now, account="rival"))


BAD_CELLS = st.sampled_from(["7", "7", "7", "", "-", "x", "-1", "1.5", "1e9"])
BAD_IDS = st.sampled_from([None, None, None, "", "2.0E+18", "undefined"])
ROWS = st.lists(st.tuples(st.integers(1, 4), BAD_IDS, BAD_CELLS, BAD_CELLS, st.booleans()), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ROWS)
def test_no_row_is_lost_silently(ingest: Ingest, drawn: list[tuple[int, str | None, str, str, bool]]) -> None:
    rows = [post(NOON, 99)]
    for number, post_id, likes, replies, is_short in drawn:
        changed = {"Likes": likes, "Replies": replies} | ({} if post_id is None else {"Post id": post_id})
        rows.append(post(NOON, number, **changed)[: 9 if is_short else None])
    reading = ingest(written(rows))
    copies = sum(int(note.split()[0]) for note in reading.notes if "exact copies" in note)
    of_rows = [issue for issue in reading.tables["issues"] if " line " in issue["subject"]]  # others are of cells
    assert len(reading.tables["posts"]) + len(of_rows) + copies == len(rows) == reading.row_count
    assert max(Counter(row["post_id"] for row in reading.tables["posts"]).values()) == 1


@pytest.mark.parametrize(
    ("dates", "post_count", "offset"),
    # The two small files fit seven hours of offsets: UTC is one of them and nothing says that it is the one.
    [("2024-11-06_2025-02-04", 1_780, 60), ("2026-07-06_2026-08-02", 201, None), ("2026-08-10_2026-08-16", 40, None)],
)
def test_real_exports_give_every_post(
    ingest: Ingest, shared_data: Path, dates: str, post_count: int, offset: int | None
) -> None:
    name = f"account_analytics_content_{dates}.csv"
    reading = ingest((shared_data / "x_content_export" / name).read_bytes(), name=name)
    assert [len(reading.tables[table]) for table in source.TABLES] == [post_count] * 3 + [0]
    assert {row["utc_offset_minutes"] for row in reading.tables["posts"]} == {offset}
    assert all(row["created_at"] == created_at(row["post_id"]) for row in reading.tables["posts"])
    assert all(row["created_at"] < row["captured_at"] for row in reading.tables["posts"])
    first, end = (date.fromisoformat(day) for day in dates.split("_"))
    assert (reading.period_start, reading.period_end) == (first, end - timedelta(days=1))
