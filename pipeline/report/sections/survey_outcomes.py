"""Results of a survey: what works, what is important, how it compares with published figures."""

from typing import Any

from pipeline.report.charts.marks import dots_with_intervals, padded, wrap
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label, respondents
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, rows_with_estimates
from pipeline.report.sections.survey_differences import DIFFERENCES
from pipeline.report.writing import write_count, write_share

ALT_OF_PAIRS = "Share for whom an item is important, next to the share for whom it works."
NOT_AN_EFFECT = "A correlation between answers of the same people, not an effect."


def _by_survey(rows: Rows) -> list[tuple[str, list[Row]]]:
    return [
        (survey, [row for row in rows if row["survey_id"] == survey])
        for survey in dict.fromkeys(str(row["survey_id"]) for row in rows)
    ]


def _draw_works(rows: Rows) -> list[Drawing]:
    return [_works_of(survey, kept) for survey, kept in _by_survey(rows_with_estimates(rows))]


def _works_of(survey: str, kept: Rows) -> Drawing:
    marked = [
        {
            **as_dot(row["option"], row, "difference", "decimal"),
            "is_sure": None if row["p_value_adjusted"] is None else row["p_value_adjusted"] < 0.05,
        }
        for row in kept
    ]
    domain = padded(marked, ["low", "high"], include=[0])
    spec = dots_with_intervals(marked, domain, zero=True, filled="is_sure", label_expression="datum.value")
    return Drawing(
        (Panel("Points on the scale: users minus others", spec),),
        f"Mean effectiveness of users minus that of others, survey {survey}.",
        title=f"Survey {survey}",
    )


def _draw_pairs(rows: Rows) -> list[Drawing]:
    known = [
        row
        for row in rows_with_estimates(rows)
        if row["important_share"] is not None and row["effective_share"] is not None
    ]
    made = []
    for survey, kept in _by_survey(known):
        panels = (
            Panel("Is important", _shares(kept, "important_share", "second")),
            Panel("Works", _shares(kept, "effective_share", "accent")),
        )
        made.append(Drawing(panels, f"{ALT_OF_PAIRS} Survey {survey}.", title=f"Survey {survey}"))
    return made


def _shares(rows: Rows, field: str, colour: str) -> dict[str, Any]:
    marked = [
        {
            "label": wrap(label(row["item"])),
            "value": row[field],
            "low": None,
            "high": None,
            "label_text": write_share(row[field]),
            "tooltip": f"n = {write_count(row['base_count'])}",
        }
        for row in rows
    ]
    return dots_with_intervals(marked, (0, 1), colour=colour)


def _draw_benchmarks(rows: Rows) -> list[Drawing]:
    made = []
    for survey, kept in _by_survey([row for row in rows if row["share"] is not None]):
        marked = [entry for row in kept for entry in _pair(row)]
        spec = dots_with_intervals(marked, (0, 1))
        alt = f"Shares of survey {survey} with intervals, next to published shares."
        made.append(Drawing((Panel("", spec),), alt, title=f"Survey {survey}"))
    return made


def _pair(row: Row) -> list[Row]:
    name = f"{row['option']} ({respondents(row['segment'])})"
    published = f"{row['published_source']}, {row['published_as_of']}: {name}"
    here = {"label": wrap(f"Here: {name}", 34), "value": row["share"], "tooltip": f"n = {row['base_count']}"}
    there = {"label": wrap(published, 34), "value": row["published_share"], "tooltip": str(row["published_base"])}
    return [
        {
            **here,
            "colour": paint("accent"),
            "low": row["share_low"],
            "high": row["share_high"],
            "label_text": _of(here),
        },
        {**there, "colour": paint("muted"), "low": None, "high": None, "label_text": _of(there)},
    ]


def _of(entry: Row) -> str:
    return write_share(entry["value"])


OUTCOMES: tuple[Figure, ...] = (
    DIFFERENCES,
    Figure(
        "survey_what_works",
        "What do successful businesses do?",
        """
select
    survey_id, option, user_count, other_count, user_mean, other_mean, difference, difference_low, difference_high,
    p_value_adjusted, status, status_reason
from marts.survey_what_works
where segment_dimension = 'all'
order by survey_id, difference desc nulls last, option
""",
        {
            **common("survey_id"),
            "option": ("Initiative", "text"),
            "user_count": ("Use it", "count"),
            "other_count": ("Do not", "count"),
            "user_mean": ("Mean of users", "decimal"),
            "other_mean": ("Of others", "decimal"),
            **interval("difference", "Difference", "decimal"),
            **common("p_value_adjusted", "status_reason"),
        },
        lambda rows: [NOT_AN_EFFECT, *describe_gaps(rows, "option")],
        "Needs a survey whose mapping marks a question on initiatives and one on effectiveness.",
        _draw_works,
        note="Filled dots differ from zero, adjusted for all initiatives.",
    ),
    Figure(
        "survey_importance",
        "What is important, and does it work?",
        """
select
    survey_id, item, base_count, important_share, effective_share, difference, difference_low, difference_high,
    p_value_adjusted, status, status_reason
from marts.survey_importance_effectiveness
where segment_dimension = 'all'
order by survey_id, important_share desc nulls last, item
""",
        {
            **common("survey_id"),
            "item": ("Item", "label"),
            "base_count": ("Answers", "count"),
            "important_share": ("Important", "share"),
            "effective_share": ("Works", "share"),
            **interval("difference", "Difference", "points"),
            **common("p_value_adjusted", "status_reason"),
        },
        lambda rows: ["Both shares cover the same people.", *describe_gaps(rows, "item")],
        "Needs a survey whose mapping marks a question on importance and one on effectiveness.",
        _draw_pairs,
    ),
    Figure(
        "survey_benchmarks",
        "How does that compare with published surveys?",
        """
select
    survey_id, question_id, option, segment, denominator, base_count, share, share_low, share_high, published_share,
    published_source, published_base, published_as_of, difference, status, status_reason
from marts.survey_benchmarks
order by survey_id, question_id, option, segment, published_source
""",
        {
            **common("survey_id"),
            "option": ("Answer", "text"),
            "segment": ("Segment", "respondents"),
            "base_count": ("Answers", "count"),
            **interval("share", "Here", "share"),
            "published_share": ("Published", "share"),
            "published_source": ("By", "text"),
            "published_base": ("About whom", "text"),
            "published_as_of": ("When", "text"),
            "difference": ("Difference", "points"),
            **common("status_reason"),
        },
        lambda rows: [
            "Different people, years and wording: context, not a target.",
            *describe_gaps(rows, "option"),
        ],
        "Link a survey answer to a published figure in the seed survey_benchmark_links.",
        _draw_benchmarks,
    ),
)
