"""When followers come: days around strong posts, weeks around a dose, and what rose before them."""

from pipeline.report.catalogue import say
from pipeline.report.charts.curves import around_event, means_by_bin
from pipeline.report.charts.marks import padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.growth_words import LEVEL
from pipeline.report.sections.shared import (
    common,
    describe_gaps,
    interval,
    list_some,
    rows_with_estimates,
    tooltip_text,
)
from pipeline.report.writing import (
    write_decimal,
    write_list,
    write_number_of,
    write_p_value,
    write_range,
)

FIRST_DAY, LAST_DAY = -7, 14
# Limits beyond this many times the highest figure would press every line flat.
CUT = 1.6


def open_days(rows: Rows) -> list[str]:
    """One sentence for each segment: all accounts, then each own account."""
    return [text for found in _segments(rows).values() if (text := say_days(found))]


def _segments(rows: Rows) -> dict[str | None, dict[int, Row]]:
    """Rows with figures by segment and day; all accounts have no handle."""
    found: dict[str | None, dict[int, Row]] = {}
    for row in rows_with_estimates(rows):
        if None not in (row["follows_relative_to_usual"], row["conf_low"], row["conf_high"]):
            found.setdefault(row["handle"], {})[row["day"]] = row
    return found


def say_days(found: dict[int, Row]) -> str:
    """How many times the follows of a usual day the day of a strong post brought, and until when more came."""
    day = found.get(0)
    if day is None:
        return ""
    more, fewer = day["conf_low"] > 1, day["conf_high"] < 1
    key = "timing.more" if more else "timing.fewer" if fewer else "timing.unclear"
    said = {
        "times": write_decimal(day["follows_relative_to_usual"], 1),
        "limits": write_range(day["conf_low"], day["conf_high"], "decimal"),
        "whose": _whose(day),
        "until": _say_until(found) if more else "",
    }
    return say(key, **said)


def _whose(row: Row) -> str:
    return say("timing.watched") if row["handle"] is None else str(row["handle"])


def _say_until(found: dict[int, Row]) -> str:
    """The first later day of which it is unclear whether it was above a usual one."""
    later = [row for number, row in sorted(found.items()) if number > 0]
    usual = next((row["day"] for row in later if row["conf_low"] <= 1), None)
    if usual is None:
        return say("timing.still", days=write_number_of(LAST_DAY, "later_day")) if later else ""
    return say("timing.usual_again", days=write_number_of(usual, "later_day"))


def read_days(rows: Rows) -> list[str]:
    """What moved before the posts, what all days bring together, on how much it rests, and what is missing."""
    heads = [next(iter(found.values())) for found in _segments(rows).values()]
    moved = [row for row in heads if _has_moved_before(row)]
    calm = [row for row in heads if row["before_p_value"] is not None and row not in moved]
    said = [word_before(row) for row in moved]
    if calm:
        least = write_p_value(min(row["before_p_value"] for row in calm))
        p_value = least if len(calm) == 1 else say("timing.from_p", p_value=least)
        said.append(say("timing.nothing_before", whose=list_some([_whose(row) for row in calm]), p_value=p_value))
    said += [say("timing.no_check", whose=_whose(row)) for row in heads if row["before_p_value"] is None]
    return [*said, *map(_say_extra, heads), *describe_gaps(_first_days(rows), "handle")]


def _has_moved_before(row: Row) -> bool:
    p_value: float | None = row["before_p_value"]
    return p_value is not None and p_value < LEVEL


def word_before(row: Row) -> str:
    """The warning where follows moved before the posts: the reverse order is not excluded."""
    ratio = row["before_relative_to_usual"]
    return say(
        "timing.rose_before" if ratio > 1 else "timing.fell_before",
        whose=_whose(row),
        times=write_decimal(ratio),
        p_value=write_p_value(row["before_p_value"]),
    )


def _say_extra(row: Row) -> str:
    low, high = row["extra_usual_days_low"], row["extra_usual_days_high"]
    said = {
        "whose": _whose(row),
        "posts": write_number_of(row["event_count"], "strong_post"),
        "account_days": write_number_of(row["day_count"], "account_day" if row["handle"] is None else "day"),
    }
    if low is None or high is None:
        return say("timing.counts", **said)
    key = "timing.extra_unclear" if low <= 0 <= high else "timing.extra" if low > 0 else "timing.extra_fewer"
    days = write_decimal(abs(row["extra_usual_days"]), 1)
    return say(key, **said, days=days, limits=write_range(low, high, "decimal"))


def _first_days(rows: Rows) -> list[Row]:
    """One row for each segment without a single figure: its days share the reason."""
    known = {row["handle"] for row in rows_with_estimates(rows)}
    kept = {row["handle"]: row for row in reversed(rows) if row["handle"] not in known}
    return [{**row, "handle": say("gap.all") if handle is None else handle} for handle, row in reversed(kept.items())]


def draw_days(rows: Rows) -> list[Drawing]:
    """A line with limits for each segment, on one scale."""
    found = _segments(rows)
    kept = [row for days in found.values() for row in days.values()]
    if not kept:
        return []
    highest = CUT * max(1.0, *(row["follows_relative_to_usual"] for row in kept))
    low, high = padded(kept, ["follows_relative_to_usual", "conf_low", "conf_high"], include=[1])
    domain = [max(low, min(0.0, *(row["follows_relative_to_usual"] for row in kept))), min(high, highest)]
    panels = [
        Panel(
            label("all") if handle is None else handle,
            around_event([_mark(row) for row in days.values()], domain=domain, first_day=FIRST_DAY, last_day=LAST_DAY),
            handle or "",
        )
        for handle, days in found.items()
    ]
    return [Drawing(tuple(panels), say("timing.alt_days"))]


def _mark(row: Row) -> Row:
    return {
        "day": row["day"],
        "value": row["follows_relative_to_usual"],
        "low": row["conf_low"],
        "high": row["conf_high"],
        "tooltip": tooltip_text(row, "follows_relative_to_usual", "conf_low", "conf_high", "decimal"),
    }


DRIVERS = (("accent", "strong_posts"), ("second", "volume"))


def read_lags(rows: Rows) -> list[str]:
    """What a typical dose is linked to over five weeks, and whether growth rose before it."""
    heads = [row for _, driver in DRIVERS for row in _of_driver(rows, driver)[:1]]
    summed = [row for row in heads if row["summed_change"] is not None]
    said = [_say_summed(row) for row in summed]
    checked = [row for row in heads if row["before_p_value"] is not None]
    early = [row for row in checked if row["before_p_value"] < LEVEL]
    said += [
        say(
            "timing.grew_before",
            driver=say(f"timing.dose.{row['driver']}"),
            p_value=write_p_value(row["before_p_value"]),
        )
        for row in early
    ]
    calm = [say(f"timing.dose.{row['driver']}") for row in checked if row not in early]
    said += [say("timing.calm_before", drivers=write_list(calm))] if calm else []
    if heads:
        said.append(
            say(
                "timing.lag_counts",
                accounts=write_number_of(heads[0]["account_count"], "account"),
                account_weeks=write_number_of(heads[0]["observation_count"], "account_week"),
            )
        )
    missing = {row["driver"]: row for row in reversed(rows) if not _of_driver(rows, row["driver"])}
    return said + describe_gaps([*missing.values()], "driver")


def _of_driver(rows: Rows, driver: str) -> list[Row]:
    return [row for row in rows_with_estimates(rows) if row["driver"] == driver]


def _say_summed(row: Row) -> str:
    """The sum of five weeks for a typical dose, so that both drivers are measured alike."""
    change, low, high = (row["typical_dose"] * row[name] for name in ("summed_change", "summed_low", "summed_high"))
    is_clear = low > 0 or high < 0
    key = "timing.dose_unclear" if not is_clear else "timing.dose_more" if change > 0 else "timing.dose_less"
    points = write_decimal(100 * (abs(change) if is_clear else change))
    limits = write_range(100 * low, 100 * high, "decimal")
    return say(key, driver=say(f"timing.dose.{row['driver']}"), points=points, limits=limits)


def draw_lags(rows: Rows) -> list[Drawing]:
    """Growth by week for a typical dose of each driver, on one scale."""
    marked = {driver: [_lag(row) for row in _of_driver(rows, driver)] for _, driver in DRIVERS}
    domain = padded([row for found in marked.values() for row in found], ["conf_low", "conf_high"], include=[0])
    panels = [
        Panel(
            label(driver),
            means_by_bin(marked[driver], colour=colour, domain=domain, axis_title=say("timing.axis_weeks"), zero=True),
        )
        for colour, driver in DRIVERS
        if marked[driver]
    ]
    return [Drawing(tuple(panels), say("timing.alt_lags"))] if panels else []


def _lag(row: Row) -> Row:
    made = {
        "mean_growth_rate": row["typical_dose"] * row["growth_change"],
        "conf_low": row["typical_dose"] * row["conf_low"],
        "conf_high": row["typical_dose"] * row["conf_high"],
    }
    week = f"+{row['week']}" if row["week"] > 0 else f"\u2212{-row['week']}" if row["week"] else "0"
    return {**made, "label": week, "tooltip": tooltip_text(made, "mean_growth_rate", "conf_low", "conf_high", "growth")}


TIMING = Section(
    "timing",
    (
        Figure(
            "growth_timing",
            """
select
    timing.segment_dimension,
    case when timing.segment_dimension = 'account' then coalesce(accounts.account_label, timing.segment) end as handle,
    timing.day, timing.follows_relative_to_usual, timing.conf_low, timing.conf_high, timing.follow_basis,
    timing.before_relative_to_usual, timing.before_p_value, timing.extra_usual_days, timing.extra_usual_days_low,
    timing.extra_usual_days_high, timing.event_count, timing.account_count, timing.day_count,
    timing.expected_answer_date, timing.status, timing.status_reason
from marts.growth_timing as timing
left join marts.accounts on timing.segment_dimension = 'account' and accounts.account_key = timing.segment
where
    timing.segment_dimension = 'account'
    -- With own accounts alone there is no comparison over accounts to wait for.
    or timing.segment_dimension = 'all' and (timing.status = 'ok' or timing.account_count > 1)
order by timing.segment_dimension <> 'all', accounts.follower_count desc nulls last, handle, timing.day
""",
            {
                **common("segment_dimension", "handle"),
                "day": "count",
                **interval("follows_relative_to_usual", "decimal", "conf"),
                "follow_basis": "label",
                "before_relative_to_usual": "decimal",
                "before_p_value": "p_value",
                "event_count": "count",
                **common("account_count"),
                "day_count": "count",
                "expected_answer_date": "day",
                **common("status_reason"),
            },
            read_days,
            draw_days,
            open=open_days,
        ),
        Figure(
            "growth_lags",
            """
select
    driver, week, growth_change, conf_low, conf_high, p_value, typical_dose, summed_change, summed_low, summed_high,
    before_p_value, account_count, week_count, observation_count, status, status_reason
from marts.growth_lags
where exists (from marts.growth_lags where status = 'ok')  -- else answer_readiness says what is missing
order by driver, week
""",
            {
                "driver": "label",
                "week": "count",
                **interval("growth_change", "measure", "conf"),
                **common("p_value"),
                "typical_dose": "decimal",
                **interval("summed_change", "measure", "summed"),
                "before_p_value": "p_value",
                **common("account_count", "observation_count", "status_reason"),
            },
            read_lags,
            draw_lags,
        ),
    ),
)
