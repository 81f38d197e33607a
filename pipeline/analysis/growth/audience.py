"""How quality varies with the size of the audience, within accounts and weeks. What is done with it is SQL."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel import fit_panel

SLOPES = pa.schema([("quality_basis", pa.string()), ("account_count", pa.int64()), ("audience_slope", pa.float64())])
# Beyond what any estimate can notice, so that the order in which threads add cannot show.
DIGITS = 6


def measure_audience(weeks: pa.Table, thresholds: pa.Table) -> pa.Table:
    """Change of log quality with the log of followers, by measure of quality; one row each, in their order.

    `weeks` has account_key, week_start_date, quality_basis, log_quality and log_follower_count, `thresholds` is the
    seed of that name. The slope is 0 where fewer accounts than its panel_accounts_from, or an audience that never
    moves, cannot tell audience from time: their quality stays as measured.
    """
    (fewest,) = thresholds.filter(pc.field("name") == "panel_accounts_from")["value"].to_pylist()
    rows = []
    for basis in sorted(pc.unique(weeks["quality_basis"]).to_pylist()):
        members = split_by_platform(weeks.filter(pc.field("quality_basis") == basis))
        accounts = pc.count_distinct(members[UNIT]).as_py()
        slope = _measure_slope(members) if accounts >= fewest else 0.0
        rows.append({"quality_basis": basis, "account_count": accounts, "audience_slope": slope})
    return pa.Table.from_pylist(rows, schema=SLOPES)


def _measure_slope(weeks: pa.Table) -> float:
    outcome, audience = "log_quality", "log_follower_count"
    try:
        fit = fit_panel(
            weeks, outcome=outcome, regressors=[audience], unit=UNIT, time=TIME, wild_draws=0, jackknife=False
        )
    except ValueError:
        return 0.0
    return float(np.round(fit.estimates[audience].estimate, DIGITS))
