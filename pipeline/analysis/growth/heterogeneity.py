"""Whether quality or volume work differently in one segment than in the others: interactions, adjusted by Holm.

One model per segment dimension: both effects are free to differ by segment, controls and weeks are shared.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.growth.accounts import AccountPanel
from pipeline.analysis.growth.design import Design, build_design, correct_columns
from pipeline.analysis.growth.specifications import COMPARED, Specification, select_weeks
from pipeline.analysis.growth.weeks import TIME, UNIT
from pipeline.analysis.panel import Estimate, fit_panel
from pipeline.analysis.panel.blocks import Spool
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
    panel: AccountPanel,
    specification: Specification,
    groups: Mapping[str, Mapping[str, str]],
    *,
    seed: int,
) -> dict[Address, Difference]:
    """Difference of each segment's effect from the mean of the other segments, with Holm over all of them.

    `groups` maps a dimension to the segment of each account. Segments below 10 accounts take no part; a dimension
    with fewer than two segments has nothing to compare. Quality is corrected for chance over all accounts.
    """
    found: dict[Address, Difference] = {}
    try:
        chosen = panel.select(lambda weeks: select_weeks(weeks, specification))
        design = build_design(chosen.blocks, specification, panel.changes)
        corrected: Spool[pa.Table] = Spool()
        for table in correct_columns(design):
            corrected.append(table)
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
    weeks: Spool[pa.Table],
    design: Design,
    parts: Mapping[str, Sequence[str]],
    dimension: str,
    group: Mapping[str, str],
    seed: int,
) -> dict[Address, Difference]:
    accounts: Counter[str] = Counter()
    for table in weeks:
        codes, labels = read_labels(table, UNIT)
        accounts.update(group.get(str(label), "") for label in labels.take(pa.array(np.unique(codes))).to_pylist())
    segments = sorted(segment for segment, count in accounts.items() if segment and count >= FEWEST_CLUSTERS)
    if len(segments) < 2:
        return {}
    number = {segment: position for position, segment in enumerate(segments)}
    compared = [term for name in COMPARED for term in parts[name]]
    names = {(term, segment): f"{term} in {segment}" for term in compared for segment in segments}
    sizes = np.zeros(len(segments), np.int64)
    limits = np.tile([[np.inf], [-np.inf]], len(design.terms))
    for table, numbers in _take_segments(weeks, group, number):
        sizes += np.bincount(numbers, minlength=len(segments))
        for place, term in enumerate(design.terms):
            values = table[term].to_numpy()
            limits[:, place] = min(limits[0, place], values.min()), max(limits[1, place], values.max())
    varying = [term for term, low, high in zip(design.terms, *limits, strict=True) if high > low]
    regressors = [
        name
        for term in design.terms
        for name in ([names[term, segment] for segment in segments] if term in compared else [term] * (term in varying))
    ]

    def read() -> Iterator[pa.Table]:
        for table, numbers in _take_segments(weeks, group, number):
            model = table.select([UNIT, TIME, design.outcome, *(term for term in varying if term not in compared)])
            for (term, segment), name in names.items():
                values = table[term].to_numpy() * (numbers == number[segment])
                model = model.append_column(name, pa.array(values))
            yield model

    try:
        fit = fit_panel(
            read(),
            outcome=design.outcome,
            regressors=regressors,
            unit=UNIT,
            time=TIME,
            wild_draws=0,
            seed=seed,
            jackknife=False,
        )
    except ValueError:
        # The estimates of the segments themselves say what is wrong with the data.
        return {}
    size_of = dict(zip(segments, sizes.tolist(), strict=True))
    return {
        (dimension, segment, name): _difference(fit.contrast(_weights(names, size_of, parts[name], segment)))
        for name in COMPARED
        for segment in segments
    }


def _take_segments(
    weeks: Spool[pa.Table], group: Mapping[str, str], number: Mapping[str, int]
) -> Iterator[tuple[pa.Table, npt.NDArray[np.int64]]]:
    """Rows of accounts in the numbered segments, and these numbers."""
    for table in weeks:
        codes, labels = read_labels(table, UNIT)
        number_of = np.array([number.get(group.get(str(label), ""), -1) for label in labels.to_pylist()])
        numbers = number_of[codes]
        if (numbers >= 0).any():
            yield table.filter(pa.array(numbers >= 0)), numbers[numbers >= 0]


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
