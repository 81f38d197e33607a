"""The times of an export: their zone as the file states it, and what makes them doubtful."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.sources.survey.cells import infer_date_order, is_time
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.columns import Guess
from pipeline.sources.survey.inspection.doubts import Doubt, named
from pipeline.sources.survey.inspection.facts import Facts
from pipeline.sources.survey.inspection.words import ZONE_LETTERS, words
from pipeline.sources.survey.layout import Layout
from pipeline.sources.survey.zones import stated_zone, zone_name

_PARTS = ("started_at", "submitted_at")
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
        short = [cell for cell in filled if is_time(cell) and not cell[:4].isdigit() and "." not in cell[:6]]
        if short and infer_date_order(filled) is None:
            why = f"day and month can be swapped in {name!r}: set date_order, or the times are left out"
            doubts.append(Doubt(at.WRONG_PLACE, why))
        kept.append(guess)
    return kept, doubts
