"""Forecasts of followers with prediction intervals that are checked on the histories at hand.

The public face: `forecast_followers`. Its steps are in `outlooks` (what each week's history says, and what came true),
`intervals` (from earlier errors to limits, and whether such limits held) and `statements` (status, figures, reason).
What drives growth belongs to `growth`; this only carries on what was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.analysis.forecast.intervals import check_forecasts, collect_errors, find_limits, pool_errors
from pipeline.analysis.forecast.outlooks import (
    LONGEST_PACE,
    SCENARIOS,
    USUAL_WEEKS,
    Histories,
    Outlooks,
    has_moved,
    look_ahead,
    week_changes,
)
from pipeline.analysis.forecast.statements import (
    FORECASTS,
    STALE_WEEKS,
    Present,
    Scenario,
    describe_accounts,
    describe_bridged,
    describe_unread,
    summarise_checks,
)
from pipeline.analysis.growth.tables import Row, build_table
from pipeline.analysis.panel.data import read_labels

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
READING_COLUMNS = ("account_key", "week_start_date", "date", "level", "basis")
# Histories whose earlier forecasts are made again, and whose errors set the limits of all: more would say the same.
LARGEST_SAMPLE = 300
# Weeks between the forecasts that are made again, up to so many accounts and beyond: neighbouring ones share 12 of
# their 13 weeks.
FEW_ACCOUNTS = 50
STEPS, STEP_OF_LARGE = {FEW_ACCOUNTS: 1, 1_000: 2}, 4
# Of long histories of more than a few accounts: weeks cost with their square, and many accounts say the same sooner.
MOST_WEEKS = 130
_BLOCK = 1_000


@dataclass(frozen=True)
class _Panel:
    keys: Sequence[str]
    basis: Sequence[str]
    histories: Histories


def forecast_followers(readings: pa.Table, accounts: pa.Table) -> pa.Table:
    """One row per account and scenario: followers in 13 weeks, limits of 90 %, and how often such limits held.

    `readings` has the READING_COLUMNS: a row per account and ISO week with the last reading in it; `level` is the
    number of followers, or the sum of daily net gains where no total is known, as `basis` says. `accounts` has
    account_key, is_own and is_bridged. Accounts that cannot be forecast have rows that say why, and when they can be.
    The table depends on the rows alone, not on their order. Source of the method: conformal prediction (Vovk et al.
    2005), here in the order of time and with a reference where few errors are known.
    """
    known = accounts.select(["account_key", "is_own", "is_bridged"]).sort_by("account_key").to_pylist()
    bridged = [row["account_key"] for row in known if row["is_bridged"]]
    counted = [row["account_key"] for row in known if not row["is_bridged"]]
    table = readings.filter(pc.is_in(readings["account_key"], value_set=pa.array(counted, pa.string())))
    rows: list[Row] = []
    read: set[str] = set()
    if table.num_rows:
        panel = _arrange(table)
        read = set(panel.keys)
        own = {row["account_key"] for row in known if row["is_own"]}
        rows += _forecast(panel, np.array([key in own for key in panel.keys]))
    rows += [*describe_unread([key for key in counted if key not in read]), *describe_bridged(bridged)]
    order = {name: place for place, name in enumerate(SCENARIOS)}
    return build_table(sorted(rows, key=lambda row: (row["account_key"], order[str(row["scenario"])])), FORECASTS)


def _arrange(table: pa.Table) -> _Panel:
    """The readings as arrays of accounts by weeks."""
    codes, labels = read_labels(table, "account_key")
    monday = table["week_start_date"].cast(pa.int32()).to_numpy().astype(np.int64)
    column = (monday - monday.min()) // 7
    shape = (len(labels), int(column.max()) + 1)
    levels, days = np.full(shape, np.nan), np.full(shape, np.nan)
    levels[codes, column] = table["level"].cast(pa.float64()).to_numpy()
    days[codes, column] = table["date"].cast(pa.int32()).to_numpy()
    basis = np.empty(len(labels), object)
    basis[codes] = table["basis"].to_numpy(zero_copy_only=False)
    return _Panel([str(label) for label in labels.to_pylist()], basis.tolist(), Histories(levels, days))


def _forecast(panel: _Panel, is_own: npt.NDArray[np.bool_]) -> list[Row]:
    accounts, width = panel.histories.levels.shape
    newest = width - 1
    step = next((step for most, step in STEPS.items() if accounts <= most), STEP_OF_LARGE)
    step = step if accounts <= FEW_ACCOUNTS else max(step, -(-width // MOST_WEEKS))
    weeks = np.arange(newest, -1, -step)
    weeks = np.unique(np.concatenate([weeks, np.arange(max(newest - STALE_WEEKS, 0), width)]))
    parts = [
        look_ahead(
            Histories(panel.histories.levels[start : start + _BLOCK], panel.histories.days[start : start + _BLOCK]),
            weeks,
        )
        for start in range(0, accounts, _BLOCK)
    ]
    outlooks = Outlooks(
        weeks,
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("pace", "scale", "outcome", "known_at")),
    )
    present, place = _stand(panel, outlooks)
    sample = _choose_sample(is_own)
    scenarios = [_check(outlooks, number, sample, place, newest) for number in range(len(SCENARIOS))]
    return list(describe_accounts(present, scenarios))


def _choose_sample(is_own: npt.NDArray[np.bool_]) -> IntArray:
    """Own accounts first, then others at even distances."""
    own, others = np.flatnonzero(is_own)[:LARGEST_SAMPLE], np.flatnonzero(~is_own)
    room = min(LARGEST_SAMPLE - len(own), len(others))
    chosen = others[(np.arange(room) * len(others)) // max(room, 1)] if room else others[:0]
    return np.sort(np.concatenate([own, chosen]))


def _stand(panel: _Panel, outlooks: Outlooks) -> tuple[Present, IntArray]:
    """Where every account stands, and the place of its last week among those of the outlooks."""
    levels, days = panel.histories.levels, panel.histories.days
    is_read = np.isfinite(levels)
    newest, rows = levels.shape[1] - 1, np.arange(len(levels))
    first, last = is_read.argmax(axis=1), newest - is_read[:, ::-1].argmax(axis=1)
    # Histories that ended long ago are placed at the first week, and refused.
    place = np.maximum(np.searchsorted(outlooks.weeks, last, side="right") - 1, 0)
    columns = np.arange(newest + 1)
    oldest_near = (is_read & (columns >= (last - LONGEST_PACE)[:, None])).argmax(axis=1)
    changes = np.isfinite(week_changes(panel.histories))
    sums = np.pad(np.cumsum(changes, axis=1), ((0, 0), (1, 0)))
    moved = has_moved(panel.histories, outlooks.weeks)
    present = Present(
        keys=panel.keys,
        basis=panel.basis,
        level=levels[rows, last],
        day=days[rows, last].astype(np.int64),
        week_count=last - first,
        weeks_behind=newest - last,
        weeks_near=last - oldest_near,
        change_count=sums[rows, last + 1] - sums[rows, np.maximum(last + 1 - USUAL_WEEKS, 0)],
        has_moved=moved[rows, place],
        scale=outlooks.scale[rows, place],
    )
    return present, place


def _check(outlooks: Outlooks, number: int, sample: IntArray, place: IntArray, newest: int) -> Scenario:
    """Limits for the present forecasts of one scenario, and whether those of the earlier ones held."""
    errors = collect_errors(outlooks, number)
    chosen = errors.select(sample)
    held = check_forecasts(chosen)
    is_checked = np.isfinite(chosen.errors)
    counts, covered = is_checked.sum(axis=1), (held & is_checked).sum(axis=1)
    checked, within = np.full(len(place), -1), np.full(len(place), -1)
    checked[sample], within[sample] = counts, covered
    rows = np.arange(len(place))
    pool = pool_errors(chosen, newest)
    limits = np.concatenate(
        [
            find_limits(errors.select(rows[start : start + _BLOCK]), newest, pool)
            for start in range(0, len(rows), _BLOCK)
        ]
    )
    return Scenario(
        name=SCENARIOS[number],
        pace=outlooks.pace[rows, place, number],
        limits=limits,
        error_count=np.isfinite(errors.errors).sum(axis=1),
        checked=checked,
        held=within,
        coverage=summarise_checks(counts, covered, float(chosen.weights.sum())),
        checked_account_count=int((counts > 0).sum()),
    )
