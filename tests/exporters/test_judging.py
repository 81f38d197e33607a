"""The judges themselves: a figure that is off by one is seen, and only a doubt that names it excuses it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import Reading
from tests.exporters.accounts.truth import Expected, compare
from tests.exporters.surveys.cases import make
from tests.exporters.surveys.expected import Column, Export
from tests.exporters.surveys.judge import judge
from tests.exporters.surveys.reading import Figure, Survey
from tests.exporters.verdict import CRASH, DOUBTED, OUR_FAULT, REFUSED, RIGHT, WRONG, from_error

MOMENT = datetime(2026, 5, 1, 9, tzinfo=UTC)
EXPORT = Export(
    "Tool",
    [["Do you?", "Blog", "Mail", "Hours", "When"]],
    (
        Column("choice", "Do you?", 0, counts={"Yes": 3, "No": 2}, base=5),
        Column("tick", "Blog", 1, option="Blog", text="Blog", chosen=2, base=4),
        Column("tick", "Mail", 1, option="Mail", text="Mail", chosen=0, base=4),
        Column("number", "Hours", 2, values=(1.0, 2.5)),
        Column("submitted", "When", times=(MOMENT,)),
    ),
    5,
    frozenset({"a friend typed this"}),
)
SURVEY = Survey(
    figures={
        0: [Figure("do_you", "choice", 5, {"Yes": 3, "No": 2})],
        1: [Figure("use", "tick", 4, {"Blog": 2}, option="Blog")],
        2: [Figure("use", "tick", 4, {"Mail": 0}, option="Mail")],
        3: [Figure("hours", "number", 2, values=(1.0, 2.5))],
    },
    dropped={},
    respondent_count=5,
    times={"started": (), "submitted": (MOMENT,)},
    weights=(),
    stored="",
    words="",
)


def with_figure(position: int, figure: Figure) -> Survey:
    return replace(SURVEY, figures={**SURVEY.figures, position: [figure]})


CHANGES: dict[str, Callable[[], Survey]] = {
    "one answer more": lambda: with_figure(0, Figure("do_you", "choice", 6, {"Yes": 4, "No": 2})),
    "a base without those who chose nothing": lambda: with_figure(1, Figure("use", "tick", 2, {"Blog": 2})),
    "an option of nobody that somebody chose": lambda: with_figure(2, Figure("use", "tick", 4, {"Mail": 1})),
    "a number times ten": lambda: with_figure(3, Figure("hours", "number", 2, values=(1.0, 25.0))),
    "a question that is not there": lambda: replace(SURVEY, figures={0: SURVEY.figures[0], 3: SURVEY.figures[3]}),
    "one respondent more": lambda: replace(SURVEY, respondent_count=6),
    "a time an hour off": lambda: replace(SURVEY, times={"started": (), "submitted": (MOMENT.replace(hour=10),)}),
    "a typed text": lambda: replace(SURVEY, stored="... a friend typed this ..."),
}


def test_a_reading_that_equals_the_truth_is_right() -> None:
    assert judge(EXPORT, SURVEY) == (RIGHT, ())


@pytest.mark.parametrize("name", CHANGES)
def test_a_survey_with_a_changed_figure_is_wrong(name: str) -> None:
    outcome, why = judge(EXPORT, CHANGES[name]())
    assert outcome == WRONG, why


def test_a_doubt_excuses_the_column_that_it_names_and_no_other() -> None:
    changed = CHANGES["one answer more"]()
    assert judge(EXPORT, replace(changed, words="'Do you?' may be two questions"))[0] == DOUBTED
    assert judge(EXPORT, replace(changed, words="'Hours' may be codes"))[0] == WRONG


def accounts(*counts: int, issues: int = 0, notes: tuple[str, ...] = ()) -> Reading:
    rows = [{"date": date(2026, 5, day), "like_count": count} for day, count in enumerate(counts, start=1)]
    said = {"subject": "x.csv line 9", "problem": "not_a_count", "detail": "column 'Likes'"}
    return Reading({"account_daily": rows, "issues": [said] * issues}, "d", len(rows), notes=notes)


TRUTH = Expected("account_daily", ("date",), {(date(2026, 5, day),): {"like_count": 7} for day in (1, 2)})


def test_rows_of_an_account_are_compared_one_by_one() -> None:
    assert compare([TRUTH], accounts(7, 7))[0] == RIGHT
    assert compare([TRUTH], accounts(7, 8))[0] == WRONG
    assert compare([TRUTH], accounts(7, 8, notes=("like_count was guessed",)))[0] == DOUBTED
    assert compare([TRUTH], accounts(7))[0] == WRONG
    assert compare([TRUTH], accounts(7, issues=1))[0] == DOUBTED
    assert compare([TRUTH], accounts(7, 7, 7))[0] == WRONG


def test_a_fault_of_ours_is_a_crash_and_no_refusal() -> None:
    assert from_error(TweetbenchError("the survey has no answers"))[0] == REFUSED
    fault = TweetbenchError(OUR_FAULT)
    fault.__cause__ = KeyError("Q1")
    assert from_error(fault) == (CRASH, "KeyError: 'Q1'")


def test_a_seed_makes_the_same_file_again(tmp_path: Path) -> None:
    (first := tmp_path / "a").mkdir()
    (second := tmp_path / "b").mkdir()
    seed = Random(3).randrange(1_000)  # noqa: S311
    assert make("LimeSurvey", seed, first)[1].read_bytes() == make("LimeSurvey", seed, second)[1].read_bytes()
