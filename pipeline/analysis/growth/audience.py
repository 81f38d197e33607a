"""How quality varies with the size of the audience, within accounts and weeks. What is done with it is SQL."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel import fit_panel
from pipeline.analysis.panel.blocks import Spool

SLOPES = pa.schema([("quality_basis", pa.string()), ("account_count", pa.int64()), ("audience_slope", pa.float64())])
AUDIENCE_COLUMNS = (UNIT, TIME, "quality_basis", "log_quality", "log_follower_count")
# Beyond what any estimate can notice, so that the order in which threads add cannot show.
DIGITS = 6


def measure_audience(weeks: pa.Table | Iterable[pa.Table], thresholds: pa.Table) -> pa.Table:
    """Change of log quality with the log of followers, by measure of quality; one row each, in their order.

    `weeks` has account_key, week_start_date, quality_basis, log_quality and log_follower_count, in one table or, read
    once, in tables of ascending accounts with all weeks of each; `thresholds` is the seed of that name. The slope is 0
    where fewer accounts than its panel_accounts_from, or an audience that never moves, cannot tell audience from time:
    their quality stays as measured.
    """
    (fewest,) = thresholds.filter(pc.field("name") == "panel_accounts_from")["value"].to_pylist()
    members: dict[str, Spool[pa.Table]] = {}
    accounts: Counter[str] = Counter()
    for table in [weeks] if isinstance(weeks, pa.Table) else weeks:
        for basis in pc.unique(table["quality_basis"]).to_pylist():
            own = table.filter(pc.field("quality_basis") == basis)
            members.setdefault(basis, Spool()).append(own)
            accounts[basis] += pc.count_distinct(own[UNIT]).as_py()
    rows = []
    for basis in sorted(members):
        slope = _measure_slope(members[basis]) if accounts[basis] >= fewest else 0.0
        rows.append({"quality_basis": basis, "account_count": accounts[basis], "audience_slope": slope})
    return pa.Table.from_pylist(rows, schema=SLOPES)


def _measure_slope(tables: Iterable[pa.Table]) -> float:
    outcome, audience, platforms = "log_quality", "log_follower_count", dict[str, int]()
    split = (split_by_platform(table, platforms) for table in tables)
    try:
        fit = fit_panel(
            split, outcome=outcome, regressors=[audience], unit=UNIT, time=TIME, wild_draws=0, jackknife=False
        )
    except ValueError:
        return 0.0
    return float(np.round(fit.estimates[audience].estimate, DIGITS))
