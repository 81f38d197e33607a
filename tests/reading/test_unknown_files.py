"""Files that nobody reads are refused with their own cause and the way out, one message for each."""

import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task
from pipeline.sources.files.protocol import FileMapping, InputFile, Request

REQUEST = Request(now=datetime(2026, 11, 22, 12, tzinfo=UTC))
TABLES = {
    "handle,followers,date\n": ("a header and no lines", "export it again"),
    "日付,インプレッション数,いいね\n": ("a header and no lines below it", "for a period that has data"),
    "1525472700,38376\n1527798838,39118\n": ("the file has no header: its first line holds values", "date,followers"),
    "date,followers\n2026-11-01,5\n": ("does not say whose they are", "run: tweetbench ingest FILE --account HANDLE"),
    "Who,Date,Followers\nhttps://x.com/acme,2026-11-01,5\n": ("whose they are", "'Who' names accounts"),
    "followers,following\n5,6\n": ("does not say whose they are", "--account HANDLE --captured-at DATE"),
    "handle,2026-01,2026-02,2026-03\na,1,2,3\n": (
        "the columns are days, months or years (2026-01, 2026-02",
        "turn the table",
    ),
    "Konto;Jan 2026;Feb. 2026;März 2026\na;1;2;3\n": (
        "the columns are days, months or years (Jan 2026",
        "turn the table",
    ),
    "brand,2026-11-01,2026-11-02\na,1,2\n": ("the columns are days, months or years", "handle,date,followers"),
    "username,2024,2025,2026\na,5,6,7\n": ("the columns are days, months or years (2024, 2025", "turn the table"),
    "Respondent,Do you count?,followers\n1,Yes,5\n": ("this kind of file is not known", "tweetbench survey inspect"),
    "date,followers,impressions\n2026-11-01,5,9\n": (
        "and daily figures, made by another program",
        "take the others",
    ),
    "username,likes\na,1\n": ("this kind of file is not known", "--as KIND"),
    "username,name,likes\na,A,1\n": ("names accounts and holds no follower counts", "rename the column"),
    "Date,Page likes,Unlikes,Followers\n2026-11-01,5,1,6\n": ("an export of Facebook", "export them from X"),
    "Date,Subscribers,Views\n2026-11-01,5,9\n": ("an export of YouTube", "file_name: PATTERN"),
    "Date,Sessions,Pageviews\n2026-11-01,5,9\n": ("an export of Google Analytics", "export them from X"),
    "Account address,Show boosts\na@b.example,true\n": ("an export of Mastodon", "export them from X"),
    "Date,@acme,@rival\n2026-11-01,5,9\n": ("each line is a day and each column an account", "layout: wide"),
    "Handle,Name,Jan 2026,Feb 2026,Growth %,Average\n@a,A,1,2,3,1\n": ("the columns are days, months", "turn the"),
    "username,text,followers_count,like_count\na,hello,5,1\n": ("this is a table of posts", "archive"),
    "Date,Post Link,Impressions,Likes\n2026-11-01,https://x.com/a/status/1050118621198921728,5,1\n": (
        "links to posts and few columns that are known from X's export",
        "--as x_analytics_content",
    ),
    "colour,size\nred,3\n": ("this kind of file is not known", "tweetbench survey inspect FILE"),
    "<html><body><table><tr><td>a</td></tr></table></body></html>": ("this is a web page (HTML)", "save it as CSV"),
    '<?xml version="1.0"?>\n<Workbook><a/></Workbook>': ("this is an XML file", "save it as CSV"),
    '[{"id": "1", "text": "hello", "author_id": "2"}]': ("accounts of the X API: posts of the X API", "tweetbench run"),
    '{"acct": "a@b.example", "followers_count": 5, "username": "a"}\n': ("accounts or posts of Mastodon", "CSV"),
    '{"did": "did:plc:1", "handle": "a.bsky.social", "followersCount": 5}\n': ("posts of Bluesky", "CSV"),
    '{"colour": "red"}\n{"colour": "blue"}\n': ("objects of another kind", "user objects with public_metrics"),
}
BYTES = {
    b"\x89PNG\r\n\x1a\n0000": "a picture (PNG)",
    b"\xff\xd8\xff\xe0 0000": "a picture (JPEG)",
    b"SQLite format 3\x00": "a SQLite database",
    b"7z\xbc\xaf\x27\x1c00": "a 7z archive",
    b"{\\rtf1 hello}": "a text document (RTF)",
    b"%PDF-1.7": "a PDF document",
    b"PAR1abcdPAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old Excel workbook",
    b'[{"id": "81", "username": "brand", "public_metrics": {"followers_cou': "this JSON cannot be read",
    b'{"id": "81", "public_metrics": {"followers_count": ' + b"9" * 5_000 + b"}}": "this JSON cannot be read",
    b"[" * 70_000: "this JSON cannot be read",
}


def refusal(path: Path, request: Request = REQUEST) -> TweetbenchError:
    with pytest.raises(TweetbenchError) as caught:
        do_task("read", InputFile(path, path.name, ""), request)
    return caught.value


@pytest.mark.parametrize("text", TABLES)
def test_a_table_of_no_use_says_what_is_wrong_and_what_to_do(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    error = refusal(tmp_path / "a.csv")
    what, remedy = TABLES[text]
    assert what in error.what
    assert remedy in error.next_step
    assert error.where == "a.csv"


@pytest.mark.parametrize("data", BYTES)
def test_a_file_of_another_kind_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    assert BYTES[data] in refusal(tmp_path / "a.csv").what


@pytest.mark.parametrize(
    ("members", "what", "why"),
    [
        (["Index/Document.iwa"], "a Numbers or Pages document", ""),
        (["mimetype", "content.xml"], "an OpenDocument file (.ods)", ""),
        (["xl/workbook.bin"], "a binary Excel workbook (.xlsb)", ""),
        (["word/document.xml"], "a Word document", ""),
        (
            ["e/a.csv", "e/b.csv", "e/c.txt"],
            "a ZIP that is no archive of X",
            "it holds 2 .csv, 1 .txt: e/a.csv, e/b.csv",
        ),
        ([], "a ZIP that is no archive of X", "it is empty"),
    ],
)
def test_a_zip_is_named_by_what_is_inside(tmp_path: Path, members: list[str], what: str, why: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in members:
            archive.writestr(name, "x")
    error = refusal(tmp_path / "a.zip")
    assert what in error.what
    assert why in error.why


def test_the_sheets_of_an_unknown_workbook_are_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name in ("Video", "Viewers"):
            book.add_worksheet(name).write_column(0, 0, ["colour", "red"])
    assert refusal(tmp_path / "a.xlsx").why == (
        "it begins with the columns colour; the workbook has the sheets Video, Viewers"
    )


def test_what_looks_personal_in_a_first_line_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Ann Example,ann@example.org\nBob Example,bob@example.org\n")
    assert "ann@example.org" not in str(refusal(tmp_path / "a.csv"))


@pytest.mark.parametrize("name", ["Date,Page likes,Unlikes,Followers", "Date,Subscribers,Views,Followers"])
def test_no_mapping_takes_an_export_of_another_platform_unless_it_names_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"{name}\n2026-11-01,5,1,6\n")
    columns = {"captured_at": "date", "follower_count": "followers"}
    fields = {"kind": "profile_snapshots", "account": {"handle": "acme"}, "columns": columns}
    for known in ({"account": "acme"}, {"mappings": (FileMapping("m", fields, "mappings/m.yml"),)}):
        assert "which is not read" in refusal(path, replace(REQUEST, **known)).what
    named = FileMapping("m", {**fields, "file_name": "table.csv"}, "mappings/m.yml")
    _, reading = do_task("read", InputFile(path, path.name, ""), replace(REQUEST, mappings=(named,)))
    assert [row["follower_count"] for row in reading.tables["accounts"]] == [6]


def test_a_mapping_for_unnamed_accounts_is_named_where_nothing_shows_that_columns_are_accounts(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("date,temperature,humidity\n2026-11-01,5,1\n")
    wide = FileMapping("w", {"kind": "profile_snapshots", "layout": "wide", "date_column": "date"}, "mappings/w.yml")
    error = refusal(path, replace(REQUEST, mappings=(wide,)))
    assert "mappings/w.yml is for days by accounts" in error.why
    assert error.next_step.startswith("if they are, write accounts: {COLUMN: HANDLE} or file_name: PATTERN")


def test_a_mapping_of_which_a_wider_table_has_the_date_alone_does_not_hide_the_cause(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("date,AAPL,MSFT\n2026-11-01,5,1\n")
    fields = {"kind": "profile_snapshots", "columns": {"captured_at": "date", "follower_count": "fans"}}
    error = refusal(path, replace(REQUEST, mappings=(FileMapping("m", fields, "mappings/m.yml"),)))
    assert error.what == "this kind of file is not known"
