"""Several files of one survey, through the real models: waves, later exports, people who are gone from them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.marts.stand import build_from_raw, read_rows

Row = dict[str, object]
# Survey -> its files, each as id -> (day of the answer, answer).
Answers = Mapping[str, tuple[str | None, str]]
FILES: dict[str, list[Answers]] = {
    # The numbers of the first wave are given out again a year later.
    "waves": [
        {"1": ("2025-05-01", "No"), "2": ("2025-05-02", "No"), "3": ("2025-05-03", "No")},
        {"1": ("2026-05-01", "Yes"), "2": ("2026-05-02", "Yes")},
    ],
    # ... and that wave is exported again with one more.
    "waves_again": [
        {"1": ("2025-05-01", "No"), "2": ("2025-05-02", "No"), "3": ("2025-05-03", "No")},
        {"1": ("2026-05-01", "Yes"), "2": ("2026-05-02", "Yes")},
        {"1": ("2026-05-01", "Yes"), "2": ("2026-05-02", "No"), "3": ("2026-05-03", "Yes")},
    ],
    # A row that was none is gone from the corrected file.
    "corrected": [
        {"header": (None, "Response"), "1": (None, "Yes"), "2": (None, "No"), "3": (None, "Yes")},
        {"1": (None, "Yes"), "2": (None, "No"), "3": (None, "Yes")},
    ],
    # Exports of the last weeks only: who answered before the window stays, who is missing inside it is gone.
    "window": [
        {"1": ("2026-05-01", "Yes"), "2": ("2026-05-08", "Yes"), "3": ("2026-05-09", "Yes"), "4": ("2026-05-10", "No")},
        {"2": ("2026-05-08", "Yes"), "4": ("2026-05-10", "No"), "5": ("2026-05-20", "No")},
    ],
    # One of three edited the answer; a fourth is new.
    "edited": [
        {"1": ("2026-05-01", "No"), "2": ("2026-05-02", "No"), "3": ("2026-05-03", "No")},
        {"1": ("2026-05-09", "Yes"), "2": ("2026-05-02", "No"), "3": ("2026-05-03", "No"), "4": ("2026-05-04", "No")},
    ],
    # New answers only: nobody is in both.
    "added": [
        {"1": ("2026-05-01", "No"), "2": ("2026-05-02", "No")},
        {"3": ("2026-05-08", "Yes")},
    ],
    # Two collectors of one day number from 1 each.
    "collectors": [
        {"1": ("2026-05-01 09:00", "No"), "2": ("2026-05-01 09:10", "No"), "3": ("2026-05-01 09:20", "No")},
        {
            "1": ("2026-05-01 09:05", "Yes"),
            "2": ("2026-05-01 09:31", "No"),
            "3": ("2026-05-01 09:40", "No"),
            "4": ("2026-05-01 09:50", "No"),
        },
    ],
    # The time zone of the mapping was corrected, and an option merged: other times, some other answers.
    "zone_and_option": [
        {"1": ("2026-03-01 09:00", "Maybe"), "2": ("2026-05-02 09:00", "Yes")},
        {"1": ("2026-03-01 04:00", "No"), "2": ("2026-05-02 05:00", "Yes")},
    ],
    # The time zone of the mapping was corrected: other times, the same answers.
    "zone": [
        {"1": ("2026-05-01 09:00", "No"), "2": ("2026-05-02 09:00", "Yes")},
        {"1": ("2026-05-01 04:00", "No"), "2": ("2026-05-02 04:00", "Yes")},
    ],
}


def rows_of_files() -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {"survey_respondents": [], "survey_responses": []}
    for survey, files in FILES.items():
        for number, answers in enumerate(files, 1):
            for respondent, (day, answer) in answers.items():
                same = {"platform": "survey", "survey_id": survey, "respondent_id": respondent, "source": "survey"}
                same |= {"captured_at": datetime(2026, 9, number, tzinfo=UTC), "lake_sequence": number}
                at = datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None
                rows["survey_respondents"].append({**same, "submitted_at": at})
                question = {"question_id": "use", "question": "Use it?", "question_type": "single"}
                rows["survey_responses"].append({**same, **question, "option": answer, "is_selected": True})
    return rows


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    selection = ["+survey_respondents", "+survey_files", "+int_survey_answers"]
    return build_from_raw(tmp_path_factory.mktemp("files"), rows_of_files(), selection)


@pytest.mark.parametrize(
    ("survey", "people", "yes"),
    [
        ("waves", 5, 2),
        ("waves_again", 6, 2),
        ("corrected", 3, 2),
        ("window", 4, 2),
        ("edited", 4, 1),
        ("added", 3, 1),
        ("collectors", 7, 1),
        ("zone_and_option", 2, 1),
        ("zone", 2, 1),
    ],
)
def test_everybody_counts_once_with_the_newest_answers(warehouse: Path, survey: str, people: int, yes: int) -> None:
    (found,) = read_rows(
        warehouse,
        "select count(distinct respondent_id) as people, count(*) filter (where option = 'Yes') as yes, "  # noqa: S608
        f"count(*) as answers from intermediate.int_survey_responses where survey_id = '{survey}'",
    )
    assert found == {"people": people, "yes": yes, "answers": people}
    rows = read_rows(warehouse, "select survey_id from marts.survey_respondents")
    assert sum(row["survey_id"] == survey for row in rows) == people


def test_each_file_says_what_became_of_its_respondents(warehouse: Path) -> None:
    rows = read_rows(warehouse, "from marts.survey_files order by survey_id, file_number")
    notes = {(row["survey_id"], row["file_number"]): row["note"] for row in rows if row["note"]}
    assert notes == {
        (
            "waves",
            2,
        ): "2 ids come back from an earlier file with other times and answers: counted as other people, wave "
        "2. Give each wave a survey_id of its own to compare them",
        (
            "waves_again",
            2,
        ): "2 ids come back from an earlier file with other times and answers: counted as other people, "
        "wave 2. Give each wave a survey_id of its own to compare them",
        (
            "waves_again",
            3,
        ): "2 ids come back from an earlier file with other times and answers: counted as other people, "
        "wave 2. Give each wave a survey_id of its own to compare them",
        (
            "collectors",
            2,
        ): "1 id comes back from an earlier file with other times and answers: counted as other people, "
        "wave 2. Give each wave a survey_id of its own to compare them",
        ("corrected", 1): "1 respondent is not in a later full export and left out",
        ("window", 1): "1 respondent is not in a later full export and left out",
        ("edited", 2): "1 id comes back from an earlier file with other times and answers: counted as edited, the "
        "newest answers hold",
    }
    names = ("wave_number", "respondent_count", "counted_respondent_count", "left_out_respondent_count")
    sums = {(row["survey_id"], row["file_number"]): tuple(row[name] for name in names) for row in rows}
    assert sums["window", 1] == (1, 4, 1, 1)
    assert sums["waves_again", 2] == (2, 2, 0, 0)
    assert sums["corrected", 2] == (1, 3, 3, 0)


def test_questions_are_numbered_as_the_file_has_them(tmp_path: Path) -> None:
    same = {
        "platform": "survey",
        "survey_id": "s",
        "respondent_id": "1",
        "captured_at": datetime(2026, 9, 1, tzinfo=UTC),
    }
    given = {"question_type": "single", "option": "Yes", "is_selected": True, "source": "survey"}
    questions = ["zeal", "q10", "q2", "age"]
    rows = {
        "survey_respondents": [{**same, "source": "survey"}],
        "survey_responses": [{**same, **given, "question_id": name, "question": name} for name in questions],
    }
    file = build_from_raw(tmp_path, rows, ["+int_survey_questions"])
    found = read_rows(file, "select question_id from intermediate.int_survey_questions order by question_number")
    assert [row["question_id"] for row in found] == questions
