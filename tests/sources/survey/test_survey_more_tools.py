"""Marks of tools that no generator writes: drafts that need no line of correction."""

from pathlib import Path

import pytest

from tests.sources.survey.test_survey_draft import drafted, figures, numbered


def parts(found: object) -> dict[str, str]:
    return {name: part for name, part, _ in found.columns}  # type: ignore[attr-defined]


def test_three_header_rows_of_surveymonkey_are_no_respondents(tmp_path: Path) -> None:
    header = [
        "Respondent ID,Start Date,Q1,,,Q2",
        ",,Which networks do you post on?,,,How large is your team?",
        ",,X,LinkedIn,Blog,Response",
    ]
    rows = ["X,,Blog,1-9", "X,LinkedIn,,10-49", ",,Blog,1-9", "X,,,1-9"]
    lines = [f"{at},05/{at + 12}/2026 09:00:00 AM,{row}" for at, row in enumerate(rows * 3, start=1)]
    found, reading = drafted(tmp_path, "\n".join([*header, *lines]) + "\n")
    ticks = next(each for each in figures(reading).values() if each.type == "multi")
    assert (found.header_rows, found.respondent_count) == (3, 12)
    assert ticks.counts == (12, {"X": 9, "LinkedIn": 3, "Blog": 6})


@pytest.mark.parametrize(
    ("started", "submitted"),
    [
        ("Date Created", "Date Modified"),
        ("STARTED", "LASTDATA"),
        ("Startzeit", "Fertigstellungszeit"),
        ("Heure de début", "Heure de fin"),
        ("Time Started", "Time Finished"),
        ("start", "my_survey_timestamp"),
    ],
)
def test_times_of_a_tool_are_known_by_their_names(tmp_path: Path, started: str, submitted: str) -> None:
    rows = [f"2026-05-{at:02} 09:00:00,2026-05-{at:02} 09:07:00,{answer}" for at, answer in enumerate("ABBA" * 3, 1)]
    found, _ = drafted(tmp_path, numbered(f"ID,{started},{submitted},Which one?", rows))
    assert parts(found)[started] == "started_at"
    assert parts(found)[submitted] == "submitted_at"


@pytest.mark.parametrize(
    "question", ["First up, what's your *name*?", "Wie heißen Sie?", "¿Cuál es su nombre?", "お名前"]
)
def test_a_question_for_the_own_name_is_personal(tmp_path: Path, question: str) -> None:
    rows = ["Ada,Yes", "Bo,No", "Ada,Yes", "Bo,Yes"]
    found, reading = drafted(tmp_path, numbered(f'ID,"{question}",Do you post daily?', rows, copies=4))
    assert parts(found)[question] == "personal"
    assert "Ada" not in str(reading.tables)


def test_the_name_of_a_brand_is_an_answer(tmp_path: Path) -> None:
    rows = ["Acme,Yes", "Bolt,No", "Acme,Yes", "Bolt,Yes"]
    found, _ = drafted(tmp_path, numbered("ID,Which is your favourite brand name?,Do you post daily?", rows, copies=4))
    assert parts(found)["Which is your favourite brand name?"] == "single"


def test_codes_of_no_answer_below_zero_are_no_answers(tmp_path: Path) -> None:
    rows = ["1,1", "2,0", "-77,-77", "3,1"]
    _, reading = drafted(tmp_path, numbered("ID,v_12,v_20", rows, copies=4))
    assert figures(reading)["v_12"].counts == (12, {"1": 4, "2": 4, "3": 4})
    assert len(figures(reading)["v_20"].answered) == 12


def test_degrees_below_zero_are_answers(tmp_path: Path) -> None:
    rows = ["-2", "-1", "0", "2"]
    _, reading = drafted(tmp_path, numbered("ID,How do you rate it from -2 to 2?", rows, copies=4))
    assert len(next(iter(figures(reading).values())).answered) == 16


def test_points_and_seconds_of_a_question_are_no_questions(tmp_path: Path) -> None:
    header = "ID,Which one?,Points - Which one?,Feedback - Which one?,Total points,groupTime12"
    rows = ["A,1,,1,12.5", "B,0,,0,3.25", "A,1,,1,4.75", "C,0,,0,8.5"]
    found, reading = drafted(tmp_path, numbered(header, rows, copies=4))
    assert len(figures(reading)) == 1
    assert list(parts(found).values()) == [
        "respondent_id",
        "single",
        "ignore",
        "ignore",
        "ignore",
        "ignore",
    ]


def test_places_beside_the_address_are_left_out_and_named(tmp_path: Path) -> None:
    header = "ID,IP Address,Longitude,Latitude,Country,City,In which country do you sell?"
    rows = [f"203.0.113.{at},-100.{at}123,40.{at}123,{where}" for at, where in enumerate(["US,Rome,US", "CA,Bern,CA"])]
    found, reading = drafted(tmp_path, numbered(header, rows, copies=8))
    assert parts(found)["Country"] == parts(found)["City"] == "ignore"
    assert any("'City'" in doubt for doubt in found.doubts)
    assert "Rome" not in str(reading.tables)


def test_choices_that_are_joined_beside_their_ticks_are_no_question_again(tmp_path: Path) -> None:
    header = "ID,Which do you use?,Which do you use?/Blog,Which do you use?/X"
    rows = ["Blog X,1,1", "X,0,1", "Blog,1,0", ",,"]
    found, reading = drafted(tmp_path, numbered(header, rows, copies=4))
    assert parts(found)["Which do you use?"] == "ignore"
    # Options of one question, no longer two questions of 1 (8 of 12) and 0 (4 of 12): the same figures under one base.
    assert [(each.type, each.counts) for each in figures(reading).values()] == [("multi", (12, {"Blog": 8, "X": 8}))]


def test_a_joined_column_is_no_question_again_where_its_ticks_make_no_question_together(tmp_path: Path) -> None:
    header = "ID,form/use,form/use/Blog,form/use/X"
    rows = ["Blog X,yes,yes", "X,no,yes", "Blog,yes,", ",no,no"]
    found, reading = drafted(tmp_path, numbered(header, rows, copies=4))
    assert parts(found)["form/use"] == "ignore"
    assert [each.counts for each in figures(reading).values()] == [
        (16, {"yes": 8, "no": 8}),
        (12, {"yes": 8, "no": 4}),
    ]
    assert any("'form/use' holds the choices of its 2 columns" in doubt for doubt in found.doubts)


def test_an_answer_that_stands_for_other_choices_each_time_is_no_copy_of_them(tmp_path: Path) -> None:
    header = "ID,Channels,Channels/Blog,Channels/X"
    rows = ["happy,1,1", "happy,0,1", "unhappy,1,0", "unhappy,1,1"]
    found, reading = drafted(tmp_path, numbered(header, rows, copies=4))
    asked, ticks = figures(reading).values()
    assert asked.counts == (16, {"happy": 8, "unhappy": 8})
    assert ticks.counts == (16, {"Blog": 12, "X": 12})
    assert any("'Channels' holds" in doubt and "differs in 8 rows: keep one" in doubt for doubt in found.doubts)


def test_places_beside_cells_that_hold_addresses_are_left_out_whatever_their_column_is_called(tmp_path: Path) -> None:
    header = "ID,Network,Country,City,How do you sell?"
    rows = [f"203.0.113.{at},{where}" for at, where in enumerate(["US,Rome,Online", "CA,Bern,In shops"])]
    found, reading = drafted(tmp_path, numbered(header, rows, copies=8))
    assert parts(found)["Network"] == "personal"
    assert parts(found)["Country"] == parts(found)["City"] == "ignore"
    assert any("'Country', 'City' are among the columns of the tool" in doubt for doubt in found.doubts)
    assert "Rome" not in str(reading.tables)


@pytest.mark.parametrize(
    "header",
    [
        "Which channels? (choice=Blog (own)),Which channels? (choice=Video),Which channels? (choice=None of these)",
        "channels___Blog (own),channels___Video,channels___None of these",
    ],
)
def test_a_check_box_of_redcap_is_an_option_by_its_text(tmp_path: Path, header: str) -> None:
    rows = ["Checked,Unchecked,Unchecked", "Checked,Checked,Unchecked", "Unchecked,Unchecked,Checked"]
    if "___" in header:
        header = header.replace(" (own)", "").replace("None of these", "99")
    _, reading = drafted(tmp_path, numbered(f"Record ID,{header}", rows, copies=4))
    ((_, figure),) = figures(reading).items()
    assert sorted(figure.counts[1].values()) == [4, 4, 8]
    assert set(figure.counts[1]) in ({"Blog (own)", "Video", "None of these"}, {"Blog", "Video", "99"})
