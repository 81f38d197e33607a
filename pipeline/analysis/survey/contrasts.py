"""Importance against effectiveness, and what is linked to success: rows of two marts.

Paired answers are compared within the person, never as two independent bars. Shares and means of single answers
belong to `crosstabs` and `segment_means`.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.means import estimate_difference, estimate_mean
from pipeline.analysis.survey.respondent_columns import BoolArray, FloatArray, IntArray
from pipeline.analysis.survey.safety import Groups, find_groups, hide_groups, read_limits
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
from pipeline.analysis.survey.suppression import Limits
from pipeline.analysis.survey.survey_input import (
    EFFECTIVENESS,
    EVERYBODY,
    Node,
    Question,
    Row,
    Survey,
    Tables,
    read_surveys,
)

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
    and dimension; without weights this is McNemar's comparison with a t reference. base_count is null where it would
    give away the answers of one to four people who answered only one of the two questions.
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
    Counts are null where they would give away the answers of one to four people who answered only one of the two.
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        nodes = survey.nodes(crossed=False)
        groups = find_groups(nodes, len(survey.design.weight))
        outcomes = [each for each in survey.questions if each.role == EFFECTIVENESS and each.question_type == "scale"]
        used = [each for each in survey.questions if each.role == "initiatives" and each.question_type == "multi"]
        for outcome in outcomes:
            family = [row for each in used for row in _work_rows(survey, outcome, each, nodes, groups, limits)]
            rows += adjusted_by_dimension(family)
    return pa.Table.from_pylist(rows, schema=WORKS)


def _pair_rows(
    survey: Survey, important: Question, effective: Question, nodes: Sequence[Node], limits: Limits
) -> Iterator[Row]:
    groups = find_groups(nodes, len(survey.design.weight))
    counts = survey.design.weight > 0
    both = important.answers.answered & effective.answers.answered & counts
    domains = [node.rows[both[node.rows]] for node in nodes]
    small = np.array([len(domain) < limits.base_from for domain in domains])
    for item, first, second in _items(important, effective):
        answers = (first, ~first, second, ~second)
        hidden, _ = hide_groups(groups, [groups.count(both & given) for given in answers], limits, small)
        # Who answered only one of the questions: the rest between these figures and those of the whole question.
        alone = [each.answers.answered & counts & ~both for each in (important, important, effective, effective)]
        rest = [groups.count(asked & given) for asked, given in zip(alone, answers, strict=True)]
        uncounted, _ = hide_groups(groups, rest, limits, hidden)
        for at, (node, domain) in enumerate(zip(nodes, domains, strict=True)):
            if not len(domain):
                continue
            row = {
                **row_key(survey, effective, node),
                "importance_question_id": important.question_id,
                "item": item,
                "base_count": None if uncounted[at] else len(domain),
            }
            if hidden[at]:
                yield {**row, **suppressed(limits, is_small=bool(small[at]))}
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
    survey: Survey, outcome: Question, used: Question, nodes: Sequence[Node], groups: Groups, limits: Limits
) -> Iterator[Row]:
    counts = survey.design.weight > 0
    rated, asked = np.isfinite(outcome.values) & counts, used.answers.answered & counts
    takes_part = rated & asked
    domains = [node.rows[takes_part[node.rows]] for node in nodes]
    # Who answered only one of the questions: the rest between these figures and those of the whole question.
    alone, unasked = asked & ~rated, groups.count(rated & ~asked)
    bases, others_bases = groups.count(takes_part), groups.count(alone)
    ticks = groups.count(used.answers.selected & takes_part[:, None])
    others_ticks = groups.count(used.answers.selected & alone[:, None])
    for at, option in enumerate(used.answers.options):
        if used.is_none[at]:
            continue
        ticked = used.answers.selected[:, at]
        sides = [(rows[ticked[rows]], rows[~ticked[rows]]) for rows in domains]
        small = np.array([min(map(len, each)) < limits.base_from for each in sides])
        hidden, _ = hide_groups(groups, [ticks[:, at], bases - ticks[:, at]], limits, small)
        rest = [unasked, others_ticks[:, at], others_bases - others_ticks[:, at]]
        uncounted, _ = hide_groups(groups, rest, limits, hidden)
        for number, (node, (users, others)) in enumerate(zip(nodes, sides, strict=True)):
            row = {
                **row_key(survey, outcome, node),
                "initiatives_question_id": used.question_id,
                "option": option,
            }
            if hidden[number]:
                yield {**row, **suppressed(limits, is_small=bool(small[number]))}
                continue
            yield {
                **row,
                "user_count": None if uncounted[number] else len(users),
                "other_count": None if uncounted[number] else len(others),
                "user_mean": _weighted_mean(outcome.values, users, survey),
                "other_mean": _weighted_mean(outcome.values, others, survey),
                **tested(estimate_difference(outcome.values, users, others, survey.design), "ok"),
            }


def _weighted_mean(values: FloatArray, rows: IntArray, survey: Survey) -> float:
    weight = survey.design.weight[rows]
    return float(weight @ values[rows] / weight.sum())
