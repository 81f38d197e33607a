"""Every test of a population's ratios that is published: bands, dip, and a mixture under three conditions.

The tests themselves are in `multimodality`; which accounts form a population is decided in the dbt models.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.gap_density import gap_density
from pipeline.analysis.multimodality import SIGNIFICANCE, AntimodeTest, antimode_test, dip_statistic, has_dip_of

FloatArray = npt.NDArray[np.float64]

SCHEMA = pa.schema(
    [
        ("segment_dimension", pa.string()),
        ("segment", pa.string()),
        ("account_count", pa.int64()),
        ("test", pa.string()),
        ("statistic", pa.float64()),
        ("p_value", pa.float64()),
        ("is_multimodal", pa.bool_()),
        ("relative_gap_density", pa.float64()),
        ("relative_gap_density_low", pa.float64()),
        ("relative_gap_density_high", pa.float64()),
        ("gap_class", pa.string()),
        ("accounts_needed", pa.int64()),
        ("status", pa.string()),
        ("status_reason", pa.string()),
    ]
)
# Below this no test of shape can reject anything but the crudest split.
MINIMUM_ACCOUNTS = 20
DIP_DRAWS = 999
EXTREME_DRAWS = 20
# sqrt(n) times the dip of uniform samples has reached its limit by then (their 95 % quantiles differ by 1 %).
DIP_SAMPLE_LIMIT = 1000
BIC_GAIN_FROM = 10.0
ASHMAN_FROM = 2.0


@dataclass(frozen=True)
class Mixture:
    """Two normal components on the log ratio against one."""

    bic_gain: float  # positive favours two
    ashman_d: float  # distance of the means in units of their spread
    means: tuple[float, float]


def examine_populations(table: pa.Table, *, seed: int = 0) -> pa.Table:
    """One row per population and test: `antimode`, `dip` and `mixture`, in the order of the populations' names.

    `table` has segment_dimension, segment, followers_per_following (null: nobody followed) and log_ratio. Where a
    population is too small, and for a mixture that its conditions do not allow, the row says why.
    """
    columns = table.select(["segment_dimension", "segment", "followers_per_following", "log_ratio"]).to_pydict()
    populations: dict[tuple[str, str], list[tuple[float | None, float]]] = {}
    for dimension, segment, ratio, log_ratio in zip(*columns.values(), strict=True):
        populations.setdefault((dimension, segment), []).append((ratio, log_ratio))
    rows = []
    for (dimension, segment), members in sorted(populations.items()):
        for row in _test_population([m[0] for m in members], [m[1] for m in members], seed):
            rows.append({"segment_dimension": dimension, "segment": segment, "account_count": len(members), **row})
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def fit_mixture(values: FloatArray) -> Mixture | None:
    """Two normal components by expectation maximisation from the quartiles; None where a component collapses."""
    count = len(values)
    low, high = np.quantile(values, [0.25, 0.75])
    means, sds = np.array([low, high]), np.full(2, values.std())
    weights = np.full(2, 0.5)
    if not sds[0]:
        return None
    floor, likelihood = 0.05 * values.std(), -math.inf
    for _ in range(500):
        densities = weights * _normal(values[:, None], means, sds)
        totals = densities.sum(axis=1)
        previous, likelihood = likelihood, float(np.log(totals).sum())
        share = densities / totals[:, None]
        sizes = share.sum(axis=0)
        if sizes.min() < 3:
            return None
        weights, means = sizes / count, (share * values[:, None]).sum(axis=0) / sizes
        sds = np.maximum(np.sqrt((share * (values[:, None] - means) ** 2).sum(axis=0) / sizes), floor)
        if likelihood - previous < 1e-8 * count:
            break
    single = float(np.log(_normal(values, values.mean(), values.std())).sum())
    return Mixture(
        bic_gain=2 * (likelihood - single) - 3 * math.log(count),
        ashman_d=float(math.sqrt(2) * abs(means[1] - means[0]) / math.sqrt(float((sds**2).sum()))),
        means=(float(means.min()), float(means.max())),
    )


def dip_p_value(statistic: float, count: int, *, seed: int = 0) -> float:
    """P of a dip at least as large in a uniform sample of the size, from at most 999 draws; the sample counts as one.

    Drawing stops at the twentieth draw that is as extreme: the p-value is large then, and its digits do not matter.
    Samples above 1,000 are compared on the scale sqrt(n) x dip, which no longer changes with n.
    Source of the stopping rule: Besag and Clifford 1991.
    """
    size = min(count, DIP_SAMPLE_LIMIT)
    least = statistic * math.sqrt(count / size) - 1e-12
    generator = np.random.default_rng((seed, size))
    extreme = 0
    for draw in range(1, DIP_DRAWS + 1):
        extreme += has_dip_of(generator.random(size), least)
        if extreme == EXTREME_DRAWS:
            return extreme / draw
    return (1 + extreme) / (1 + DIP_DRAWS)


def _test_population(ratios: Sequence[float | None], log_ratios: Sequence[float], seed: int) -> list[dict[str, object]]:
    if len(log_ratios) < MINIMUM_ACCOUNTS:
        reason = f"{len(log_ratios)} accounts with a readable style; {MINIMUM_ACCOUNTS} are needed"
        antimode_row = _row("antimode", reason=reason) | {"gap_class": "cannot_tell_yet"}
        return [antimode_row, *(_row(test, reason=reason) for test in ("dip", "mixture"))]
    values = np.sort(np.array(log_ratios, dtype=np.float64))
    antimode = antimode_test(ratios)
    dip = dip_statistic(values)
    dip_p = dip_p_value(dip, len(values), seed=seed)
    return [
        _antimode_row(antimode),
        _row("dip", statistic=dip, p_value=dip_p),
        _mixture_row(fit_mixture(values), antimode),
    ]


def _antimode_row(antimode: AntimodeTest) -> dict[str, object]:
    """Statistic: the smaller of the two densities next to the dead zone, relative to the dead zone; above 1 in both."""
    widths = (math.log(1.25 / 0.8), math.log(4.0), math.log(4.0))
    counts = (antimode.interpersonal_count, antimode.dead_zone_count, antimode.mass_count)
    inner, dead, outer = (count / width for count, width in zip(counts, widths, strict=True))
    row = _row("antimode", statistic=min(inner, outer) / dead if dead else None, p_value=antimode.p_value)
    gap = gap_density(antimode)
    return row | {
        "relative_gap_density": _rounded(gap.relative_density),
        "relative_gap_density_low": _rounded(gap.conf_low),
        "relative_gap_density_high": _rounded(gap.conf_high),
        "gap_class": gap.gap_class,
        "accounts_needed": gap.accounts_needed,
    }


def _mixture_row(mixture: Mixture | None, antimode: AntimodeTest) -> dict[str, object]:
    if mixture is None:
        return _row("mixture", reason="two components cannot be fitted", status="not_testable")
    missing = [
        words
        for is_met, words in (
            (mixture.bic_gain > BIC_GAIN_FROM, f"BIC gain {mixture.bic_gain:.1f}, needs more than {BIC_GAIN_FROM:.0f}"),
            (mixture.ashman_d > ASHMAN_FROM, f"Ashman D {mixture.ashman_d:.2f}, needs more than {ASHMAN_FROM:.0f}"),
            (antimode.p_value < SIGNIFICANCE, f"antimode p {antimode.p_value:.3f}, needs less than {SIGNIFICANCE}"),
        )
        if not is_met
    ]
    if missing:
        return _row("mixture", reason="; ".join(missing), status="not_testable")
    row = _row("mixture", statistic=mixture.ashman_d)
    return row | {"is_multimodal": True}


def _row(
    test: str,
    *,
    statistic: float | None = None,
    p_value: float | None = None,
    reason: str | None = None,
    status: str = "insufficient_data",
) -> dict[str, object]:
    return {
        "test": test,
        "statistic": _rounded(statistic),
        "p_value": _rounded(p_value),
        "is_multimodal": None if p_value is None else p_value < SIGNIFICANCE,
        "status": "ok" if reason is None else status,
        "status_reason": reason,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


def _normal(values: FloatArray, mean: FloatArray | float, sd: FloatArray | float) -> FloatArray:
    return np.asarray(np.exp(-0.5 * ((values - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi)))
