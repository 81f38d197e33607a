"""The user's survey beside published figures, like with like. Rows of `survey_benchmarks`, and of `survey_weights`.

A published share has a denominator ("of companies with initiatives"); a share of the survey is set beside it only if
the link between them names the same one and says who that is in the survey.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.columns import BoolArray
from pipeline.analysis.survey.raking import Raking, kish_design_effect
from pipeline.analysis.survey.safety import COMPLEMENTARY, SMALL_BASE, hide_groups, read_limits
from pipeline.analysis.survey.segment_means import suppressed
from pipeline.analysis.survey.shares import korn_graubard, share_estimates
from pipeline.analysis.survey.sheet import Question, Row, Survey, Tables, read_surveys
from pipeline.analysis.survey.suppression import Limits, is_unreliable

ANY = "(any)"
UNCERTAIN = "the interval is wide: read the share as a rough one"
TEXT, COUNT, NUMBER = pa.string(), pa.int64(), pa.float64()
OWN = pa.schema(
    [
        *((name, TEXT) for name in ("survey_id", "question_id", "option", "benchmark_id", "denominator")),
        *((name, TEXT) for name in ("segment_dimension", "segment")),
        ("base_count", COUNT),
        *((name, NUMBER) for name in ("share", "share_low", "share_high")),
        ("status", TEXT),
        ("status_reason", TEXT),
    ]
)
WEIGHTS = pa.schema(
    [
        ("survey_id", TEXT),
        ("weighting", TEXT),
        ("respondent_count", COUNT),
        *((name, NUMBER) for name in ("kish_design_effect", "largest_by_smallest")),
        ("trimmed_count", COUNT),
        ("note", TEXT),
    ]
)


def estimate_linked(survey_tables: Tables, links: pa.Table, thresholds: pa.Table) -> pa.Table:
    """Share of each linked answer among its denominator, for everybody and each customer focus.

    `links` is the seed survey_benchmark_links: survey_id, question_id, option, benchmark_id, denominator and, where the
    denominator is not everybody who answered, base_question_id and base_option (an option, or `(any)` for whoever
    ticked one that is not "none of these").
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        for link in links.to_pylist():
            if link["survey_id"] == survey.survey_id:
                rows += _linked_rows(survey, link, limits)
    return pa.Table.from_pylist(rows, schema=OWN)


def describe_weights(survey_tables: Tables) -> pa.Table:
    """What the weights of each survey are and cost."""
    rows = []
    for survey in read_surveys(*survey_tables):
        used, raking = survey.design.weight[survey.design.weight > 0], survey.weighting
        is_raked = isinstance(raking, Raking)
        rows.append(
            {
                "survey_id": survey.survey_id,
                "weighting": "raked" if is_raked else "as_given" if len(np.unique(used)) > 1 else "none",
                "respondent_count": len(used),
                "kish_design_effect": kish_design_effect(used) if len(used) else None,
                "largest_by_smallest": float(used.max() / used.min()) if len(used) else None,
                "trimmed_count": raking.trimmed_count if isinstance(raking, Raking) else 0,
                "note": _note(raking),
            }
        )
    return pa.Table.from_pylist(rows, schema=WEIGHTS)


def _note(raking: Raking | str) -> str:
    if isinstance(raking, str):
        return f"not raked: {raking}"
    return f"levels with few respondents: {'; '.join(raking.thin_levels)}" if raking.thin_levels else ""


def _linked_rows(survey: Survey, link: Row, limits: Limits) -> Iterator[Row]:
    by_id = {question.question_id: question for question in survey.questions}
    question = by_id.get(link["question_id"])
    if question is None or link["option"] not in question.answers.options:
        return
    base = _base(by_id, link)
    if base is None:
        return
    at = question.answers.options.index(link["option"])
    takes_part = base & question.answers.answered & (survey.design.weight > 0)
    nodes = [node for node in survey.nodes(crossed=False) if node.dimension in ("all", "customer_focus")]
    domains = [node.rows[takes_part[node.rows]] for node in nodes]
    chosen = question.answers.selected[:, at]
    parts = [[rows[given[rows]] for rows in domains] for given in (chosen, ~chosen)]
    reasons = [hide_groups(nodes, each, limits, least=1) for each in parts]
    for number, (node, domain) in enumerate(zip(nodes, domains, strict=True)):
        if not len(domain):
            continue
        same = {name: link[name] for name in ("survey_id", "question_id", "option", "benchmark_id", "denominator")}
        same |= {"segment_dimension": node.dimension, "segment": node.segment, "base_count": len(domain)}
        if len(domain) < limits.base_from or any(limits.is_few(len(each[number])) for each in parts):
            yield {**same, **suppressed(SMALL_BASE, limits)}
            continue
        if COMPLEMENTARY in (each[number] for each in reasons):
            yield {**same, **suppressed(COMPLEMENTARY, limits)}
            continue
        share, error = share_estimates(question.answers, domain, survey.design)
        low, high = korn_graubard(share, error, len(domain), survey.design.degrees_of_freedom(domain))
        wide = is_unreliable(limits, share=share[at], effective=None, low=low[at], high=high[at])
        limits_shown = {"share": share[at], "share_low": low[at], "share_high": high[at]}
        yield {**same, **limits_shown, "status": "ok", "status_reason": UNCERTAIN if wide else ""}


def _base(by_id: dict[str, Question], link: Row) -> BoolArray | None:
    """Who is in the denominator; None if the link names a question or option that the survey does not have."""
    if not link["base_question_id"]:
        return np.ones(len(by_id[link["question_id"]].answers.answered), dtype=np.bool_)
    question = by_id.get(link["base_question_id"])
    if question is None:
        return None
    if link["base_option"] == ANY:
        return question.ticked_count() > 0
    if link["base_option"] not in question.answers.options:
        return None
    return np.asarray(question.answers.selected[:, question.answers.options.index(link["base_option"])])
