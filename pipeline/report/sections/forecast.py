"""Followers of the own accounts in 13 weeks: what is expected, how sure that is, and how often such limits held."""

from datetime import date, timedelta

from pipeline.report.catalogue import say
from pipeline.report.charts.curves import outlook
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.shared import common, describe_gaps, limits, rows_with_estimates
from pipeline.report.writing import (
    write_count,
    write_day,
    write_number_of,
    write_range,
    write_share,
)

# The scenario that is the forecast; the two others say what it would take to do better, or what is usual.
PRESENT = "present_pace"
COLOURS = {"present_pace": "accent", "usual_weeks": "muted", "good_weeks": "second"}
# Days by which the limits of the other scenarios are moved in a picture, so that none hides another.
MOVED = {"present_pace": 0, "usual_weeks": -5, "good_weeks": 5}
# From this age of the last reading on, 13 weeks are counted from it and not from today.
RECENT_DAYS = 14


def open_forecast(rows: Rows) -> list[str]:
    """One sentence for each own account."""
    return [say_forecast(row) for row in rows_with_estimates(rows) if row["scenario"] == PRESENT]


def say_forecast(row: Row) -> str:
    """What the followers of an account will probably be, with limits and how such limits fared."""
    is_level = row["expected_follower_count"] is not None
    expected = write_count(row["expected_follower_count"]) if is_level else write_change(row["expected_change"])
    low, high = ("follower_count_low", "follower_count_high") if is_level else ("change_low", "change_high")
    said = {"handle": row["handle"], "expected": expected, "limits": write_range(row[low], row[high], "count")}
    key = "forecast.level" if is_level else "forecast.change"
    if row["reading_age"] > RECENT_DAYS:
        said |= {"read": write_day(row["as_of_date"]), "day": write_day(row["forecast_date"])}
        key += "_from_last"
    return say(key, **said, held=_say_held(row))


def write_change(value: float) -> str:
    """A change of a count, with its sign."""
    return ("+" if value >= 0.5 else "") + write_count(value)


def _say_held(row: Row) -> str:
    """How many forecasts should hold, and how many did: the account's own, else those of all."""
    if row["backtest_count"]:
        held, checked = write_count(row["backtest_covered_count"]), write_count(row["backtest_count"])
        return say("forecast.own_held", row["backtest_count"], held=held, checked=checked)
    return say("forecast.none_held")


def read_forecast(rows: Rows) -> list[str]:
    """The other scenarios, how often limits held on all accounts, and what is missing."""
    kept = rows_with_estimates(rows)
    said = []
    for handle in dict.fromkeys(row["handle"] for row in kept):
        found = {row["scenario"]: row for row in kept if row["handle"] == handle}
        others = [
            say(f"forecast.{name}", expected=_expected(row), limits=_limits(row))
            for name, row in found.items()
            if name not in (PRESENT, "read")
        ]
        if others:
            said.append(f"{handle}: {'; '.join(others)}.")
    said += [_say_all_held(row) for row in kept if row["scenario"] == PRESENT and row["all_backtest_count"]][:1]
    said += [say("forecast.no_plan")] if any(row["scenario"] == PRESENT for row in kept) else []
    return said + describe_gaps(_find_gaps(rows), "handle")


def _find_gaps(rows: Rows) -> list[Row]:
    """Rows without a forecast; where an account has none at all, the other scenarios add nothing."""
    known = {row["handle"] for row in rows_with_estimates(rows) if row["scenario"] == PRESENT}
    return [
        {
            **row,
            "handle": row["handle"] if row["scenario"] == PRESENT else f"{row['handle']} ({label(row['scenario'])})",
            "status_reason": _without_past_day(row),
        }
        for row in rows
        if row["status"] != "ok" and (row["scenario"] == PRESENT or row["handle"] in known)
    ]


def _without_past_day(row: Row) -> str:
    """The reason, without the day of a first answer that went by without readings."""
    reason, day = str(row["status_reason"]), row["expected_answer_date"]
    is_past = day is not None and day <= row["as_of_date"] + timedelta(days=row["reading_age"])
    first, _, last = reason.rpartition("; ")
    return first if is_past and last.endswith(str(day)) else reason


def _say_all_held(row: Row) -> str:
    limits = write_range(row["all_coverage_low"], row["all_coverage_high"])
    return say(
        "forecast.all_held",
        checked=write_count(row["all_backtest_count"]),
        accounts=write_number_of(row["all_backtest_account_count"], "account"),
        share=write_share(row["all_backtest_coverage"]),
        limits=say("forecast.limits", limits=limits) if row["all_coverage_low"] is not None else "",
    )


def _expected(row: Row) -> str:
    return (
        write_change(row["expected_change"])
        if row["expected_follower_count"] is None
        else write_count(row["expected_follower_count"])
    )


def _limits(row: Row) -> str:
    if row["expected_follower_count"] is None:
        return write_range(row["change_low"], row["change_high"], "count")
    return write_range(row["follower_count_low"], row["follower_count_high"], "count")


def _middle(row: Row) -> float:
    value = row["expected_change"] if row["expected_follower_count"] is None else row["expected_follower_count"]
    return float(value)


def draw_forecast(rows: Rows) -> list[Drawing]:
    """A panel for each account: what was read, and the three scenarios with their limits."""
    kept = rows_with_estimates(rows)
    panels, has_past = [], False
    for handle in dict.fromkeys(row["handle"] for row in kept if row["scenario"] in COLOURS):
        of_account = [row for row in kept if row["handle"] == handle]
        past = [
            {"date": row["as_of_date"], "level": row["follower_count"]}
            for row in of_account
            if row["scenario"] == "read"
        ]
        has_past = has_past or bool(past)
        ahead = [row for row in of_account if row["scenario"] in COLOURS]
        ways = [point for row in ahead for point in _way(row)]
        is_level = ahead[0]["expected_follower_count"] is not None
        axis = say("chart.followers") if is_level else say("forecast.axis_change")
        panels.append(Panel(str(handle), outlook(past, ways, [*map(_end, ahead)], axis_title=axis), str(handle)))
    key = [(COLOURS[name], label(name)) for name in COLOURS]
    key = [("ink", say("forecast.so_far")), *key] if has_past else key
    return [Drawing(tuple(panels), say("forecast.alt"), key=tuple(key))] if panels else []


def _way(row: Row) -> list[Row]:
    start = row["follower_count"] if row["expected_follower_count"] is not None else 0
    way = {"way": row["scenario"], "colour": paint(COLOURS[row["scenario"]])}
    return [
        {**way, "date": row["as_of_date"], "level": start},
        {**way, "date": _drawn_at(row), "level": _middle(row)},
    ]


def _drawn_at(row: Row) -> date:
    day: date = row["forecast_date"]
    return day + timedelta(days=MOVED[row["scenario"]])


def _end(row: Row) -> Row:
    is_level = row["expected_follower_count"] is not None
    return {
        "date": _drawn_at(row),
        "level": _middle(row),
        "low": row["follower_count_low"] if is_level else row["change_low"],
        "high": row["follower_count_high"] if is_level else row["change_high"],
        "colour": paint(COLOURS[row["scenario"]]),
        "label": label(row["scenario"]),
        "tooltip": f"{_expected(row)} ({_limits(row)})",
    }


FORECAST = Section(
    "forecast",
    (
        Figure(
            "follower_forecast",
            """
with own as (
    select
        coalesce(accounts.account_label, forecasts.account_key) as handle, accounts.follower_count as audience,
        forecasts.*,
        (select cast(published_at at time zone 'UTC' as date) from marts.published) - forecasts.as_of_date
            as reading_age
    from marts.follower_forecast as forecasts
    left join marts.accounts using (account_key)
    where forecasts.is_own
),

weekly as (  -- the last reading of each week of the half year before the forecast
    select own.handle, own.audience, days.date as as_of_date, days.follower_count
    from own
    inner join marts.account_days as days using (account_key)
    where own.scenario = 'present_pace' and own.status = 'ok' and own.basis = 'followers'
        and days.follower_count is not null and days.date between own.as_of_date - 182 and own.as_of_date
    qualify row_number() over (partition by own.handle, date_trunc('week', days.date) order by days.date desc) = 1
)

select
    handle, scenario, as_of_date, follower_count, forecast_date, change_per_week, expected_change, change_low,
    change_high, expected_follower_count, follower_count_low, follower_count_high, backtest_count,
    backtest_covered_count, all_backtest_count, all_backtest_account_count, all_backtest_coverage, all_coverage_low,
    all_coverage_high, expected_answer_date, reading_age, status, status_reason
from (
    select * from own
    union all by name
    select handle, audience, 'read' as scenario, as_of_date, follower_count, 'ok' as status, '' as status_reason
    from weekly
)
order by
    audience desc nulls last, handle,
    array_position(['present_pace', 'usual_weeks', 'good_weeks', 'read'], scenario), as_of_date
""",
            {
                **common("handle"),
                "scenario": "label",
                "as_of_date": "day",
                "follower_count": "count",
                "forecast_date": "day",
                "expected_follower_count": "count",
                **limits("follower_count", "count"),
                "change_per_week": "decimal",
                "expected_change": "count",
                **limits("change", "count"),
                "backtest_count": "count",
                "backtest_covered_count": "count",
                "expected_answer_date": "day",
                **common("status_reason"),
            },
            read_forecast,
            draw_forecast,
            open=open_forecast,
        ),
    ),
)
