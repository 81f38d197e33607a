"""What the answers of a survey add up to: which segments matter, what works, how it compares with published figures."""

from typing import Any

from pipeline.report.charts.marks import dots_with_intervals, padded, wrap
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import lacking, usable
from pipeline.report.writing import write_count, write_decimal, write_list, write_p_value, write_share

ALT_OF_PAIRS = "Share for whom an item is important beside the share for whom it works."
NOT_AN_EFFECT = "An association between answers of the same people, not an effect."


def _read_tests(rows: Rows) -> list[str]:
    tested = [row for row in usable(rows) if row["p_value_adjusted"] is not None]
    sure = [
        f"“{row['question']}” by {label(row['segment_dimension']).lower()} (p {write_p_value(row['p_value_adjusted'])})"
        for row in tested
        if row["p_value_adjusted"] < 0.05
    ]
    if not tested:
        return lacking(rows, "segment_dimension")
    found = (
        f"Answers differ by segment for {write_list(sure)}."
        if sure
        else "No question differs by segment beyond chance."
    )
    return [found, *lacking(rows, "segment_dimension")]


def _draw_works(rows: Rows) -> list[Drawing]:
    kept = usable(rows)
    if not kept:
        return []
    marked = [
        {
            "label": wrap(row["option"]),
            "value": row["difference"],
            "low": row["difference_low"],
            "high": row["difference_high"],
            "written": write_decimal(row["difference"]),
            "told": f"{write_decimal(row['difference_low'])} to {write_decimal(row['difference_high'])}",
            "is_sure": None if row["p_value_adjusted"] is None else row["p_value_adjusted"] < 0.05,
        }
        for row in kept
    ]
    spec = dots_with_intervals(
        marked,
        colour="accent",
        field="value",
        low="low",
        high="high",
        zero=True,
        filled="is_sure",
        domain=padded(marked, ["low", "high"], include=[0]),
        label_expression="datum.value",
    )
    return [
        Drawing(
            (Panel("Points on the scale: users minus others", spec),),
            "Mean effectiveness of users minus that of others.",
        )
    ]


def _draw_pairs(rows: Rows) -> list[Drawing]:
    kept = [row for row in usable(rows) if row["important_share"] is not None and row["effective_share"] is not None]
    panels = [
        Panel(title, _shares(kept, field, colour))
        for title, field, colour in (
            ("Is important", "important_share", "second"),
            ("Works", "effective_share", "accent"),
        )
    ]
    return [Drawing(tuple(panels), ALT_OF_PAIRS)] if kept else []


def _shares(rows: Rows, field: str, colour: str) -> dict[str, Any]:
    marked = [
        {
            "label": wrap(label(row["item"])),
            "value": row[field],
            "low": None,
            "high": None,
            "written": write_share(row[field]),
            "told": f"n = {write_count(row['base_count'])}",
        }
        for row in rows
    ]
    return dots_with_intervals(marked, colour=colour, field="value", low="low", high="high", domain=(0, 1))


def _draw_benchmarks(rows: Rows) -> list[Drawing]:
    marked = [entry for row in rows if row["share"] is not None for entry in _beside(row)]
    if not marked:
        return []
    spec = dots_with_intervals(marked, colour="accent", field="value", low="low", high="high", domain=(0, 1))
    return [Drawing((Panel("", spec),), "Shares of this survey with intervals beside published shares.")]


def _beside(row: Row) -> list[Row]:
    name = f"{row['option']} ({label(row['segment'])})"
    published = f"{row['published_source']}, {row['published_as_of']}: {name}"
    here = {"label": wrap(f"Here: {name}", 34), "value": row["share"], "told": f"n = {row['base_count']}"}
    there = {"label": wrap(published, 34), "value": row["published_share"], "told": str(row["published_base"])}
    return [
        {**here, "colour": paint("accent"), "low": row["share_low"], "high": row["share_high"], "written": _of(here)},
        {**there, "colour": paint("muted"), "low": None, "high": None, "written": _of(there)},
    ]


def _of(entry: Row) -> str:
    return write_share(entry["value"])


OUTCOMES: tuple[Figure, ...] = (
    Figure(
        "survey_differences",
        "Which differences between segments hold?",
        """
with questions as (
    select distinct survey_id, question_id, question
    from marts.survey_segments
)

select
    tests.survey_id, questions.question, tests.segment_dimension, tests.test, tests.statistic, tests.df_num,
    tests.df_den, tests.p_value, tests.p_value_adjusted, tests.cramers_v, tests.base_count, tests.status,
    tests.status_reason
from marts.survey_tests as tests
left join questions using (survey_id, question_id)
where tests.option is null and tests.segment_dimension not like '% x %'
order by tests.survey_id, tests.question_id, tests.segment_dimension
""",
        {
            "survey_id": ("Survey", "text"),
            "question": ("Question", "text"),
            "segment_dimension": ("By", "label"),
            "test": ("Test", "label"),
            "statistic": ("F", "decimal"),
            "df_num": ("df", "decimal"),
            "df_den": ("df", "decimal"),
            "p_value": ("p", "p_value"),
            "p_value_adjusted": ("p adjusted", "p_value"),
            "cramers_v": ("Cramér's V", "decimal"),
            "base_count": ("Answers", "count"),
            "status_reason": ("Remark", "text"),
        },
        _read_tests,
        "Needs a survey with segments; each needs at least 30 answers.",
    ),
    Figure(
        "survey_what_works",
        "What do those do for whom it works?",
        """
select
    survey_id, option, user_count, other_count, user_mean, other_mean, difference, difference_low, difference_high,
    p_value_adjusted, status, status_reason
from marts.survey_what_works
where segment_dimension = 'all'
order by survey_id, difference desc nulls last, option
""",
        {
            "option": ("Initiative", "text"),
            "user_count": ("Use it", "count"),
            "other_count": ("Do not", "count"),
            "user_mean": ("Mean of users", "decimal"),
            "other_mean": ("Of others", "decimal"),
            "difference": ("Difference", "decimal"),
            "difference_low": ("95 % from", "decimal"),
            "difference_high": ("to", "decimal"),
            "p_value_adjusted": ("p adjusted", "p_value"),
            "status_reason": ("Remark", "text"),
        },
        lambda rows: [NOT_AN_EFFECT, *lacking(rows, "option")],
        "Needs a survey whose mapping names a question on initiatives and one on effectiveness.",
        _draw_works,
        note="Filled dots differ from nought after adjustment for all initiatives.",
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
            "item": ("Item", "label"),
            "base_count": ("Answers", "count"),
            "important_share": ("Important", "share"),
            "effective_share": ("Works", "share"),
            "difference": ("Difference", "share"),
            "difference_low": ("95 % from", "share"),
            "difference_high": ("to", "share"),
            "p_value_adjusted": ("p adjusted", "p_value"),
            "status_reason": ("Remark", "text"),
        },
        lambda rows: ["Both shares are of the same people.", *lacking(rows, "item")],
        "Needs a survey whose mapping names a question on importance and one on effectiveness.",
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
            "option": ("Answer", "text"),
            "segment": ("Segment", "label"),
            "base_count": ("Answers", "count"),
            "share": ("Here", "share"),
            "share_low": ("95 % from", "share"),
            "share_high": ("to", "share"),
            "published_share": ("Published", "share"),
            "published_source": ("By", "text"),
            "published_base": ("About whom", "text"),
            "published_as_of": ("When", "text"),
            "difference": ("Difference", "share"),
        },
        lambda rows: ["Other people, other years, other wording: context, never a target.", *lacking(rows, "option")],
        "Link an answer of your survey to a published figure in the seed survey_benchmark_links.",
        _draw_benchmarks,
    ),
)
