"""Company size, industry and customer focus together: for every answer, which of them is left. Rows of `survey_models`.

The fitting is in `logistic`; a segment's difference without the others held is in `crosstabs`.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import benjamini_hochberg, holm
from pipeline.analysis.survey.logistic import LogisticFit, ModelMatrix, build_matrix, fit_logistic
from pipeline.analysis.survey.respondent_columns import BoolArray
from pipeline.analysis.survey.safety import read_limits
from pipeline.analysis.survey.segment_means import suppressed
from pipeline.analysis.survey.suppression import Limits
from pipeline.analysis.survey.survey_input import CROSSED, Question, Row, Survey, Tables, read_surveys

ANSWERS_PER_TERM = 10  # of the rarer answer: with fewer, fitted odds are mostly noise (Peduzzi et al. 1996)
TEXT, COUNT, NUMBER = pa.string(), pa.int64(), pa.float64()
MODELS = pa.schema(
    [
        *((name, TEXT) for name in ("survey_id", "question_id", "option", "segment_dimension", "segment", "reference")),
        *((name, NUMBER) for name in ("log_odds", "odds_ratio", "odds_ratio_low", "odds_ratio_high", "statistic")),
        *((name, NUMBER) for name in ("df_num", "df_den", "p_value", "p_value_adjusted", "q_value")),
        ("base_count", COUNT),
        ("status", TEXT),
        ("status_reason", TEXT),
    ]
)


def estimate_models(survey_tables: Tables, thresholds: pa.Table) -> pa.Table:
    """One logistic model per option, with company size, industry and customer focus together, where they are given.

    A row without a segment is the joint Wald test of its dimension, the others held (Holm over the dimensions of the
    model, q_value over the survey's book); a row with one compares it with the reference, the largest segment.
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        book = [row for question in survey.questions for row in _question_rows(survey, question, limits)]
        joint = [row for row in book if row["segment"] is None]
        for row, q_value in zip(joint, benjamini_hochberg([row.get("p_value") for row in joint]), strict=True):
            row["q_value"] = q_value
        rows += book
    return pa.Table.from_pylist(rows, schema=MODELS)


def _question_rows(survey: Survey, question: Question, limits: Limits) -> Iterator[Row]:
    dimensions = {name: survey.dimensions[name] for name in CROSSED if name in survey.dimensions}
    if len(dimensions) < 2 or question.question_type == "number" or not question.answers.options:
        return
    given = np.all([codes >= 0 for codes, _ in dimensions.values()], axis=0)
    domain = np.flatnonzero(given & question.answers.answered & (survey.design.weight > 0))
    if not len(domain):
        return
    matrix = build_matrix(dimensions, domain, limits.base_from)
    for at, option in enumerate(question.answers.options):
        outcome = question.answers.selected[domain, at]
        rarer = int(min(outcome.sum(), (~outcome).sum()))
        same = {"survey_id": survey.survey_id, "question_id": question.question_id, "option": option}
        same["base_count"] = len(domain)  # type: ignore[assignment]
        terms = matrix.patterns.shape[1] - 1
        if len(matrix.columns) < 2 or rarer < ANSWERS_PER_TERM * terms:
            reason = f"the rarer answer was given by fewer than {ANSWERS_PER_TERM} respondents per term ({terms} terms)"
            yield from _without(same, matrix, "insufficient_data", reason)
            continue
        fit = fit_logistic(outcome, matrix, domain, survey.design)
        if isinstance(fit, str):
            yield from _without(same, matrix, "not_testable", fit)
        else:
            yield from _with(same, matrix, fit, outcome, limits)


def _without(same: Row, matrix: ModelMatrix, status: str, reason: str) -> Iterator[Row]:
    for name in matrix.columns:
        yield {**same, "segment_dimension": name, "segment": None, "status": status, "status_reason": reason}


def _with(same: Row, matrix: ModelMatrix, fit: LogisticFit, outcome: BoolArray, limits: Limits) -> Iterator[Row]:
    fine = {**same, "status": "ok", "status_reason": ""}
    joint: list[Row] = []
    for name, columns in matrix.columns.items():
        statistic, df_num, df_den, p_value = fit.joint_test(columns)
        result = {"statistic": statistic, "df_num": float(df_num), "df_den": float(df_den), "p_value": p_value}
        joint.append({**fine, "segment_dimension": name, "segment": None, **result})
    for row, adjusted in zip(joint, holm([row["p_value"] for row in joint]), strict=True):
        yield {**row, "p_value_adjusted": adjusted}
    for name, columns in matrix.columns.items():
        terms = []
        for number, level in enumerate(matrix.levels[name]):
            at = columns.start + number
            low, high, p_value = fit.limits(at)
            value = float(fit.coefficients[at])
            odds = {"log_odds": value, "odds_ratio": np.exp(value)}
            odds |= {"odds_ratio_low": np.exp(low), "odds_ratio_high": np.exp(high), "p_value": p_value}
            term = {**fine, "segment_dimension": name, "segment": level, "reference": matrix.references[name]}
            given = outcome[matrix.patterns[matrix.pattern_of, at] > 0]
            is_few = limits.is_few(int(given.sum())) or limits.is_few(int((~given).sum()))
            terms.append({**term, **(suppressed(limits, is_small=False) | {"p_value": None} if is_few else odds)})
        for row, adjusted in zip(terms, holm([row["p_value"] for row in terms]), strict=True):
            yield {**row, "p_value_adjusted": adjusted}
