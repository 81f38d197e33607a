"""X's export by day: columns, days that cannot be trusted, whose file it is, and the video overview."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.analytics import x_analytics_content, x_analytics_overview
from pipeline.sources.analytics import x_analytics_overview as source
from pipeline.sources.files.protocol import InputFile, Reading, Request

HEADER = (
    "Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,"
    "Create Post,Video views,Media views"
)
JAPANESE = ",".join(["日付", *(f"指標{number}" for number in range(13))])
METRICS = "3388,25,104,1,2,3,4,6,5,25,7,8,-"
NAME = "account_overview_analytics.csv"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OWNED = Request(now=NOW, account="brand")
Ingest = Callable[..., Reading]


def line(number: int, metrics: str = METRICS) -> str:
    day = date(2026, 3, 1) + timedelta(days=number)
    return f'"{day:%a}, {day:%b} {day.day}, {day.year}",{metrics}'


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    def read(text: str, request: Request = OWNED) -> Reading:
        (tmp_path / "file").write_text(text)
        file = InputFile(path=tmp_path / "file", shown_name=NAME, sha256="0" * 64)
        assert source.recognises(file, request)
        reading = source.read(file, request)
        Lake(tmp_path / "lake").commit(reading.tables, source=source.NAME, run_id="r1", now=request.now)
        return reading

    return read


def problems(reading: Reading) -> list[tuple[str, str]]:
    return [(row["subject"].removeprefix(f"{NAME} "), row["problem"]) for row in reading.tables["issues"]]


@pytest.mark.parametrize(("header", "dialect"), [(HEADER, "overview"), (JAPANESE, "overview, localised")])
def test_every_column_is_read_newest_first_or_not(ingest: Ingest, header: str, dialect: str) -> None:
    reading = ingest("\n".join([header, line(2), line(1)]))
    assert (reading.dialect, reading.row_count) == (dialect, 2)
    assert (reading.period_start, reading.period_end) == (date(2026, 3, 2), date(2026, 3, 3))
    row = reading.tables["account_daily"][0]
    assert (row["date"], row["handle"], row["captured_at"]) == (
        date(2026, 3, 3),
        "brand",
        datetime(2026, 3, 4, tzinfo=UTC),
    )
    counts = {name: value for name, value in row.items() if name.endswith("_count")}
    assert counts == {
        "impression_count": 3388,
        "like_count": 25,
        "engagement_count": 104,
        "bookmark_count": 1,
        "share_count": 2,
        "new_follow_count": 3,
        "unfollow_count": 4,
        "reply_count": 6,
        "repost_count": 5,
        "profile_click_count": 25,
        "post_count": 7,
        "video_view_count": 8,
        "media_view_count": None,
    }
    assert list(json.loads(row["payload"])) == header.split(",")


def test_days_that_nobody_can_trust_become_issues(ingest: Ingest) -> None:
    other = METRICS.replace("3388", "3400")
    rows = [
        line(1),
        line(2),
        line(2, other),
        line(3),
        line(3),
        f"5/3/2026,{METRICS}",
        f"2026-02-30,{METRICS}",
        f",{METRICS}",
    ]
    reading = ingest("\n".join([HEADER, *rows]))
    assert [row["date"].day for row in reading.tables["account_daily"]] == [2, 4]
    assert problems(reading) == [
        ("line 3", "contradicting_day"),
        ("line 4", "contradicting_day"),
        ("line 7", "rewritten_date"),
        ("line 8", "impossible_date"),
        ("line 9", "missing_date"),
    ]
    assert "1 exact copies of rows were passed over" in reading.notes
    assert any(note.startswith("1 of the 3 days from 2026-03-02 to 2026-03-04 have no row") for note in reading.notes)


@pytest.mark.parametrize("day", ["1/3/2026", "03-01-26"])
def test_a_file_whose_days_were_all_rewritten_is_refused_with_the_cure(ingest: Ingest, day: str) -> None:
    with pytest.raises(TweetbenchError, match="none of the 2 rows") as caught:
        ingest("\n".join([HEADER, f"{day},{METRICS}", f"{day},{METRICS}"]))
    assert "day/month or month/day" in caught.value.why
    assert "export the period from X again" in caught.value.next_step


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (["1/3/2026", "13/3/2026"], "day/month"),
        (["3/1/2026", "3/13/2026"], "month/day"),
        (["01.03.26", "13.03.26"], "day/month"),
    ],
)
def test_rewritten_days_are_read_where_one_of_them_proves_the_order(
    ingest: Ingest, days: list[str], order: str
) -> None:
    reading = ingest("\n".join([HEADER, *(f"{day},{METRICS}" for day in days)]))
    assert [row["date"] for row in reading.tables["account_daily"]] == [date(2026, 3, 1), date(2026, 3, 13)]
    assert f"a spreadsheet program has rewritten the days: read as {order}, 1 of them prove it" in reading.notes
    with pytest.raises(TweetbenchError, match="none of the 3 rows"):
        ingest("\n".join([HEADER, *(f"{day},{METRICS}" for day in ("1/3/2026", "13/3/2026", "3/13/2026"))]))


@pytest.mark.parametrize(
    ("days", "proof"),
    [
        (["1/11/2026", "2/11/2026", "3/11/2026"], "only so do the days follow one another"),
        (["11/3/2026", "11/2/2026", "11/1/2026"], "only so do the days follow one another"),
        (["01.11.2026", "03.11.2026"], "dates with points begin with the day"),
        (["1-Nov-26", "3-Nov-26"], "the month is a word"),
    ],
)
def test_days_that_all_are_ambiguous_are_read_where_only_one_order_makes_a_run_of_days(
    ingest: Ingest, days: list[str], proof: str
) -> None:
    reading = ingest("\n".join([HEADER, *(f"{day},{METRICS}" for day in days)]))
    found = {row["date"] for row in reading.tables["account_daily"]}
    assert found <= {date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 3)}
    assert len(found) == len(days)
    assert any(note.endswith(proof) for note in reading.notes)


@pytest.mark.parametrize("days", [["1/11/2026", "2/11/2026"], ["1/2/2026", "3/2/2026", "5/2/2026"], ["1/1/2026"] * 3])
def test_days_that_make_no_run_in_either_order_stay_unread(ingest: Ingest, days: list[str]) -> None:
    with pytest.raises(TweetbenchError, match="can be used"):
        ingest("\n".join([HEADER, *(f"{day},{METRICS}" for day in days)]))


def test_names_without_a_known_meaning_are_not_read_by_their_place_where_a_word_in_them_contradicts_it(
    ingest: Ingest,
) -> None:
    german = "Datum,Impressions,Gefällt mir,Interaktionen,Lesezeichen,Geteilt,Neue Follower,Entfolgt,Antworten,Reposts,"
    row = f'"Mon, Mar 2, 2026",{METRICS}'
    kept = ingest(f"{german}Profilbesuche,Post-Erstellungen,Videoaufrufe,Medienaufrufe\n{row}").tables["account_daily"]
    moved = ingest(f"{german}Profilbesuche,Videoaufrufe,Post-Erstellungen,Medienaufrufe\n{row}").tables["account_daily"]
    assert [(each["post_count"], each["video_view_count"]) for each in kept] == [(7, 8)]
    assert [(each.get("post_count"), each.get("impression_count")) for each in moved] == [(None, 3388)]


def test_a_line_of_totals_and_a_table_about_videos_below_are_named_and_left_out(ingest: Ingest) -> None:
    total = "Total," + ",".join("9" for _ in METRICS.split(","))
    video = ["Date,Views,Watch Time (ms)" + "," * 11, line(1, "55,100" + "," * 11), line(2, "66,100" + "," * 11)]
    reading = ingest("\n".join([HEADER, line(1), line(2), total, *video]))
    assert [row["impression_count"] for row in reading.tables["account_daily"]] == [int(METRICS.split(",")[0])] * 2
    assert problems(reading) == [("line 4", "total_row"), *[(f"line {at}", "other_table") for at in (5, 6, 7)]]
    assert reading.tables["issues"][0]["detail"] == "'Total' adds up the other rows"


def test_the_only_own_account_is_taken_and_several_are_asked_for(ingest: Ingest) -> None:
    text = "\n".join([HEADER, line(1)])
    assert ingest(text, Request(now=NOW, own_handles=frozenset({"brand"}))).account == "brand"
    for own in ({"brand", "second"}, set[str]()):
        with pytest.raises(TweetbenchError, match="which account it belongs to") as caught:
            ingest(text, Request(now=NOW, own_handles=frozenset(own)))
        assert "--account HANDLE" in caught.value.next_step


@pytest.mark.parametrize("first_line", ["Video overview,,,,,", "Video overview"])
def test_a_video_overview_is_refused_by_its_kind(ingest: Ingest, first_line: str) -> None:
    columns = "Date,Views,Watch Time (ms),Completion Rate,Average Watch Time (ms),Estimated Revenue"
    with pytest.raises(TweetbenchError, match="video overview, a kind of file that is not supported"):
        ingest(f'{first_line}\n{columns}\n"Sun, Mar 1, 2026",5,100,0.5,20,0\n')


def test_video_metrics_are_refused_by_their_kind_with_their_sheets(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "videos.xlsx")) as book:
        for name in ("India", "Latam"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Video name", "Video views", "Completion rate", "Tweet text"])
            sheet.write_row(1, 0, ["A", 5, 0.5, "text"])
    file = InputFile(path=tmp_path / "videos.xlsx", shown_name="videos.xlsx", sha256="0" * 64)
    assert source.recognises(file, OWNED)
    with pytest.raises(TweetbenchError, match="video metrics, a kind of file that is not supported") as caught:
        source.read(file, OWNED)
    assert caught.value.why.endswith("its sheets: India, Latam")


def test_questions_about_videos_are_no_export_of_videos(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("ID,How many video views do you expect?,Do you use video?,Video views\n1,5,yes,2\n")
    assert not source.recognises(InputFile(path=tmp_path / "file", shown_name="s.csv", sha256="0" * 64), OWNED)


@pytest.mark.parametrize(
    "text",
    [
        "Date,Impressions\n2026-03-01,4\n",
        "platform,handle,captured_at,follower_count\nx,brand,2026-03-01,9\n",
        "",
        "PK\x03\x04",
    ],
)
def test_other_files_are_not_taken_for_exports_of_x(tmp_path: Path, text: str) -> None:
    (tmp_path / "file").write_text(text)
    file = InputFile(path=tmp_path / "file", shown_name=NAME, sha256="0" * 64)
    assert not x_analytics_overview.recognises(file, OWNED)
    assert not x_analytics_content.recognises(file, OWNED)


LINES = st.builds(line, st.integers(0, 3), st.sampled_from([METRICS, METRICS.replace("3388", "1"), "x" + METRICS, "7"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(LINES, max_size=12))
def test_no_day_is_lost_silently(ingest: Ingest, drawn: list[str]) -> None:
    reading = ingest("\n".join([HEADER, line(9), *drawn]))
    copies = sum(int(note.split()[0]) for note in reading.notes if "exact copies" in note)
    days = [row["date"] for row in reading.tables["account_daily"]]
    assert len(days) == len(set(days))
    of_rows = [issue for issue in reading.tables["issues"] if " line " in issue["subject"]]  # others are of cells
    assert len(days) + len(of_rows) + copies == len(drawn) + 1 == reading.row_count


def test_a_real_overview_gives_its_seven_days(ingest: Ingest, shared_data: Path) -> None:
    reading = ingest((shared_data / "x_content_export" / NAME).read_text())
    rows = reading.tables["account_daily"]
    assert [len(rows), sum(row["impression_count"] for row in rows), problems(reading)] == [7, 24_749, []]
    assert sum(row["post_count"] for row in rows) == 14
    assert (reading.period_start, reading.period_end) == (date(2025, 8, 20), date(2025, 8, 26))
