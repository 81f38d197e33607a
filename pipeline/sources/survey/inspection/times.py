"""The times of an export: their zone as the file states it, and what makes them doubtful."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from pipeline.sources.files.cells import DateOrder, infer_date_order, is_time, parse_time
from pipeline.sources.files.zones import stated_zone, zone_name
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.doubts import Doubt, named
from pipeline.sources.survey.inspection.facts import Facts
from pipeline.sources.survey.inspection.words import ZONE_LETTERS, words
from pipeline.sources.survey.layout import Layout

_PARTS = ("started_at", "submitted_at")
ORDERS: tuple[DateOrder, ...] = ("month_first", "day_first")
LEAST_MOMENTS = 5  # fewer times are in order by chance
NO_DAY = "1980-01-01"  # LimeSurvey's time of an anonymous response


def guess_zone(layout: Layout, columns: Sequence[Facts]) -> tuple[str, list[Doubt]]:
    """The zone for the mapping, and a doubt where the header names one that is not clear."""
    for facts in columns:
        zone = layout.zones.get(facts.column.position)
        if zone is None:
            last = words(facts.column.name).split()[-1:]
            zone = stated_zone(f"({last[0]})") if last and last[0] in ZONE_LETTERS else None
            if zone is None and last and last[0] in ZONE_LETTERS:
                letters = last[0].upper()
                why = f"{facts.column.name!r} states the zone {letters}, which stands for several: set timezone"
                return "UTC", [Doubt(at.WRONG_PLACE, why)]
        if zone is None:
            continue
        name = zone_name(zone)
        if "/" in name or name == "UTC":
            return name, []
        offset = zone.utcoffset(datetime(2026, 1, 1)) or timedelta()  # noqa: DTZ001 - a fixed offset needs no date
        hours = offset / timedelta(hours=1)
        if hours == int(hours):
            return f"Etc/GMT{-int(hours):+d}" if hours else "UTC", []
    has_offset = any(
        cell[-1:] == "Z" or "GMT" in cell or "UTC" in cell for facts in columns for cell in facts.cells[:50]
    )
    if not columns or has_offset:
        return "UTC", []
    names = named([facts.column.name for facts in columns])
    return "UTC", [Doubt(at.OTHER, f"nothing states the time zone of {names}: taken as UTC")]


def guess_date_order(columns: Sequence[Facts], tool: str) -> tuple[DateOrder | None, list[Doubt]]:
    """Which of day and month comes first where the dates leave both, with the doubt that remains.

    Exports are written in the order of the responses: the reading that gives an order is the right one.
    """
    doubtful = [facts for facts in columns if _can_be_swapped(facts.cells)]
    if not doubtful or infer_date_order(cell for facts in columns for cell in facts.cells):
        return None, []
    name = named([facts.column.name for facts in doubtful])
    steps = {order: min(_steps_back(facts.cells, order) for facts in doubtful) for order in ORDERS}
    orders = [order for order in ORDERS if steps[order] == 0]
    has_halves = any(cell[-2:].casefold() in ("am", "pm") for facts in doubtful for cell in facts.cells)
    if len(orders) == 1:
        why = (
            f"day and month can be swapped in {name}: read as {orders[0]}, which alone gives the rows an order in time"
        )
    elif tool == "SurveyMonkey" and has_halves:
        orders = ["month_first"]
        why = f"day and month can be swapped in {name}: read as month_first, as SurveyMonkey writes them"
    else:
        why = f"day and month can be swapped in {name}: set date_order, or the times are left out"
        return None, [Doubt(at.WRONG_PLACE, why)]
    return orders[0], [Doubt(at.WRONG_PLACE, why)]


def _can_be_swapped(cells: Sequence[str]) -> bool:
    return any(
        is_time(cell) and not cell[:4].isdigit() and "." not in cell[:6] and not any(map(str.isalpha, cell[:6]))
        for cell in cells
        if cell
    )


def _steps_back(cells: Sequence[str], order: DateOrder) -> int:
    """How often a time is before the one above it, or after it where that happens less often."""
    moments = []
    for cell in filter(None, cells):
        try:
            moments.append(parse_time(cell, ZoneInfo("UTC"), order, latest=datetime(9000, 1, 1, tzinfo=UTC)))
        except ValueError:
            return len(cells)
    if len(set(moments)) < LEAST_MOMENTS:
        return len(cells)
    pairs = list(pairwise(moments))
    return min(sum(later < earlier for earlier, later in pairs), sum(later > earlier for earlier, later in pairs))


def check_times(guesses: Sequence[Guess]) -> tuple[list[Guess], list[Doubt]]:
    """The columns, without times that are no times of their respondents; and what is unsure about the others."""
    doubts = []
    kept = []
    for guess in guesses:
        if guess.part not in _PARTS:
            kept.append(guess)
            continue
        facts = guess.facts
        name = facts.column.name
        filled = [cell for cell in facts.cells if cell]
        days = Counter(cell[:10] for cell in filled)
        if len(set(filled)) == 1 and len(filled) > 3:
            doubts.append(Doubt(at.WRONG_PLACE, f"all {len(filled):,} times in {name!r} are equal: they tell no day"))
        if filled and set(days) == {NO_DAY}:
            kept.append(replace(guess, part="ignore", detail="no real times"))
            continue
        kept.append(guess)
    return kept, doubts
