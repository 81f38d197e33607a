"""Which differences between survey segments exceed chance: one test per question and dimension.

Multi-select questions have one test per answer.
"""

from pipeline.report.catalogue import say
from pipeline.report.definitions import in_sentence, label
from pipeline.report.figures import Figure, Rows
from pipeline.report.sections.shared import NAMED, common, describe_gaps, distinct, rows_with_estimates
from pipeline.report.writing import write_count, write_list, write_p_value

# Sentences shorten a question to this length.
LONGEST_QUESTION = 80


def _read_tests(rows: Rows) -> list[str]:
    tested = [row for row in rows_with_estimates(rows) if row["p_value_adjusted"] is not None]
    if not tested:
        return describe_gaps(rows, "segment_dimension")
    sure = sorted((row for row in tested if row["p_value_adjusted"] < 0.05), key=lambda row: row["p_value_adjusted"])
    several = distinct(row["survey_id"] for row in rows) > 1
    named = [
        say(
            "survey.named_difference",
            question=_shortened(str(row["question"])),
            option=f" {row['option']}" if row.get("option") else "",
            survey=f" ({row['survey_id']})" if several else "",
            dimension=in_sentence(label(row["segment_dimension"])),
            p_value=write_p_value(row["p_value_adjusted"]),
        )
        for row in sure[:NAMED]
    ]
    more = say("survey.more_differences", count=write_count(len(sure) - NAMED)) if len(sure) > NAMED else ""
    found = (
        say(
            "survey.differences",
            len(sure),
            sure=write_count(len(sure)),
            tested=write_count(len(tested)),
            named=", ".join(named) if more else write_list(named),
            more=more,
        )
        if sure
        else say("survey.no_difference")
    )
    return [found, *describe_gaps(rows, "segment_dimension")]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUESTION else f"{text[: LONGEST_QUESTION - 1].rstrip()}…"


DIFFERENCES = Figure(
    "survey_differences",
    """
with questions as (
    select distinct survey_id, question_id, question, question_number
    from marts.survey_segments
)

select
    tests.survey_id, questions.question, tests.option, tests.segment_dimension, tests.test, tests.statistic,
    tests.df_num, tests.df_den, tests.p_value, tests.p_value_adjusted, tests.cramers_v, tests.base_count,
    tests.is_main, tests.status,
    tests.status_reason
from marts.survey_tests as tests
left join questions using (survey_id, question_id)
where tests.segment_dimension not like '% x %'
order by
    tests.survey_id, questions.question_number, tests.question_id, tests.segment_dimension, tests.option,
    tests.is_main desc
""",
    {
        **common("survey_id"),
        "question": "text",
        "option": "text",
        **common("segment_dimension"),
        "test": "label",
        "statistic": "decimal",
        "df_num": "decimal",
        "df_den": "decimal",
        **common("p_value", "p_value_adjusted"),
        "cramers_v": "decimal",
        "base_count": "count",
        **common("status_reason"),
    },
    _read_tests,
)
