"""The latent weekly panel of a world: the truth behind its snapshots, for tests of what the models find."""

import numpy as np
import pyarrow as pa

from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import Integers


def latent_panel(world: World) -> pa.Table:
    """One row per account and complete week: growth, its drivers in this week and the one before, what else moved it.

    Growth runs from the Monday's knot to the next Monday's, in log points: the days of growth of the week. Weeks that
    begin less than a week after an account's first day are left out.
    """
    cast, paths = world.cast, world.growth
    knots = _week_start_knots(world)
    growth = np.diff(paths.log_followers[:, knots], axis=1)
    account, column = (part.ravel() for part in np.indices(growth.shape))
    week = column + 1
    started = np.add.reduceat(paths.started[:, : knots[-1] + 1], knots[:-1] + 1, axis=1)
    followers = np.exp(paths.log_followers[:, knots[:-1]])
    table = {
        "account": account,
        "account_id": [cast.account_ids[int(i)] for i in account],
        "week_start_date": [world.calendar.week_start(int(i)) for i in week],
        "week": week,
        "customer_focus": [cast.focus_name(int(i)) for i in account],
        "growth": growth.ravel(),
        "quality": paths.quality[account, week],
        "volume": paths.volume[account, week],
        "quality_lag": paths.quality[account, week - 1],
        "volume_lag": paths.volume[account, week - 1],
        "follow_back": (cast.follow_back_share[:, None] * started / followers).ravel(),
        "has_spike": paths.has_spike[account, week],
        "is_purge_week": week == paths.purge_week,
        "is_spam": cast.with_role("spam")[account],
    }
    is_alive = knots[column] - cast.start_day[account] >= 7
    return pa.table(table).filter(pa.array(is_alive))


def _week_start_knots(world: World) -> Integers:
    """Knot of the Monday of every week but the first."""
    weeks = world.calendar.week_of_day
    mondays: Integers = np.flatnonzero(weeks[1:] != weeks[:-1]) + 1
    return mondays
