"""Exports as each survey tool writes them, made up: drafted by `inspect` and read with the draft, as it is."""

import io
from pathlib import Path

import pytest
import xlsxwriter

from pipeline.sources.files.protocol import Reading
from pipeline.sources.survey.inspection.joined import find_joined, find_options
from pipeline.sources.survey.inspection.scales import find_order
from tests.command import Tweetbench
from tests.sources.survey.test_survey_inspect import inspect, read_with_draft

GOOGLE = """Timestamp,Email Address,How many employees does your company have?,Which channels do you use?,\
How do you rate it? [Reach],How do you rate it? [Support],What else should we know?
2026/08/03 9:00:12 AM GMT+1,a@b.example,1-9,"Facebook, Video, long or short, Blog",Good,Poor,A long story one
2026/08/03 9:10:12 AM GMT+1,b@b.example,10-49,"Facebook, Blog",Fair,Good,A long story two
2026/08/03 9:20:12 AM GMT+1,c@b.example,1-9,"Video, long or short",Poor,Fair,A long story three
2026/08/03 9:30:12 AM GMT+1,d@b.example,50-249,"Facebook, Video, long or short",Good,Good,A long story four
2026/08/03 9:40:12 AM GMT+1,e@b.example,10-49,Blog,Excellent,Poor,A long story five
2026/08/03 9:50:12 AM GMT+1,f@b.example,1-9,"Video, long or short, Blog",Good,Excellent,A long story six
2026/08/03 10:50:12 AM GMT+1,g@b.example,1-9,Facebook,Good,,
"""
LIMESURVEY = """"Response ID","Date submitted","Last page","Start language","Seed","Industry","Channels [Facebook]",\
"Channels [Blog]","Channels [Other]","Hours per week","How often do you post?"
1,2026-08-03 10:00:00,4,en,1234567890,Retail,Yes,No,,12,Daily
2,2026-08-03 11:00:00,4,en,2234567890,Retail,No,Yes,podcasts,4.5,Weekly
3,,2,en,3234567890,Software,N/A,N/A,,,
4,2026-08-04 10:00:00,4,en,1934567890,Software,Yes,Yes,,33,Monthly
5,2026-08-04 12:00:00,4,en,1834567890,Retail,No,No,zines,17,Never
"""
TYPEFORM = """#,Is your company B2B or B2C?,Facebook,Blog,None of these,How important is it?,Start Date (UTC),\
Submit Date (UTC),Network ID
k1,B2B,Facebook,,,Very important,2026-08-03 10:00:00,2026-08-03 10:09:00,abc1
k2,B2C,,,None of these,Somewhat important,2026-08-03 11:00:00,2026-08-03 11:04:00,abc2
k3,Both,Facebook,Blog,,Unimportant,2026-08-03 12:00:00,2026-08-03 12:04:00,abc3
k4,B2B,,Blog,,Very important,2026-08-03 13:00:00,2026-08-03 13:04:00,abc4
k5,B2B,,,,Very unimportant,2026-08-03 14:00:00,2026-08-03 14:04:00,abc5
"""
MONKEY = """Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,Which do you use?,,,Your role?
,,,,,,Facebook,Blog,Other (please specify),Response
118,9,08/13/2026 09:00:00 AM,08/13/2026 09:05:00 AM,192.0.2.1,,Facebook,,,Owner
119,9,08/14/2026 09:00:00 AM,08/14/2026 09:06:00 AM,192.0.2.2,,Facebook,Blog,our own app,Owner
120,9,08/15/2026 09:00:00 AM,08/15/2026 09:07:00 AM,192.0.2.3,,,,,Manager
121,9,08/16/2026 09:00:00 AM,08/16/2026 09:07:00 AM,192.0.2.4,,,Blog,,Manager
122,9,08/17/2026 09:00:00 AM,08/17/2026 09:07:00 AM,192.0.2.5,,Facebook,Blog,,Manager
"""
QUALTRICS = """StartDate,EndDate,Status,IPAddress,Finished,ResponseId,Q1,Q2_1,Q2_2,Q3_1_TEXT
Start Date,End Date,Response Type,IP Address,Finished,Response ID,How large is your company size?,\
Which do you use? - Facebook,Which do you use? - Blog,Anything else - Text
"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""status""}",\
"{""ImportId"":""ipAddress""}","{""ImportId"":""finished""}","{""ImportId"":""_recordId""}",\
"{""ImportId"":""QID1""}","{""ImportId"":""QID2_1""}","{""ImportId"":""QID2_2""}","{""ImportId"":""QID3_1_TEXT""}"
2026-08-03 08:00:00,2026-08-03 08:09:00,IP Address,192.0.2.1,True,R_1,1-9,Facebook,,words of mine
2026-08-03 09:00:00,2026-08-03 09:09:00,IP Address,192.0.2.2,False,R_2,10-49,,,
2026-08-03 10:00:00,2026-08-03 10:09:00,IP Address,192.0.2.3,True,R_3,1-9,Facebook,Blog,more words
"""


def drafted(folder: Path, text: str) -> Reading:
    (folder / "export.csv").write_text(text)
    reading = read_with_draft(folder / "export.csv")
    assert "@" not in repr(reading)
    assert "192.0.2" not in repr(reading)
    return reading


def ticks(reading: Reading, question_type: str = "multi") -> list[list[tuple[str | None, bool | None]]]:
    rows = [row for row in reading.tables["survey_responses"] if row["question_type"] == question_type]
    by_person: dict[str, list[tuple[str | None, bool | None]]] = {}
    for row in rows:
        by_person.setdefault(row["respondent_id"], []).append((row["option"], row["is_selected"]))
    return list(by_person.values())


def tool_of(folder: Path, text: str) -> tuple[str, int]:
    (folder / "export.csv").write_text(text)
    found, _, _ = inspect(folder / "export.csv")
    return found.tool, found.header_rows


@pytest.mark.parametrize(
    ("text", "tool", "rows"),
    [
        (GOOGLE, "Google Forms", 1),
        (LIMESURVEY, "LimeSurvey", 1),
        (TYPEFORM, "Typeform", 1),
        (MONKEY, "SurveyMonkey", 2),
        (QUALTRICS, "Qualtrics", 3),
        ("a,b\n1,2\n", "a table without the marks of a tool", 1),
    ],
)
def test_the_tool_and_its_header_rows_are_told_from_the_first_rows(
    tmp_path: Path, text: str, tool: str, rows: int
) -> None:
    assert tool_of(tmp_path, text) == (tool, rows)


def test_google_forms_joins_choices_and_options_keep_their_commas(tmp_path: Path) -> None:
    reading = drafted(tmp_path, GOOGLE)
    first, second, *_ = ticks(reading)
    assert dict(first) == {"Facebook": True, "Blog": True, "Video, long or short": True}
    assert dict(second) == {"Facebook": True, "Blog": True, "Video, long or short": False}
    assert {row["segment"] for row in reading.tables["survey_respondents"]} == {"1-9", "10-49", "50-249"}
    assert reading.tables["issues"] == []


@pytest.mark.parametrize("separator", [", ", ";", "; ", " | "])
def test_every_separator_gives_the_same_ticks(tmp_path: Path, separator: str) -> None:
    choices = [["Facebook", "Blog"], ["Blog"], ["Facebook"], ["Facebook", "Video"], ["Blog", "Video"], ["Video"]]
    text = "Id,Channels,Colour\n" + "".join(
        f'{at},"{separator.join(each)}",red\n' for at, each in enumerate(choices * 2, start=1)
    )
    found = ticks(drafted(tmp_path, text))
    assert [{option for option, chosen in each if chosen} for each in found] == [set(each) for each in choices * 2]


def test_a_single_choice_with_commas_is_not_taken_apart() -> None:
    assert find_joined({"Never, and not open to it": 70, "Never, but open to it": 123, "Often": 9, "Rarely": 8}) is None
    assert find_joined({"Marketing, PR, Advertising": 418, "Media and Publishing": 194, "Software": 90}) is None
    assert find_joined({"$50,000-$99,999": 3, "$100,000-$149,999": 4, "$0-$9,999": 9, "$150,000+": 2}) is None
    assert find_options({"A, b": 3, "A, b, C": 2, "C": 4}, ", ") == ["C", "A, b"]


def test_limesurvey_yes_and_no_and_its_blanks(tmp_path: Path) -> None:
    reading = drafted(tmp_path, LIMESURVEY)
    people = ticks(reading)
    assert people[0] == [("Facebook", True), ("Blog", False), ("Other", False)]
    assert people[2] == [("Facebook", None), ("Blog", None), ("Other", None)]
    assert people[4] == [("Facebook", False), ("Blog", False), ("Other", True)]  # typed words are a tick, not a text
    numbers = [row["value"] for row in reading.tables["survey_responses"] if row["question_type"] == "number"]
    assert numbers == [12.0, 4.5, None, 33.0, 17.0]
    scale = [row["value"] for row in reading.tables["survey_responses"] if row["question_type"] == "scale"]
    assert scale == [4.0, 3.0, None, 2.0, 1.0]
    assert "zines" not in repr(reading)


def test_typeform_labels_customer_focus_and_ticks(tmp_path: Path) -> None:
    reading = drafted(tmp_path, TYPEFORM)
    assert [row["segment"] for row in reading.tables["survey_respondents"]] == ["b2b", "b2c", "both", "b2b", "b2b"]
    people = ticks(reading)
    assert people[0] == [("Facebook", True), ("Blog", False), ("None of these", False)]
    assert {chosen for _, chosen in people[4]} == {None}
    assert reading.tables["survey_respondents"][0]["started_at"] is not None
    assert "abc1" not in repr(reading)


def test_surveymonkey_with_two_rows_keeps_options_under_their_question(tmp_path: Path) -> None:
    reading = drafted(tmp_path, MONKEY)
    people = ticks(reading)
    assert people[0] == [("Facebook", True), ("Blog", False), ("Other (please specify)", False)]
    assert people[1] == [("Facebook", True), ("Blog", True), ("Other (please specify)", True)]
    assert {chosen for _, chosen in people[2]} == {None}
    assert "our own app" not in repr(reading)
    assert str(reading.period_start) == "2026-08-13"


def test_qualtrics_with_three_rows_keeps_typed_words_out(tmp_path: Path) -> None:
    reading = drafted(tmp_path, QUALTRICS)
    assert ticks(reading) == [
        [("Facebook", True), ("Blog", False)],
        [("Facebook", None), ("Blog", None)],
        [("Facebook", True), ("Blog", True)],
    ]
    assert [row["is_complete"] for row in reading.tables["survey_respondents"]] == [True, False, True]
    assert [row["segment"] for row in reading.tables["survey_respondents"]] == ["1-9", "10-49", "1-9"]
    assert "words" not in repr(reading)


@pytest.mark.parametrize(
    "order",
    [
        ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"],
        ["Very dissatisfied", "Somewhat dissatisfied", "Neutral", "Somewhat satisfied", "Very satisfied"],
        ["Never", "Rarely", "Sometimes", "Often", "Always"],
        ["Never", "Monthly", "Weekly", "Several times a week", "Daily"],
        ["Not at all important", "Not very important", "Somewhat important", "Very important"],
        ["Nothing at all", "Only a little", "Some", "A lot"],
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
        ["1 - not at all", "2", "3", "4", "5 - very much"],
    ],
)
def test_the_order_of_a_scale_is_told_from_its_words(order: list[str]) -> None:
    assert find_order(sorted(order)) == order


@pytest.mark.parametrize(
    "options", [["red", "green", "blue"], ["Yes", "No"], ["Agree", "Red", "Often"], ["1", "2", "99"]]
)
def test_what_has_no_order_gets_none(options: list[str]) -> None:
    assert find_order(options) is None


def test_the_command_writes_a_mapping_once_and_says_what_it_found(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    (tmp_path / "wave.csv").write_text(TYPEFORM)
    said = tweetbench("survey", "inspect", "wave.csv", "--json")
    assert said.code == 0, said.err
    found = said.json()
    assert (found["tool"], found["segments"], found["reads"]) == ("Typeform", ["customer_focus"], True)
    mapping = tmp_path / "data" / "surveys" / "wave.yml"
    assert f"$schema={(mapping.parent / 'survey-mapping.schema.json').name}" in mapping.read_text().splitlines()[0]
    again = tweetbench("survey", "inspect", "wave.csv")
    assert again.code == 2
    assert "--force" in again.err
    assert tweetbench("survey", "inspect", "wave.csv", "--force").code == 0
    mapping.write_text(mapping.read_text().replace("type: scale", "type: scales"))
    refused = tweetbench("ingest", "wave.csv", "--check")
    line = next(at for at, text in enumerate(mapping.read_text().splitlines(), start=1) if "type: scales" in text)
    assert refused.code == 78
    assert f"surveys/wave.yml, line {line}" in refused.err
    assert not (tmp_path / "data" / ".hash_key").exists()


def test_a_workbook_is_inspected_on_its_first_sheet_with_rows(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet("Empty")
        sheet = book.add_worksheet("Answers")
        for at, line in enumerate(
            ["Id,Colour", *(f"{number},{'red' if number % 2 else 'blue'}" for number in range(9))]
        ):
            sheet.write_row(at, 0, line.split(","))
    (tmp_path / "book.xlsx").write_bytes(stream.getvalue())
    tweetbench = Tweetbench(tmp_path / "data")
    found = tweetbench("survey", "inspect", "book.xlsx", "--json").json()
    assert (found["respondents"], found["questions"]) == (9, {"single": 1})


def test_doubts_are_printed_given_as_json_and_written_at_the_top_of_the_draft(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    (tmp_path / "wave.csv").write_text(TYPEFORM)
    doubts = tweetbench("survey", "inspect", "wave.csv", "--json").json()["doubts"]
    assert any("have no common name" in doubt for doubt in doubts)
    said = tweetbench("survey", "inspect", "wave.csv", "--force")
    assert f"please check ({len(doubts)}), the most doubtful first" in said.out
    lines = (tmp_path / "data" / "surveys" / "wave.yml").read_text().splitlines()
    assert lines[1] == "# Please check:"
    assert lines[2 : 2 + len(doubts)] == [f"#   - {doubt}" for doubt in doubts]


def test_a_person_can_say_where_the_header_stands(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    rows = "".join(f"{at},{'Yes' if at % 2 else 'No'},{'red' if at % 3 else 'blue'}\n" for at in range(1, 13))
    (tmp_path / "titled.csv").write_text(f"a,b,c\nd,e,f\nID,Uses X,Colour\n{rows}")
    said = tweetbench("survey", "inspect", "titled.csv", "--skip-rows", "2", "--header-rows", "1", "--json")
    assert said.code == 0, said.err
    found = said.json()
    assert (found["respondents"], found["header_rows"], found["reads"]) == (12, 1, True)
    assert "skip_rows: 2" in (tmp_path / "data" / "surveys" / "titled.yml").read_text()


def test_a_person_can_name_the_sheet_and_other_sheets_are_said(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        for name, count in (("Codes", 9), ("Answers", 12)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Id", "Uses X"])
            for at in range(1, count + 1):
                sheet.write_row(at, 0, [at, "Yes" if at % 2 else "No"])
    (tmp_path / "book.xlsx").write_bytes(stream.getvalue())
    tweetbench = Tweetbench(tmp_path / "data")
    found = tweetbench("survey", "inspect", "book.xlsx", "--sheet", "Answers", "--json").json()
    assert found["respondents"] == 12
    assert any("this is a draft of 'Answers', others are 'Codes'" in doubt for doubt in found["doubts"])
    assert "sheet: Answers" in (tmp_path / "data" / "surveys" / "book.yml").read_text()
    refused = tweetbench("survey", "inspect", "book.xlsx", "--sheet", "Nowhere")
    assert (refused.code, "its sheets are: Codes, Answers" in refused.err) == (2, True)


def test_nothing_is_written_where_nothing_could_be_drafted(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    (tmp_path / "list.csv").write_text("Respondent ID,Email\n1,a@b.example\n2,c@d.example\n")
    refused = tweetbench("survey", "inspect", "list.csv")
    assert refused.code == 65
    assert "nothing in this file looks like a question" in refused.err
    assert not (tmp_path / "data" / "surveys" / "list.yml").exists()


def test_a_title_above_qualtrics_names_is_no_header_row_beside_a_column_of_row_numbers(tmp_path: Path) -> None:
    lines = [line for line in QUALTRICS.splitlines() if line]
    numbered = [f"{at - 2 if at > 2 else ''},{line}" for at, line in enumerate(lines)]
    titled = "\n".join(["Export,2026" + "," * 9, *numbered, ""])
    reading = drafted(tmp_path, titled)
    assert len(reading.tables["survey_respondents"]) == 3
    assert [dict(row)["Facebook"] for row in ticks(reading)].count(True) == 2
