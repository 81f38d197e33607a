"""The user's survey against published figures, like with like. Rows of `survey_benchmarks`, and of `survey_weights`.

A published share has a denominator ("of companies with initiatives"); a share of the survey is compared with it only if
the link between them names the same one and says who that is in the survey.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.analysis.survey.raking import Raking, kish_design_effect
from pipeline.analysis.survey.respondent_columns import BoolArray
from pipeline.analysis.survey.safety import Groups, find_groups, hide_groups, read_limits
from pipeline.analysis.survey.segment_means import suppressed
from pipeline.analysis.survey.shares import korn_graubard, share_estimates
from pipeline.analysis.survey.suppression import Limits, is_unreliable
from pipeline.analysis.survey.survey_input import Node, Question, Row, Survey, Tables, read_surveys

ANY = "(any)"
UNCERTAIN = "the interval is wide: read the share as approximate"
TEXT, COUNT, NUMBER = pa.string(), pa.int64(), pa.float64()
OWN = pa.schema(
    [
        *((name, TEXT) for name in ("survey_id", "question_id", "option", "benchmark_id", "denominator")),
        *((name, TEXT) for name in ("segment_dimension", "segment", "base_question_id", "base_option")),
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
        nodes = [node for node in survey.nodes(crossed=False) if node.dimension in ("all", "customer_focus")]
        groups = find_groups(nodes, len(survey.design.weight))
        mine = [link for link in links.to_pylist() if link["survey_id"] == survey.survey_id]
        for each in (found := [linked for link in mine if (linked := _find_linked(survey, link))]):
            bases = [other.base for other in found if _answer(other) == _answer(each)]
            rows += _linked_rows(survey, each, nodes, groups, bases, limits)
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


@dataclass(frozen=True)
class Linked:
    """An answer that a link names. `asked` are those who answered its question, `base` those of them in the
    denominator. Who answered only the question that makes the denominator is `elsewhere`, in it or not in it;
    `base_option` is the option whose share gives the denominator."""

    link: Row
    question: Question
    at: int
    asked: BoolArray
    base: BoolArray
    elsewhere: tuple[BoolArray, ...]
    base_option: str | None


def _find_linked(survey: Survey, link: Row) -> Linked | None:
    """None if the link names a question or option that the survey does not have."""
    by_id = {question.question_id: question for question in survey.questions}
    question, of_base = by_id.get(link["question_id"]), by_id.get(link["base_question_id"])
    if question is None or link["option"] not in question.answers.options:
        return None
    asked = question.answers.answered & (survey.design.weight > 0)
    at = question.answers.options.index(link["option"])
    if not link["base_question_id"]:
        return Linked(link, question, at, asked, asked, (), None)
    if of_base is None or link["base_option"] not in (ANY, *of_base.answers.options):
        return None
    if link["base_option"] == ANY:
        inside = of_base.ticked_count() > 0
        none = [option for option, is_none in zip(of_base.answers.options, of_base.is_none, strict=True) if is_none]
        base_option = none[0] if none else None
    else:
        inside = of_base.answers.selected[:, of_base.answers.options.index(link["base_option"])]
        base_option = link["base_option"]
    alone = of_base.answers.answered & (survey.design.weight > 0) & ~asked
    return Linked(link, question, at, asked, asked & inside, (alone & inside, alone & ~inside), base_option)


def _answer(linked: Linked) -> tuple[str, int]:
    return linked.question.question_id, linked.at


def _linked_rows(
    survey: Survey, linked: Linked, nodes: Sequence[Node], groups: Groups, bases: Sequence[BoolArray], limits: Limits
) -> Iterator[Row]:
    """Rows of one link. `bases` are the denominators of the same answer in other links: people between two of them,
    and between one and the whole question, must not be few either."""
    link, answers, base = linked.link, linked.question.answers, linked.base
    domains = [node.rows[base[node.rows]] for node in nodes]
    small = np.array([len(domain) < limits.base_from for domain in domains])
    chosen = answers.selected[:, linked.at]
    between = [each & ~base for each in (linked.asked, *bases) if (each | base == each).all()]
    parts = [part & given for part in (base, *between) for given in (chosen, ~chosen)] + [*linked.elsewhere]
    hidden, _ = hide_groups(groups, [groups.count(part) for part in parts], limits, small)
    for number, (node, domain) in enumerate(zip(nodes, domains, strict=True)):
        if not len(domain):
            continue
        same = {name: link[name] for name in ("survey_id", "question_id", "option", "benchmark_id", "denominator")}
        same |= {"segment_dimension": node.dimension, "segment": node.segment}
        same |= {"base_question_id": link["base_question_id"], "base_option": linked.base_option}
        if hidden[number]:
            yield {**same, **suppressed(limits, is_small=bool(small[number]))}
            continue
        share, error = share_estimates(answers, domain, survey.design)
        low, high = korn_graubard(share, error, len(domain), survey.design.degrees_of_freedom(domain))
        at = linked.at
        wide = is_unreliable(limits, share=share[at], effective=None, low=low[at], high=high[at])
        limits_shown = {"base_count": len(domain), "share": share[at], "share_low": low[at], "share_high": high[at]}
        yield {**same, **limits_shown, "status": "ok", "status_reason": UNCERTAIN if wide else ""}
