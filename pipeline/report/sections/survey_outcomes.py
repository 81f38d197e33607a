"""Results of a survey: what works, what is important, how it compares with published figures."""

from typing import Any

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import dots_with_intervals, padded, wrap
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label, respondents
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, rows_with_estimates
from pipeline.report.sections.survey_differences import DIFFERENCES
from pipeline.report.writing import write_count, write_share


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
        (Panel(say("survey.works_panel"), spec),),
        say("survey.alt_works", survey=survey),
        title=say("survey.name", survey=survey),
        about=survey,
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
            Panel(say("survey.important"), _shares(kept, "important_share", "second")),
            Panel(say("survey.works"), _shares(kept, "effective_share", "accent")),
        )
        made.append(
            Drawing(
                panels, say("survey.alt_pairs", survey=survey), title=say("survey.name", survey=survey), about=survey
            )
        )
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
        alt = say("survey.alt_benchmarks", survey=survey)
        made.append(Drawing((Panel("", spec),), alt, title=say("survey.name", survey=survey), about=survey))
    return made


def _pair(row: Row) -> list[Row]:
    name = f"{row['option']} ({respondents(row['segment'])})"
    published = f"{row['published_source']}, {row['published_as_of']}: {name}"
    here = {
        "label": wrap(say("survey.here", name=name), 34),
        "value": row["share"],
        "tooltip": f"n = {row['base_count']}",
    }
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
            "option": "text",
            "user_count": "count",
            "other_count": "count",
            "user_mean": "decimal",
            "other_mean": "decimal",
            **interval("difference", "decimal"),
            **common("p_value_adjusted", "status_reason"),
        },
        lambda rows: [say("survey.no_effect"), *describe_gaps(rows, "option")],
        _draw_works,
    ),
    Figure(
        "survey_importance",
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
            "item": "label",
            "base_count": "count",
            "important_share": "share",
            "effective_share": "share",
            **interval("difference", "points"),
            **common("p_value_adjusted", "status_reason"),
        },
        lambda rows: [say("survey.same_people"), *describe_gaps(rows, "item")],
        _draw_pairs,
    ),
    Figure(
        "survey_benchmarks",
        """
select
    survey_id, question_id, option, segment, denominator, base_count, share, share_low, share_high, published_share,
    published_source, published_base, published_as_of, difference, status, status_reason
from marts.survey_benchmarks
order by survey_id, question_id, option, segment, published_source
""",
        {
            **common("survey_id"),
            "option": "text",
            "segment": "respondents",
            "base_count": "count",
            **interval("share", "share"),
            "published_share": "share",
            "published_source": "text",
            "published_base": "text",
            "published_as_of": "text",
            "difference": "points",
            **common("status_reason"),
        },
        lambda rows: [
            say("survey.other_people"),
            *describe_gaps(rows, "option"),
        ],
        _draw_benchmarks,
    ),
)
