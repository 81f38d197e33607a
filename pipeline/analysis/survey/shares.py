"""Share of each answer in each segment, with standard error, Korn-Graubard interval and design effect.

Who did not answer is outside the domain, never deleted from the design. Tests between segments belong to
`association`, the decision what may be shown to `suppression`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.special import betaincinv, stdtrit

from pipeline.analysis.survey.design import Columns, Design, read_design
from pipeline.analysis.survey.respondent_columns import (
    Answers,
    FloatArray,
    IntArray,
    read_answers,
    read_categories,
    read_column,
)

if TYPE_CHECKING:
    from pipeline.analysis.survey.raking import Raking

BLOCK = 64  # options at a time: 50,000 respondents x 64 scores are 26 MB
SHARES = pa.schema(
    [
        ("segment", pa.string()),
        ("option", pa.string()),
        ("respondent_count", pa.int64()),
        ("base_count", pa.int64()),
        ("share", pa.float64()),
        ("standard_error", pa.float64()),
        ("share_low", pa.float64()),
        ("share_high", pa.float64()),
        ("design_effect", pa.float64()),
        ("effective_count", pa.float64()),
        ("degrees_of_freedom", pa.int64()),
    ]
)


def segment_shares(
    table: pa.Table,
    *,
    question: str | Sequence[str],
    segment: str | None,
    weight: str | None = None,
    strata: str | None = None,
    cluster: Columns = None,
    fpc: Columns = None,
    multi: bool = False,
    raking: "Raking | None" = None,
    confidence: float = 0.95,
) -> pa.Table:
    """Share of each answer in each segment: one row per segment and option, zeros included, sorted by both.

    `table` has one row per respondent of the whole sample, those who did not answer too. `question` is a column (null:
    not answered); with `multi` a list column (null: not answered; empty: answered, nothing ticked) or one 0/1 column
    per option. `segment` is a column (null: in no segment) or None for everybody (`all`). `fpc` and `cluster` as in
    `read_design`. After `rake`, give the result as `raking` instead of a weight: standard errors then count it.

    Returns respondent_count (who chose the option), base_count (who answered; weight above zero), share (0 to 1),
    standard_error (Taylor), share_low and share_high, design_effect (variance by that of a simple random sample, with
    replacement; null at 0 and 1), effective_count (n by design effect) and degrees_of_freedom. Intervals are null where
    fewer than one degree of freedom is left.
    Raises ValueError for columns that are missing or not of that shape.
    Source: Korn and Graubard 1998, effective sample size capped at n as in the NCHS presentation standards.
    """
    design = read_design(table, weight=weight, strata=strata, cluster=cluster, fpc=fpc)
    if raking is not None:
        design = raking.apply(design)
    answers = read_answers(table, question, multi=multi)
    codes, labels = _read_segments(table, segment)
    rows: list[dict[str, object]] = []
    for number, label in enumerate(labels):
        rows += _segment_rows(label, answers, codes == number, design, confidence)
    return pa.Table.from_pylist(rows, schema=SHARES)


def response_shares(
    table: pa.Table,
    *,
    question: str | Sequence[str],
    weight: str | None = None,
    strata: str | None = None,
    cluster: Columns = None,
    fpc: Columns = None,
) -> pa.Table:
    """Share of each option in all ticks of a multi-select question: option, response_share, standard_error.

    A ratio estimator (ticks of the option by all ticks), so the shares add up to one. Shapes as in `segment_shares`.
    """
    design = read_design(table, weight=weight, strata=strata, cluster=cluster, fpc=fpc)
    answers = read_answers(table, question, multi=True)
    domain = np.flatnonzero(answers.answered & (design.weight > 0))
    shares, errors = ratio_of_ticks(answers, domain, design)
    return pa.table(
        {
            "option": pa.array(answers.options, pa.string()),
            "response_share": pa.array(shares, pa.float64(), from_pandas=True),
            "standard_error": pa.array(errors, pa.float64(), from_pandas=True),
        }
    )


def ratio_of_ticks(answers: Answers, domain: IntArray, design: Design) -> tuple[FloatArray, FloatArray]:
    """Share of each option in the ticks of a domain (rows), with its standard error; NaN where nobody ticked."""
    weight, ticked = design.weight[domain], answers.selected[domain].astype(np.float64)
    total = float(weight @ ticked.sum(axis=1))
    if total <= 0:
        nothing = np.full(len(answers.options), np.nan)
        return nothing, nothing
    shares = weight @ ticked / total
    scores = weight[:, None] * (ticked - ticked.sum(axis=1)[:, None] * shares) / total
    return shares, np.sqrt(design.variances(scores, domain))


def share_estimates(answers: Answers, domain: IntArray, design: Design) -> tuple[FloatArray, FloatArray]:
    """Share of each option among the rows of a domain and its standard error (weights there add up to more than 0)."""
    weight = design.weight[domain]
    total = float(weight.sum())
    shares, errors = np.empty(len(answers.options)), np.empty(len(answers.options))
    for start in range(0, len(answers.options), BLOCK):
        block = slice(start, start + BLOCK)
        ticked = answers.selected[domain, block].astype(np.float64)
        share = weight @ ticked / total
        counts = ticked.sum(axis=0)
        # Sums of weights in another order may miss 0 and 1 by a rounding error.
        share = np.where(counts == 0, 0.0, np.where(counts == len(domain), 1.0, share))
        shares[block] = share
        errors[block] = np.sqrt(design.variances(weight[:, None] * (ticked - share) / total, domain))
    return shares, np.where((shares == 0) | (shares == 1), 0.0, errors)


def korn_graubard(
    share: FloatArray, error: FloatArray, n: int, degrees: int, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Limits of shares from `n` respondents with standard errors on `degrees` of freedom; NaN without any.

    Clopper-Pearson at n* = min(n, p(1-p)/se2 (t(n-1)/t(df))2); n* = n where the variance is zero.
    """
    if degrees < 1 or n < 1:
        nothing = np.full(len(share), np.nan)
        return nothing, nothing
    upper = 0.5 + confidence / 2
    factor = (float(stdtrit(max(n - 1, 1), upper)) / float(stdtrit(degrees, upper))) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        cases = np.where(error > 0, share * (1 - share) / error**2 * factor, np.inf)
    cases = np.minimum(cases, float(n))
    hits = cases * share
    with np.errstate(invalid="ignore"):
        low = np.where(share <= 0, 0.0, betaincinv(np.where(share <= 0, 1.0, hits), cases - hits + 1, 1 - upper))
        high = np.where(share >= 1, 1.0, betaincinv(hits + 1, np.where(share >= 1, 1.0, cases - hits), upper))
    return low, high


def effective_counts(share: FloatArray, error: FloatArray) -> FloatArray:
    """Size of a simple random sample with the same standard error; NaN where the variance is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(error > 0, share * (1 - share) / error**2, np.nan)


def _segment_rows(
    label: str, answers: Answers, member: np.ndarray, design: Design, confidence: float
) -> list[dict[str, object]]:
    domain = np.flatnonzero(member & answers.answered & (design.weight > 0))
    if not len(domain):
        return []
    share, error = share_estimates(answers, domain, design)
    degrees = design.degrees_of_freedom(domain)
    low, high = korn_graubard(share, error, len(domain), degrees, confidence)
    effective = effective_counts(share, error)
    counts = answers.selected[domain].sum(axis=0)
    return [
        {
            "segment": label,
            "option": option,
            "respondent_count": int(counts[at]),
            "base_count": len(domain),
            "share": float(share[at]),
            "standard_error": float(error[at]),
            "share_low": _known(low[at]),
            "share_high": _known(high[at]),
            "design_effect": _known((len(domain) - 1) / effective[at]),
            "effective_count": _known(effective[at]),
            "degrees_of_freedom": degrees,
        }
        for at, option in enumerate(answers.options)
    ]


def _read_segments(table: pa.Table, segment: str | None) -> tuple[IntArray, tuple[str, ...]]:
    if segment is None:
        return np.zeros(table.num_rows, dtype=np.int64), ("all",)
    return read_categories(read_column(table, segment))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
