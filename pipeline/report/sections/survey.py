"""Survey answers by segment, with design-based intervals; small multiples with a shared scale."""

import re
from typing import Any

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import dots_with_intervals, wrap
from pipeline.report.definitions import in_sentence, label, respondents
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.shared import by_dimension, common, distinct, interval
from pipeline.report.sections.survey_outcomes import OUTCOMES
from pipeline.report.writing import write_count, write_list, write_p_value, write_share

# Questions drawn for each survey; the table and the CSV hold all of them.
DRAWN_QUESTIONS = 12
OPEN_DIMENSIONS = {"all", "customer_focus", "company_size"}


def _read_answers(rows: Rows) -> list[str]:
    said = []
    for survey in dict.fromkeys(row["survey_id"] for row in rows):
        of_survey = [row for row in rows if row["survey_id"] == survey]
        most = max((row["base_count"] or 0 for row in of_survey if row["segment_dimension"] == "all"), default=0)
        questions = distinct(row["question_id"] for row in of_survey)
        drawn = "" if questions <= DRAWN_QUESTIONS else say("survey.drawn", drawn_questions=DRAWN_QUESTIONS)
        said.append(
            say("survey.summary", survey=survey, questions=write_count(questions), most=write_count(most), drawn=drawn)
        )
    hidden = sum(bool(row["is_suppressed"]) for row in rows)
    if hidden:
        small = sum(row["suppression_reason"] == "small_base" for row in rows if row["is_suppressed"])
        reasons = [say("survey.small_base", small=write_count(small))] if small else []
        if hidden > small:
            reasons.append(say("survey.small_cell", count=write_count(hidden - small)))
        said.append(
            say(
                "survey.suppressed",
                hidden=write_count(hidden),
                rows=write_count(len(rows)),
                reasons=write_list(reasons),
            )
        )
    uncertain = sum(bool(row["is_unreliable"]) for row in rows)
    if uncertain:
        said.append(say("survey.uncertain", uncertain, uncertain=write_count(uncertain)))
    sure = [row for row in rows if row["is_significant"]]
    if any(row["is_significant"] is not None for row in rows):
        said.append(say("survey.significant", sure=write_count(len(sure))))
    return [*said, say("survey.volunteers")]


def _draw_answers(rows: Rows) -> list[Drawing]:
    made = []
    for survey in dict.fromkeys(row["survey_id"] for row in rows):
        of_survey = [row for row in rows if row["survey_id"] == survey]
        for question in list(dict.fromkeys(row["question_id"] for row in of_survey))[:DRAWN_QUESTIONS]:
            made += _draw_question([row for row in of_survey if row["question_id"] == question])
    return made


def _draw_question(rows: list[Row]) -> list[Drawing]:
    everybody = {row["option"]: row["share"] for row in rows if row["segment_dimension"] == "all"}
    highest = max((row["share_high"] or row["share"] or 0 for row in rows), default=1)
    domain = (0.0, min(1.0, 1.12 * highest) or 1.0)
    made: list[Drawing] = []
    for dimension, of_dimension in by_dimension(rows):
        panels = []
        for segment in dict.fromkeys(row["segment"] for row in of_dimension):
            cells = [row for row in of_dimension if row["segment"] == segment]
            if any(row["share"] is not None for row in cells):
                base = write_count(max(row["base_count"] or 0 for row in cells))
                name = respondents(segment)
                panels.append(Panel(f"{name}, n = {base}", _cells(cells, everybody, domain, dimension)))
        if panels:
            question, survey = str(rows[0]["question"]), str(rows[0]["survey_id"])
            by = "" if dimension == "all" else say("survey.by", dimension=in_sentence(label(dimension)))
            title = say("survey.question", survey=survey, by=by, question=question)
            alt = say("survey.alt_question", question=question, survey=survey, by=by)
            made.append(Drawing(tuple(panels), alt, title=title, folded=dimension not in OPEN_DIMENSIONS, about=survey))
    return made


def _cells(rows: Rows, everybody: dict[str, float], domain: tuple[float, float], dimension: str) -> dict[str, Any]:
    marked = [
        {
            "label": wrap(row["option"]) + ("" if row["share"] is not None else f"\n({say('survey.is_suppressed')})"),
            "value": row["share"],
            "low": row["share_low"],
            "high": row["share_high"],
            "everybody": everybody.get(row["option"]),
            "label_text": write_share(row["share"]),
            "tooltip": _tooltip(row),
            "is_significant": row["is_significant"],
        }
        for row in order_options(rows, everybody)
    ]
    reference = None if dimension == "all" else "everybody"
    return dots_with_intervals(marked, domain, reference=reference, filled="is_significant")


def order_options(rows: Rows, everybody: dict[str, float]) -> list[Row]:
    """Scale answers by their number, others by overall popularity: the same order in every panel."""
    numbers = [re.match(r"\d+", str(row["option"])) for row in rows]
    if all(numbers):
        return sorted(rows, key=lambda row: int(re.match(r"\d+", str(row["option"])).group()))  # type: ignore[union-attr]
    return sorted(rows, key=lambda row: (-(everybody.get(row["option"]) or 0), str(row["option"])))


def _tooltip(row: Row) -> str:
    if row["share"] is None:
        return say("survey.is_suppressed")
    adjusted = row["p_value_adjusted"]
    sure = say("survey.adjusted", adjusted=write_p_value(adjusted)) if adjusted is not None else ""
    rough = say("survey.is_uncertain") if row["is_unreliable"] else ""
    limits = say("write.range", low=write_share(row["share_low"]), high=write_share(row["share_high"]))
    return f"{limits}, n = {row['base_count']}{rough}{sure}"


SURVEY = Section(
    "survey",
    (
        Figure(
            "survey_answers",
            """
select
    survey_id, question_number, question_id, question, option, segment_dimension, segment, common_segment,
    company_size_low, respondent_count, base_count, share, share_low, share_high, design_effect,
    difference_from_rest, p_value_adjusted, is_significant, is_unreliable, is_suppressed,
    suppression_reason
from marts.survey_segments
where segment_dimension not like '% x %'
order by
    survey_id, question_number, question_id, segment_dimension, company_size_low nulls last, segment,
    share desc nulls last, option
""",
            {
                **common("survey_id"),
                "question": "text",
                "option": "text",
                "segment_dimension": "respondents",
                "segment": "respondents",
                "common_segment": "text",
                "respondent_count": "count",
                "base_count": "count",
                **interval("share", "share"),
                "difference_from_rest": "points",
                **common("p_value_adjusted"),
                "is_unreliable": "text",
                "is_suppressed": "text",
            },
            _read_answers,
            _draw_answers,
        ),
        *OUTCOMES,
    ),
    needs_accounts=False,
)
