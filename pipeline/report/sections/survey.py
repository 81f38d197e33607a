"""Survey answers by segment, with design-based intervals; small multiples with a shared scale."""

import re
from typing import Any

from pipeline.report.charts.marks import dots_with_intervals, wrap
from pipeline.report.definitions import label, respondents
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
        drawn = "" if questions <= DRAWN_QUESTIONS else f"; charts show the first {DRAWN_QUESTIONS}, the table has all"
        said.append(f"Survey {survey}: {write_count(questions)} questions, up to {write_count(most)} answers{drawn}.")
    hidden = sum(bool(row["is_suppressed"]) for row in rows)
    if hidden:
        small = sum(row["suppression_reason"] == "small_base" for row in rows if row["is_suppressed"])
        reasons = [f"{write_count(small)} because fewer than 30 people in the segment answered"] if small else []
        if hidden > small:
            reasons.append(
                f"{write_count(hidden - small)} because fewer than five people chose the answer or did not, or because "
                "such a number could be derived from them"
            )
        said.append(f"{write_count(hidden)} of {write_count(len(rows))} cells are suppressed: {write_list(reasons)}.")
    uncertain = sum(bool(row["is_unreliable"]) for row in rows)
    if uncertain:
        said.append(
            f"{write_count(uncertain)} of the cells shown "
            f"{'is' if uncertain == 1 else 'are'} uncertain: the interval is wide, so read the share as approximate."
        )
    sure = [row for row in rows if row["is_significant"]]
    if any(row["is_significant"] is not None for row in rows):
        said.append(
            f"{write_count(len(sure))} answers differ from the other segments after adjustment over all tests of the "
            "question and dimension; they have filled dots."
        )
    return [*said, "Respondents are volunteers, not a random sample; intervals treat them as one."]


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
            by = "" if dimension == "all" else f"by {label(dimension).lower()}, "
            title = f"Survey {survey}, {by}“{question}”"
            alt = f"Share of answers to “{question}” of survey {survey}, {by}with 95 % intervals."
            made.append(Drawing(tuple(panels), alt, title=title, folded=dimension not in OPEN_DIMENSIONS))
    return made


def _cells(rows: Rows, everybody: dict[str, float], domain: tuple[float, float], dimension: str) -> dict[str, Any]:
    marked = [
        {
            "label": wrap(row["option"]) + ("" if row["share"] is not None else "\n(suppressed)"),
            "value": row["share"],
            "low": row["share_low"],
            "high": row["share_high"],
            "everybody": everybody.get(row["option"]),
            "label_text": write_share(row["share"]),
            "tooltip": _tooltip(row),
            "is_significant": row["is_significant"],
        }
        for row in _in_order(rows, everybody)
    ]
    reference = None if dimension == "all" else "everybody"
    return dots_with_intervals(marked, domain, reference=reference, filled="is_significant")


def _in_order(rows: Rows, everybody: dict[str, float]) -> list[Row]:
    """Scale answers by their number, others by overall popularity: the same order in every panel."""
    numbers = [re.match(r"\d+", str(row["option"])) for row in rows]
    if all(numbers):
        return sorted(rows, key=lambda row: int(re.match(r"\d+", str(row["option"])).group()))  # type: ignore[union-attr]
    return sorted(rows, key=lambda row: (-(everybody.get(row["option"]) or 0), str(row["option"])))


def _tooltip(row: Row) -> str:
    if row["share"] is None:
        return "suppressed"
    adjusted = row["p_value_adjusted"]
    sure = f", p {write_p_value(adjusted)} adjusted" if adjusted is not None else ""
    rough = ", uncertain" if row["is_unreliable"] else ""
    limits = f"{write_share(row['share_low'])} to {write_share(row['share_high'])}"
    return f"{limits}, n = {row['base_count']}{rough}{sure}"


SURVEY = Section(
    "survey",
    "What businesses say they do",
    "Survey answers by company size, industry and customer focus.",
    (
        Figure(
            "survey_answers",
            "Who does what, and what works?",
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
                "question": ("Question", "text"),
                "option": ("Answer", "text"),
                "segment_dimension": ("By", "respondents"),
                "segment": ("Segment", "respondents"),
                "common_segment": ("Common segment", "text"),
                "respondent_count": ("Chose it", "count"),
                "base_count": ("Of", "count"),
                **interval("share", "Share", "share"),
                "difference_from_rest": ("Against the rest", "points"),
                **common("p_value_adjusted"),
                "is_unreliable": ("Uncertain", "text"),
                "is_suppressed": ("Suppressed", "text"),
            },
            _read_answers,
            "Describe a survey in surveys/NAME.yml and ingest its export: tweetbench ingest FILE explains how.",
            _draw_answers,
            note="Dots are shares with 95 % intervals; the grey tick is the share among all respondents.",
        ),
        *OUTCOMES,
    ),
)
