"""The survey marts through the real dbt models: from answers in the lake's shape to what analysts read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.marts.stand import build_from_raw, read_rows

RESPONDENTS = 240
MARTS = [
    "survey_segments",
    "survey_tests",
    "survey_benchmarks",
    "survey_means",
    "survey_what_works",
    "survey_models",
    "survey_weights",
    "survey_importance_effectiveness",
    "survey_respondents",
]
NOW = datetime(2026, 9, 4, 12, 0, tzinfo=UTC)
SAME = {"platform": "survey", "captured_at": NOW, "survey_id": "demo_survey"}


def _respondents() -> Iterator[dict[str, Any]]:
    for at in range(RESPONDENTS):
        same = {**SAME, "respondent_id": f"r{at:03}", "weight": 1.0, "is_complete": True, "submitted_at": NOW}
        same["started_at"] = NOW - timedelta(minutes=6)
        yield {**same, "segment_dimension": "customer_focus", "segment": "B2B" if at % 2 else "B2C"}
        yield {**same, "segment_dimension": "company_size", "segment": "1-9" if at % 8 else "50+"}


def _responses() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for at in range(RESPONDENTS):
        same = {**SAME, "respondent_id": f"r{at:03}"}
        ticks = {"Microblog": at % 2 == 1 or at % 6 == 0, "Blog": at % 3 == 0, "Webinars": at % 5 == 0}
        ticks["None of these"] = not any(ticks.values())
        for option, ticked in ticks.items():
            is_selected = None if at >= 220 else ticked  # the last twenty did not answer the block
            question = {"question_id": "channels", "question": "Used?", "question_type": "multi"}
            rows.append({**same, **question, "option": option, "is_selected": is_selected, "value": None})
        position = 1 + (at + (2 if ticks["Blog"] else 0)) % 5
        question = {"question_id": "effectiveness", "question": "Works?", "question_type": "scale"}
        rows.append({**same, **question, "option": str(position), "is_selected": True, "value": float(position)})
        question = {"question_id": "hours", "question": "Hours?", "question_type": "number"}
        hours = None if at % 10 == 0 else float(at % 7)
        rows.append(
            {**same, **question, "option": None, "is_selected": None if hours is None else True, "value": hours}
        )
    return rows


@pytest.fixture(scope="module")
def survey_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = {"survey_respondents": _respondents(), "survey_responses": _responses()}
    return build_from_raw(tmp_path_factory.mktemp("survey"), rows, [f"+{mart}" for mart in MARTS])


def test_blocks_without_an_answer_are_outside_the_base_and_inside_the_count_of_missing(survey_warehouse: Path) -> None:
    rows = read_rows(
        survey_warehouse,
        "select option, respondent_count, base_count, missing_count, share from marts.survey_segments "
        "where question_id = 'channels' and segment = 'all' order by option",
    )
    assert {row["option"]: (row["base_count"], row["missing_count"]) for row in rows} == dict.fromkeys(
        ["Blog", "Microblog", "None of these", "Webinars"], (220, 20)
    )
    expected = sum(at % 3 == 0 for at in range(220))
    assert (rows[0]["respondent_count"], rows[0]["share"]) == (expected, pytest.approx(expected / 220))


def test_the_difference_between_segments_is_tested_and_adjusted(survey_warehouse: Path) -> None:
    rows = read_rows(
        survey_warehouse,
        "select segment, difference_from_rest, p_value, p_value_adjusted, q_value, is_significant, sampling_note "
        "from marts.survey_segments where option = 'Microblog' and segment_dimension = 'customer_focus'",
    )
    assert {row["segment"] for row in rows} == {"B2B", "B2C"}
    for row in rows:
        assert row["p_value"] <= row["p_value_adjusted"] < 0.001
        assert row["is_significant"] is True
        assert str(row["sampling_note"]).startswith("Computed as if respondents had been drawn at random")
    (test,) = read_rows(
        survey_warehouse,
        "from marts.survey_tests where option = 'Microblog' and segment_dimension = 'customer_focus'",
    )
    assert (test["test"], test["status"], test["df_num"]) == ("rao_scott_f", "ok", pytest.approx(1.0))
    assert test["cramers_v"] > 0.5


def test_published_figures_stand_beside_the_answers_with_the_same_denominator_only(survey_warehouse: Path) -> None:
    rows = read_rows(survey_warehouse, "from marts.survey_benchmarks where option = 'Microblog' order by segment")
    assert [(row["segment"], row["published_share"], row["denominator"]) for row in rows] == [
        ("B2B", 0.75, "companies_with_initiatives"),
        ("B2C", 0.49, "companies_with_initiatives"),
    ]
    users = sum((at % 2 == 1 or at % 6 == 0 or at % 3 == 0 or at % 5 == 0) and at % 2 == 0 for at in range(220))
    assert rows[1]["base_count"] == users
    assert rows[1]["difference"] == pytest.approx(rows[1]["share"] - 0.49)


def test_two_figures_of_the_same_words_and_different_denominators_are_two_figures(survey_warehouse: Path) -> None:
    rows = read_rows(
        survey_warehouse,
        "select denominator, segment, published_share from seeds.published_survey_figures "
        "where benchmark_id in ('participate_in_twitter', 'profile_on_twitter')",
    )
    found = {(row["denominator"], row["segment"]): row["published_share"] for row in rows}
    assert found == {
        ("companies_with_initiatives", "b2b"): 0.75,
        ("companies_with_initiatives", "b2c"): 0.49,
        ("companies_with_profiles", "b2b"): 0.73,
        ("companies_with_profiles", "b2c"): 0.45,
    }


def test_means_models_and_weights_have_a_row_for_everybody(survey_warehouse: Path) -> None:
    rows = read_rows(survey_warehouse, "from marts.survey_means where segment = 'all' order by question_id")
    assert [row["measure"] for row in rows] == ["ticked_option_count", "scale_position", "number"]
    hours = [at % 7 for at in range(RESPONDENTS) if at % 10]
    assert rows[2]["mean"] == pytest.approx(sum(hours) / len(hours))
    (weights,) = read_rows(survey_warehouse, "from marts.survey_weights")
    assert (weights["weighting"], weights["kish_design_effect"], weights["respondent_count"]) == (
        "none",
        1.0,
        RESPONDENTS,
    )
    joint = read_rows(
        survey_warehouse,
        "from marts.survey_models where option = 'Microblog' and segment is null order by segment_dimension",
    )
    assert [row["segment_dimension"] for row in joint] == ["company_size", "customer_focus"]
    assert {row["status_reason"] for row in joint} == {"a segment always or never gave this answer"}
    (blog, _) = read_rows(survey_warehouse, "from marts.survey_models where option = 'Blog' and segment is null")
    assert (blog["status"], blog["df_num"], blog["base_count"]) == ("ok", 1.0, 220)


def test_what_is_hidden_in_the_book_is_hidden_in_every_mart(survey_warehouse: Path) -> None:
    leaks = read_rows(
        survey_warehouse,
        "select works.option, works.segment from marts.survey_what_works as works "
        "inner join marts.survey_segments as cells on works.survey_id = cells.survey_id "
        "and works.initiatives_question_id = cells.question_id and works.option = cells.option "
        "and works.segment_dimension = cells.segment_dimension and works.segment = cells.segment "
        "where cells.is_suppressed and works.user_count is not null",
    )
    assert leaks == []
    assert read_rows(survey_warehouse, "select 1 from marts.survey_segments where is_suppressed limit 1") != []


def test_respondents_are_pseudonyms_with_segments_and_what_they_answered(survey_warehouse: Path) -> None:
    rows = read_rows(survey_warehouse, "from marts.survey_respondents order by respondent_id")
    assert len(rows) == RESPONDENTS
    assert set(rows[0]) == {
        *("survey_id", "respondent_id", "weight", "is_complete", "exclusion_reason", "submitted_date", "minutes_taken"),
        *("answered_question_count", "company_size", "industry", "customer_focus"),
    }
    assert (rows[1]["company_size"], rows[1]["customer_focus"], rows[1]["industry"]) == ("1-9", "B2B", None)
    assert (rows[1]["minutes_taken"], rows[1]["answered_question_count"]) == (6.0, 3)
    assert rows[230]["answered_question_count"] == 1
