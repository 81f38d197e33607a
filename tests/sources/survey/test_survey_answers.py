"""What answers mean: an explicit no, one choice over several columns, decimal marks, summaries, what nobody mapped."""

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.errors import TweetbenchError
from pipeline.reading.recognition import do_task
from pipeline.sources import survey
from pipeline.sources.files.protocol import InputFile, Reading
from tests.sources.survey.test_survey import a_file, a_request, answers, problems

Ticks = list[bool | None]


def read(folder: Path, text: str, questions: dict[str, Any], **more: Any) -> Reading:
    mapping = {"survey_id": "s", "title": "S", "questions": questions, **more}
    request = a_request(mapping)
    file = a_file(folder, text)
    assert survey.recognises(file, request)
    return survey.read(file, request)


def multi(*columns: str, **more: Any) -> dict[str, Any]:
    return {"q": {"text": "Q", "type": "multi", "columns": list(columns), **more}}


def single(column: str) -> dict[str, Any]:
    return {"q": {"text": "Q", "type": "single", "column": column}}


def ticks(reading: Reading, option: str) -> Ticks:
    return [selected for label, selected, _ in answers(reading, "q") if label == option]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("Mentioned", "Not mentioned"),
        ("1", "0"),
        ("1.0", "0.0"),
        ("Quoted", "Not quoted"),
        ("Ja", "Nein"),
        ("Oui", "Non"),
        ("TRUE", "FALSE"),
        ("はい", "いいえ"),
        ("да", "нет"),
        ("X", "n"),
    ],
)
def test_a_word_for_no_is_never_a_tick(tmp_path: Path, yes: str, no: str) -> None:
    rows = [(yes, no), (no, no), (yes, yes), (no, yes)] * 3
    text = "id,papers,radio\n" + "".join(f"{at},{papers},{radio}\n" for at, (papers, radio) in enumerate(rows))
    reading = read(tmp_path, text, multi("papers", "radio"), respondent_id="id")
    assert ticks(reading, "papers") == [True, False, True, False] * 3
    assert ticks(reading, "radio") == [False, False, True, True] * 3
    assert problems(reading) == []


def test_an_explicit_no_is_an_answer_and_only_a_blank_is_none(tmp_path: Path) -> None:
    reading = read(tmp_path, "id,Do you use X?\n1,0\n2,1\n3,\n4,No\n", multi("Do you use X?"), respondent_id="id")
    assert ticks(reading, "Do you use X?") == [False, True, None, False]


def test_of_two_other_texts_none_is_a_tick_until_the_mapping_says_which(tmp_path: Path) -> None:
    text = "id,A\n1,Weekly\n2,Rarely\n3,\n"
    reading = read(tmp_path, text, multi("A"), respondent_id="id")
    assert ticks(reading, "A") == [None, None, None]
    (issue,) = reading.tables["issues"]
    assert issue["problem"] == "unclear_tick"
    assert (
        "2 cells of the column 'A' with 2 texts that are neither its option nor a word for yes or no" in issue["detail"]
    )
    assert "selected or not_selected" in issue["next_step"]
    declared = read(tmp_path, text, multi("A", selected=["Weekly"], not_selected=["rarely"]), respondent_id="id")
    assert ticks(declared, "A") == [True, False, None]


def test_codes_for_yes_and_no_that_nobody_declared_give_no_share_of_a_hundred_percent(tmp_path: Path) -> None:
    reading = read(tmp_path, "id,A\n1,1\n2,2\n3,1\n4,-\n", multi("A"), respondent_id="id")
    assert ticks(reading, "A") == [None, None, None, None]
    assert problems(reading) == ["unclear_tick"]
    declared = read(tmp_path, "id,A\n1,1\n2,2\n3,1\n4,-\n", multi("A", not_selected=["2"]), respondent_id="id")
    assert ticks(declared, "A") == [True, False, True, None]
    mixed = read(tmp_path, "id,A\n1,Yes\n2,No\n3,Perhaps\n", multi("A"), respondent_id="id")
    assert ticks(mixed, "A") == [True, False, None]


@pytest.mark.parametrize("only", ["Facebook", "Marked with a cross", "2"])
def test_the_only_text_of_a_column_is_its_tick(tmp_path: Path, only: str) -> None:
    reading = read(tmp_path, f"id,A,B\n1,{only},\n2,,B\n", multi("A", "B"), respondent_id="id")
    assert ticks(reading, "A") == [True, False]


def test_what_people_type_beside_the_options_is_a_tick_and_its_words_stay_out(tmp_path: Path) -> None:
    text = "id,A,Channels [Sonstiges]\n1,A,\n2,,podcasts\n3,,zines\n4,A,none\n5,A,no\n"
    reading = read(tmp_path, text, multi("A", "Channels [Sonstiges]"), respondent_id="id")
    assert ticks(reading, "Channels [Sonstiges]") == [False, True, True, True, False]
    assert "zines" not in repr(reading)


SIZES = "ID,Size,,\n,1-9,10-49,50+\n1,1-9,,\n2,,,50+\n3,1-9,,50+\n4,,,\n"
ONE_OF = {"1-9": "1-9", "10-49": "10-49", "50+": "50+"}


def test_one_choice_over_several_columns_is_a_segment_or_a_question_and_two_ticks_are_none(tmp_path: Path) -> None:
    question = {"q": {"text": "Q", "type": "single", "one_of": ONE_OF}}
    reading = read(
        tmp_path, SIZES, question, header_rows=2, respondent_id="ID", segments={"company_size": {"columns": ONE_OF}}
    )
    assert [row["segment"] for row in reading.tables["survey_respondents"]] == ["1-9", "50+", None, None]
    assert [option for option, _, _ in answers(reading, "q")] == ["1-9", "50+", None, None]
    assert problems(reading) == ["several_choices"]
    assert "1 respondent with several choices" in reading.tables["issues"][0]["detail"]


def test_a_scale_over_several_columns_has_its_positions(tmp_path: Path) -> None:
    text = "ID,Low,High\n1,x,\n2,,x\n"
    question = {"q": {"text": "Q", "type": "scale", "one_of": ["Low", "High"], "scale": ["Low", "High"]}}
    reading = read(tmp_path, text, question, respondent_id="ID")
    assert answers(reading, "q") == [("Low", True, 1.0), ("High", True, 2.0)]


def test_a_code_zero_in_a_column_of_its_own_is_a_choice(tmp_path: Path) -> None:
    rows = ["0,,", "0,,", "0,,", ",1,", ",1,", ",1,", ",,2", ",,2", ",,2"]
    text = "Respondent ID,How many people?,,\n,Don't know,1-9,10-49\n"
    text += "".join(f"{at},{row}\n" for at, row in enumerate(rows, start=1))
    more = {"header_rows": 2, "respondent_id": "Respondent ID"}
    reading = read(tmp_path, text, multi("Don't know", "1-9", "10-49"), **more)
    assert [sum(tick is True for tick in ticks(reading, option)) for option in ("Don't know", "1-9", "10-49")] == [
        3,
        3,
        3,
    ]
    # Where every column is filled, zeros are a no, even in a column that holds nothing else.
    coded = read(tmp_path, "Respondent ID,A,B\n1,0,1\n2,0,1\n3,,\n", multi("A", "B"), respondent_id="Respondent ID")
    assert ticks(coded, "A") == [False, False, None]


@pytest.mark.parametrize(
    ("cells", "weights"),
    [
        (["0.875", "1.125"], [0.875, 1.125]),
        (["0,5", "1,5"], [0.5, 1.5]),
        (["1.000,25", "0,5"], [1000.25, 0.5]),
        (["1.125", "1.250"], [None, None]),
        (["1.125", "1.25"], [1.125, 1.25]),
    ],
)
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_cells_of_a_column_tell_its_decimal_mark_and_the_delimiter_never(
    tmp_path: Path, cells: list[str], weights: list[float | None], delimiter: str
) -> None:
    lines = ["id,Uses X,Weight", *(f"{at},Yes,{at}" for at in range(len(cells)))]
    rows = [line.split(",") for line in lines]
    for row, cell in zip(rows[1:], cells, strict=True):
        row[2] = cell
    text = "\n".join(delimiter.join(row) for row in rows) + "\n"
    reading = read(tmp_path, text, single("Uses X"), respondent_id="id", weight="Weight")
    assert [row["weight"] for row in reading.tables["survey_respondents"]] == weights
    assert ("bad_weight" in problems(reading)) == (None in weights)


def test_numbers_that_one_column_leaves_open_are_decided_by_another_of_the_file(tmp_path: Path) -> None:
    questions = {name: {"text": name, "type": "number", "column": name} for name in ("Hours", "Budget")}
    reading = read(tmp_path, 'id,Hours,Budget\n1,"1,5",1.250\n2,"0,5",\n', questions, respondent_id="id")
    assert answers(reading, "Budget") == [(None, True, 1250.0), (None, None, None)]


def test_weights_far_from_one_are_pointed_out(tmp_path: Path) -> None:
    reading = read(tmp_path, "id,A,W\n1,x,875\n2,y,1125\n", single("A"), respondent_id="id", weight="W")
    assert problems(reading) == ["unusual_weights"]
    assert "have a mean of 1,000; usual is a mean of 1" in reading.tables["issues"][0]["detail"]


def test_a_response_can_be_finished_by_any_text_and_values_without_a_match_are_reported(tmp_path: Path) -> None:
    text = "id,submitdate,A\n1,2026-01-01 00:00:00,x\n2,,y\n"
    reading = read(tmp_path, text, single("A"), respondent_id="id", complete={"column": "submitdate", "filled": True})
    assert [row["is_complete"] for row in reading.tables["survey_respondents"]] == [True, False]
    wrong = {"column": "submitdate", "values": ["Complete"]}
    reading = read(tmp_path, text, single("A"), respondent_id="id", complete=wrong)
    assert problems(reading) == ["value_without_match"]
    assert "filled: true" in reading.tables["issues"][0]["next_step"]


@pytest.mark.parametrize(
    "text",
    [
        "Question 1,,\nAnswer,Count,Share\nYes,12,0.6\nNo,8,0.4\nAnswered,20,1\n",
        "Answer Choices,Responses,\nYes,60.00%,12\nNo,40.00%,8\nAnswered,,20\nSkipped,,3\n",
        "Antwort;Anzahl;Prozent\nJa;12;60 %\nNein;8;40 %\n",
        "Question,Total,Answered,%\nUses X,20,18,90\nUses Y,20,12,60\n",
    ],
)
def test_a_summary_is_refused_as_one(tmp_path: Path, text: str) -> None:
    header = text.splitlines()[1 if text.startswith("Question 1") else 0].replace(";", ",").split(",")
    with pytest.raises(TweetbenchError, match="this is a summary, not the answers of a survey") as caught:
        read(tmp_path, text, single(header[0]))
    assert "one row per respondent" in caught.value.next_step


def test_a_survey_with_a_column_called_total_is_no_summary(tmp_path: Path) -> None:
    reading = read(tmp_path, "id,Answer,Count\n1,yes,3\n2,no,4\n3,yes,3\n", single("Answer"), respondent_id="id")
    assert len(answers(reading, "q")) == 3


def test_columns_that_nobody_mapped_are_one_issue_and_long_names_differ_at_their_ends(tmp_path: Path) -> None:
    stem = "Which of these many things do you use in your company when you think of it very long and hard, option"
    names = [f'"{stem} {at}"' for at in range(892)]
    text = f"id,A,Work phone,{','.join(names)}\n1,x,,{',' * 891}\n"
    reading = read(tmp_path, text, single("A"), respondent_id="id")
    plain, telling = reading.tables["issues"]
    assert plain["detail"].startswith(
        "892 columns are not in surveys/m0.yml and not stored: Which of these many things"
    )
    assert "hard, option 0, " in plain["detail"]
    assert plain["detail"].endswith("and 872 more")
    assert "1 column is not in surveys/m0.yml and not stored: Work phone" in telling["detail"]
    assert "phone number: list them under personal" in telling["next_step"]


def test_the_most_frequent_spelling_names_a_group(tmp_path: Path) -> None:
    text = "id,G\n1,male\n2,Male\n3,Male\n4,female\n5,MALE \n"
    reading = read(tmp_path, text, single("G"), respondent_id="id", segments={"gender": "G"})
    segments = [row["segment"] for row in reading.tables["survey_respondents"]]
    assert segments == ["Male", "Male", "Male", "female", "Male"]


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("id,G\n1,Male\n2,male\n3,Male\n", 2, 1),
        ("G,H\nMale,Yes\nFemale,No\nMale,Yes\nFemale,No\n", 2, 1),
        (SIZES, 1, 2),
        (SIZES, 3, 2),
    ],
)
def test_header_rows_changed_by_hand_give_a_message_with_the_right_number(
    tmp_path: Path, text: str, declared: int, expected: int
) -> None:
    column = "Size / 1-9" if text == SIZES else "G"
    with pytest.raises(TweetbenchError, match=f"header_rows: {declared} does not fit this file") as caught:
        read(tmp_path, text, single(column), header_rows=declared)
    assert f"set header_rows to {expected} in surveys/m0.yml" in caught.value.next_step


def test_a_mapping_may_name_the_sheet_of_a_workbook(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name, answer in (("Draft", "old"), ("Final", "new")):
            sheet = book.add_worksheet(name)
            for at, row in enumerate([["id", "G"], ["1", answer]]):
                sheet.write_row(at, 0, row)
    mapping = {"survey_id": "s", "title": "S", "questions": single("G"), "respondent_id": "id"}
    for more, answer in (({}, "old"), ({"sheet": "Final"}, "new")):
        file = InputFile(tmp_path / "a.xlsx", "a.xlsx", "0")
        _, reading = do_task("read", file, a_request({**mapping, **more}))
        assert answers(reading, "q") == [(answer, True, None)]


def test_lines_to_skip_and_a_sheet_are_keys_of_the_mapping(tmp_path: Path) -> None:
    reading = read(tmp_path, "A,B\nid,G\n1,Male\n", single("G"), respondent_id="id", skip_rows=1)
    assert answers(reading, "q") == [("Male", True, None)]
    with pytest.raises(TweetbenchError, match="skip_rows: 1 does not fit this file") as caught:
        read(tmp_path, "id,G\n1,Male\n2,Male\n", single("G"), respondent_id="id", skip_rows=1)
    assert "are on line 1" in str(caught.value)
