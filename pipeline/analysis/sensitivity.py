"""How strong an unseen common cause would have to be to explain the growth effects away.

News, advertising or a change of reach can move posts and growth alike. Nothing in the figures excludes them; what can
be said is how much of both they would have to explain. Source: Cinelli and Hazlett 2020, with limits that are clustered
by account. The effects are those of the main model of `growth`.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.accounts import AccountWeeks, read_panel
from pipeline.analysis.growth.corrected import CorrectedFit, correct_fit
from pipeline.analysis.growth.design import build_design
from pipeline.analysis.growth.specifications import PRIMARY, Specification, find_specification, select_weeks
from pipeline.analysis.growth.tables import Row, build_table
from pipeline.analysis.growth.weeks import TIME, UNIT
from pipeline.analysis.panel import PanelFit, fit_panel
from pipeline.analysis.panel.blocks import Spool
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS

FloatArray = npt.NDArray[np.float64]
DRIVERS = ("quality", "volume")
_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
SENSITIVITY = pa.schema(
    [
        *[(name, _TEXT) for name in ("segment_dimension", "segment", "driver", "benchmark")],
        *[(name, _NUMBER) for name in ("estimate", "conf_low", "conf_high", "partial_r2")],
        *[(name, _NUMBER) for name in ("robustness_value", "robustness_value_of_limit")],
        *[(name, _NUMBER) for name in ("benchmark_r2_with_driver", "benchmark_r2_with_growth")],
        *[(name, _NUMBER) for name in ("confounder_r2_with_driver", "confounder_r2_with_growth", "adjusted_estimate")],
        *[(name, _COUNT) for name in ("account_count", "observation_count")],
        *[(name, _TEXT) for name in ("status", "status_reason")],
    ]
)


@dataclass(frozen=True)
class _Effect:
    """One effect, the sum of the coefficients of some terms, as that of a single regressor.

    b1 d1 + b2 d2 = (b1 + b2) d1 + b2 (d2 - d1): the sum is the coefficient of the first term next to the difference.
    """

    estimate: float
    conf_low: float
    conf_high: float
    error: float  # classical
    df: int
    names: Sequence[str]  # of the columns: the driver first, the outcome last
    products: FloatArray  # (k + 1, k + 1) cross products of the columns, cleared of account and week


def estimate_sensitivity(
    panel: pa.Table | Iterable[pa.Table], cells: pa.Table | Iterable[pa.Table] | None, columns: Sequence[str]
) -> pa.Table:
    """One row per driver and benchmark; `benchmark` is null in the row of the driver itself.

    `panel`, `cells` and their columns are those of `estimate_growth`. A benchmark is another part of the model: its row
    says what a common cause as strong as this would leave of the effect.
    """
    specification = find_specification(PRIMARY)
    whole = read_panel(panel, cells, columns)
    weeks: Spool[AccountWeeks] = Spool()
    accounts, row_count = 0, 0
    for block in whole.select(lambda table: select_weeks(table, specification)).blocks:
        weeks.append(block)
        accounts += len(pc.unique(block.table[UNIT]))
        row_count += block.table.num_rows
    facts: Row = {"segment_dimension": "all", "segment": "all", "account_count": accounts}
    facts = {**facts, "observation_count": row_count}
    if accounts < FEWEST_CLUSTERS:
        reason = (
            f"{accounts} account{' has' if accounts == 1 else 's have'} enough complete weeks; this needs an estimate "
            f"over {FEWEST_CLUSTERS} accounts; answer_readiness says what is missing and when"
        )
        return _refuse(facts, "insufficient_data", reason)
    try:
        design = build_design(weeks, specification, whole.changes)
        fit = fit_panel(
            design.tables(),
            outcome=design.outcome,
            regressors=design.terms,
            unit=UNIT,
            time=TIME,
            wild_draws=0,
            jackknife=False,
        )
        parts = {name: [term for term in terms if term in design.terms] for name, terms in specification.parts.items()}
        parts = {name: terms for name, terms in parts.items() if terms}
        corrected = correct_fit(fit, design.quality, parts.values(), wild_draws=0)
    except ValueError as error:
        return _refuse(facts, "not_testable", str(error))
    if corrected.fit.status != "ok":
        return _refuse(facts, corrected.fit.status, corrected.fit.status_reason)
    facts = {**facts, "account_count": fit.n_units, "observation_count": fit.n_obs}
    groups = {**parts, **{term: [term] for term in _others(specification, design.terms)}}
    rows = [row for driver in DRIVERS for row in _describe(facts, driver, corrected, groups)]
    return build_table(rows, SENSITIVITY)


def _others(specification: Specification, terms: Sequence[str]) -> list[str]:
    grouped = {term for group in specification.parts.values() for term in group}
    return [term for term in terms if term not in grouped and term in specification.terms]


def _describe(facts: Row, driver: str, corrected: CorrectedFit, groups: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    fit = corrected.in_swings
    effect = _read_effect(fit, groups[driver])
    if effect is None:
        yield {**facts, "driver": driver, "status": "not_testable", "status_reason": "the effect has no error"}
        return
    address: Row = {**facts, "driver": driver, "status": "ok", "status_reason": ""}
    square = (effect.estimate / effect.error) ** 2
    # The limit that lies nearer to zero; an interval that holds zero needs no common cause at all.
    limit = max(effect.conf_low, -effect.conf_high, 0.0)
    yield {
        **address,
        "estimate": effect.estimate,
        "conf_low": effect.conf_low,
        "conf_high": effect.conf_high,
        "partial_r2": square / (square + effect.df),
        "robustness_value": robustness_value(abs(effect.estimate) / effect.error / math.sqrt(effect.df)),
        "robustness_value_of_limit": robustness_value(limit / effect.error / math.sqrt(effect.df)),
    }
    for name, terms in groups.items():
        if name != driver:
            yield {**address, "benchmark": name, **_compare(effect, terms)}


def _read_effect(fit: PanelFit, terms: Sequence[str]) -> _Effect | None:
    regression = fit.inference.regression
    contrast = fit.contrast(dict.fromkeys(terms, 1.0))
    df = regression.row_count - regression.times.rank - len(fit.estimates)
    known = list(fit.estimates)
    order = [known.index(term) for term in terms] + [place for place, term in enumerate(known) if term not in terms]
    # Of the driver's terms the first stays, the others become their distance from it: its coefficient is the sum.
    rewritten = np.eye(len(known) + 1)[:, [*order, len(known)]]
    rewritten[:, 1 : len(terms)] -= rewritten[:, :1]
    products = rewritten.T @ regression.products @ rewritten
    names = [known[place] for place in order]
    left = _leave(products, 0, list(range(1, len(known))))
    variance = regression.by_unit.residual_square / df / left if left > 0 else 0.0
    if contrast.conf_low is None or contrast.conf_high is None or not variance > 0:
        return None
    return _Effect(contrast.estimate, contrast.conf_low, contrast.conf_high, math.sqrt(variance), df, names, products)


def _leave(products: FloatArray, target: int, given: Sequence[int]) -> float:
    """Sum of squares of one column that the given ones leave unexplained."""
    if not given:
        return float(products[target, target])
    cross = products[np.ix_(given, [target])]
    explained = cross.T @ np.linalg.lstsq(products[np.ix_(given, given)], cross, rcond=None)[0]
    return float(products[target, target] - explained[0, 0])


def robustness_value(strength: float) -> float:
    """Share of what is left of driver and growth that a common cause must explain of both, 0 to 1.

    `strength` is the part of the estimate that is to be explained away, over its classical error and the root of the
    degrees of freedom.
    """
    square = strength**2
    return 0.5 * (math.sqrt(square**2 + 4 * square) - square)


def _compare(effect: _Effect, terms: Sequence[str]) -> Row:
    """What a common cause as strong as these terms would leave of the effect."""
    outcome = len(effect.names)
    places = [place for place, name in enumerate(effect.names) if name in terms]
    others = [place for place in range(1, outcome) if place not in places]
    with_driver = 1 - _leave(effect.products, 0, [*others, *places]) / _leave(effect.products, 0, others)
    left = _leave(effect.products, outcome, [0, *others])
    with_growth = 1 - _leave(effect.products, outcome, [0, *others, *places]) / left
    with_driver, with_growth = (min(max(share, 0.0), 1 - 1e-9) for share in (with_driver, with_growth))
    found: Row = {"benchmark_r2_with_driver": with_driver, "benchmark_r2_with_growth": with_growth}
    cause_driver = with_driver / (1 - with_driver)
    bridge = with_driver**2 / ((1 - with_driver) * (1 - with_driver))
    if cause_driver >= 1 or bridge >= 1:
        return found  # A second cause as strong as this one would leave nothing of the driver.
    cause_growth = ((1 + math.sqrt(bridge)) / math.sqrt(1 - bridge)) ** 2 * with_growth / (1 - with_growth)
    cause_growth = min(cause_growth, 1.0)
    bias = effect.error * math.sqrt(effect.df) * math.sqrt(cause_growth * cause_driver / (1 - cause_driver))
    return {
        **found,
        "confounder_r2_with_driver": cause_driver,
        "confounder_r2_with_growth": cause_growth,
        "adjusted_estimate": math.copysign(1.0, effect.estimate) * (abs(effect.estimate) - bias),
    }


def _refuse(facts: Row, status: str, reason: str) -> pa.Table:
    rows = [{**facts, "driver": driver, "status": status, "status_reason": reason} for driver in DRIVERS]
    return build_table(rows, SENSITIVITY)
