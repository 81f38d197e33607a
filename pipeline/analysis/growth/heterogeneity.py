"""Whether quality or volume work differently in one segment than in the others: interactions, adjusted by Holm.

One model per segment dimension: both effects are free to differ by segment, controls and weeks are shared.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pipeline.analysis.growth.design import Design, build_design, correct_columns
from pipeline.analysis.growth.shrinkage import FirstStep
from pipeline.analysis.growth.specifications import COMPARED, Specification, select_weeks
from pipeline.analysis.growth.weeks import TIME, UNIT
from pipeline.analysis.panel import Estimate, fit_panel
from pipeline.analysis.panel.data import read_labels
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
    panel: pa.Table,
    specification: Specification,
    groups: Mapping[str, Mapping[str, str]],
    first_step: FirstStep | None,
    *,
    seed: int,
) -> dict[Address, Difference]:
    """Difference of each segment's effect from the mean of the other segments, with Holm over all of them.

    `groups` maps a dimension to the segment of each account. Segments below 10 accounts take no part; a dimension
    with fewer than two segments has nothing to compare. Quality is corrected for chance over all accounts.
    """
    found: dict[Address, Difference] = {}
    try:
        design = build_design(select_weeks(panel, specification), specification, first_step)
        corrected = correct_columns(design)
    except ValueError:
        # The estimates of the whole panel say what is wrong with the data.
        return found
    for dimension in sorted(groups):
        found |= _compare_one(corrected, design, specification.parts, dimension, groups[dimension], seed)
    adjusted = holm([difference.p_value for difference in found.values()])
    return {
        address: replace(difference, p_value_adjusted=p_value)
        for (address, difference), p_value in zip(found.items(), adjusted, strict=True)
    }


def _compare_one(
    weeks: pa.Table,
    design: Design,
    parts: Mapping[str, Sequence[str]],
    dimension: str,
    group: Mapping[str, str],
    seed: int,
) -> dict[Address, Difference]:
    codes, labels = read_labels(weeks, UNIT)
    segment_of = [group.get(str(account)) for account in labels.to_pylist()]
    has_weeks = np.bincount(codes, minlength=len(labels)) > 0
    accounts = Counter(segment for segment, is_used in zip(segment_of, has_weeks, strict=True) if segment and is_used)
    segments = sorted(segment for segment, count in accounts.items() if count >= FEWEST_CLUSTERS)
    if len(segments) < 2:
        return {}
    number = {segment: position for position, segment in enumerate(segments)}
    numbers = np.array([number.get(segment or "", -1) for segment in segment_of])[codes]
    table, numbers = weeks.filter(pa.array(numbers >= 0)), numbers[numbers >= 0]
    model = table.select([UNIT, TIME, design.outcome])
    names: dict[tuple[str, str], str] = {}
    compared = [term for name in COMPARED for term in parts[name]]
    for term in design.terms:
        values = table[term].to_numpy()
        if term not in compared:
            if np.ptp(values) > 0:
                model = model.append_column(term, table[term])
            continue
        for segment in segments:
            names[term, segment] = f"{term} in {segment}"
            model = model.append_column(names[term, segment], pa.array(values * (numbers == number[segment])))
    try:
        fit = fit_panel(
            model,
            outcome=design.outcome,
            regressors=[name for name in model.column_names if name not in (UNIT, TIME, design.outcome)],
            unit=UNIT,
            time=TIME,
            wild_draws=0,
            seed=seed,
            jackknife=False,
        )
    except ValueError:
        # The estimates of the segments themselves say what is wrong with the data.
        return {}
    sizes = dict(zip(segments, np.bincount(numbers).tolist(), strict=True))
    return {
        (dimension, segment, name): _difference(fit.contrast(_weights(names, sizes, parts[name], segment)))
        for name in COMPARED
        for segment in segments
    }


def _weights(
    names: Mapping[tuple[str, str], str], sizes: Mapping[str, int], terms: Sequence[str], segment: str
) -> dict[str, float]:
    """One for each term of the segment, minus its share of the remaining weeks for those of every other one."""
    rest: Sequence[str] = [other for other in sizes if other != segment]
    total = sum(sizes[other] for other in rest)
    own = {names[term, segment]: 1.0 for term in terms}
    return own | {names[term, other]: -sizes[other] / total for term in terms for other in rest}


def _difference(contrast: Estimate) -> Difference:
    return Difference(contrast.estimate, contrast.p_value, None)
