"""What the report says and draws of surveys: which survey, sizes in order, few words, questions as they were asked."""

from typing import Any

from pipeline.report.sections.survey import SURVEY
from pipeline.report.sections.survey_differences import DIFFERENCES
from pipeline.report.sections.survey_outcomes import OUTCOMES
from pipeline.report.writing import write

Row = dict[str, Any]
ANSWERS = SURVEY.figures[0]
SIZES = {"More than 1000": 1001, "26-100": 26, "Between 5 and 25": 5, "Fewer than 5": 1, "No idea": None}


def cell(survey: str, number: int, dimension: str, segment: str, low: int | None = None) -> Row:
    return {
        "survey_id": survey,
        "question_number": number,
        "question_id": f"q{number}",
        "question": f"Question {number}?",
        "option": "Yes",
        "segment_dimension": dimension,
        "segment": segment,
        "company_size_low": low,
        "share": 0.5,
        "share_low": 0.4,
        "share_high": 0.6,
        "base_count": 90,
        "respondent_count": 45,
        "p_value_adjusted": None,
        "is_significant": None,
        "is_unreliable": False,
        "is_suppressed": False,
        "suppression_reason": None,
    }


def difference(survey: str, number: int, p_value: float) -> Row:
    question = f"Question {number} about everything that a business may do there? " * 2
    return {
        "survey_id": survey,
        "question": question,
        "segment_dimension": "company_size",
        "test": "rao_scott_f",
        "p_value_adjusted": p_value,
        "status": "ok",
        "status_reason": "",
    }


def test_every_drawing_and_table_of_survey_answers_names_the_survey() -> None:
    rows = [cell("firms", 1, "all", "all"), cell("shops", 1, "all", "all"), cell("shops", 1, "customer_focus", "b2b")]
    drawings = ANSWERS.draw(rows)
    assert [drawing.title for drawing in drawings] == [
        "Survey firms, “Question 1?”",
        "Survey shops, “Question 1?”",
        "Survey shops, by customer focus, “Question 1?”",
    ]
    assert all(f"survey {name}" in drawing.alt for name, drawing in zip(("firms", "shops"), drawings, strict=False))
    tables = [ANSWERS, *OUTCOMES]
    assert [next(iter(figure.columns)) for figure in tables] == ["survey_id"] * len(tables)


def test_sizes_stand_in_the_order_of_the_people_that_they_mean() -> None:
    rows = [cell("s", 1, "company_size", segment, low) for segment, low in SIZES.items()]
    (drawing,) = ANSWERS.draw(rows)
    assert [panel.title.rpartition(",")[0] for panel in drawing.panels] == [
        "Fewer than 5", "Between 5 and 25", "26-100", "More than 1000", "No idea",
    ]  # fmt: skip


def test_everybody_in_a_survey_is_a_respondent() -> None:
    (drawing,) = ANSWERS.draw([cell("s", 1, "all", "all")])
    assert drawing.panels[0].title == "All respondents, n = 90"
    form = ANSWERS.columns["segment"]
    assert (write("all", form), write("b2b", form)) == ("All respondents", "B2B")


def test_two_hundred_differences_are_one_short_sentence_with_the_surest_and_a_count() -> None:
    rows = [difference("firms" if number % 2 else "shops", number, number / 10_000) for number in range(1, 201)]
    sentence, *rest = DIFFERENCES.read([*rows, difference("firms", 999, 0.5)])
    assert rest == []
    assert sentence.startswith(
        "200 of 201 tests find a difference between segments: “Question 1 about everything that a "
    )
    assert "may do there? Question 1 about ever…” (firms) by company size (p <\u00a00.001), “Question 2" in sentence
    assert sentence.endswith(", and 196 more in the table.")
    assert len(sentence) < 800
    assert write(rows[0]["test"], DIFFERENCES.columns["test"]) == "Rao-Scott F test"


def test_an_answer_of_several_that_could_be_ticked_is_named_with_its_question() -> None:
    ticked = difference("firms", 1, 0.001) | {"option": "Webinars", "question": "What do you use?"}
    assert DIFFERENCES.read([ticked, ticked | {"option": "Blog", "p_value_adjusted": 0.4}]) == [
        "1 of 2 tests finds a difference between segments: “What do you use?” Webinars by company size (p 0.001)."
    ]


def test_what_is_suppressed_and_what_is_only_uncertain_is_said_with_its_reason() -> None:
    rows = [cell("s", 1, "customer_focus", name) for name in ("b2b", "b2c", "both")]
    rows[0] |= {"is_suppressed": True, "suppression_reason": "small_base", "share": None}
    rows[1] |= {"is_suppressed": True, "suppression_reason": "small_cell", "share": None}
    rows[2] |= {"is_unreliable": True}
    said = ANSWERS.read(rows)
    assert said[1].startswith(
        "2 of 3 cells are suppressed: 1 because fewer than 30 people in the segment answered and 1"
    )
    assert said[2] == ("1 of the cells shown is uncertain: the interval is wide, so read the share as approximate.")


def test_differences_of_shares_are_points_and_not_per_cent() -> None:
    for figure in OUTCOMES:
        if figure.name in ("survey_importance", "survey_benchmarks"):
            assert figure.columns["difference"] == "points"
    assert write(-0.034, "points") == "\u22123.4\u00a0points"
