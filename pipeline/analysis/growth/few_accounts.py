"""Three to nine accounts: the weeks of each account alone, then the mean over the accounts with an honest interval.

With so few accounts no test that counts accounts as its units holds its level, so each account is a short series of
its own. Growth and drivers are taken as distances from the mean of the accounts that were read in the same week: that
removes what moves all of them, but leaves a part of the others in the figure of each, which the errors allow for.
Fewer accounts than three are described, not estimated. From ten accounts on: `fits`.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.growth.contrasts import CONTRASTS, DIFFERENCE, RATIO, TWICE
from pipeline.analysis.growth.pooling import SMALLEST_SPREAD, AccountFit, Pooled, pool, weigh
from pipeline.analysis.growth.specifications import COMPARED, Specification
from pipeline.analysis.growth.tables import Row
from pipeline.analysis.growth.weeks import TIME, UNIT
from pipeline.analysis.panel.data import close_gaps, read_labels
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
# Of two accounts each is the mirror image of the other once their weeks are compared.
FEWEST_ACCOUNTS = 3
# Weeks beyond the number of coefficients: fewer leave the error of a single account to chance.
FEWEST_SPARE_WEEKS = 5
METHOD = "pooled_accounts"
# A trend stands for the level, which one account's weeks cannot tell from time; growth of the week before would bias
# short series.
LEFT_OUT = ("follower_level", "growth_before")
SUMMED = (*COMPARED, "following_change")


def few_rows(
    weeks: pa.Table,
    specification: Specification,
    facts: Mapping[str, object],
    swings: Mapping[str, float] | None = None,
) -> list[Row]:
    """One row per term and comparison, as `fits.fit_rows` gives them, for 3 to 9 accounts.

    `weeks` are rows that the specification may use, with the columns of the panel or, where they were made ready for a
    model, columns named as its terms; a quality that is null (a silent week) stands at the account's mean. `facts`
    stand on every row. Where a term is the sum of two weeks (`quality` of `quality_same_week` and
    `quality_previous_week`), its parts have rows too. `swings` are typical swings of quality and volume; without them
    those of these weeks count, quality's made whole by the square root of the reliability in `facts`. Limits are t
    limits with accounts - 1 degrees (random effects, Hartung and Knapp 2001), and never narrower than those of the
    accounts' joint weekly error. Data that cannot carry the model give rows with a reason and no figure.
    """
    # Weeks that were made ready for a model lack the controls that stand still for everybody.
    known = set(weeks.column_names)
    terms = [name for name, column in specification.terms.items() if name not in LEFT_OUT and known & {name, column}]
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
    vectors |= {name: _sum_of(terms, _parts(terms, name)) for name in SUMMED if _parts(terms, name)}
    swing = _swings(fitted, terms, facts) | dict(swings or {})
    for name in vectors:
        parts = _parts(terms, name) or [name]
        main = next((other for other in COMPARED if set(parts) & set(_parts(terms, other))), None)
        swing.setdefault(name, swing[main] if main else _mean_spread(fitted, terms.index(parts[0])))
    weights = weigh(fitted, [vectors[name] * swing[name] for name in COMPARED])
    facts = {**facts, "account_count": len(fitted), "observation_count": row_count, "within_r2": None}
    rows: list[Row] = [
        {**facts, **_describe(name, pool(fitted, vector, weights), swing[name])} for name, vector in vectors.items()
    ]
    quality, volume = (vectors[name] * swing[name] for name in COMPARED)
    for name, vector in ((DIFFERENCE, quality - volume), (TWICE, quality - 2 * volume)):
        rows.append({**facts, **_describe(name, pool(fitted, vector, weights), 1.0), "within_sd": None})
    rows.append(_without(facts, RATIO, f"a ratio of effects is given from {FEWEST_CLUSTERS} accounts on"))
    return rows + [
        _without(facts, name, "left out: it does not vary, or single accounts cannot carry it")
        for name in _published(specification)
        if name not in vectors
    ]


def _fit_accounts(
    weeks: pa.Table, specification: Specification, terms: list[str]
) -> tuple[list[AccountFit], list[str], int]:
    """Fits of the accounts that can carry one, the terms of all of them, and their number of weeks."""
    # Labels may have been made for more accounts and weeks than these.
    unit, time = (close_gaps(read_labels(weeks, name)[0]) for name in (UNIT, TIME))
    named = {name: name if name in weeks.column_names else specification.terms[name] for name in terms}
    columns = [weeks[specification.outcome], *(weeks[named[name]] for name in terms)]
    values = np.column_stack([column.to_numpy(zero_copy_only=False).astype(np.float64) for column in columns])
    values = np.where(np.isnan(values), _means(values, unit)[unit], values)
    # Controls that stand still for everybody say nothing; quality and volume must vary.
    varying = [n for n, name in enumerate(terms, 1) if name.startswith(COMPARED) or np.ptp(values[:, n]) > 0]
    terms, values = [terms[n - 1] for n in varying], values[:, [0, *varying]]
    compared = [n for n, name in enumerate(terms, 1) if name.startswith(COMPARED)]
    # Compared with the others an account that always posts the same seems to move: it would show their effects.
    kept = _moves(values[:, compared], unit)[unit]
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


def _moves(values: FloatArray, unit: IntArray) -> npt.NDArray[np.bool_]:
    """Whether every column varies within the account, by code."""
    return np.array([bool((np.ptp(values[unit == code], axis=0) > 0).all()) for code in range(int(unit.max()) + 1)])


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


def _fit_one(moved: FloatArray, time: IntArray, is_own: npt.NDArray[np.bool_]) -> AccountFit:
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
    return AccountFit(positions, coefficients, bread * variance, influence, own[:, 1:].std(axis=0, ddof=1))


def _parts(terms: list[str], name: str) -> list[str]:
    """The terms whose sum is the effect of quality or volume: itself, or its two weeks."""
    if name in terms:
        return [name]
    return [term for term in (f"{name}_same_week", f"{name}_previous_week") if term in terms]


def _sum_of(terms: list[str], parts: list[str]) -> FloatArray:
    return np.array([float(term in parts) for term in terms])


def _swings(accounts: list[AccountFit], terms: list[str], facts: Mapping[str, object]) -> dict[str, float]:
    swings = {
        name: float(np.mean([_mean_spread(accounts, terms.index(part)) for part in _parts(terms, name)]))
        for name in COMPARED
    }
    reliability = facts.get("reliability")
    if isinstance(reliability, float) and 0 < reliability <= 1:
        # Quality that was drawn to its mean moves by the square root of its reliability less.
        swings["quality"] /= math.sqrt(reliability)
    return swings


def _mean_spread(accounts: list[AccountFit], position: int) -> float:
    return float(np.mean([account.spread[position] for account in accounts]))


def _describe(name: str, pooled: Pooled, swing: float) -> Row:
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
        f"{accounts} account{' has' if accounts == 1 else 's have'} enough complete weeks so far; a pooled estimate "
        f"needs {FEWEST_ACCOUNTS}, an estimate over accounts {FEWEST_CLUSTERS}; answer_readiness says what is missing "
        "and when"
    )


def _refuse(specification: Specification, facts: Mapping[str, object], reason: str) -> list[Row]:
    terms = [*_published(specification), *(() if specification.offset else CONTRASTS)]
    return [{**_without(facts, term, reason), "status": "insufficient_data"} for term in terms]


def _published(specification: Specification) -> list[str]:
    """Every term with a row: those of the model, and the sums of two weeks."""
    terms = list(specification.terms)
    return [name for name in SUMMED if name not in terms and _parts(terms, name)] + terms


def _without(facts: Mapping[str, object], term: str, reason: str) -> Row:
    return {**facts, "term": term, "within_r2": None, "status": "not_testable", "status_reason": reason}
