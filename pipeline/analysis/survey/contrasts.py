"""Importance against effectiveness, and what goes with success: rows of two marts.

Paired answers are compared within the person, never as two independent bars. Shares and means of single answers
belong to `book` and `segment_means`.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.columns import BoolArray, FloatArray, IntArray
from pipeline.analysis.survey.means import estimate_difference, estimate_mean
from pipeline.analysis.survey.safety import COMPLEMENTARY, hide_groups, read_limits
from pipeline.analysis.survey.segment_means import (
    COUNT,
    ENDING,
    KEY,
    NUMBER,
    TEXT,
    adjusted_by_dimension,
    row_key,
    suppressed,
    tested,
)
from pipeline.analysis.survey.sheet import EFFECTIVENESS, EVERYBODY, Node, Question, Row, Survey, Tables, read_surveys
from pipeline.analysis.survey.suppression import Limits

PAIRS = pa.schema(
    [
        *KEY,
        ("importance_question_id", TEXT),
        ("item", TEXT),
        ("base_count", COUNT),
        ("important_share", NUMBER),
        ("effective_share", NUMBER),
        *ENDING,
    ]
)
WORKS = pa.schema(
    [
        *KEY,
        ("initiatives_question_id", TEXT),
        ("option", TEXT),
        ("user_count", COUNT),
        ("other_count", COUNT),
        ("user_mean", NUMBER),
        ("other_mean", NUMBER),
        *ENDING,
    ]
)


def estimate_pairs(survey_tables: Tables, thresholds: pa.Table) -> pa.Table:
    """Importance against effectiveness of the same thing to the same people, everybody and one-way segments.

    Pairs are those of `Survey.pairs`.
    Two multi-select questions are compared option by option, two scales by their upper 40 % of positions. The
    difference (effective minus important) is tested as a mean of differences within persons, Holm within the pair
    and dimension; without weights this is McNemar's comparison with a t reference.
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        nodes = survey.nodes(crossed=False)
        for important, effective in survey.pairs():
            family = list(_pair_rows(survey, important, effective, nodes, limits))
            rows += adjusted_by_dimension(family)
    return pa.Table.from_pylist(rows, schema=PAIRS)


def estimate_what_works(survey_tables: Tables, thresholds: pa.Table) -> pa.Table:
    """Mean effectiveness (scale position) of those who use an initiative against those who do not.

    For each question of the role `effectiveness` on a scale and each option of a question of the role `initiatives`;
    everybody and one-way segments, t test, Holm within question and dimension. An association, not an effect.
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        nodes = survey.nodes(crossed=False)
        outcomes = [each for each in survey.questions if each.role == EFFECTIVENESS and each.question_type == "scale"]
        used = [each for each in survey.questions if each.role == "initiatives" and each.question_type == "multi"]
        for outcome in outcomes:
            family = [row for each in used for row in _work_rows(survey, outcome, each, nodes, limits)]
            rows += adjusted_by_dimension(family)
    return pa.Table.from_pylist(rows, schema=WORKS)


def _pair_rows(
    survey: Survey, important: Question, effective: Question, nodes: Sequence[Node], limits: Limits
) -> Iterator[Row]:
    for item, first, second in _items(important, effective):
        both = important.answers.answered & effective.answers.answered & (survey.design.weight > 0)
        domains = [node.rows[both[node.rows]] for node in nodes]
        parts = [[rows[chosen[rows]] for rows in domains] for chosen in (first, ~first, second, ~second)]
        given_away = _given_away(nodes, parts, limits)
        for at, (node, domain) in enumerate(zip(nodes, domains, strict=True)):
            if not len(domain):
                continue
            row = {
                **row_key(survey, effective, node),
                "importance_question_id": important.question_id,
                "item": item,
                "base_count": len(domain),
            }
            if len(domain) < limits.base_from or any(limits.is_few(len(each[at])) for each in parts):
                yield {**row, **suppressed("small_base", limits)}
                continue
            if given_away[at]:
                yield {**row, **suppressed(COMPLEMENTARY, limits)}
                continue
            weight = survey.design.weight[domain]
            gap = estimate_mean(second.astype(np.float64) - first, domain, survey.design)
            yield {
                **row,
                "important_share": float(weight @ first[domain] / weight.sum()),
                "effective_share": float(weight @ second[domain] / weight.sum()),
                **tested(gap, "ok"),
            }


def _items(important: Question, effective: Question) -> Iterator[tuple[str, BoolArray, BoolArray]]:
    kinds = (important.question_type, effective.question_type)
    if kinds == ("multi", "multi"):
        place = {option: at for at, option in enumerate(important.answers.options)}
        for at, option in enumerate(effective.answers.options):
            if option in place and not effective.is_none[at]:
                yield option, important.answers.selected[:, place[option]], effective.answers.selected[:, at]
    elif kinds == ("scale", "scale"):
        yield EVERYBODY, important.upper(), effective.upper()


def _work_rows(
    survey: Survey, outcome: Question, used: Question, nodes: Sequence[Node], limits: Limits
) -> Iterator[Row]:
    takes_part = np.isfinite(outcome.values) & used.answers.answered & (survey.design.weight > 0)
    for at, option in enumerate(used.answers.options):
        if used.is_none[at]:
            continue
        ticked = used.answers.selected[:, at]
        domains = [node.rows[takes_part[node.rows]] for node in nodes]
        parts = [[rows[chosen[rows]] for rows in domains] for chosen in (ticked, ~ticked)]
        given_away = _given_away(nodes, parts, limits, least=limits.base_from)
        for number, (node, users, others) in enumerate(zip(nodes, *parts, strict=True)):
            row = {
                **row_key(survey, outcome, node),
                "initiatives_question_id": used.question_id,
                "option": option,
            }
            if min(len(users), len(others)) < limits.base_from:
                yield {**row, **suppressed("small_base", limits)}
                continue
            if given_away[number]:
                yield {**row, **suppressed(COMPLEMENTARY, limits)}
                continue
            yield {
                **row,
                "user_count": len(users),
                "other_count": len(others),
                "user_mean": _weighted_mean(outcome.values, users, survey),
                "other_mean": _weighted_mean(outcome.values, others, survey),
                **tested(estimate_difference(outcome.values, users, others, survey.design), "ok"),
            }


def _given_away(
    nodes: Sequence[Node], parts: Sequence[Sequence[IntArray]], limits: Limits, *, least: int = 1
) -> list[bool]:
    """Nodes whose figures would give away those of one to four people: of each part (rows by node) by itself."""
    reasons = [hide_groups(nodes, each, limits, least=least) for each in parts]
    return [COMPLEMENTARY in of_node for of_node in zip(*reasons, strict=True)]


def _weighted_mean(values: FloatArray, rows: IntArray, survey: Survey) -> float:
    weight = survey.design.weight[rows]
    return float(weight @ values[rows] / weight.sum())
