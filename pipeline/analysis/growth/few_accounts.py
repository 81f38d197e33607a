"""Three to nine accounts: the weeks of each account alone, then the mean over the accounts with an honest interval.

With so few accounts no test that counts accounts as its units holds its level, so each account is a short series of
its own. Growth and drivers are taken as distances from the mean of the accounts that were read in the same week: that
removes what moves all of them, but leaves a part of the others in the figure of each, which the errors allow for.
Fewer accounts than three are described, not estimated. From ten accounts on: `fits`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import stdtr, stdtrit

from pipeline.analysis.growth.contrasts import CONTRASTS, DIFFERENCE, RATIO, TWICE
from pipeline.analysis.growth.specifications import COMPARED, Specification
from pipeline.analysis.growth.tables import Row
from pipeline.analysis.panel.data import read_labels
from pipeline.analysis.panel.estimates import CONFIDENCE
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
UNIT, TIME = "account_key", "week_start_date"
# Of two accounts each is the mirror image of the other once their weeks are compared.
FEWEST_ACCOUNTS = 3
# Weeks beyond the number of coefficients: fewer leave the error of a single account to chance.
FEWEST_SPARE_WEEKS = 5
METHOD = "pooled_accounts"
# A trend stands for the level, which one account's weeks cannot tell from time; growth of the week before would bias
# short series.
LEFT_OUT = ("follower_level", "growth_before")
SMALLEST_SPREAD = 1e-12


@dataclass(frozen=True)
class _Account:
    """One account's own fit of k terms, on its weeks at `positions` of all weeks: (n,) integers."""

    positions: IntArray
    coefficients: FloatArray  # (k,)
    variances: FloatArray  # (k, k) classical, for the weights only
    influence: FloatArray  # (n, k) what each week adds to the coefficients
    spread: FloatArray  # (k,) SD of each term within the account


def few_rows(
    weeks: pa.Table,
    specification: Specification,
    facts: Mapping[str, object],
    swings: Mapping[str, float] | None = None,
) -> list[Row]:
    """One row per term and comparison, as `fits.fit_rows` gives them, for 3 to 9 accounts.

    `weeks` are rows that the specification may use; a quality that is null (a silent week) stands at the account's
    mean. `facts` stand on every row. Where a term is the sum of two weeks (`quality` of `quality_same_week` and
    `quality_previous_week`), its parts have rows too. `swings` are typical swings of quality and volume; without them
    those of these weeks count, quality's made whole by the square root of the reliability in `facts`. Limits are t
    limits with accounts - 1 degrees (random effects, Hartung and Knapp 2001), and never narrower than those of the
    accounts' joint weekly error. Data that cannot carry the model give rows with a reason and no figure.
    """
    terms = [name for name in specification.terms if name not in LEFT_OUT]
    accounts = int(str(facts.get("account_count") or 0))
    if specification.offset:
        reason = f"counts of new follows are compared from {FEWEST_CLUSTERS} accounts on; these are {accounts}"
        return _refuse(specification, facts, reason)
    if accounts < FEWEST_ACCOUNTS:
        return _refuse(specification, facts, _shortage(accounts))
    fitted, terms, row_count = _fit_accounts(weeks, specification, terms)
    if len(fitted) < FEWEST_ACCOUNTS or any(not _parts(terms, name) for name in COMPARED):
        reason = (
            f"{len(fitted)} of {accounts} accounts have enough weeks in common in which quality and volume vary; "
            f"a pooled estimate needs {FEWEST_ACCOUNTS}"
        )
        return _refuse(specification, facts, reason)
    vectors = {name: _sum_of(terms, [name]) for name in terms}
    vectors |= {name: _sum_of(terms, _parts(terms, name)) for name in COMPARED}
    swing = _swings(fitted, terms, facts) | {name: float(value) for name, value in (swings or {}).items()}
    for name in terms:
        main = next((other for other in COMPARED if name in _parts(terms, other)), None)
        swing.setdefault(name, swing[main] if main else _mean_spread(fitted, terms.index(name)))
    weights = _weigh(fitted, [vectors[name] * swing[name] for name in COMPARED])
    facts = {**facts, "account_count": len(fitted), "observation_count": row_count, "within_r2": None}
    rows: list[Row] = [
        {**facts, **_describe(name, _pool(fitted, vector, weights), swing[name])} for name, vector in vectors.items()
    ]
    quality, volume = (vectors[name] * swing[name] for name in COMPARED)
    for name, vector in ((DIFFERENCE, quality - volume), (TWICE, quality - 2 * volume)):
        rows.append({**facts, **_describe(name, _pool(fitted, vector, weights), 1.0), "within_sd": None})
    if specification.offset is None:
        rows.append(_without(facts, RATIO, f"a ratio of effects is given from {FEWEST_CLUSTERS} accounts on"))
    rows += [
        _without(facts, name, "left out: it does not vary, or single accounts cannot carry it")
        for name in specification.terms
        if name not in vectors
    ]
    return rows


@dataclass(frozen=True)
class _Pooled:
    estimate: float
    error: float
    df: int

    @property
    def half(self) -> float:
        return float(stdtrit(self.df, 0.5 + CONFIDENCE / 2)) * self.error

    @property
    def one_sided(self) -> float:
        return float(stdtr(self.df, -self.estimate / self.error))


def _fit_accounts(
    weeks: pa.Table, specification: Specification, terms: list[str]
) -> tuple[list[_Account], list[str], int]:
    """Fits of the accounts that can carry one, the terms of all of them, and their number of weeks."""
    unit, time = read_labels(weeks, UNIT)[0], read_labels(weeks, TIME)[0]
    columns = [weeks[specification.outcome], *(weeks[specification.terms[name]] for name in terms)]
    values = np.column_stack([column.to_numpy(zero_copy_only=False).astype(np.float64) for column in columns])
    values = np.where(np.isnan(values), _means(values, unit)[unit], values)
    # Controls that stand still for everybody say nothing; quality and volume must vary.
    varying = [n for n, name in enumerate(terms, 1) if name.startswith(COMPARED) or np.ptp(values[:, n]) > 0]
    terms, values = [terms[n - 1] for n in varying], values[:, [0, *varying]]
    kept = np.ones(len(unit), bool)
    while kept.any():
        usable = kept & (np.bincount(time, weights=kept)[time] > 1)
        counts = np.bincount(unit, weights=usable)
        usable &= (counts >= len(terms) + 2 + FEWEST_SPARE_WEEKS)[unit]
        if (usable == kept).all():
            moved = values[kept] - _means(values[kept], time[kept])[time[kept]]
            still = _standing_still(moved, unit[kept], len(terms))
            if not still:
                break
            usable = kept & ~np.isin(unit, still)
        kept = usable
    if not kept.any():
        return [], terms, 0
    return [_fit_one(moved, time[kept], unit[kept] == code) for code in np.unique(unit[kept])], terms, int(kept.sum())


def _means(values: FloatArray, codes: IntArray) -> FloatArray:
    """Mean of each column by code, of what is known; 0 where nothing is: (codes, columns)."""
    known = ~np.isnan(values)
    size = int(codes.max()) + 1
    sums = np.stack([np.bincount(codes, np.where(k, v, 0.0), size) for v, k in zip(values.T, known.T, strict=True)], 1)
    counts = np.stack([np.bincount(codes, k, size) for k in known.T], 1)
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)


def _standing_still(moved: FloatArray, unit: IntArray, terms: int) -> list[int]:
    """Accounts whose terms repeat one another or do not vary."""
    found = []
    for code in np.unique(unit):
        own = moved[unit == code, 1:]
        design = np.column_stack([np.ones(len(own)), np.arange(len(own)), own])
        scale = np.sqrt((design**2).sum(axis=0))
        if (scale == 0).any() or np.linalg.matrix_rank(design / scale, tol=1e-9) < terms + 2:
            found.append(int(code))
    return found


def _fit_one(moved: FloatArray, time: IntArray, is_own: npt.NDArray[np.bool_]) -> _Account:
    """Least squares of an account's distances on a level, a trend and the terms; the first two are taken out first."""
    own, positions = moved[is_own], time[is_own]
    frame = np.column_stack([np.ones(len(own)), positions - positions.mean()])
    rest = own - frame @ np.linalg.lstsq(frame, own, rcond=None)[0]
    y, x = rest[:, 0], rest[:, 1:]
    bread = np.linalg.inv(x.T @ x)
    coefficients = bread @ (x.T @ y)
    residuals = y - x @ coefficients
    spare = len(y) - x.shape[1] - 2
    influence = (x * residuals[:, None]) @ bread * math.sqrt(len(y) / spare)
    variance = max(float(residuals @ residuals) / spare, SMALLEST_SPREAD**2)
    return _Account(positions, coefficients, bread * variance, influence, own[:, 1:].std(axis=0, ddof=1))


def _weigh(accounts: list[_Account], vectors: list[FloatArray]) -> FloatArray:
    """Random-effects weights (k,) that sum to 1: one set for all terms, so that a difference is the difference.

    Between-account variance by DerSimonian and Laird 1986, the sum of that of quality and of volume.
    """
    own, between = np.zeros(len(accounts)), 0.0
    for vector in vectors:
        figures = np.array([vector @ account.coefficients for account in accounts])
        variances = np.array([vector @ account.variances @ vector for account in accounts])
        fixed = 1 / variances
        mean = fixed @ figures / fixed.sum()
        excess = float(fixed @ (figures - mean) ** 2) - (len(accounts) - 1)
        between += max(0.0, excess / float(fixed.sum() - (fixed**2).sum() / fixed.sum()))
        own += variances
    weights = 1 / (own + between)
    return np.asarray(weights / weights.sum())


def _pool(accounts: list[_Account], vector: FloatArray, weights: FloatArray) -> _Pooled:
    """The weighted mean of one figure over the accounts, with the wider of two errors."""
    count = len(accounts)
    figures = np.array([vector @ account.coefficients for account in accounts])
    mean = float(weights @ figures)
    # Each account was measured against the others, so their figures differ by (n - 2) / (n - 1) of what they would.
    spread = math.sqrt(float(weights @ (figures - mean) ** 2) / (count - 1)) * (count - 1) / (count - 2)
    between = _Pooled(mean, max(spread, SMALLEST_SPREAD), count - 1)
    joint = _joint_error(accounts, vector, weights, mean)
    return max(between, joint, key=lambda pooled: pooled.half)


def _joint_error(accounts: list[_Account], vector: FloatArray, weights: FloatArray, mean: float) -> _Pooled:
    """Error of the mean for these very accounts: a long-run variance over weeks that all of them share.

    Equal-weighted cosines (Lazarus, Lewis, Stock and Watson 2018) keep their level in short series.
    """
    first = min(int(account.positions.min()) for account in accounts)
    length = max(int(account.positions.max()) for account in accounts) - first + 1
    total = np.zeros(length)
    for account, weight in zip(accounts, weights, strict=True):
        np.add.at(total, account.positions - first, weight * (account.influence @ vector))
    cosine_count = max(4, int(0.4 * length ** (2 / 3)))
    place = (np.arange(length) + 0.5) / length
    cosines = np.sqrt(2.0) * np.cos(np.pi * np.arange(1, cosine_count + 1)[:, None] * place)
    # The mean of the week was estimated as well: of n accounts it takes one in n.
    share = len(accounts) / (len(accounts) - 1)
    error = math.sqrt(float(((cosines @ total) ** 2).mean()) * share)
    return _Pooled(mean, max(error, SMALLEST_SPREAD), cosine_count)


def _parts(terms: list[str], name: str) -> list[str]:
    """The terms whose sum is the effect of quality or volume: itself, or its two weeks."""
    if name in terms:
        return [name]
    return [term for term in (f"{name}_same_week", f"{name}_previous_week") if term in terms]


def _sum_of(terms: list[str], parts: list[str]) -> FloatArray:
    return np.array([float(term in parts) for term in terms])


def _swings(accounts: list[_Account], terms: list[str], facts: Mapping[str, object]) -> dict[str, float]:
    swings = {
        name: float(np.mean([_mean_spread(accounts, terms.index(part)) for part in _parts(terms, name)]))
        for name in COMPARED
    }
    reliability = facts.get("reliability")
    if isinstance(reliability, float) and 0 < reliability <= 1:
        # Quality that was drawn to its mean moves by the square root of its reliability less.
        swings["quality"] /= math.sqrt(reliability)
    return swings


def _mean_spread(accounts: list[_Account], position: int) -> float:
    return float(np.mean([account.spread[position] for account in accounts]))


def _describe(name: str, pooled: _Pooled, swing: float) -> Row:
    low, high = pooled.estimate - pooled.half, pooled.estimate + pooled.half
    return {
        "term": name,
        "estimate": pooled.estimate,
        "standard_error": pooled.error,
        "conf_low": low,
        "conf_high": high,
        "p_value": 2 * min(pooled.one_sided, 1 - pooled.one_sided),
        "p_value_one_sided": pooled.one_sided,
        "method": METHOD,
        "within_sd": swing,
        "standardised_estimate": pooled.estimate * swing,
        "standardised_low": low * swing,
        "standardised_high": high * swing,
        "status": "ok",
        "status_reason": "",
    }


def _shortage(accounts: int) -> str:
    return (
        f"{accounts} account{'' if accounts == 1 else 's'} with complete weeks; a pooled estimate needs "
        f"{FEWEST_ACCOUNTS}, an estimate over accounts {FEWEST_CLUSTERS}"
    )


def _refuse(specification: Specification, facts: Mapping[str, object], reason: str) -> list[Row]:
    contrasts = () if specification.offset else CONTRASTS
    terms = list(specification.terms)
    # Sums of two weeks are terms of the table, not of the model.
    terms += [name for name in COMPARED if name not in terms and _parts(terms, name)]
    return [{**_without(facts, term, reason), "status": "insufficient_data"} for term in (*terms, *contrasts)]


def _without(facts: Mapping[str, object], term: str, reason: str) -> Row:
    return {**facts, "term": term, "within_r2": None, "status": "not_testable", "status_reason": reason}
