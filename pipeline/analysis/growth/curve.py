"""Where more volume stops paying: a curve with a square, its turning point, and the test for an inverted U.

Figures are given only where they lie inside the data; a turning point beyond them is a straight line misread.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from pipeline.analysis.growth.tables import Row
from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel import PanelFit, fit_panel

# Column of ln(1 + original posts a week).
VOLUME = "volume"
# The turning point must lie between these quantiles of volume; they are also the ends for the inverted U.
RANGE = (0.05, 0.95)


def describe_curve(panel: pa.Table, *, outcome: str, controls: Sequence[str]) -> Row:
    """Turning point of growth over volume in original posts a week, with its interval, and p of an inverted U.

    Volume is ln(1 + posts). The turning point has its interval by the delta method and is null outside the 5 to 95 %
    range of volume; p is the larger of the two one-sided ones for a rise at the lower and a fall at the upper end
    (Lind and Mehlum 2010). Empty where the model cannot be fitted or tested.
    """
    if not panel.num_rows:
        return {}
    volume = np.asarray(panel[VOLUME].to_numpy(), dtype=np.float64)
    centre = float(volume.mean())
    model = split_by_platform(panel.select([UNIT, TIME, outcome, *controls])).append_column(
        VOLUME, pa.array(volume - centre)
    )
    model = model.append_column("square", pa.array((volume - centre) ** 2))
    terms = [*controls, VOLUME, "square"]
    try:
        fit = fit_panel(model, outcome=outcome, regressors=terms, unit=UNIT, time=TIME, wild_draws=0, jackknife=False)
    except ValueError:
        return {}
    if fit.status != "ok":
        return {}
    low, high = (float(edge) for edge in np.quantile(volume - centre, RANGE))
    return {**_inverted_u(fit, low, high), **_turning_point(fit, low, high, centre)}


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
