"""Sixty poisoned files in one inbox: each is refused with a note or loads with issues; the good one loads."""

import gzip
import io
import struct
import zipfile
from collections.abc import Mapping

import pytest
import xlsxwriter

from pipeline.ingest import Outcome, build_request
from pipeline.ingest.inbox import ingest_inbox
from pipeline.lake import Lake
from pipeline.settings import Settings
from tests.conftest import NOW

HEADER = b"platform,account_id,handle,captured_at,follower_count,following_count\n"
ROW = b"x,7,brand,2026-11-01,100,10\n"
OVERVIEW = b"Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,"
OVERVIEW += b"Create Post,Video views,Media views\n"
SURVEY = b"Id,Colour,Size\n"


def workbook() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write_row(0, 0, HEADER.decode().strip().split(","))
    return stream.getvalue()


def repacked(change: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            target.writestr(name, change.get(name, source.read(name)))
    return stream.getvalue()


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, data in members.items():
            target.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def corpus() -> dict[str, bytes]:
    """Small files that are wrong in one way each."""
    sheet = "xl/worksheets/sheet1.xml"
    return {
        # no table at all
        "empty.csv": b"",
        "blanks.csv": b" \n \n\n",
        "commas.csv": b",,,\n,,,\n",
        "nul.csv": b"\x00" * 500,
        "one_word.csv": b"hello",
        "random.bin": bytes(range(256)) * 4,
        "pdf.csv": b"%PDF-1.7 ...",
        "old_excel.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
        "gzip.csv.gz": gzip.compress(HEADER + ROW),
        "parquet.parquet": b"PAR1" + b"\x00" * 40 + b"PAR1",
        "html.csv": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
        "json.csv": b'{"data": [{"id": "1"}]}',
        "login_page.csv": b"<!doctype html>\n<title>Sign in, please</title>\n",
        "bom_only.csv": b"\xef\xbb\xbf",
        "utf16_half.csv": HEADER.decode().encode("utf-16")[:-1],
        "utf32.csv": HEADER.decode().encode("utf-32"),
        "ebcdic.csv": HEADER.decode().encode("cp500"),
        # tables that are broken
        "header_only.csv": HEADER,
        "open_quote.csv": HEADER + b'x,7,"brand,2026-11-01,100,10\n' + ROW * 3,
        "huge_cell.csv": b'a,b\n1,"' + b"x" * 1_000_100 + b'"\n',
        "wide.csv": b"c," * 6_000 + b"c\n",
        "wide_and_long.csv": b"a," * 40_000 + b"\n" + b"1," * 40_000,
        "ragged.csv": HEADER + b"x,7\n" + b"x,7,brand,2026-11-01,100,10,11,12\n",
        "no_newline.csv": b"x" * 200_000,
        "equal_names.csv": b"a," * 4_000 + b"a\n" + b"1," * 4_000 + b"1\n",
        "nul_in_cells.csv": HEADER + b"x,\x007,br\x00and,2026-11-01,100,\x0010\n",
        "controls.csv": HEADER + b"x,7,br\x1b[31mand,2026-11-01,100,10\n",
        "direction.csv": HEADER + "x,7,\u202ednarb,2026-11-01,100,10\n".encode(),
        "cr_only.csv": HEADER.replace(b"\n", b"\r") + ROW.replace(b"\n", b"\r"),
        # values that cannot be
        "excel_id.csv": HEADER + b"x,1.84999E+18,,2026-11-01,100,10\n",
        "rounded_id.csv": HEADER + b"x,1849990000000000000,,2026-11-01,100,10\n",
        "negative.csv": HEADER + b"x,7,brand,2026-11-01,-5,10\n",
        "fraction.csv": HEADER + b"x,7,brand,2026-11-01,5.5,10\n",
        "infinite.csv": HEADER + b"x,7,brand,2026-11-01,inf,nan\n",
        "enormous.csv": HEADER + b"x,7,brand,2026-11-01," + b"9" * 400 + b",10\n",
        "digits.csv": HEADER + "x,7,brand,2026-11-01,\u0661\u0662,\u00b2\n".encode(),
        "formula.csv": HEADER + b"x,7,=cmd|' /c calc'!A1,2026-11-01,100,10\n",
        "year_9999.csv": HEADER + b"x,7,brand,9999-12-31T23:59:59-14:00,100,10\n",
        "year_0.csv": HEADER + b"x,7,brand,0000-00-00,100,10\n",
        "future.csv": HEADER + b"x,7,brand,2999-01-01,100,10\n",
        "cyrillic_handle.csv": HEADER + "x,,br\u0430nd,2026-11-01,100,10\n".encode(),
        "long_handle.csv": HEADER + b"x,," + b"a" * 5_000 + b",2026-11-01,100,10\n",
        "other_platform.csv": HEADER + b"friendster,7,brand,2026-11-01,100,10\n",
        "rewritten_dates.csv": OVERVIEW + b"4/1/2026,1,1,1,1,1,1,1,1,1,1,1,1,1\n",
        "day_twice.csv": OVERVIEW + b'"Tue, Aug 26, 2025",1,1,1,1,1,1,1,1,1,1,1,1,1\n' * 2,
        "wrong_weekday.csv": OVERVIEW + b'"Mon, Aug 26, 2025",1,1,1,1,1,1,1,1,1,1,1,1,1\n',
        "text_counts.csv": OVERVIEW + b'"Tue, Aug 26, 2025",many,1,1,1,1,1,1,1,1,1,1,1,1\n',
        # workbooks, SPSS files and archives
        "half.xlsx": workbook()[: len(workbook()) // 2],
        "no_sheet.xlsx": repacked({"xl/workbook.xml": b"<workbook/>"}),
        "broken_xml.xlsx": repacked({sheet: b"<worksheet><sheetData><row><c r='A1'"}),
        "entities.xlsx": repacked({sheet: b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;&a;</worksheet>'}),
        "header_only.xlsx": workbook(),
        "cell_far_away.xlsx": repacked(
            {
                sheet: b'<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                b"</worksheet>"
            }
        ),
        "outside.zip": archive(**{"..__..__evil.js": b"x"}),
        "other.zip": archive(**{"photo.jpg": b"x"}),
        "workbook_in_name_only.xlsx": archive(**{"xl__workbook.xml": b"x"}),
        "short.sav": b"$FL2",
        "noise.sav": b"$FL2@(#) SPSS DATA FILE" + bytes(range(256)) * 8,
        "counts.sav": b"$FL2" + b"x" * 60 + struct.pack("<iiiii", 2, 2**31 - 1, 0, 0, 2**31 - 1) + b"\x00" * 200,
        # surveys, read with the mapping of the folder
        "survey_private.csv": SURVEY + b"1,ann@example.org,2\n",
        "survey_typed.csv": SURVEY + b"".join(b"%d,shade %d,2\n" % (at, at) for at in range(99)),
        "survey_no_rows.csv": SURVEY,
        "survey_rounded_ids.csv": SURVEY + b"1.84999E+18,red,2\n1.84999E+18,blue,2\n",
    }


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Lake, dict[str, Outcome]]:
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("poisoned"), settle_seconds=0)
    settings.make_folders()
    mapping = "survey_id: poisoned\ntitle: P\nrespondent_id: Id\nsegments: {size: Size}\n"
    mapping += "questions: {colour: {text: Colour, type: single, column: Colour}}\n"
    (settings.surveys_dir / "poisoned.yml").write_text(mapping)
    for name, data in corpus().items():
        (settings.inbox_dir / name).write_bytes(data)
    (settings.inbox_dir / "good.csv").write_bytes(HEADER + b"x,99,goodbrand,2026-11-02,500,20\n")
    lake = Lake(settings.lake_dir)
    read = ingest_inbox(lake, settings, build_request(settings, now=NOW), run_id="run-1")
    return settings, lake, {outcome.file: outcome for outcome in read}


def test_every_poisoned_file_ends_in_a_reason_or_in_issues(
    outcomes: tuple[Settings, Lake, dict[str, Outcome]],
) -> None:
    settings, _, found = outcomes
    names = corpus()
    assert len(names) >= 60
    assert set(names) <= set(found)
    silent = []
    for name in names:
        outcome = found[name]
        if outcome.error:
            (note,) = settings.quarantine_dir.glob(f"*-{name}.why.md")
            assert "**what**" in note.read_text()
            assert "a bug in tweetbench" not in note.read_text(), name
            if not outcome.error.next_step and not outcome.error.why:
                silent.append(name)
        elif outcome.commit is None or "issues" not in outcome.commit.row_counts():
            silent.append(name)
    # What is odd and still means one thing: control characters and NUL are dropped, lone carriage returns end lines.
    assert set(silent) <= {"nul_in_cells.csv", "cr_only.csv", "equal_names.csv", "direction.csv", "future.csv"}


def test_the_good_file_among_them_loads_and_nothing_is_left_in_the_inbox(
    outcomes: tuple[Settings, Lake, dict[str, Outcome]],
) -> None:
    settings, lake, found = outcomes
    assert found["good.csv"].status == "added"
    assert "99" in lake.read("accounts").column("account_id").to_pylist()
    assert [path for path in settings.inbox_dir.iterdir() if path.is_file()] == []


def test_no_note_and_no_issue_repeats_a_private_cell(outcomes: tuple[Settings, Lake, dict[str, Outcome]]) -> None:
    settings, lake, _ = outcomes
    notes = "".join(path.read_text() for path in settings.quarantine_dir.glob("*.why.md"))
    assert "ann@example.org" not in notes
    assert "ann@example.org" not in repr(lake.read("issues").to_pylist())
