"""Whether segments differ in what goes with their growth: tested against the others, not read off their verdicts."""

from pipeline.report.definitions import label
from pipeline.report.figures import Figure, Row, Rows
from pipeline.report.sections.shared import common, segment_name
from pipeline.report.writing import write_number_of, write_p_value

LEVEL = 0.05


def _read_segments(rows: Rows) -> list[str]:
    tested = [row for row in rows if row["difference_p_value_adjusted"] is not None]
    if not tested:
        return ["Segments are compared where at least two of a kind have ten accounts each."]
    found = [row for row in tested if row["difference_p_value_adjusted"] < LEVEL]
    said = [_say(row) for row in found]
    left = len({row["segment"] for row in tested} - {row["segment"] for row in found})
    if left:
        others = "other segment" if found else "segment"
        said.append(
            f"For {write_number_of(left, others)} no difference from the rest is shown. That does not make them alike: "
            "small segments often cannot tell."
        )
    return said


def _say(row: Row) -> str:
    side = "more" if row["difference_from_rest"] > 0 else "less"
    return (
        f"{segment_name(row)} ({label(row['segment_dimension']).lower()}): {label(row['term']).lower()} goes with "
        f"{side} growth than in the other segments, p {write_p_value(row['difference_p_value_adjusted'])} after "
        "adjustment for all comparisons."
    )


SEGMENTS = Figure(
    "growth_segments",
    "Do segments differ?",
    """
select
    segment_dimension, segment, term, estimate, difference_from_rest, difference_p_value, difference_p_value_adjusted,
    account_count, observation_count, status, status_reason
from marts.growth_attribution
where specification = 'same_and_previous_week' and segment_dimension <> 'all' and term in ('quality', 'volume')
order by segment_dimension, segment, term
""",
    {
        **common("segment_dimension", "segment"),
        "term": ("Driver", "label"),
        "difference_from_rest": ("Difference from the others", "measure"),
        "difference_p_value": ("p", "p_value"),
        "difference_p_value_adjusted": ("p, adjusted", "p_value"),
        **common("account_count", "observation_count", "status_reason"),
    },
    _read_segments,
    "Needs two segments of at least ten accounts each.",
    note="Differences are in weekly log growth for one unit of the driver; adjusted by Holm over all segments and both "
    "drivers.",
)
