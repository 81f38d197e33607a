"""Times and identities of responses: zones that a file states, and ids that come back."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipeline.sources.files.cells import has_unknown_zone, parse_time
from pipeline.sources.files.protocol import Reading
from tests.sources.survey.test_survey import answers, problems
from tests.sources.survey.test_survey_answers import read, single

BERLIN = ZoneInfo("Europe/Berlin")
LATEST = datetime(2026, 11, 28, tzinfo=UTC)


def hour_of(cell: str, zone: str = "UTC") -> str:
    return f"{parse_time(cell, ZoneInfo(zone), 'month_first', latest=LATEST):%d %H:%M}"


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("2026/04/01 9:00:00 PM MEZ", "01 19:00"),
        ("2026/01/01 9:00:00 PM MEZ", "01 20:00"),
        ("2026/04/01 9:00:00 PM MESZ", "01 19:00"),
        ("2026-04-01 21:00 (CEST)", "01 19:00"),
        ("2026/04/01 9:00:00 PM PST", "02 05:00"),
        ("2026/04/01 9:00:00 PM GMT+1", "01 20:00"),
        ("2026-04-01 21:00:00 UTC+05:30", "01 15:30"),
        ("2026-04-01T21:00:00.000Z", "01 21:00"),
        ("2026-04-01 21:00 America/New_York", "02 01:00"),
        ("01.04.2026 21:00 Uhr", "01 21:00"),
        ("4/1/2026 9:00 p.m. JST", "01 12:00"),
    ],
)
def test_a_zone_behind_a_time_counts_and_no_word_costs_the_time(cell: str, hour: str) -> None:
    assert hour_of(cell) == hour
    assert not has_unknown_zone(cell, ZoneInfo("UTC"))


def test_an_hour_that_the_clocks_repeat_is_told_by_its_abbreviation() -> None:
    assert [hour_of(f"2026-10-25 02:39 {word}") for word in ("MESZ", "MEZ", "CEST", "CET")] == [
        *("25 00:39", "25 01:39", "25 00:39", "25 01:39"),
    ]
    assert [hour_of(f"2026-10-25 02:39 {word}", "Europe/Berlin") for word in ("CEST", "CET")] == [
        "25 00:39",
        "25 01:39",
    ]
    assert [hour_of(f"2026-11-01 01:30 {word}", "America/Chicago") for word in ("CDT", "CST")] == [
        "01 06:30",
        "01 07:30",
    ]


def test_an_abbreviation_of_several_zones_is_read_in_the_mappings_zone() -> None:
    assert hour_of("2026-04-01 21:00 CST") == "01 21:00"
    assert has_unknown_zone("2026-04-01 21:00 CST", ZoneInfo("UTC"))
    assert hour_of("2026-04-01 21:00 CST", "America/Chicago") == "02 02:00"
    assert not has_unknown_zone("2026-04-01 21:00 CST", ZoneInfo("America/Chicago"))


def test_google_forms_times_with_any_zone_are_kept_and_unknown_words_said(tmp_path: Path) -> None:
    text = "Timestamp,A\n2026/04/01 9:00:00 PM MEZ,x\n2026/04/01 9:00:00 PM CST,y\n"
    reading = read(tmp_path, text, single("A"), submitted_at="Timestamp", timezone="Europe/Berlin")
    assert [str(row["submitted_at"])[11:16] for row in reading.tables["survey_respondents"]] == ["19:00", "19:00"]
    assert problems(reading) == ["unknown_zone"]
    assert "1 time of the column 'Timestamp'" in reading.tables["issues"][0]["detail"]
    assert "read in Europe/Berlin" in reading.tables["issues"][0]["detail"]


@pytest.mark.parametrize(
    "header",
    [
        "EndDate,Q1\nEnd Date,Colour\n"
        '"{""ImportId"":""endDate"",""timeZone"":""Europe/Berlin""}","{""ImportId"":""Q1""}"\n',
        "End Date (Europe/Berlin),Q1\n",
        "End Date (UTC+1),Q1\n",
    ],
)
def test_the_zone_that_a_header_states_wins_over_the_mapping(tmp_path: Path, header: str) -> None:
    column = header.split(",")[0]
    more = {"header_rows": 3 if "ImportId" in header else 1, "submitted_at": column, "timezone": "America/Denver"}
    reading = read(tmp_path, header + "2026-01-02 10:00:00,red\n", single("Q1"), **more)
    (row,) = reading.tables["survey_respondents"]
    assert row["submitted_at"] == datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
    assert any(note.startswith("times are in ") and note.endswith(", as the file says") for note in reading.notes)


HEADER = "Id,Start,End,A\n"


def waves(folder: Path, rows: str, *, start: bool = False) -> Reading:
    times = {"started_at": "Start", "submitted_at": "End"} if start else {"submitted_at": "End"}
    ignored = [] if start else ["Start"]
    return read(folder, HEADER + rows, single("A"), respondent_id="Id", ignore=ignored, **times)


def test_an_id_that_comes_back_at_another_time_with_other_answers_is_another_response(tmp_path: Path) -> None:
    reading = waves(
        tmp_path, "1,,2025-05-01,No\n2,,2025-05-02,No\n3,,2025-05-03,No\n1,,2026-05-01,Yes\n2,,2026-05-02,Yes\n"
    )
    assert [option for option, _, _ in answers(reading, "q")] == ["No", "No", "No", "Yes", "Yes"]
    assert len({row["respondent_id"] for row in reading.tables["survey_respondents"]}) == 5
    (issue,) = reading.tables["issues"]
    assert issue["problem"] == "returning_respondent_id"
    assert "2 rows with a respondent id of an earlier response" in issue["detail"]
    assert "first on line 5" in issue["detail"]
    alone = waves(tmp_path, "1,,2025-05-01,No\n2,,2025-05-02,No\n3,,2025-05-03,No\n")
    first = {row["respondent_id"] for row in alone.tables["survey_respondents"]}
    assert first < {row["respondent_id"] for row in reading.tables["survey_respondents"]}


@pytest.mark.parametrize(
    ("rows", "start"),
    [
        ("1,2026-05-01,2026-05-01,No\n1,2026-05-01,2026-05-09,Yes\n", True),  # one start: answers were edited
        ("1,,2026-05-01,Yes\n1,,2026-05-01,Yes\n", False),  # the same row twice
        ("1,,2026-05-01,Yes\n1,,2026-05-09,Yes\n", False),  # the same answers, exported again
        ("1,,,No\n1,,2026-05-09,Yes\n", False),  # begun, then finished
    ],
)
def test_an_id_that_comes_back_with_one_start_or_the_same_answers_is_one_person(
    tmp_path: Path, rows: str, start: bool
) -> None:
    reading = waves(tmp_path, rows, start=start)
    assert [option for option, _, _ in answers(reading, "q")] == ["Yes"]
    assert problems(reading) == ["duplicate_respondent"]
