"""Demo data only: what was built into the invented world and what the warehouse found, misses included.

The built-in figures come from a file that the demo writes; they are part of the SQL that is shown.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path

from pipeline.report.definitions import label
from pipeline.report.figures import Figure, Row, Rows, Section
from pipeline.report.sections.shared import common, interval
from pipeline.report.writing import write, write_list, write_range

NAMES = {
    "quality": "Quality, both weeks",
    "quality_same_week": "Quality, same week",
    "quality_previous_week": "Quality, week before",
    "quality_swing": "Typical swing of quality",
    "volume": "Volume, both weeks",
    "volume_same_week": "Volume, same week",
    "volume_previous_week": "Volume, week before",
    "volume_swing": "Typical swing of volume",
    "quality_minus_volume": "Swing of quality minus swing of volume",
    "share_in_same_week": "Share of quality's effect in the week of the posts",
    "persistence": "Persistence of quality from week to week",
    "reliability": "Reliability of weekly quality",
}
_EFFECTS = """
with

built_in (position, name, shown_name, segment_dimension, segment, built_in) as (
    values
{values}
),

estimates as (
    select
        term, segment_dimension, segment, estimate, conf_low, conf_high, standardised_estimate, standardised_low,
        standardised_high, status, status_reason
    from marts.growth_attribution
    where specification = 'same_and_previous_week'
),

found as (
    select term as name, segment_dimension, segment, estimate as found, conf_low, conf_high, status, status_reason
    from estimates
    union all
    select
        term || '_swing', segment_dimension, segment, standardised_estimate, standardised_low, standardised_high,
        status, status_reason
    from estimates
    union all
    -- The comparison of the two is in the verdict, in typical swings.
    select
        'quality_minus_volume', segment_dimension, segment, difference, difference_low, difference_high, status,
        status_reason
    from marts.growth_verdict
)

select
    built_in.shown_name, built_in.segment, built_in.built_in, found.found, found.conf_low, found.conf_high,
    case
        when found.found is null or found.conf_low is null or found.conf_high is null then 'not found'
        when built_in.built_in between found.conf_low and found.conf_high then 'inside'
        else 'missed'
    end as outcome,
    case
        when found.name is null then 'this version has no such estimate'
        when found.found is not null and found.conf_low is null then 'no interval'
        else nullif(found.status_reason, '')
    end as remark
from built_in
left join found
    on
        built_in.name = found.name
        and built_in.segment_dimension = found.segment_dimension
        and built_in.segment = found.segment
order by built_in.position
"""
_SHARES = """
with

built_in (position, name, shown_name, segment_dimension, segment, built_in) as (
    values
{values}
),

found as (
    select 'reliability' as name, segment_dimension, segment, reliability as found
    from marts.growth_verdict
    union all
    select
        'share_in_same_week', segment_dimension, segment,
        max(estimate) filter (where term = 'quality_same_week')
        / nullif(max(estimate) filter (where term = 'quality'), 0)
    from marts.growth_attribution
    where specification = 'same_and_previous_week' and status = 'ok'
    group by segment_dimension, segment
)

select built_in.shown_name, built_in.built_in, found.found
from built_in
left join found
    on
        built_in.name = found.name
        and built_in.segment_dimension = found.segment_dimension
        and built_in.segment = found.segment
order by built_in.position
"""


def built_in_sections(truth_file: Path) -> list[Section]:
    """The section for a demo whose built-in figures are known; empty where the file is not there.

    Raises:
        ValueError, KeyError: the file is damaged.
    """
    if not truth_file.is_file():
        return []
    figures = json.loads(truth_file.read_text(encoding="utf-8"))["figures"]
    effects = [figure for figure in figures if figure["unit"] == "growth"]
    shares = [figure for figure in figures if figure["unit"] == "share"]
    return [
        Section(
            "built_in",
            "Built in and found",
            "This world is invented, so the truth is known. The models did not know it; the tables compare what was "
            "built in with what they found. By chance alone, a 95 % interval misses about once in twenty times.",
            (_effects(effects), _shares(shares)),
        )
    ]


def _effects(figures: list[Row]) -> Figure:
    return Figure(
        "built_in_effects",
        "Are the built-in effects found?",
        _EFFECTS.format(values=_values(figures)),
        {
            "shown_name": ("Effect", "text"),
            **common("segment"),
            "built_in": ("Built in", "growth"),
            **interval("found", "Found", "growth", "conf"),
            "outcome": ("Outcome", "text"),
            "remark": ("Remark", "text"),
        },
        _read_effects,
        "Run the demo again: make demo.",
        note="Weekly log growth per log point of reactions per impression, per unit of ln(1 + posts), or per typical "
        "swing.",
    )


def _shares(figures: list[Row]) -> Figure:
    return Figure(
        "built_in_shares",
        "Are the world's properties found?",
        _SHARES.format(values=_values(figures)),
        {"shown_name": ("Property", "text"), "built_in": ("Built in", "share"), "found": ("Found", "share")},
        _read_shares,
        "Run the demo again: make demo.",
    )


def _read_effects(rows: Rows) -> list[str]:
    judged = [row for row in rows if row["outcome"] != "not found"]
    missed = [row for row in judged if row["outcome"] == "missed"]
    said = []
    if judged:
        held = len(judged) - len(missed)
        said.append(f"{held} of {len(judged)} built-in effects are inside the 95 % interval of the estimate.")
    said += [f"Missed: {_describe(row)}." for row in missed]
    lost = [row for row in rows if row["outcome"] == "not found"]
    if lost:
        reasons = dict.fromkeys(str(row["remark"] or "no reason given").rstrip(".") for row in lost)
        said.append(f"{len(lost)} of {len(rows)} built-in effects were not found: {write_list(reasons)}.")
    return said


def _describe(row: Row) -> str:
    limits = write_range(row["conf_low"], row["conf_high"], "growth")
    return f"{row['shown_name']}, {label(row['segment'])}: {write(row['built_in'], 'growth')} built in, {limits} found"


def _read_shares(rows: Rows) -> list[str]:
    said = []
    for row in rows:
        found = "not estimated" if row["found"] is None else f"{write(row['found'], 'share')} found"
        said.append(f"{row['shown_name']}: {write(row['built_in'], 'share')} built in, {found}.")
    return said


def _values(figures: Iterable[Row]) -> str:
    keys = ("segment_dimension", "segment", "value")
    rows = (
        (figure["name"], NAMES.get(figure["name"], label(figure["name"])), *(figure[key] for key in keys))
        for figure in figures
    )
    return ",\n".join(f"    ({', '.join(map(_literal, (place, *row)))})" for place, row in enumerate(rows, start=1))


def _literal(value: object) -> str:
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError("a figure that was built in is not a number")
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
