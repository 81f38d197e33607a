"""Tables of clicks by link and day: every click once, nothing read as zero that is not, and reasons for refusals."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task, recognise
from pipeline.settings import PROJECT_DIR
from pipeline.sources import link_clicks
from pipeline.sources.files.links import link_id_of
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TABLE = """Short link,Date,Clicks,Destination
https://bit.ly/3Ab,2026-11-01,12,https://example.org/a
BIT.LY/3Ab/,2026-11-02,0,https://example.org/a
bit.ly/3aB,2026-11-01,5,https://example.org/b
bit.ly/3aB,2026-11-02,-,https://example.org/b
"""
MAPPING: dict[str, Any] = {
    "kind": "link_clicks",
    "columns": {"link": "Tag", "date": "Period", "clicks": "Sessions"},
}


def a_request(*mappings: dict[str, Any], **known: Any) -> Request:
    given = tuple(FileMapping(f"m{at}", fields, f"mappings/m{at}.yml") for at, fields in enumerate(mappings))
    return Request(now=NOW, mappings=given, **known)


def a_file(folder: Path, text: str) -> InputFile:
    (folder / "table.csv").write_text(text, encoding="utf-8")
    return InputFile(folder / "table.csv", "table.csv", "0" * 64)


def read(folder: Path, text: str, *mappings: dict[str, Any]) -> Reading:
    """What a run reads, by whichever source it recognises."""
    name, reading = do_task("read", a_file(folder, text), a_request(*mappings))
    assert name == "link_clicks"
    assert isinstance(reading, Reading)
    return reading


def clicks_of(reading: Reading) -> dict[tuple[str, str], int | None]:
    rows = reading.tables["link_clicks"]
    return {(row["link_id"], f"{row['bucket_start_at']:%m-%d}"): row["click_count"] for row in rows}


def problems_of(reading: Reading) -> dict[str, str]:
    return {row["problem"]: row["detail"] for row in reading.tables["issues"]}


def test_links_in_every_spelling_are_one_and_null_is_not_zero(tmp_path: Path) -> None:
    reading = read(tmp_path, TABLE)
    assert clicks_of(reading) == {
        ("bit.ly/3Ab", "11-01"): 12,
        ("bit.ly/3Ab", "11-02"): 0,
        ("bit.ly/3aB", "11-01"): 5,
        ("bit.ly/3aB", "11-02"): None,
    }
    assert (reading.period_start, reading.period_end) == (date(2026, 11, 1), date(2026, 11, 2))
    first = reading.tables["link_clicks"][0]
    assert first["captured_at"] == datetime(2026, 11, 3, tzinfo=UTC), "a longer export beats this one"
    assert first["long_url"] == "https://example.org/a"
    assert not reading.tables["issues"]


@pytest.mark.parametrize(
    ("text", "clicks"),
    [
        ("Link;Datum;Klicks\nbit.ly/a;01.02.2026;1.204\nbit.ly/a;02.02.2026;7\n", [1204, 7]),
        (
            "link,day,link clicks\nhttps://go.acme.com/x?c=1,2/13/2026,3\nhttps://go.acme.com/x?c=2,2/13/2026,4\n",
            [3, 4],
        ),
        ("url,short_url,date,clicks\nhttps://e.org/long,bit.ly/a,2026-02-03,3\n", [3]),
        ("Date,Bitlink,Total clicks\n2026-02-03T00:00:00+0000,bit.ly/a,3\nTotal,,3\n", [3]),
        ("Bitly report\nlink,date,clicks\nbit.ly/a,2026-02-03,3\nlink,date,clicks\nbit.ly/b,2026-02-03,4\n", [3, 4]),
        ("bitlink\tdate\tclicks\nbit.ly/a\tFeb 3, 2026\t3\nbit.ly/a\tFeb 3, 2026\t3\n", [3]),
    ],
    ids=["german", "american and tagged", "two urls", "iso and total", "put together", "copies"],
)
def test_tables_of_other_tools(tmp_path: Path, text: str, clicks: list[int]) -> None:
    assert list(clicks_of(read(tmp_path, text)).values()) == clicks


@pytest.mark.parametrize(
    "text",
    [
        "url,date,clicks,impressions\nhttps://e.org/a,2026-02-03,3,90\n",
        "link,date,clicks,country\nbit.ly/a,2026-02-03,3,DE\n",
        "link,date,clicks\nHome page,2026-02-03,3\nPricing,2026-02-03,4\n",
        "link,date,unique clicks\nbit.ly/a,2026-02-03,3\n",
    ],
    ids=["search", "by country", "no links", "unique"],
)
def test_clicks_of_another_sense_are_not_taken_for_clicks_on_links(tmp_path: Path, text: str) -> None:
    with pytest.raises(TweetbenchError):
        recognise(a_file(tmp_path, text), a_request())


def test_parts_of_a_day_are_refused_and_neither_added_up_nor_dropped(tmp_path: Path) -> None:
    text = "link,date,clicks,note\nbit.ly/a,2026-02-03,1,DE\nbit.ly/a,2026-02-03,1,FR\nbit.ly/b,2026-02-03,1,DE\n"
    with pytest.raises(TweetbenchError, match="several rows for one link and day") as refusal:
        read(tmp_path, text)
    assert "without a breakdown" in refusal.value.next_step
    more = text + "bit.ly/c,2026-02-03,1,DE\nbit.ly/d,2026-02-03,1,DE\n"
    reading = read(tmp_path, more)
    assert sorted(clicks_of(reading)) == [("bit.ly/b", "02-03"), ("bit.ly/c", "02-03"), ("bit.ly/d", "02-03")]
    assert "2 lines: 2026-02-03 of this link is in 2 different rows" in problems_of(reading)["contradicting_day"]


def test_bad_rows_are_issues_and_the_others_load(tmp_path: Path) -> None:
    rows = ["bit.ly/a,2026-02-03,4", "bit.ly/a,03/04/2026,4", "bit.ly,2026-02-03,4", "bit.ly/a,2026-02-04,-4"]
    rows += ["bit.ly/a,2026-02-05 13:00,4", "https://e.org/?mail=ann@example.org,2026-02-03,4", "bit.ly/a,2026-11-22,1"]
    rows += [f"bit.ly/b{at},2026-02-03,1" for at in range(30)]
    reading = read(tmp_path, "link,date,clicks\n" + "\n".join(rows) + "\n")
    assert clicks_of(reading)["bit.ly/a", "02-03"] == 4
    assert len(clicks_of(reading)) == 31
    assert set(problems_of(reading)) == {"bad_link", "bad_date", "bad_clicks", "day_not_over"}
    assert "swapped" in problems_of(reading)["bad_date"]
    assert "negative" in problems_of(reading)["bad_clicks"]
    assert "ann@" not in str(reading)


def test_days_that_are_not_listed_are_zero_only_where_the_mapping_says_so(tmp_path: Path) -> None:
    text = "Tag,Period,Sessions\ne.org/a?utm=1,2026-02-01,4\ne.org/a?utm=1,2026-02-03,2\n"
    reading = read(tmp_path, text, MAPPING)
    assert list(clicks_of(reading).values()) == [4, 2]
    assert "missing_days: zero" in " ".join(reading.notes)
    filled = read(tmp_path, text, {**MAPPING, "missing_days": "zero"})
    assert list(clicks_of(filled).values()) == [4, 0, 2]
    spoilt = read(tmp_path, text + "e.org/a?utm=1,2026-02-02,?!\n", {**MAPPING, "missing_days": "zero"})
    assert list(clicks_of(spoilt).values()) == [4, 2], "the row that could not be used is no day without clicks"
    wrong = {**MAPPING, "columns": {**MAPPING["columns"], "clicks": "Clicks"}}
    with pytest.raises(TweetbenchError, match="'Clicks'"):
        link_clicks.read(a_file(tmp_path, text), a_request(wrong))


LINKS = {
    "https://bit.ly/3Ab": "bit.ly/3Ab",
    "HTTP://WWW.Bit.ly/3Ab/#top": "bit.ly/3Ab",
    "bit.ly/3Ab": "bit.ly/3Ab",
    "https://example.org/a/?utm_source=x&b=C": "example.org/a/?utm_source=x&b=C",
    "https://example.org?x=1": "example.org?x=1",
    "https://bücher.example:8080/Ä": "bücher.example:8080/Ä",
}


def test_a_link_has_the_same_form_at_the_door_and_in_the_warehouse() -> None:
    macro = (PROJECT_DIR / "dbt_project" / "macros" / "link_key.sql").read_text(encoding="utf-8")
    expression = macro.partition("-%}")[2].partition("{%-")[0].replace("{{ url }}", "$url")
    for written, link_id in LINKS.items():
        assert link_id_of(written) == link_id
        assert duckdb.execute(f"select {expression}", {"url": written}).fetchone() == (link_id,)
