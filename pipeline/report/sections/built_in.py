"""Demo data only: what was built into the invented world and what the warehouse found, misses included.

The built-in figures come from a file that the demo writes; they are part of the SQL that is shown.
"""

import json
import math
from collections.abc import Iterable
from pathlib import Path

from pipeline.report.catalogue import say, say_if_known, say_reason
from pipeline.report.definitions import label
from pipeline.report.figures import Figure, Row, Rows, Section
from pipeline.report.sections.shared import common, interval
from pipeline.report.writing import write, write_list, write_range

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
            (_effects(effects), _shares(shares)),
            needs_accounts=False,
        )
    ]


def _effects(figures: list[Row]) -> Figure:
    return Figure(
        "built_in_effects",
        _EFFECTS.format(values=_values(figures)),
        {
            "shown_name": "text",
            **common("segment"),
            "built_in": "growth",
            **interval("found", "growth", "conf"),
            "outcome": "text",
            "remark": "text",
        },
        _read_effects,
    )


def _shares(figures: list[Row]) -> Figure:
    return Figure(
        "built_in_shares",
        _SHARES.format(values=_values(figures)),
        {"shown_name": "text", "built_in": "share", "found": "share"},
        _read_shares,
    )


def _read_effects(rows: Rows) -> list[str]:
    judged = [row for row in rows if row["outcome"] != "not found"]
    missed = [row for row in judged if row["outcome"] == "missed"]
    said = []
    if judged:
        held = len(judged) - len(missed)
        said.append(say("built_in.inside", held=held, judged=len(judged)))
    said += [say("built_in.missed", row=_describe(row)) for row in missed]
    lost = [row for row in rows if row["outcome"] == "not found"]
    if lost:
        reasons = dict.fromkeys(say_reason(str(row["remark"] or say("gap.no_reason")).rstrip(".")) for row in lost)
        said.append(say("built_in.not_found", lost=len(lost), rows=len(rows), reasons=write_list(reasons)))
    return said


def _describe(row: Row) -> str:
    limits = write_range(row["conf_low"], row["conf_high"], "growth")
    return say(
        "built_in.miss",
        shown_name=row["shown_name"],
        segment=label(row["segment"]),
        built_in=write(row["built_in"], "growth"),
        limits=limits,
    )


def _read_shares(rows: Rows) -> list[str]:
    said = []
    for row in rows:
        found = (
            say("built_in.not_estimated")
            if row["found"] is None
            else say("built_in.found", found=write(row["found"], "share"))
        )
        said.append(
            say(
                "built_in.property", shown_name=row["shown_name"], built_in=write(row["built_in"], "share"), found=found
            )
        )
    return said


def _values(figures: Iterable[Row]) -> str:
    keys = ("segment_dimension", "segment", "value")
    rows = (
        (
            figure["name"],
            say_if_known(f"built_in.name.{figure['name']}") or label(figure["name"]),
            *(figure[key] for key in keys),
        )
        for figure in figures
    )
    return ",\n".join(f"    ({', '.join(map(_literal, (place, *row)))})" for place, row in enumerate(rows, start=1))


def _literal(value: object) -> str:
    if isinstance(value, int | float):
        if not math.isfinite(value):
            raise ValueError("a figure that was built in is not a number")
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
