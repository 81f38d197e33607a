"""Where more volume stops paying: a curve with a square, its turning point, and the test for an inverted U.

Figures are given only where they lie inside the data; a turning point beyond them is a straight line misread.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.growth.tables import Row
from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel import PanelFit, fit_panel

# Column of ln(1 + original posts a week).
VOLUME = "volume"
# The turning point must lie between these quantiles of volume; they are also the ends for the inverted U.
RANGE = (0.05, 0.95)


def describe_curve(blocks: Iterable[pa.Table], *, outcome: str, controls: Sequence[str]) -> Row:
    """Turning point of growth over volume in original posts a week, with its interval, and p of an inverted U.

    Volume is ln(1 + posts). The turning point has its interval by the delta method and is null outside the 5 to 95 %
    range of volume; p is the larger of the two one-sided ones for a rise at the lower and a fall at the upper end
    (Lind and Mehlum 2010). Empty where the model cannot be fitted or tested. `blocks` are whole accounts in ascending
    order, which are read several times.
    """
    counts: Counter[float] = Counter()
    total = 0.0
    for block in blocks:
        volume = _read_volume(block)
        counts.update(dict(zip(*(each.tolist() for each in np.unique(volume, return_counts=True)), strict=True)))
        total += float(np.sum(volume))
    if not counts:
        return {}
    centre = total / counts.total()
    platforms: dict[str, int] = {}

    def model(weeks: pa.Table) -> pa.Table:
        distance = _read_volume(weeks) - centre
        table = split_by_platform(weeks.select([UNIT, TIME, outcome, *controls]), platforms)
        return table.append_column(VOLUME, pa.array(distance)).append_column("square", pa.array(distance**2))

    terms, tables = [*controls, VOLUME, "square"], map(model, blocks)
    try:
        fit = fit_panel(tables, outcome=outcome, regressors=terms, unit=UNIT, time=TIME, wild_draws=0, jackknife=False)
    except ValueError:
        return {}
    if fit.status != "ok":
        return {}
    low, high = (_find_quantile(counts, edge) - centre for edge in RANGE)
    return {**_inverted_u(fit, low, high), **_turning_point(fit, low, high, centre)}


def _read_volume(weeks: pa.Table) -> npt.NDArray[np.float64]:
    return np.asarray(weeks[VOLUME].to_numpy(), dtype=np.float64)


def _find_quantile(counts: Counter[float], share: float) -> float:
    """The quantile of values that occur so often, between two of them by a straight line, as numpy has it."""
    values = np.array(sorted(counts))
    last = np.cumsum([counts[value] for value in values.tolist()]) - 1
    place = share * last[-1]
    lower, upper = values[np.searchsorted(last, [np.floor(place), np.ceil(place)])]
    return float(lower + (upper - lower) * (place - np.floor(place)))


def _inverted_u(fit: PanelFit, low: float, high: float) -> Row:
    rise = fit.contrast({"volume": 1.0, "square": 2 * low}).p_one_sided
    fall = fit.contrast({"volume": -1.0, "square": -2 * high}).p_one_sided
    return {} if rise is None or fall is None else {"inverted_u_p_value": max(rise, fall)}


def _turning_point(fit: PanelFit, low: float, high: float, centre: float) -> Row:
    slope, bend = fit.estimates["volume"].estimate, fit.estimates["square"].estimate
    # Only a bend downwards has a top.
    if bend >= 0 or not low <= -slope / (2 * bend) <= high:
        return {}
    point = -slope / (2 * bend)
    delta = fit.contrast({"volume": -1 / (2 * bend), "square": slope / (2 * bend**2)})
    if delta.conf_low is None or delta.conf_high is None:
        return {}
    half = (delta.conf_high - delta.conf_low) / 2
    names = ("turning_point", "turning_point_low", "turning_point_high")
    # Back from ln(1 + posts); fewer than no posts there are not.
    posts = (max(0.0, float(np.expm1(centre + point + side * half))) for side in (0, -1, 1))
    return dict(zip(names, posts, strict=True))
