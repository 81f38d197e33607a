"""Means by segment: number of initiatives, numbers and scale positions. Rows of `survey_means`, and what rows of
contrasts share: their keys, their test and their status.

Comparisons of two answers of one person belong to `contrasts`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import holm
from pipeline.analysis.survey.means import Estimate, estimate_difference, estimate_mean
from pipeline.analysis.survey.respondent_columns import FloatArray
from pipeline.analysis.survey.safety import Groups, find_groups, hide_groups, read_limits
from pipeline.analysis.survey.suppression import Limits
from pipeline.analysis.survey.survey_input import Node, Question, Row, Survey, Tables, read_surveys

TEXT, COUNT, NUMBER = pa.string(), pa.int64(), pa.float64()
ENDING = [
    *((name, NUMBER) for name in ("difference", "difference_low", "difference_high", "p_value", "p_value_adjusted")),
    ("status", TEXT),
    ("status_reason", TEXT),
]
KEY = [(name, TEXT) for name in ("survey_id", "question_id", "segment_dimension", "segment")]
MEANS = pa.schema(
    [
        *KEY,
        ("measure", TEXT),
        ("base_count", COUNT),
        ("mean", NUMBER),
        ("mean_low", NUMBER),
        ("mean_high", NUMBER),
        *ENDING,
    ]
)


def estimate_means(survey_tables: Tables, thresholds: pa.Table) -> pa.Table:
    """Mean number of ticked options, mean number and mean scale position by segment, with t limits.

    `difference` is from the rest of the dimension, tested by t, Holm within question and dimension. Segments of fewer
    respondents than `survey_base_from` are suppressed, and others with them where the rest would give away a mean of
    fewer than `survey_cell_from` people.
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        nodes = survey.nodes(crossed=True)
        groups = find_groups(nodes, len(survey.design.weight))
        for question in survey.questions:
            for measure, values in _measures(question):
                rows += _mean_rows(survey, question, measure, values, nodes, groups, limits)
    return pa.Table.from_pylist(rows, schema=MEANS)


def _measures(question: Question) -> Iterator[tuple[str, FloatArray]]:
    if question.question_type == "multi":
        yield "ticked_option_count", np.where(question.answers.answered, question.ticked_count(), np.nan)
    elif question.question_type == "number":
        yield "number", question.values
    elif question.question_type == "scale":
        yield "scale_position", question.values


def _mean_rows(
    survey: Survey,
    question: Question,
    measure: str,
    values: FloatArray,
    nodes: Sequence[Node],
    groups: Groups,
    limits: Limits,
) -> list[Row]:
    design, rows = survey.design, []
    takes_part = np.isfinite(values) & (design.weight > 0)
    domains = [node.rows[takes_part[node.rows]] for node in nodes]
    small = np.array([len(domain) < limits.base_from for domain in domains])
    hidden, telling = hide_groups(groups, [groups.count(takes_part)], limits, small)
    for at, (node, domain) in enumerate(zip(nodes, domains, strict=True)):
        if not len(domain):
            continue
        row = {**row_key(survey, question, node), "measure": measure, "base_count": len(domain)}
        if hidden[at]:
            rows.append({**row, **suppressed(limits, is_small=bool(small[at]))})
            continue
        mean = estimate_mean(values, domain, design)
        row |= {"mean": mean.value, "mean_low": mean.low, "mean_high": mean.high, **tested(None, "ok")}
        rest = [domains[other] for other, each in enumerate(nodes) if each.dimension == node.dimension and other != at]
        others = np.concatenate(rest) if rest and not node.parts else np.array([], dtype=np.int64)
        if len(others) and node.dimension not in telling:
            row |= tested(estimate_difference(values, domain, others, design), "ok")
            if sum(len(each) > 0 for each in rest) == 1:
                row["test_key"] = node.dimension
        rows.append(row)
    return adjusted_by_dimension(rows)


def row_key(survey: Survey, question: Question, node: Node) -> dict[str, Any]:
    return {
        "survey_id": survey.survey_id,
        "question_id": question.question_id,
        "segment_dimension": node.dimension,
        "segment": node.segment,
    }


def tested(estimate: Estimate | None, status: str) -> dict[str, Any]:
    if estimate is None:
        return {"status": status, "status_reason": ""}
    without = estimate.p_value is None
    return {
        "difference": estimate.value,
        "difference_low": estimate.low,
        "difference_high": estimate.high,
        "p_value": estimate.p_value,
        "status": "not_testable" if without else status,
        "status_reason": "all answers are the same" if without else "",
    }


def suppressed(limits: Limits, *, is_small: bool) -> dict[str, Any]:
    """Status of a hidden row. Whether it is of few people or hidden with such a row is not said: the sum of two that
    are known to be of one to four people could give away both."""
    few = f"hidden: with other figures it would reveal what one to {limits.cell_from - 1} people answered"
    return {
        "status": "suppressed",
        "status_reason": f"fewer than {limits.base_from} respondents in a group" if is_small else few,
    }


def adjusted_by_dimension(rows: Sequence[Row]) -> list[Row]:
    """Holm within each dimension of a family. Of two segments each is the rest of the other: they share a `test_key`
    and count once."""
    adjusted: dict[int, float | None] = {}
    for dimension in dict.fromkeys(row["segment_dimension"] for row in rows):
        family = [at for at, row in enumerate(rows) if row["segment_dimension"] == dimension]
        p_values = {rows[at].get("test_key", at): rows[at].get("p_value") for at in family}
        values = dict(zip(p_values, holm(p_values.values()), strict=True))
        adjusted |= {at: values[rows[at].get("test_key", at)] for at in family}
    return [{**row, "p_value_adjusted": adjusted[at]} for at, row in enumerate(rows)]
