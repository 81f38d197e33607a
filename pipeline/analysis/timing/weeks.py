"""Growth of the weeks around a dose: more posts, or strong ones."""

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.growth.tables import Row, build_table
from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel import InsufficientDataError, fit_panel
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS

WEEK_COLUMNS = (UNIT, TIME, "growth_rate", "volume", "strong_post_count")
DRIVERS = {"volume": "volume", "strong_posts": "strong_post_count"}
# Weeks from the dose to the growth; two before it are the check for the reverse order.
WEEKS = tuple(range(-2, 5))
_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
LAGS = pa.schema(
    [
        ("driver", _TEXT),
        ("week", _COUNT),
        *[(name, _NUMBER) for name in ("growth_change", "conf_low", "conf_high", "p_value", "typical_dose")],
        *[(name, _NUMBER) for name in ("summed_change", "summed_low", "summed_high", "before_p_value")],
        *[(name, _COUNT) for name in ("account_count", "week_count", "observation_count")],
        *[(name, _TEXT) for name in ("status", "status_reason")],
    ]
)


def estimate_lags(weeks: pa.Table) -> pa.Table:
    """One row per driver and week: log growth for one unit of the dose so many weeks earlier, with 95 % limits.

    `weeks` has the WEEK_COLUMNS. Both doses and all their weeks are in one model, with effects of account and of each
    week on each platform, so a dose is distinguished from those of the weeks next to it.
    """
    table = weeks.select(list(WEEK_COLUMNS))
    places = {(row[UNIT], row[TIME].toordinal()): row for row in table.to_pylist()}
    columns = {
        (driver, week): pa.array(
            [_dose(places.get((unit, day - 7 * week)), column) for unit, day in places], pa.float64()
        )
        for driver, column in DRIVERS.items()
        for week in WEEKS
    }
    complete = table.append_column("is_complete", _are_complete(table["growth_rate"], columns))
    for (driver, week), values in columns.items():
        complete = complete.append_column(_name(driver, week), values)
    complete = complete.filter(complete["is_complete"])
    facts: Row = {
        "account_count": pc.count_distinct(complete[UNIT]).as_py(),
        "week_count": pc.count_distinct(complete[TIME]).as_py(),
        "observation_count": complete.num_rows,
    }
    return build_table(list(_fit(complete, facts)), LAGS)


def _dose(row: Mapping[str, object] | None, column: str) -> object:
    return None if row is None else row[column]


def _are_complete(growth: pa.ChunkedArray, columns: Mapping[tuple[str, int], pa.Array]) -> pa.ChunkedArray:
    known = pc.is_valid(growth)
    for values in columns.values():
        known = pc.and_(known, pc.is_valid(values))
    return known


def _fit(weeks: pa.Table, facts: Row) -> Iterator[Row]:
    accounts = int(str(facts["account_count"]))
    if accounts < FEWEST_CLUSTERS:
        reason = (
            f"{accounts} account{'' if accounts == 1 else 's'} with seven weeks in a row whose posts and growth are "
            f"known; lags over accounts need {FEWEST_CLUSTERS}"
        )
        yield from _refuse(facts, "insufficient_data", reason)
        return
    names = [_name(driver, week) for driver in DRIVERS for week in WEEKS]
    try:
        fit = fit_panel(
            split_by_platform(weeks), outcome="growth_rate", regressors=names, unit=UNIT, time=TIME, wild_draws=0
        )
    except InsufficientDataError as error:
        yield from _refuse(facts, "insufficient_data", str(error))
        return
    except ValueError as error:
        yield from _refuse(facts, "not_testable", str(error))
        return
    facts = {**facts, "account_count": fit.n_units, "observation_count": fit.n_obs}
    for driver in DRIVERS:
        total = fit.contrast({_name(driver, week): 1.0 for week in WEEKS if week >= 0})
        before = fit.contrast({_name(driver, week): 1.0 for week in WEEKS if week < 0})
        swing = fit.estimates[_name(driver, 0)].within_sd
        for week in WEEKS:
            estimate = fit.estimates[_name(driver, week)]
            yield {
                **facts,
                "driver": driver,
                "week": week,
                "growth_change": estimate.estimate if estimate.status == "ok" else None,
                "conf_low": estimate.conf_low,
                "conf_high": estimate.conf_high,
                "p_value": estimate.p_value,
                "typical_dose": swing,
                "summed_change": total.estimate if total.status == "ok" else None,
                "summed_low": total.conf_low,
                "summed_high": total.conf_high,
                "before_p_value": before.p_value,
                "status": estimate.status,
                "status_reason": estimate.status_reason,
            }


def _refuse(facts: Row, status: str, reason: str) -> Iterator[Row]:
    for driver in DRIVERS:
        for week in WEEKS:
            yield {**facts, "driver": driver, "week": week, "status": status, "status_reason": reason}


def _name(driver: str, week: int) -> str:
    return f"{driver} {week}"
