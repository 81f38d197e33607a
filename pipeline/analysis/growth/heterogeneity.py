"""Whether quality or volume work differently in one segment than in the others: interactions, adjusted by Holm.

One model per segment dimension: both effects are free to differ by segment, controls and weeks are shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pipeline.analysis.growth.fits import TIME, UNIT
from pipeline.analysis.growth.specifications import COMPARED, Specification, select_weeks
from pipeline.analysis.panel import Estimate, fit_panel
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS
from pipeline.analysis.proportions import holm

# Dimension, segment and term: the address of one interaction.
Address = tuple[str, str, str]


@dataclass(frozen=True)
class Difference:
    """How far an effect in one segment lies from that in the others, in the unit of the effect."""

    estimate: float
    p_value: float | None
    p_value_adjusted: float | None


def compare_segments(
    panel: pa.Table, specification: Specification, groups: Mapping[str, Mapping[str, str]], *, seed: int
) -> dict[Address, Difference]:
    """Difference of each segment's effect from the mean of the other segments, with Holm over all of them.

    `groups` maps a dimension to the segment of each account. Segments below 10 accounts take no part; a dimension
    with fewer than two segments has nothing to compare.
    """
    weeks = select_weeks(panel, specification)
    found: dict[Address, Difference] = {}
    for dimension in sorted(groups):
        found |= _compare_one(weeks, specification, dimension, groups[dimension], seed)
    adjusted = holm([difference.p_value for difference in found.values()])
    return {
        address: replace(difference, p_value_adjusted=p_value)
        for (address, difference), p_value in zip(found.items(), adjusted, strict=True)
    }


def _compare_one(
    weeks: pa.Table, specification: Specification, dimension: str, group: Mapping[str, str], seed: int
) -> dict[Address, Difference]:
    keys = weeks[UNIT].to_pylist()
    accounts: dict[str, set[str]] = {}
    for key in keys:
        if key in group:
            accounts.setdefault(group[key], set()).add(key)
    segments = sorted(segment for segment, members in accounts.items() if len(members) >= FEWEST_CLUSTERS)
    if len(segments) < 2:
        return {}
    label = np.array([group.get(key, "") for key in keys], dtype=object)
    kept = np.isin(label, segments)
    table, label = weeks.filter(pa.array(kept)), label[kept]
    model = table.select([UNIT, TIME, specification.outcome])
    names: dict[tuple[str, str], str] = {}
    for term, column in specification.terms.items():
        values = table[column].to_numpy()
        if term not in COMPARED:
            if np.ptp(values) > 0:
                model = model.append_column(term, table[column])
            continue
        for segment in segments:
            names[term, segment] = f"{term} in {segment}"
            model = model.append_column(names[term, segment], pa.array(np.where(label == segment, values, 0.0)))
    try:
        fit = fit_panel(
            model,
            outcome=specification.outcome,
            regressors=[name for name in model.column_names if name not in (UNIT, TIME, specification.outcome)],
            unit=UNIT,
            time=TIME,
            wild_draws=0,
            seed=seed,
            jackknife=False,
        )
    except ValueError:
        # The estimates of the segments themselves say what is wrong with the data.
        return {}
    sizes = {segment: int((label == segment).sum()) for segment in segments}
    return {
        (dimension, segment, term): _difference(fit.contrast(_weights(names, sizes, term, segment)))
        for term in COMPARED
        for segment in segments
    }


def _weights(
    names: Mapping[tuple[str, str], str], sizes: Mapping[str, int], term: str, segment: str
) -> dict[str, float]:
    """One for the segment, minus its share of the remaining weeks for every other one."""
    rest: Sequence[str] = [other for other in sizes if other != segment]
    total = sum(sizes[other] for other in rest)
    return {names[term, segment]: 1.0} | {names[term, other]: -sizes[other] / total for other in rest}


def _difference(contrast: Estimate) -> Difference:
    return Difference(contrast.estimate, contrast.p_value, None)
