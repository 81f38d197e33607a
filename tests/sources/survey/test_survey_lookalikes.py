"""What looks like a response, a number or a note of the tool and is none; or looks like none and is an answer."""

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import InputFile, Reading
from pipeline.sources.survey.inspection import Options, inspect_survey
from tests.sources.survey.test_survey_draft import doubts, drafted, figures, numbered
from tests.sources.survey.test_survey_inspect import read_with_draft


def problems(reading: Reading) -> list[str]:
    return sorted(row["problem"] for row in reading.tables["issues"])


TABLE = "No.,Branch,Uses X,Followers\n" + "".join(
    f"{at},{'Trade' if at % 2 else 'Crafts'},{'yes' if at % 3 else 'no'},{at * 100 + 7}\n" for at in range(1, 13)
)


@pytest.mark.parametrize(
    ("below", "set_aside"),
    [
        ("Total,,8 yes,7884\n", ["total_row"]),
        ("Total: 12 firms,,8 yes,\nAverage,,,$657\n% yes,,67 %,\n", ["total_row"] * 3),
        ("Mittelwert,,,657\n,,,\n* as the members said,,,\n", ["note_row", "total_row"]),
        ("Note: figures are estimates,,,\nSource: member survey,,,\n", ["note_row"] * 2),
        (",,,\nAs of the end of May,,,\n", ["note_row"]),
    ],
)
def test_totals_and_notes_below_a_table_are_no_responses(tmp_path: Path, below: str, set_aside: list[str]) -> None:
    found, reading = drafted(tmp_path, TABLE + below)
    assert found.respondent_count == 12
    assert figures(reading)["uses_x"].counts == (12, {"yes": 8, "no": 4})
    assert sum(row["value"] for row in reading.tables["survey_responses"] if row["value"] is not None) == 7884
    assert problems(reading) == set_aside


def test_a_last_response_with_one_answer_stays_a_response(tmp_path: Path) -> None:
    rows = ["Total,10-49,Yes", "Shell,1-9,No", "not at all sure,,"]
    text = "Supplier,Size,Would you stay?\n" + "\n".join(["Total,1-9,No", *rows * 4]) + "\n"
    found, _ = drafted(tmp_path, text)
    assert found.respondent_count == 13


def test_wordings_under_codes_are_a_second_header_row(tmp_path: Path) -> None:
    head = "CASE,A101,A102,B101\nInterview number,Sex of person,Use of Twitter,Trust in media\n"
    rows = [f"{100 + at},{1 + at % 2},{1 + at % 3},{1 + at % 5}" for at in range(15)]
    found, reading = drafted(tmp_path, head + "\n".join(rows) + "\n")
    assert (found.header_rows, found.respondent_count) == (2, 15)
    asked = {row["question"] for row in reading.tables["survey_responses"]}
    assert "Use of Twitter" in asked


@pytest.mark.parametrize(
    ("name", "cells", "filler"),
    [
        ("Age", ["34", "51", "27", "68", "999"], "999"),
        ("Age", ["34", "51", "27", "80", "41", "99", "99", "99"], "99"),
        ("Hours per week", ["1", "5", "12.5", "40", "9999"], "9999"),
        ("Rating of ads", ["1", "2", "3", "4", "5", "9"], "9"),
        ("q1", ["1", "2", "3", "9"], "9"),
    ],
)
def test_a_number_apart_from_all_others_is_doubted(tmp_path: Path, name: str, cells: list[str], filler: str) -> None:
    found, _ = drafted(tmp_path, numbered(f"ID,{name}", cells, 4))
    assert f"{filler} stands apart in" in doubts(found) or f"{filler} may mean no answer" in doubts(found)


@pytest.mark.parametrize(
    ("name", "cells"),
    [("Age", ["34", "51", "99"]), ("Hours per week", ["1", "3", "9"]), ("NPS score", ["0", "7", "9"])],
)
def test_a_large_number_among_others_is_not_doubted(tmp_path: Path, name: str, cells: list[str]) -> None:
    found, _ = drafted(tmp_path, numbered(f"ID,{name}", cells, 4))
    assert "no answer" not in doubts(found)


def test_codes_that_the_header_explains_as_no_answer_are_none(tmp_path: Path) -> None:
    head = 'ID,"Sex (1=male, 2=female, 9=no answer)",Satisfaction (1 = bad ... 5 = good; 0 = no opinion)'
    _, reading = drafted(tmp_path, numbered(head, ["1,0", "2,5", "9,3", "2,1", "1,4", "2,2"], 3))
    sex, satisfaction = figures(reading).values()
    assert sex.counts == (15, {"1": 6, "2": 9})
    assert satisfaction.counts[0] == 15
    assert 0.0 not in satisfaction.places.values()


@pytest.mark.parametrize("name", ["Any other comments?", "Bemerkung", "Uwagi"])
def test_one_text_under_a_question_for_own_words_is_not_stored(tmp_path: Path, name: str) -> None:
    _, reading = drafted(tmp_path, numbered(f"ID,Uses X,{name}", ["Yes,none", "No,", "Yes,"], 4))
    assert {row["question_id"] for row in reading.tables["survey_responses"]} == {"uses_x"}


def test_what_one_person_typed_is_no_option_because_it_begins_with_none(tmp_path: Path) -> None:
    rows = ["Twitter", "Facebook", "LinkedIn"] * 9 + ["none that my boss knows of"]
    _, reading = drafted(tmp_path, numbered("ID,Main network", rows))
    (network,) = figures(reading).values()
    assert network.chosen["(other)"] == 1
    assert "none that my boss knows of" not in network.chosen


def test_a_table_with_a_row_for_each_answer_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = [f"{at},{question},Yes" for at in range(1, 9) for question in ("Do you tweet?", "Do you blog?")]
    path.write_text("respondent,question,answer\n" + "\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(TweetbenchError, match="one row per answer") as error:
        inspect_survey(InputFile(path, path.name, "0" * 64))
    assert "one column per question" in str(error.value.next_step)


def test_a_question_called_like_a_column_of_a_tool_is_left_out_with_a_doubt(tmp_path: Path) -> None:
    found, _ = drafted(tmp_path, numbered("ID,Status,Uses X", ["employed,Yes", "self-employed,No", "student,Yes"], 4))
    assert "'Status': left out, as tools call a column of their own so" in doubts(found)


def test_numbers_that_count_the_rows_are_no_question(tmp_path: Path) -> None:
    found, reading = drafted(
        tmp_path, "Lfd. Nr.,Nutzt X\n" + "".join(f"{at},Ja\n{at + 1},Nein\n" for at in (1, 3, 5, 7))
    )
    assert "'Lfd. Nr.' numbers the rows" in doubts(found)
    assert list(figures(reading)) == ["nutzt_x"]


def test_the_ends_of_a_scale_may_bear_their_number_behind_the_label(tmp_path: Path) -> None:
    cells = ["Not at all likely - 0", "3", "7", "Extremely likely - 10"]
    _, reading = drafted(tmp_path, numbered("ID,How likely are you to recommend us?", cells, 3))
    (likely,) = figures(reading).values()
    assert {option: place for option, place in likely.places.items() if likely.chosen[option]} == {
        "Not at all likely - 0": 0.0,
        "3": 3.0,
        "7": 7.0,
        "Extremely likely - 10": 10.0,
    }


@pytest.mark.parametrize("time", ["Mar 05, 2026 9:10:03 AM", "5 Mar 2026 9:10", "05/03/2026 09.10.03", "5 March 2026"])
def test_times_with_a_name_of_a_month_or_points_are_times(tmp_path: Path, time: str) -> None:
    rows = [f'"{time}",Yes', f'"{time.replace("05", "25").replace("5 M", "25 M")}",No'] * 3
    _, reading = drafted(tmp_path, numbered("ID,Date submitted,Uses X", rows))
    days = {row["submitted_at"].strftime("%Y-%m-%d") for row in reading.tables["survey_respondents"]}
    assert days == {"2026-03-05", "2026-03-25"}


def test_a_list_of_people_is_doubted(tmp_path: Path) -> None:
    rows = [f"Ann,Bee{at},a{at}@list.example,{'Lead' if at % 2 else 'Customer'}" for at in range(12)]
    found, _ = drafted(tmp_path, "First Name,Last Name,Email,Stage\n" + "\n".join(rows) + "\n")
    assert "it may be a list of contacts" in doubts(found)


def test_amounts_with_a_unit_are_left_out_with_a_doubt(tmp_path: Path) -> None:
    rows = [f'Yes,"${1000 + at * 37:,}"' for at in range(12)]
    found, _ = drafted(tmp_path, numbered("ID,Uses X,Budget", rows))
    assert "'Budget' holds amounts with a unit" in doubts(found)


def test_lines_above_the_header_are_taken_in_as_a_person_says(tmp_path: Path) -> None:
    head = ",,Which do you use?,,,How good is it?,\nFirm,Region,Twitter,Facebook,Xing,Reach,Dialogue\n"
    rows = (f"F{at},{'North' if at % 2 else 'South'},x,{'x' if at % 3 else ''},,{at % 5},{at % 4}" for at in range(12))
    text = head + "\n".join(rows) + "\n"
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    file = InputFile(tmp_path / "export.csv", "export.csv", "0" * 64)
    assert "draft again with --skip-rows 0 --header-rows 2" in doubts(inspect_survey(file))
    found = inspect_survey(file, Options(skip_rows=0, header_rows=2))
    assert "\nskip_rows: 0\n" in found.text
    assert found.questions == (("multi", 3), ("single", 2))


def test_an_option_does_not_repeat_its_question(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": range(1, 13), "v3_a": [1.0, 0.0] * 6, "v3_b": [1.0, 1.0, 0.0] * 4})
    path = tmp_path / "export.sav"
    yes_no: dict[int | float, str] = {1: "Yes", 0: "No"}
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=["Id", "Networks: Facebook", "Networks: Twitter"],
        variable_value_labels={"v3_a": yes_no, "v3_b": yes_no},
    )
    (networks,) = figures(read_with_draft(path)).values()
    assert networks.counts == (12, {"Facebook": 6, "Twitter": 8})


def test_row_numbers_without_a_name_do_not_hide_the_second_header_row(tmp_path: Path) -> None:
    head = ",Respondent ID,What do you do?,,Uses X,\n,,We blog,We buy ads,Ja,Nein\n"
    rows = (
        f"{at},{900 + at * 7},{'We blog' if at % 2 else ''},{'' if at % 3 else 'We buy ads'},Ja," for at in range(1, 13)
    )
    found, reading = drafted(tmp_path, head + "\n".join(rows) + "\n")
    assert (found.header_rows, found.respondent_count) == (2, 12)
    assert {row["option"] for row in reading.tables["survey_responses"]} >= {"We blog", "We buy ads"}
