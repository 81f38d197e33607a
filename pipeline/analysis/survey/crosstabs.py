"""The book of a survey: every question by every segment and crossed segment, compared, adjusted, safe to show.

Computes the rows of the mart `survey_segments` from the surveys of `survey_input`. Tests of whole questions, means,
pairs, models and benchmarks have modules of their own.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import holm
from pipeline.analysis.survey.association import against_the_rest
from pipeline.analysis.survey.design import Design
from pipeline.analysis.survey.multiplicity import over_distinct, with_q_values
from pipeline.analysis.survey.respondent_columns import FloatArray, IntArray
from pipeline.analysis.survey.safety import Groups, find_groups, hide_answers, read_limits
from pipeline.analysis.survey.shares import effective_counts, korn_graubard, share_estimates
from pipeline.analysis.survey.suppression import Limits, is_unreliable
from pipeline.analysis.survey.survey_input import (
    EVERYBODY,
    Node,
    Question,
    Row,
    Survey,
    Tables,
    read_surveys,
)

SIGNIFICANT_BELOW = 0.05
# Figures of the same people in other tables that would give a hidden cell away.
HIDDEN_WITH = ("is_mean_suppressed", "is_mean_difference_suppressed", "is_upper_suppressed")
TEXT, COUNT, NUMBER, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
CELLS = pa.schema(
    [
        *((name, TEXT) for name in ("survey_id", "question_id", "option", "segment_dimension", "segment")),
        *((name, COUNT) for name in ("respondent_count", "base_count", "missing_count")),
        *((name, NUMBER) for name in ("share", "standard_error", "share_low", "share_high", "design_effect")),
        *(
            (name, NUMBER)
            for name in ("response_share", "difference_from_rest", "p_value", "p_value_adjusted", "q_value")
        ),
        ("is_significant", FLAG),
        ("is_suppressed", FLAG),
        ("suppression_reason", TEXT),
        *((name, FLAG) for name in ("is_unreliable", "is_few_degrees")),
        *((name, FLAG) for name in HIDDEN_WITH),
    ]
)
SHOWN = ("respondent_count", "share", "standard_error", "share_low", "share_high", "design_effect", "response_share")


def estimate_segments(survey_tables: Tables, thresholds: pa.Table) -> pa.Table:
    """Rows of `survey_segments`: question x option x segment. `survey_tables` are the inputs of
    `sheet.read_surveys` in their order; `thresholds` is the seed of that name.

    Segments of one dimension are tested against the rest of it by Rao-Scott, adjusted by Holm over the distinct tests
    of question and dimension (p_value_adjusted) and over those of the survey's book by Benjamini and Hochberg
    (q_value): with two segments, or two answers of which one is given, the same test is in several rows and
    counts once.
    Crossed segments are described, not tested. A suppressed cell has neither share nor test.
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        book: list[Row] = []
        nodes = survey.nodes(crossed=True)
        groups = find_groups(nodes, len(survey.design.weight))
        for question in survey.questions:
            if question.answers.options and question.question_type != "number":
                book += _question_rows(survey, question, nodes, groups, limits)
        rows += with_q_values(book)
    return pa.Table.from_pylist(rows, schema=CELLS)


def _question_rows(
    survey: Survey, question: Question, nodes: Sequence[Node], groups: Groups, limits: Limits
) -> list[Row]:
    answers, design = question.answers, survey.design
    takes_part = answers.answered & (design.weight > 0)
    domains = [node.rows[takes_part[node.rows]] for node in nodes]
    hidden = hide_answers(question, groups, takes_part, limits)
    rows: list[Row] = []
    for at, (node, domain) in enumerate(zip(nodes, domains, strict=True)):
        same = {
            "survey_id": survey.survey_id,
            "question_id": question.question_id,
            "segment_dimension": node.dimension,
            "segment": node.segment,
            "missing_count": int((design.weight[node.rows] > 0).sum()) - len(domain),
        }
        same |= dict(
            zip(
                HIDDEN_WITH,
                (hidden.means[at], node.dimension in hidden.mean_differences, hidden.uppers[at]),
                strict=True,
            )
        )
        for cell, reason in zip(_node_cells(question, domain, design), hidden.reasons[at], strict=True):
            row = {**same, **cell, "suppression_reason": reason, "is_suppressed": reason is not None}
            row["is_few_degrees"] = row["degrees"] < limits.degrees_from
            row["is_unreliable"] = None if reason else _is_unreliable(row, limits)
            row |= dict.fromkeys(SHOWN) if reason else {}
            row |= {"response_share": None} if hidden.means[at] else {}
            rows.append(row)
    _compare(question, nodes, domains, rows, design)
    for row in rows:
        options = hidden.differences.get(row["segment_dimension"])
        if options is not None and options[answers.options.index(row["option"])]:
            row["difference_from_rest"] = None
    return [row for row in rows if row["base_count"]]


def _is_unreliable(row: Row, limits: Limits) -> bool:
    low, high = row["share_low"], row["share_high"]
    return is_unreliable(limits, share=row["share"], effective=row["effective_count"], low=low, high=high)


def _node_cells(question: Question, domain: IntArray, design: Design) -> list[Row]:
    answers, n = question.answers, len(domain)
    if not n:
        return [
            {
                "option": option,
                "respondent_count": 0,
                "base_count": 0,
                "share": 0.0,
                "effective_count": None,
                "share_low": None,
                "share_high": None,
                "degrees": 0,
            }
            for option in answers.options
        ]
    share, error = share_estimates(answers, domain, design)
    degrees = design.degrees_of_freedom(domain)
    low, high = korn_graubard(share, error, n, degrees)
    effective, counts = effective_counts(share, error), answers.selected[domain].sum(axis=0)
    response = _response_shares(question, share)
    return [
        {
            "option": option,
            "respondent_count": int(counts[at]),
            "base_count": n,
            "share": float(share[at]),
            "standard_error": float(error[at]),
            "share_low": _known(low[at]),
            "share_high": _known(high[at]),
            "design_effect": _known((n - 1) / effective[at]),
            "effective_count": _known(effective[at]),
            "response_share": _known(response[at]),
            "degrees": degrees,
        }
        for at, option in enumerate(answers.options)
    ]


def _response_shares(question: Question, share: FloatArray) -> FloatArray:
    """Share of each option in all ticks of a multi-select question, "none of these" aside; NaN for other questions."""
    shares = np.full(len(share), np.nan)
    total = float(share[~question.is_none].sum())
    if question.question_type == "multi" and total > 0:
        shares[~question.is_none] = np.minimum(share[~question.is_none] / total, 1.0)
    return shares


def _compare(
    question: Question, nodes: Sequence[Node], domains: Sequence[IntArray], rows: list[Row], design: Design
) -> None:
    """Fill in difference_from_rest and p-values of the one-way segments that are shown, Holm within the dimension."""
    width = len(question.answers.options)
    by_dimension: dict[str, list[int]] = {}
    for at, node in enumerate(nodes):
        if node.dimension != EVERYBODY and not node.parts and len(domains[at]):
            by_dimension.setdefault(node.dimension, []).append(at)
    for members in by_dimension.values():
        family: list[Row] = []
        # Of two segments, as of two answers to a single choice, one is the rest of the other.
        ticks = sum(question.answers.selected[domains[at]].any(axis=0) for at in members)
        is_either_or = question.question_type != "multi" and int((np.asarray(ticks) > 0).sum()) == 2
        for at in members:
            others = [domains[other] for other in members if other != at]
            if not others:
                continue
            rest = np.concatenate(others)
            p_values = against_the_rest(question.answers, domains[at], rest, design)
            shares = design.weight[rest] @ question.answers.selected[rest] / design.weight[rest].sum()
            for option, row in enumerate(rows[at * width : (at + 1) * width]):
                if not row["is_suppressed"]:
                    row["difference_from_rest"] = row["share"] - float(shares[option])
                    row["p_value"] = _known(p_values[option])
                    same = (question.question_id, nodes[at].dimension)
                    row["test_key"] = (*same, len(members) > 2 and at, is_either_or or option)
                    family.append(row)
        for row, adjusted in zip(family, over_distinct(family, holm), strict=True):
            row["p_value_adjusted"] = adjusted
            row["is_significant"] = None if adjusted is None else adjusted < SIGNIFICANT_BELOW


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
