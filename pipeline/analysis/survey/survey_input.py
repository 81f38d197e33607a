"""Surveys as the marts' models deliver them, in numbers: who belongs to which segment, and who answered what.

Three tables come in (columns in `read_surveys`); nothing is estimated here. Crossed dimensions are made here, because
which pairs are crossed is the same for every estimate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.survey.design import Design, plain_design
from pipeline.analysis.survey.raking import Raking, rake
from pipeline.analysis.survey.respondent_columns import (
    Answers,
    BoolArray,
    FloatArray,
    IntArray,
    read_categories,
    read_column,
)

Row = dict[str, Any]
Tables = tuple[pa.Table, pa.Table, pa.Table, pa.Table]
EVERYBODY = "all"
IMPORTANCE, EFFECTIVENESS = "importance", "effectiveness"
NO_SEGMENT = "(not answered)"
SHARES_ADD_UP = 0.005  # published percentages are rounded
CROSSED = ("company_size", "industry", "customer_focus")


@dataclass(frozen=True)
class Question:
    """One question with everybody's answer. `role` is what it is for (seed survey_question_roles). `values` are
    numbers or scale positions, NaN where there is none; `is_none` marks options such as "None of these"."""

    question_id: str
    question_type: str
    role: str | None
    answers: Answers
    values: FloatArray
    is_none: BoolArray

    def ticked_count(self) -> FloatArray:
        """Number of options that each respondent ticked, "none of these" not counted."""
        return np.asarray(self.answers.selected[:, ~self.is_none].sum(axis=1), dtype=np.float64)

    def upper(self) -> BoolArray:
        """Respondents in the upper two fifths of the scale positions that occur: 4 and 5 of 5, 6 and 7 of 7."""
        known = np.isfinite(self.values)
        if not known.any():
            return known
        low, high = self.values[known].min(), self.values[known].max()
        return np.asarray(np.where(known, self.values, -np.inf) > high - 0.4 * (high - low + 1) + 1e-9)


@dataclass(frozen=True)
class Node:
    """One segment: its dimension, its name and its respondents. `parts` are the two sides of a crossed segment."""

    dimension: str
    segment: str
    rows: IntArray
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Survey:
    """One survey: weights, segment codes by dimension (-1: none given) and questions. `weighting` says what was done
    about weights: a Raking, or why there is none."""

    survey_id: str
    design: Design
    weighting: Raking | str
    dimensions: dict[str, tuple[IntArray, tuple[str, ...]]]
    questions: tuple[Question, ...]

    def pairs(self) -> list[tuple[Question, Question]]:
        """Pairs of importance and effectiveness, by their ids: `importance` with `effectiveness`, `x_importance` with
        `x_effectiveness`."""
        by_id = {question.question_id: question for question in self.questions if question.role == IMPORTANCE}
        effective = [question for question in self.questions if question.role == EFFECTIVENESS]
        names = [(question, question.question_id.removesuffix(EFFECTIVENESS) + IMPORTANCE) for question in effective]
        return [(by_id[name], question) for question, name in names if name in by_id]

    def nodes(self, *, crossed: bool) -> list[Node]:
        """Everybody, every segment of every dimension and, if asked for, every pair of company size, industry and
        customer focus that occurs."""
        nodes = [Node(EVERYBODY, EVERYBODY, np.arange(len(self.design.weight)))]
        for name, (codes, labels) in self.dimensions.items():
            nodes += [Node(name, label, np.flatnonzero(codes == at)) for at, label in enumerate(labels)]
        for first, second in combinations([name for name in CROSSED if name in self.dimensions], 2) if crossed else ():
            nodes += self._crossed(first, second)
        return nodes

    def _crossed(self, first: str, second: str) -> list[Node]:
        (codes, labels), (others, other_labels) = self.dimensions[first], self.dimensions[second]
        pair = np.where((codes >= 0) & (others >= 0), codes * len(other_labels) + others, -1)
        nodes = []
        for number in np.unique(pair[pair >= 0]):
            one, other = labels[number // len(other_labels)], other_labels[number % len(other_labels)]
            parts = ((first, one), (second, other))
            nodes.append(Node(f"{first} x {second}", f"{one} x {other}", np.flatnonzero(pair == number), parts))
        return nodes


def read_surveys(memberships: pa.Table, answers: pa.Table, options: pa.Table, margins: pa.Table) -> Iterator[Survey]:
    """Surveys in the order of their ids.

    `memberships`: survey_id, respondent_number (0, 1, ... within the survey), segment_dimension, segment, weight;
    everybody is in the segment `all`. `answers`, one row per respondent and question that was answered: survey_id,
    question_id, respondent_number, option_numbers (list of what was chosen), value. `options`: survey_id, question_id,
    question_type, option, option_number (0, 1, ...), is_none_option, question_role; one row without an option for a
    number. `margins`: survey_id, segment_dimension, segment, population_share; surveys that have some are raked.
    """
    for survey_id in sorted(pc.unique(memberships.column("survey_id")).to_pylist()):
        mine = [
            table.filter(pc.equal(table.column("survey_id"), survey_id))
            for table in (memberships, answers, options, margins)
        ]
        yield _read_survey(survey_id, *mine)


def _read_survey(
    survey_id: str, memberships: pa.Table, answers: pa.Table, options: pa.Table, margins: pa.Table
) -> Survey:
    everybody = memberships.filter(pc.equal(memberships.column("segment_dimension"), EVERYBODY))
    n = everybody.num_rows
    weight = np.zeros(n)
    weight[_numbers(everybody, "respondent_number")] = pc.cast(
        read_column(everybody, "weight"), pa.float64()
    ).to_numpy()
    dimensions = {}
    for name in sorted(set(memberships.column("segment_dimension").to_pylist()) - {EVERYBODY}):
        rows = memberships.filter(pc.equal(memberships.column("segment_dimension"), name))
        found, labels = read_categories(read_column(rows, "segment"))
        codes = np.full(n, -1, dtype=np.int64)
        codes[_numbers(rows, "respondent_number")] = found
        dimensions[name] = (codes, labels)
    questions = []
    for question_id in sorted(set(options.column("question_id").to_pylist())):
        is_mine = [pc.equal(table.column("question_id"), question_id) for table in (answers, options)]
        questions.append(_read_question(question_id, answers.filter(is_mine[0]), options.filter(is_mine[1]), n))
    design = plain_design(weight)
    weighting = _rake_survey(weight, dimensions, margins)
    if isinstance(weighting, Raking):
        design = weighting.apply(design)
    return Survey(survey_id, design, weighting, dimensions, tuple(questions))


def _rake_survey(
    weight: FloatArray, dimensions: dict[str, tuple[IntArray, tuple[str, ...]]], margins: pa.Table
) -> Raking | str:
    """Weights that meet the population shares given for a survey. Who gave no segment keeps their share as a level."""
    if not margins.num_rows:
        return "no population shares are given in the seed survey_margins"
    wanted: dict[str, dict[str, float]] = {}
    for row in margins.to_pylist():
        wanted.setdefault(row["segment_dimension"], {})[row["segment"]] = row["population_share"]
    columns: dict[str, pa.Array] = {"weight": pa.array(weight)}
    for name, levels in wanted.items():
        if name not in dimensions:
            return f"the survey has no dimension {name}"
        codes, labels = dimensions[name]
        unknown = float(weight[codes < 0].sum() / weight.sum())
        columns[name] = pa.array([*labels, NO_SEGMENT]).take(pa.array(np.where(codes < 0, len(labels), codes)))
        total = sum(levels.values())
        if abs(total - 1) > SHARES_ADD_UP:
            return f"the population shares of {name} add up to {total:.4g}, not to 1"
        wanted[name] = {segment: share / total * (1 - unknown) for segment, share in levels.items()}
        wanted[name] |= {NO_SEGMENT: unknown} if unknown else {}
    try:
        return rake(pa.table(columns), margins=wanted, weight="weight")
    except ValueError as error:
        return str(error)


def _read_question(question_id: str, answers: pa.Table, options: pa.Table, n: int) -> Question:
    options = options.sort_by("option_number")
    named = options.filter(pc.is_valid(options.column("option")))
    labels = tuple(named.column("option").to_pylist())
    respondents = _numbers(answers, "respondent_number")
    chosen = read_column(answers, "option_numbers")
    selected, answered, values = (
        np.zeros((n, len(labels)), dtype=np.bool_),
        np.zeros(n, dtype=np.bool_),
        np.full(n, np.nan),
    )
    answered[respondents] = True
    numbers = pc.list_flatten(chosen).to_numpy(zero_copy_only=False)
    rows = respondents[pc.list_parent_indices(chosen).to_numpy(zero_copy_only=False)]
    if len(labels) and len(numbers):
        selected[rows, numbers.astype(np.int64)] = True
    values[respondents] = pc.cast(read_column(answers, "value"), pa.float64()).to_numpy(zero_copy_only=False)
    kind, role = options.column("question_type")[0].as_py(), options.column("question_role")[0].as_py()
    is_none = np.array(named.column("is_none_option").to_pylist(), dtype=np.bool_)
    return Question(question_id, kind, role, Answers(labels, selected, answered), values, is_none)


def _numbers(table: pa.Table, name: str) -> IntArray:
    return np.asarray(read_column(table, name).to_numpy(zero_copy_only=False), dtype=np.int64)
