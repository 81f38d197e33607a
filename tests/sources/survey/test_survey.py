"""The survey source on small made-up exports: what is stored, what is reported, what is refused."""

import hashlib
import hmac
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import TweetbenchError
from pipeline.schemas import TABLES
from pipeline.sources import survey
from pipeline.sources.files.protocol import FileMapping, InputFile, Reading, Request
from pipeline.sources.files.tabular import read_sheet

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EXAMPLE = Path(__file__).resolve().parents[3] / "data" / "surveys.example.yml"
EXAMPLE_FILE = """\
Response ID,Start time,Submit time,Status,Weight,How many people work for your company?,Industry,\
Who are your customers?,Do you have a documented strategy?,Facebook,Twitter,LinkedIn,None of these,\
How do you judge success?,How effective is it?,Agree - reach,Agree - support,Hours per week,Anything else?,\
Your name,E-mail,IP Address,Location City,Collector 1
id-901,3/8/2026 1:30,3/8/2026 3:30,Complete,1.5,Just me,Retail ,Both,Yes,Facebook,,,,"Leads, qualified;Sales",\
Very effective,Agree,Neither,"1,004.5",secret words,Ann Example,ann@example.org,192.0.2.7,Springfield,c
id-902,3/8/2026 9:00,3/8/2026 9:10,Partial,,Prefer not to say,Retail,businesses,maybe ann,,,,,Sales;Luck,Cannot say,\
,,many,,,,,,c
"""
MINIMAL = {
    "survey_id": "tiny",
    "title": "Tiny",
    "questions": {"colour": {"text": "Colour", "type": "single", "column": "Colour"}},
}


def a_file(folder: Path, content: str | bytes, name: str = "export.csv") -> InputFile:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return InputFile(path, name, "0" * 64)


def a_request(*mappings: dict[str, Any]) -> Request:
    return Request(
        now=NOW,
        mappings=tuple(FileMapping(f"m{at}", fields, f"surveys/m{at}.yml") for at, fields in enumerate(mappings)),
        pseudonym=lambda text: hmac.new(b"key", text.encode(), hashlib.sha256).hexdigest()[:32],
    )


def read_example(folder: Path, content: str = EXAMPLE_FILE) -> Reading:
    request = a_request(yaml.safe_load(EXAMPLE.read_text()))
    file = a_file(folder, content)
    assert survey.recognises(file, request)
    return survey.read(file, request)


def answers(reading: Reading, question_id: str) -> list[tuple[str | None, bool | None, float | None]]:
    rows = [row for row in reading.tables["survey_responses"] if row["question_id"] == question_id]
    return [(row["option"], row["is_selected"], row["value"]) for row in rows]


def problems(reading: Reading) -> list[str]:
    return [row["problem"] for row in reading.tables["issues"]]


def test_the_example_mapping_reads_every_type_of_question(tmp_path: Path) -> None:
    reading = read_example(tmp_path)
    assert answers(reading, "documented_strategy") == [("Yes", True, None), ("(other)", True, None)]
    assert answers(reading, "channels")[:4] == [
        ("Facebook", True, None),
        ("Twitter", False, None),
        ("LinkedIn", False, None),
        ("none", False, None),
    ]
    assert {selected for _, selected, _ in answers(reading, "channels")[4:]} == {None}
    assert answers(reading, "success_measures") == [
        ("Web traffic", False, None),
        ("Leads, qualified", True, None),
        ("Sales", True, None),
        ("(other)", False, None),
        ("Web traffic", False, None),
        ("Leads, qualified", False, None),
        ("Sales", True, None),
        ("(other)", True, None),
    ]
    assert answers(reading, "effectiveness") == [("Very effective", True, 3.0), (None, None, None)]
    assert answers(reading, "agreement_2") == [("Neither", True, 2.0), (None, None, None)]
    assert answers(reading, "hours_per_week") == [(None, True, 1004.5), (None, None, None)]
    questions = {row["question_id"]: row["question"] for row in reading.tables["survey_responses"]}
    assert questions["agreement_1"] == "How much do you agree?: Our reach has grown"


def test_segments_times_weight_and_completion_of_the_example(tmp_path: Path) -> None:
    reading = read_example(tmp_path)
    rows = reading.tables["survey_respondents"]
    assert [(row["segment_dimension"], row["segment"]) for row in rows] == [
        ("company_size", "under 10"),
        ("company_size", None),
        ("industry", "Retail"),
        ("industry", "Retail"),
        ("customer_focus", "both"),
        ("customer_focus", "b2b"),
    ]
    assert [row["weight"] for row in rows[:2]] == [1.5, None]
    assert [row["is_complete"] for row in rows[:2]] == [True, False]
    # The clocks go forward at 2:00 on that day: two hours on the wall are one hour.
    assert rows[0]["started_at"] == datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
    assert rows[0]["submitted_at"] == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert {row["captured_at"] for row in rows} == {datetime(2026, 3, 8, 13, 10, tzinfo=UTC)}
    assert reading.row_count == 2
    assert reading.dialect == "csv, 1 header row, utf-8"
    assert sorted(problems(reading)) == ["bad_number", "bad_weight", "unknown_option", "unknown_option"]


def test_nothing_personal_of_the_example_is_in_the_reading(tmp_path: Path) -> None:
    everything = repr(read_example(tmp_path))
    for secret in ("id-901", "secret words", "Ann", "ann@", "192.0.2.7", "Springfield", "maybe ann", "Luck"):
        assert secret not in everything
    assert "E-mail" in everything  # the column's name is no secret


def test_rows_have_only_columns_of_the_lake(tmp_path: Path) -> None:
    reading = read_example(tmp_path)
    for table, rows in reading.tables.items():
        for row in rows:
            assert row.keys() <= set(TABLES[table].names)
            assert row["platform"] == "survey"
            assert row["payload"] is None


def test_the_last_row_of_a_respondent_counts_and_the_other_is_reported(tmp_path: Path) -> None:
    mapping = {**MINIMAL, "respondent_id": "Id"}
    file = a_file(tmp_path, "Id,Colour\n7,red\n8,red\n7,blue\n")
    reading = survey.read(file, a_request(mapping))
    assert answers(reading, "colour") == [("red", True, None), ("blue", True, None)]
    issue = reading.tables["issues"][0]
    assert (issue["subject"], issue["problem"]) == ("export.csv, line 2", "duplicate_respondent")
    assert "line 4" in issue["detail"]


def test_equal_rows_without_an_id_are_different_people_and_keep_their_pseudonyms(tmp_path: Path) -> None:
    file = a_file(tmp_path, "Colour,Size\nred,1\nred,2\nblue,3\n")
    longer = a_file(tmp_path, "Size,Colour\n3,blue\n1,red\n2,red\n2,red\n", "longer.csv")
    ids, more = (
        {row["respondent_id"] for row in survey.read(each, a_request(MINIMAL)).tables["survey_respondents"]}
        for each in (file, longer)
    )
    assert len(ids) == 3
    assert ids < more
    assert len(more) == 4


@pytest.mark.parametrize(("none_ticked", "blank"), [("not_answered", None), ("not_selected", False)])
def test_a_blank_is_a_no_only_if_the_mapping_says_so_and_an_explicit_no_always_is(
    tmp_path: Path, none_ticked: str, blank: bool | None
) -> None:
    question = {"text": "Ads", "type": "multi", "columns": ["Yes", "No"], "not_answered": ["NA"]}
    file = a_file(tmp_path, "Yes,No,Id\n,No,1\nYes,NA,2\nNot selected,0,3\nNA,NA,4\n,,5\n")
    mapping = {**MINIMAL, "ignore": ["Id"], "questions": {"ads": {**question, "none_ticked": none_ticked}}}
    selected = [selected for _, selected, _ in answers(survey.read(file, a_request(mapping)), "ads")]
    # A column that knows an explicit no leaves its blanks unknown, whatever was ticked next to it.
    assert selected == [blank, True, True, None, False, False, None, None, blank, blank]


def test_a_semicolon_file_in_utf_16_with_decimal_commas(tmp_path: Path) -> None:
    file = a_file(tmp_path, "Colour;W\nred;0,5\nblue;1.000,25\ngreen;-1\n".encode("utf-16"))
    reading = survey.read(file, a_request({**MINIMAL, "weight": "W"}))
    assert [row["weight"] for row in reading.tables["survey_respondents"]] == [0.5, 1000.25, None]
    assert reading.dialect == "csv, 1 header row, utf-16, delimiter ;"
    assert "1 cell of the column 'W'" in reading.tables["issues"][0]["detail"]


def test_ragged_rows_are_reported_without_their_content(tmp_path: Path) -> None:
    file = a_file(tmp_path, "Colour,Size\nred,1\nann@example.org,2,3,4\n")
    reading = survey.read(file, a_request({**MINIMAL, "ignore": ["Size"]}))
    assert problems(reading) == ["ragged_row"]
    assert reading.tables["issues"][0]["detail"] == "4 cells where the header has 2"
    assert "ann@" not in repr(reading)


def test_rows_with_zero_bytes_are_set_aside_and_alone_are_no_survey(tmp_path: Path) -> None:
    mapping = a_request({**MINIMAL, "ignore": ["Size"]})
    reading = survey.read(a_file(tmp_path, "Colour,Size\nred,1\nblue,\0\0\0\0\n"), mapping)
    assert problems(reading) == ["damaged_row"]
    assert reading.tables["issues"][0]["next_step"].startswith("copy or export the file again")
    assert len(reading.tables["survey_respondents"]) == 1
    with pytest.raises(TweetbenchError, match=r"no row can be used \(1 row\)") as refused:
        survey.read(a_file(tmp_path, "Colour,Size\nblue,\0\0\0\0\n"), mapping)
    assert refused.value.why.startswith("zero bytes stand where text was")


def test_a_column_that_is_not_mapped_is_listed_and_not_stored(tmp_path: Path) -> None:
    file = a_file(tmp_path, "Colour,Shoe size\nred,unusual\n")
    reading = survey.read(file, a_request(MINIMAL))
    assert "Shoe size" in reading.tables["issues"][0]["detail"]
    assert "1 column not mapped and not stored: Shoe size" in reading.notes
    assert "unusual" not in repr(reading)


def test_personal_data_in_an_undeclared_column_is_refused_without_showing_it(tmp_path: Path) -> None:
    file = a_file(tmp_path, "Colour,Contact\nred,ann@example.org\nblue,bob@example.org\nred,\n")
    with pytest.raises(TweetbenchError) as caught:
        survey.read(file, a_request(MINIMAL))
    assert "'Contact' (e-mail address in 2 cells)" in str(caught.value)
    assert "under personal: or ignore: in surveys/m0.yml" in str(caught.value)
    assert "ann@" not in str(caught.value)
    for remedy in ("personal", "ignore", "free_text", "not_personal"):
        reading = survey.read(file, a_request({**MINIMAL, remedy: ["Contact"]}))
        assert "@" not in repr(reading)


def test_a_question_stored_as_it_is_may_not_announce_personal_data(tmp_path: Path) -> None:
    questions = {"where": {"text": "Where", "type": "number", "column": "LocationLatitude"}}
    file = a_file(tmp_path, "LocationLatitude\n47.1\n")
    with pytest.raises(TweetbenchError, match="location by its name"):
        survey.read(file, a_request({**MINIMAL, "questions": questions}))


def test_what_looks_like_free_text_is_refused(tmp_path: Path) -> None:
    many = a_file(tmp_path, "Colour\n" + "".join(f"shade {number}\n" for number in range(61)))
    with pytest.raises(TweetbenchError, match="looks like free text: declare it under free_text"):
        survey.read(many, a_request(MINIMAL))
    long = a_file(tmp_path, "Colour\n" + "x" * 121 + "\n", "long.csv")
    with pytest.raises(TweetbenchError, match="looks like free text"):
        survey.read(long, a_request(MINIMAL))


def test_a_header_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TweetbenchError, match="no answers"):
        survey.read(a_file(tmp_path, "Colour,Size\n"), a_request(MINIMAL))


@settings(deadline=None, max_examples=60)  # each example writes a file
@given(
    st.lists(st.lists(st.sampled_from(["", "1", "2", "red", "a@b.example", " "]), min_size=1, max_size=4), max_size=9)
)
def test_every_row_becomes_a_respondent_or_is_reported(tmp_path_factory: Any, rows: list[list[str]]) -> None:
    text = "Id,Colour,Size\n" + "".join(",".join(row) + "\n" for row in [["0", "red", "9"], *rows])
    file = a_file(tmp_path_factory.mktemp("any"), text)
    mapping = {**MINIMAL, "respondent_id": "Id", "not_personal": ["Colour", "Size"]}
    reading = survey.read(file, a_request(mapping))
    sheet = read_sheet(text.encode(), "any")
    count = Counter(problems(reading))
    reported = count["duplicate_respondent"] + count["ragged_row"]
    respondents = {row["respondent_id"] for row in reading.tables["survey_respondents"]}
    assert len(respondents) + reported == reading.row_count == len(sheet.records) + len(sheet.set_aside)
