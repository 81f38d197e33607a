"""What each history says at each of its weeks: three outlooks, how uncertain they are, and what came true.

Everything is an array of accounts by weeks, so that thousands of histories cost a few array operations. How errors
become intervals is in `intervals`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
PRESENT, USUAL, GOOD = "present_pace", "usual_weeks", "good_weeks"
SCENARIOS = (PRESENT, USUAL, GOOD)
HORIZON = 13
# A quarter of the year says what the next one is like: on real histories shorter windows follow single jumps, longer
# ones lag behind. A reading of 13 weeks ago may be missing: up to 26 weeks are taken in its place.
PACE_WEEKS, LONGEST_PACE, FEWEST_WEEKS = 13, 26, 8
YEAR = 52
# A usual and a good week are those of the last half year: on real histories those of a whole year lag behind. So many
# weeks must have a change of their own, and so many of the 13 that a back-test compares them with.
USUAL_WEEKS, FEWEST_CHANGES, FEWEST_CHANGES_AHEAD = 26, 13, 10
# A good week is the middle one of an account's best fifth.
USUAL_QUANTILE, GOOD_QUANTILE = 0.5, 0.9
# Whether a pace drifts shows soonest in six weeks against the six before, of which a year has many.
# Such changes grow with the root of the time where weeks are independent and with its power of 1.5 where the pace
# wanders; on real histories and simulated ones in proportion.
TURN_WEEKS = 6
# A forecast is compared with the reading nearest to 13 weeks later, at most two weeks from it.
TARGET_OFFSETS = (0, 1, -1, 2, -2)


@dataclass(frozen=True)
class Histories:
    """Readings of A accounts by week; NaN where a week has none. Levels may be followers or sums of daily gains."""

    levels: FloatArray  # (A, W)
    days: FloatArray  # (A, W) day number of the reading


@dataclass(frozen=True)
class Outlooks:
    """Forecasts made at J chosen weeks; the last axis of `pace` and `outcome` is that of SCENARIOS."""

    weeks: IntArray  # (J,) columns of the histories
    pace: FloatArray  # (A, J, 3) change per week, NaN where the history cannot carry it
    scale: FloatArray  # (A, J) expected size of the error of the change in 13 weeks
    outcome: FloatArray  # (A, J, 3) change per week that came true, NaN where it is not known
    known_at: FloatArray  # (A, J) column of the reading that shows it, NaN where there is none


def look_ahead(histories: Histories, weeks: IntArray) -> Outlooks:
    """The outlooks at `weeks` (ascending columns) from readings up to then, with what came true by the last column."""
    accounts, width = histories.levels.shape
    is_read = np.isfinite(histories.levels)
    last = _last_read(is_read)
    first = np.where(is_read.any(axis=1), is_read.argmax(axis=1), width)
    rows = np.arange(accounts)[:, None]
    now = np.broadcast_to(weeks, (accounts, len(weeks)))
    start = _start_of_pace(last, first, now)
    has_start = (start >= 0) & is_read[rows, now] & has_moved(histories, weeks)
    present = np.where(has_start, _pace(histories, rows, start, now), np.nan)
    changes = week_changes(histories)
    usual, good = _quantiles(changes, weeks, USUAL_WEEKS, FEWEST_CHANGES, ahead=False)
    scale = np.where(has_start, _scale(histories, last, first, rows, start, now), np.nan)
    target = _find_target(is_read, now)
    has_target = (target >= 0) & is_read[rows, now] & (now + HORIZON < width)
    actual = np.where(has_target, _pace(histories, rows, now, target), np.nan)
    ahead = _quantiles(changes, weeks, HORIZON, FEWEST_CHANGES_AHEAD, ahead=True)[1]
    no_pace = ~has_start
    return Outlooks(
        weeks=weeks,
        pace=np.stack([present, np.where(no_pace, np.nan, usual), np.where(no_pace, np.nan, good)], axis=2),
        scale=scale,
        outcome=np.stack([actual, actual, np.where(has_target, ahead, np.nan)], axis=2),
        known_at=np.where(has_target, np.maximum(target, now + HORIZON), np.nan),
    )


def has_moved(histories: Histories, weeks: IntArray) -> npt.NDArray[np.bool_]:
    """Whether the level changed at all in the half year up to each of `weeks` (A, J).

    From half a year of silence every forecast says silence: a page that then wakes up was seen to break all limits.
    """
    is_read = np.isfinite(histories.levels)
    last = _last_read(is_read)
    filled = np.take_along_axis(histories.levels, np.maximum(last, 0), 1)
    known = (last[:, 1:] >= 0) & (last[:, :-1] >= 0)
    moves = np.pad(np.cumsum(known & (np.diff(filled, axis=1) != 0), axis=1), ((0, 0), (1, 0)))
    result: npt.NDArray[np.bool_] = moves[:, weeks] > moves[:, np.maximum(weeks - USUAL_WEEKS, 0)]
    return result


def _last_read(is_read: npt.NDArray[np.bool_]) -> IntArray:
    """Column of the last reading at or before each column, -1 without one."""
    columns = np.where(is_read, np.arange(is_read.shape[1]), -1)
    return np.maximum.accumulate(columns, axis=1)


def _start_of_pace(last: IntArray, first: IntArray, now: IntArray) -> IntArray:
    """Column of the reading that the present pace is measured from, -1 where the history is too short or has a hole."""
    rows = np.arange(len(last))[:, None]
    usual = np.where(now >= PACE_WEEKS, last[rows, np.maximum(now - PACE_WEEKS, 0)], -1)
    usual = np.where(now - usual <= LONGEST_PACE, usual, -1)
    oldest = np.broadcast_to(first[:, None], now.shape)
    is_young = (usual < 0) & (now - oldest >= FEWEST_WEEKS) & (now - oldest < PACE_WEEKS)
    return np.where(is_young, oldest, usual)


def _pace(histories: Histories, rows: IntArray, start: IntArray, end: IntArray) -> FloatArray:
    """Change per week between two columns; meaningless where one of them is -1 or has no reading."""
    passed = (histories.days[rows, end] - histories.days[rows, start]) / 7
    with np.errstate(divide="ignore", invalid="ignore"):
        result: FloatArray = (histories.levels[rows, end] - histories.levels[rows, start]) / passed
    return result


def week_changes(histories: Histories) -> FloatArray:
    """Change per seven days in each week whose end and whose beginning were read; the first column has none."""
    changes = np.full(histories.levels.shape, np.nan)
    passed = np.diff(histories.days, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        changes[:, 1:] = np.diff(histories.levels, axis=1) * 7 / passed
    return changes


def _quantiles(
    changes: FloatArray, weeks: IntArray, length: int, fewest: int, *, ahead: bool
) -> tuple[FloatArray, FloatArray]:
    """Middle and good one of the weekly changes in the `length` weeks up to each of `weeks`, or after it."""
    padded = np.pad(changes, ((0, 0), (length, length)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)
    chosen = np.sort(windows[:, weeks + (length + 1 if ahead else 1)], axis=2)
    counts = np.isfinite(chosen).sum(axis=2)
    found = []
    for share in (USUAL_QUANTILE, GOOD_QUANTILE):
        place = share * np.maximum(counts - 1, 0)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(counts - 1, 0))
        below, above = (np.take_along_axis(chosen, at[:, :, None], 2)[:, :, 0] for at in (low, high))
        found.append(np.where(counts >= fewest, below + (place - low) * (above - below), np.nan))
    return found[0], found[1]


def _scale(
    histories: Histories, last: IntArray, first: IntArray, rows: IntArray, start: IntArray, now: IntArray
) -> FloatArray:
    """Expected size of the error of the change in 13 weeks: what single weeks vary by, and how the pace has moved.

    Weeks that vary on their own around one pace leave an error of sqrt(h + h^2 / w) of a week's spread; a pace that
    moved between the halves of the last year may move again; and so may one that turned within it, which says more
    where that is more. One follower more or less in the whole time is always possible.
    """
    is_read = np.isfinite(histories.levels)
    before = np.pad(last, ((0, 0), (1, 0)), constant_values=-1)[:, :-1]
    has_both = is_read & (before >= 0)
    all_rows = np.arange(len(last))[:, None]
    moved = np.where(has_both, histories.levels - histories.levels[all_rows, before], 0.0)
    passed = np.where(has_both, (histories.days - histories.days[all_rows, before]) / 7, 1.0)
    sums = [np.cumsum(part, axis=1) for part in (moved**2 / passed, moved, has_both)]
    begin = np.maximum(now - YEAR, 0)
    # The first reading of the year, or the last one before it where the year begins in a hole.
    oldest = np.where(last[rows, begin] >= 0, last[rows, begin], first[:, None])
    oldest = np.minimum(oldest, now)
    squares, total, count = (part[rows, now] - part[rows, oldest] for part in sums)
    weeks = np.maximum((histories.days[rows, now] - histories.days[rows, oldest]) / 7, 1.0)
    variance = np.maximum(squares - total**2 / weeks, 0.0) / np.maximum(count - 1, 1) + 1 / weeks
    middle = last[rows, (oldest + now + 1) // 2]
    has_halves = (middle > oldest) & (middle < now)
    halves = _pace(histories, rows, middle, now) - _pace(histories, rows, oldest, middle)
    drift = np.where(has_halves, halves / 2, 0.0)
    window = np.maximum((histories.days[rows, now] - histories.days[rows, np.maximum(start, 0)]) / 7, 1.0)
    error = variance * (HORIZON + HORIZON**2 / window) + (HORIZON * drift) ** 2
    turned = _mean_squared_turn(histories.levels, last, now) * (HORIZON / TURN_WEEKS) ** 2
    result: FloatArray = np.sqrt(np.maximum(error, turned))
    return result


def _mean_squared_turn(levels: FloatArray, last: IntArray, now: IntArray) -> FloatArray:
    """Mean square of the change of six weeks less that of the six before, over the year up to `now`; 0 where too young.

    Weeks without a reading lie on the line between their neighbours, of which the later one is known by `now`.
    """
    width, twice = levels.shape[1], 2 * TURN_WEEKS
    if width <= twice:
        return np.zeros(now.shape)
    columns = np.broadcast_to(np.arange(width), levels.shape)
    following = width - 1 - _last_read(np.isfinite(levels)[:, ::-1])[:, ::-1]
    before, after = np.maximum(last, 0), np.minimum(following, width - 1)
    low, high = (np.take_along_axis(levels, places, 1) for places in (before, after))
    line = low + (high - low) * (columns - before) / np.maximum(after - before, 1)
    line[(last < 0) | (following >= width)] = np.nan
    turns = line[:, twice:] - 2 * line[:, TURN_WEEKS:-TURN_WEEKS] + line[:, :-twice]
    is_known = np.isfinite(turns)
    pads = ((0, 0), (twice + 1, 0))
    sums = np.pad(np.cumsum(np.where(is_known, turns, 0.0) ** 2, axis=1), pads)
    counts = np.pad(np.cumsum(is_known, axis=1), pads)
    rows, begin = np.arange(len(levels))[:, None], np.maximum(now - YEAR + twice, 0)
    total, count = (part[rows, now + 1] - part[rows, begin] for part in (sums, counts))
    mean: FloatArray = total / np.maximum(count, 1)
    return mean


def _find_target(is_read: npt.NDArray[np.bool_], now: IntArray) -> IntArray:
    """Column of the reading that a forecast is compared with, -1 without one."""
    rows, width = np.arange(len(is_read))[:, None], is_read.shape[1]
    target = np.full(now.shape, -1)
    for offset in TARGET_OFFSETS:
        place = now + HORIZON + offset
        is_there = is_read[rows, np.minimum(place, width - 1)] & (place < width) & (target < 0)
        target = np.where(is_there, place, target)
    return target
