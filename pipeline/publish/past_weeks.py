"""What the newest version knows of an own account's past weeks: from it an experiment is reckoned."""

import math
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from pipeline.analysis.experiment import RATIO, SCALES, transform
from pipeline.errors import Exit, TweetbenchError

# As the threshold experiment_days_from: fewer days make no week.
FEWEST_DAYS = 4
FEWEST_KNOWN_DAYS = 56
COLUMNS = {"new_follows": "new_follow_count", "net_follows": "net_follow_count", "follower_change": "follower_change"}


@dataclass(frozen=True)
class OwnAccount:
    """An account that the user runs."""

    account_key: str
    platform: str
    account_id: str | None
    handle: str | None


@dataclass(frozen=True)
class PastWeeks:
    """Weeks of one account: `differences` between neighbouring weeks as an experiment compares them."""

    outcome: str
    usual: float
    differences: npt.NDArray[np.float64]

    def shift_of(self, effect: float) -> float:
        """A share as a shift of what is compared: a logarithm, or follows a week."""
        return math.log1p(effect) if SCALES[self.outcome] == RATIO else effect * abs(self.usual)

    def words_of(self, shift: float) -> str:
        """How a shift is shown: as a share, or as follows a week where the usual week is no measure of them."""
        return f"{math.expm1(shift):.0%}" if SCALES[self.outcome] == RATIO else f"{shift:,.1f} follows a week"


def find_account(connection: duckdb.DuckDBPyConnection, handle: str | None) -> OwnAccount:
    """The own account of this handle, or the only one.

    Raises:
        TweetbenchError: there is none, or there are several.
    """
    rows = connection.execute(
        "select account_key, platform, account_id, handle from accounts where is_own order by account_key"
    ).fetchall()
    wanted = (handle or "").removeprefix("@").casefold()
    found = [OwnAccount(*row) for row in rows if not wanted or wanted in {str(row[3]).casefold(), row[0].casefold()}]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{handle} ({key})" for key, _, _, handle in rows)
    raise TweetbenchError(
        f"{len(found) or 'no'} own accounts are {handle}" if handle else f"{len(found) or 'no'} own accounts are known",
        why=f"own accounts of the newest version: {listed or 'none; mark yours with is_own in accounts.csv'}",
        next_step="give one of them, or what is in brackets, with --account",
        exit_code=Exit.USAGE,
    )


def read_past_weeks(connection: duckdb.DuckDBPyConnection, account_key: str, *, washout_days: int) -> PastWeeks:
    """The past two years of an account, week by week, in the measure that is known best.

    Raises:
        TweetbenchError: follows are not known of enough days to plan on them.
    """
    counts = ", ".join(f"count({column})" for column in COLUMNS.values())
    recent = "account_key = ? and date > (select max(date) from account_days) - 182"
    # Recent days: a measure that an old export had and no source brings any more is none to plan with.
    days = connection.execute(
        f"select {counts} from account_days where {recent}",  # noqa: S608 - columns of ours
        [account_key],
    ).fetchone()
    known = dict(zip(COLUMNS, days or (), strict=True))
    outcome = next((name for name, count in known.items() if count >= FEWEST_KNOWN_DAYS), None)
    if outcome is None:
        raise TweetbenchError(
            "follows are known of too few days to plan an experiment on them",
            where=account_key,
            why=f"of the last 26 weeks each measure is known of fewer than {FEWEST_KNOWN_DAYS} days: {known}",
            next_step="read the account daily for eight weeks, or ingest its own analytics export",
            exit_code=Exit.BAD_DATA,
        )
    rows = connection.execute(
        f"""
        select date_trunc('week', date)::date as week, 7 * avg({COLUMNS[outcome]})
        from account_days
        where account_key = ? and isodow(date) > ? and date > (select max(date) from account_days) - 730
        group by week having count({COLUMNS[outcome]}) >= {FEWEST_DAYS} order by week
        """,  # noqa: S608 - the column is one of three, the rest are numbers
        [account_key, washout_days],
    ).fetchall()
    weeks = np.array([row[0].toordinal() for row in rows])
    follows = np.array([row[1] for row in rows], dtype=np.float64)
    apart = np.diff(weeks) == 7
    return PastWeeks(outcome, float(np.median(follows)), np.diff(transform(follows, SCALES[outcome]))[apart])
