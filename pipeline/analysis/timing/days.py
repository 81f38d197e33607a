"""Follows of each day around strong posts, relative to a usual day."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import stdtrit

from pipeline.analysis.daily_counts import DailyFit, Sum, fit_daily_counts, fit_daily_gains
from pipeline.analysis.growth.tables import Row, build_table
from pipeline.analysis.growth.weeks import TIME, UNIT, split_by_platform
from pipeline.analysis.panel import Estimate, InsufficientDataError, PanelFit, fit_panel
from pipeline.analysis.panel.data import close_gaps, read_labels
from pipeline.analysis.panel.inference import FEWEST_CLUSTERS

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
DAY_COLUMNS = (
    "account_key",
    "date",
    "is_own",
    "net_follow_count",
    "new_follow_count",
    "follower_count_before",
    "strong_post_count",
)
FIRST_DAY, LAST_DAY = -7, 14
DAYS = tuple(range(FIRST_DAY, LAST_DAY + 1))
FEWEST_EVENTS, FEWEST_OWN_EVENTS = 20, 5
# Level, trend, six weekdays and 22 days around posts leave two days for each term.
FEWEST_DAYS, FEWEST_FOLLOWS = 60, 30
ALL = ("all", "all")
NO_USUAL_DAY = "followers won on a usual day cannot be distinguished from none"
_TEXT, _NUMBER, _COUNT = pa.string(), pa.float64(), pa.int64()
TIMING = pa.schema(
    [
        *[(name, _TEXT) for name in ("segment_dimension", "segment")],
        ("day", _COUNT),
        *[(name, _NUMBER) for name in ("follows_relative_to_usual", "conf_low", "conf_high")],
        ("follow_basis", _TEXT),
        ("usual_per_1000_followers", _NUMBER),
        *[(name, _NUMBER) for name in ("before_relative_to_usual", "before_p_value")],
        *[(name, _NUMBER) for name in ("extra_usual_days", "extra_usual_days_low", "extra_usual_days_high")],
        *[(name, _COUNT) for name in ("event_count", "account_count", "day_count")],
        ("expected_answer_date", pa.date32()),
        *[(name, _TEXT) for name in ("status", "status_reason")],
    ]
)


@dataclass(frozen=True)
class _Days:
    """Complete days, sorted by account and date: those whose posts from 14 days before to 7 days after are known."""

    names: pa.Array  # of the accounts, sorted
    accounts: IntArray  # (n,) numbers in `names`
    numbers: IntArray  # (n,) of the day
    doses: FloatArray  # (n, 22) strong posts made d days earlier, in the order of DAYS
    net: FloatArray  # (n,) NaN where not known
    new: FloatArray  # (n,)
    level: FloatArray  # (n,)

    def is_of(self, accounts: Collection[str]) -> npt.NDArray[np.bool_]:
        """Which days are of these accounts."""
        return np.array([name in accounts for name in self.names.to_pylist()], np.bool_)[self.accounts]

    def select(self, rows: npt.NDArray[np.bool_]) -> "_Days":
        """Some of the days."""
        figures = (self.net[rows], self.new[rows], self.level[rows])
        return _Days(self.names, self.accounts[rows], self.numbers[rows], self.doses[rows], *figures)


def estimate_days(days: pa.Table, segments: pa.Table) -> pa.Table:
    """One row per segment and day: follows relative to a usual day, with 95 % limits.

    `days` has the DAY_COLUMNS, one row per account and day; `segments` account_key, segment_dimension and segment.
    Segments are estimated from net gains per follower with effects of account and of each day on each platform, so days
    are compared within accounts and with the same day of others. Own accounts stand on their own days, by a model of
    counts with weekday and trend. Strong posts that follow one another are distinguished, as each has its own days.
    """
    complete = _complete(days)
    rows: list[Row] = [*_segment_rows(complete, ALL)]
    groups: dict[tuple[str, str], set[str]] = {}
    for row in segments.select(["account_key", "segment_dimension", "segment"]).to_pylist():
        groups.setdefault((row["segment_dimension"], row["segment"]), set()).add(row["account_key"])
    for address in sorted(groups):
        rows += _segment_rows(complete.select(complete.is_of(groups[address])), address)
    for account in sorted(
        {row["account_key"] for row in days.select(["account_key", "is_own"]).to_pylist() if row["is_own"]}
    ):
        rows += _own_rows(complete.select(complete.is_of({account})), account)
    return build_table(rows, TIMING)


def _complete(days: pa.Table) -> _Days:
    table = days.select(list(DAY_COLUMNS)).sort_by([("account_key", "ascending"), ("date", "ascending")])
    accounts, names = read_labels(table, "account_key")
    numbers = table["date"].cast(pa.int32()).to_numpy().astype(np.int64)
    strong = _floats(table, "strong_post_count")
    doses = np.empty((len(numbers), len(DAYS)))
    # Days of all accounts in one line, with a distance between accounts that no lag can cross.
    places = numbers + accounts * 1_000_000
    for column, day in enumerate(DAYS):
        source = np.searchsorted(places, places - day)
        is_there = (source < len(places)) & (places[np.minimum(source, len(places) - 1)] == places - day)
        doses[:, column] = np.where(is_there, strong[np.minimum(source, len(places) - 1)], np.nan)
    net, new, level = (
        _floats(table, name) for name in ("net_follow_count", "new_follow_count", "follower_count_before")
    )
    is_complete = np.asarray(np.isfinite(doses).all(axis=1), np.bool_)
    return _Days(names, accounts, numbers, doses, net, new, level).select(is_complete)


def _floats(table: pa.Table, name: str) -> FloatArray:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def _segment_rows(days: _Days, address: tuple[str, str]) -> Iterator[Row]:
    kept = days.select(np.isfinite(days.net) & (days.level > 0))
    accounts = len(np.unique(kept.accounts))
    events = int(kept.doses[:, DAYS.index(0)].sum())
    facts: Row = {
        "segment_dimension": address[0],
        "segment": address[1],
        "follow_basis": "net_follows",
        "event_count": events,
        "account_count": accounts,
        "day_count": len(kept.numbers),
    }
    if accounts < FEWEST_CLUSTERS:
        reason = (
            f"{accounts} account{'' if accounts == 1 else 's'} with three weeks of daily readings around each day and "
            f"posts whose response is known; a comparison of days over accounts needs {FEWEST_CLUSTERS}"
        )
        return _refuse(facts, "insufficient_data", reason)
    if events < FEWEST_EVENTS:
        return _refuse(facts, "insufficient_data", f"{events} strong posts; days around them need {FEWEST_EVENTS}")
    rates = 1000 * kept.net / kept.level
    table = split_by_platform(
        pa.table(
            {
                UNIT: pa.DictionaryArray.from_arrays(kept.accounts, kept.names),
                TIME: pa.array(kept.numbers, pa.int32()).cast(pa.date32()),
                "rate": rates,
            }
        )
    )
    names = [_name(day) for day in DAYS]
    for name, column in zip(names, kept.doses.T, strict=True):
        table = table.append_column(name, pa.array(column))
    try:
        fit = fit_panel(table, outcome="rate", regressors=names, unit=UNIT, time=TIME, wild_draws=0, jackknife=False)
    except InsufficientDataError as error:
        return _refuse(facts, "insufficient_data", str(error))
    except ValueError as error:
        return _refuse(facts, "not_testable", str(error))
    usual, uncertainty = _usual_rate(kept, rates)
    facts = {**facts, "usual_per_1000_followers": usual, "account_count": fit.n_units, "day_count": fit.n_obs}
    if fit.status != "ok":
        return _refuse(facts, fit.status, fit.status_reason)
    # A ratio to something that may be nothing has no limits.
    if usual < 3 * uncertainty:
        return _refuse(facts, "not_testable", NO_USUAL_DAY)
    return _describe_fit(facts, fit, names, usual, uncertainty)


def _usual_rate(days: _Days, rates: FloatArray) -> tuple[float, float]:
    """Mean rate of days outside all windows, each account counting once, and its error over accounts."""
    is_usual = days.doses.sum(axis=1) == 0
    if not is_usual.any():
        return 0.0, math.inf
    codes = close_gaps(days.accounts[is_usual])
    counts = np.bincount(codes)
    means = np.bincount(codes, rates[is_usual]) / counts
    error = float(means.std(ddof=1) / math.sqrt(len(means))) if len(means) > 1 else math.inf
    return float(means.mean()), error


def _describe_fit(facts: Row, fit: PanelFit, names: Sequence[str], usual: float, uncertainty: float) -> Iterator[Row]:
    lead = fit.contrast(dict.fromkeys(names[:-FIRST_DAY], 1 / -FIRST_DAY))
    extra = fit.contrast(dict.fromkeys(names[-FIRST_DAY:], 1.0))
    low, high = _limits(extra, usual, uncertainty)
    sums: Row = {
        "before_relative_to_usual": 1 + lead.estimate / usual,
        "before_p_value": lead.p_value,
        "extra_usual_days": extra.estimate / usual,
        "extra_usual_days_low": low,
        "extra_usual_days_high": high,
    }
    for day, name in zip(DAYS, names, strict=True):
        estimate = fit.estimates[name]
        row: Row = {"day": day, "status": estimate.status, "status_reason": estimate.status_reason}
        if estimate.status == "ok":
            low, high = _limits(estimate, usual, uncertainty)
            ratio = 1 + estimate.estimate / usual
            row = {**row, "follows_relative_to_usual": ratio, "conf_low": 1 + low, "conf_high": 1 + high}
        yield {**facts, **sums, **row}


def _limits(estimate: Estimate, usual: float, uncertainty: float) -> tuple[float, float]:
    """Limits of the estimate over the usual rate, both being uncertain (delta method)."""
    ratio = estimate.estimate / usual
    error = math.hypot(estimate.standard_error or math.nan, ratio * uncertainty) / usual
    half = float(stdtrit(estimate.df, 0.975)) * error
    return ratio - half, ratio + half


def _own_rows(days: _Days, account: str) -> Iterator[Row]:
    """Rows of one own account: new follows where an export states them, else the net gain, which may be a loss."""
    is_new = int(np.isfinite(days.new).sum()) >= FEWEST_DAYS
    counts = days.new if is_new else days.net
    kept = days.select(np.isfinite(counts))
    follows = counts[np.isfinite(counts)]
    events = int(kept.doses[:, DAYS.index(0)].sum())
    facts: Row = {
        "segment_dimension": "account",
        "segment": account,
        "follow_basis": "new_follows" if is_new else "net_follows",
        "event_count": events,
        "account_count": 1,
        "day_count": len(follows),
    }
    shortage = _own_shortage(follows, events)
    if shortage:
        reason, wait = shortage
        expected = None
        if wait and len(kept.numbers):
            expected = date(1970, 1, 1) + timedelta(days=int(kept.numbers[-1]) + wait)
            reason = f"{reason}; first answer about {expected}"
        return _refuse({**facts, "expected_answer_date": expected}, "insufficient_data", reason)
    numbers, count = kept.numbers, len(follows)
    terms = {"level": np.ones(count), "trend": (numbers - numbers.mean()) / count}
    terms |= {f"weekday {day}": (numbers % 7 == day).astype(np.float64) for day in range(1, 7)}
    terms |= {_name(day): column for day, column in zip(DAYS, kept.doses.T, strict=True)}
    design = np.column_stack(list(terms.values()))
    try:
        if is_new:
            return _describe_own(facts, fit_daily_counts(follows, design, numbers, list(terms)))
        fit = fit_daily_gains(follows, design, numbers, list(terms))
    except ValueError as error:
        return _refuse(facts, "not_testable", str(error))
    usual_day = design.mean(axis=0) * ~np.isin(list(terms), [_name(day) for day in DAYS])
    usual = fit.judge(float(usual_day @ fit.coefficients), usual_day)
    # A ratio to something that may be nothing has no limits.
    if usual.estimate < 3 * usual.standard_error:
        return _refuse(facts, "not_testable", NO_USUAL_DAY)
    return _describe_gains(facts, fit, usual.estimate, usual_day)


def _own_shortage(follows: FloatArray, events: int) -> tuple[str, int] | None:
    """What one account lacks, and how many days that may take at its present pace; 0 where nobody can say."""
    count = len(follows)
    if count < FEWEST_DAYS:
        text = f"{count} days with follows and the posts of three weeks around; one account needs {FEWEST_DAYS}"
        return text, FEWEST_DAYS - count
    total = int(follows.sum())
    if total < FEWEST_FOLLOWS:
        return f"{total} follows in {count} days; days of one account need {FEWEST_FOLLOWS}", _wait(
            FEWEST_FOLLOWS, total, count
        )
    if events < FEWEST_OWN_EVENTS:
        named = f"{events} strong post{'' if events == 1 else 's'}"
        text = f"{named} in {count} days; days around them need {FEWEST_OWN_EVENTS}"
        return text, _wait(FEWEST_OWN_EVENTS, events, count)
    return None


def _wait(needed: int, found: int, days: int) -> int:
    return math.ceil(days * (needed - found) / found) if found > 0 else 0


def _describe_own(facts: Row, fit: DailyFit) -> Iterator[Row]:
    names = [_name(day) for day in DAYS]
    places = [fit.terms.index(name) for name in names]
    effects = fit.coefficients[places]
    mean_before = np.zeros(len(fit.terms))
    mean_before[places[:-FIRST_DAY]] = 1 / -FIRST_DAY
    lead = fit.judge(float(mean_before @ fit.coefficients), mean_before)
    gradient = np.zeros(len(fit.terms))
    gradient[places[-FIRST_DAY:]] = np.exp(effects[-FIRST_DAY:])
    extra = fit.judge(float(np.expm1(effects[-FIRST_DAY:]).sum()), gradient)
    sums: Row = {
        "before_relative_to_usual": math.exp(lead.estimate),
        "before_p_value": lead.p_value,
        "extra_usual_days": extra.estimate,
        "extra_usual_days_low": extra.conf_low,
        "extra_usual_days_high": extra.conf_high,
    }
    for day, name in zip(DAYS, names, strict=True):
        figure = fit.estimate(name)
        ends = (math.exp(min(value, 700.0)) for value in (figure.estimate, figure.conf_low, figure.conf_high))
        columns = ("follows_relative_to_usual", "conf_low", "conf_high")
        yield {
            **facts,
            **sums,
            "day": day,
            **dict(zip(columns, ends, strict=True)),
            "status": "ok",
            "status_reason": "",
        }


def _describe_gains(facts: Row, fit: DailyFit, usual: float, usual_day: FloatArray) -> Iterator[Row]:
    """Rows in multiples of a usual day, both being uncertain (delta method)."""
    names = [_name(day) for day in DAYS]
    places = [fit.terms.index(name) for name in names]

    def relate(chosen: Sequence[int], weight: float) -> Sum:
        part = np.zeros(len(fit.terms))
        part[chosen] = weight
        ratio = float(part @ fit.coefficients) / usual
        return fit.judge(ratio, (part - ratio * usual_day) / usual)

    before, extra = relate(places[:-FIRST_DAY], 1 / -FIRST_DAY), relate(places[-FIRST_DAY:], 1.0)
    sums: Row = {
        "before_relative_to_usual": 1 + before.estimate,
        "before_p_value": before.p_value,
        "extra_usual_days": extra.estimate,
        "extra_usual_days_low": extra.conf_low,
        "extra_usual_days_high": extra.conf_high,
    }
    for day, place in zip(DAYS, places, strict=True):
        figure = relate([place], 1.0)
        yield {
            **facts,
            **sums,
            "day": day,
            "follows_relative_to_usual": 1 + figure.estimate,
            "conf_low": 1 + figure.conf_low,
            "conf_high": 1 + figure.conf_high,
            "status": "ok",
            "status_reason": "",
        }


def _refuse(facts: Mapping[str, object], status: str, reason: str) -> Iterator[Row]:
    for day in DAYS:
        yield {**facts, "day": day, "status": status, "status_reason": reason}


def _name(day: int) -> str:
    return f"day {day}"
