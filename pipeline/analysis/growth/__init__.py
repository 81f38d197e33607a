"""Growth attribution: from the panel of account weeks to tidy tables of estimates.

The public face: `estimate_growth`. The steps are in `specifications` (which models), `fits` (one model),
`contrasts` (quality against volume), `accounts` (order and segments) and `heterogeneity` (comparing segments).
Verdicts: `verdict`; growth by dose: `dose_response`. The panel itself is built in SQL.
"""

from collections.abc import Iterable, Mapping
from functools import partial

import pyarrow as pa

from pipeline.analysis.growth.accounts import read_groups, read_panel, select_segment
from pipeline.analysis.growth.fits import FEW_SHARE_DRAWS, Effort, fit_rows
from pipeline.analysis.growth.heterogeneity import Address, Difference, compare_segments
from pipeline.analysis.growth.specifications import (
    CONDITIONS,
    PLACEBO,
    PRIMARY,
    SPECIFICATIONS,
    find_specification,
)
from pipeline.analysis.growth.tables import ESTIMATES, Row, build_table
from pipeline.analysis.growth.weeks import TIME, UNIT

ALL = "all"
SEGMENT_SPECIFICATIONS = (PRIMARY, PLACEBO)
# Shares are read from the main model and its descriptive twin; in the other runs they would only repeat these.
WITH_SHARE_LIMITS = (PRIMARY, "same_week")
# What estimates are made from; the panel may have more.
PANEL_COLUMNS = (
    *(UNIT, TIME, "quality_basis", *CONDITIONS),
    *sorted({column for specification in SPECIFICATIONS for column in specification.columns}),
)


def estimate_growth(
    panel: pa.Table | Iterable[pa.Table],
    segments: pa.Table,
    cells: pa.Table | Iterable[pa.Table] | None = None,
    *,
    wild_draws: int = 9999,
    share_draws: int = 999,
    seed: int = 20261122,
) -> pa.Table:
    """Every specification on all accounts, the primary one and its placebo in every segment; one row per term.

    `panel` has the PANEL_COLUMNS of int_account_week_panel, `segments` a row per account and segment dimension, `cells`
    the CELL_COLUMNS of int_account_week_quality_cells: with it quality is cleared of chance, and errors, limits and
    p-values of the linear models carry that; se_crv1, se_crv3 and the wild p take it as given. A panel too long for
    memory, and its cells, come as tables of the same accounts, ascending and all weeks of each, which are read once.
    Every platform has week effects of its own. Estimates are in weekly log growth per unit of the term; standardised
    ones per typical swing within accounts, of quality its true swing. The count model's are in log new follows. Rows
    whose data cannot carry the model say so in `status` and hold no figure. The figures depend on the rows and the
    seed, not on their order, the process or, beyond rounding, where tables are cut.
    """
    groups = read_groups(segments)
    weeks = read_panel(panel, cells, PANEL_COLUMNS)
    rows: list[Row] = []
    for specification in SPECIFICATIONS:
        draws = share_draws if specification.name in WITH_SHARE_LIMITS else 0
        effort = Effort(wild_draws, draws, seed, specification.name in SEGMENT_SPECIFICATIONS)
        address: Row = {"specification": specification.name, "segment_dimension": ALL, "segment": ALL}
        rows += [{**address, **row} for row in fit_rows(weeks, specification, effort)]
    differences = compare_segments(weeks, find_specification(PRIMARY), groups, seed=seed)
    for dimension in sorted(groups):
        for segment in sorted(set(groups[dimension].values())):
            for name in SEGMENT_SPECIFICATIONS:
                draws = min(share_draws, FEW_SHARE_DRAWS) if name in WITH_SHARE_LIMITS else 0
                effort = Effort(wild_draws, draws, seed, gives_second_opinion=False)
                address = {"specification": name, "segment_dimension": dimension, "segment": segment}
                choose = partial(select_segment, group=groups[dimension], segment=segment)
                fitted = fit_rows(weeks.select(choose), find_specification(name), effort)
                rows += [{**address, **row, **_compare(differences, address, row)} for row in fitted]
    return build_table(rows, ESTIMATES)


def _compare(differences: Mapping[Address, Difference], address: Row, row: Row) -> Row:
    """The row's difference from the other segments; nothing where it was not compared."""
    key = (str(address["segment_dimension"]), str(address["segment"]), str(row["term"]))
    difference = differences.get(key) if address["specification"] == PRIMARY and row["status"] == "ok" else None
    if difference is None:
        return {}
    return {
        "difference_from_rest": difference.estimate,
        "difference_p_value": difference.p_value,
        "difference_p_value_adjusted": difference.p_value_adjusted,
    }
