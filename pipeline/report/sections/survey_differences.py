"""Which differences between survey segments exceed chance: one test per question and dimension.

Multi-select questions have one test per answer.
"""

from pipeline.report.definitions import label
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
        f"“{_shortened(str(row['question']))}”{' ' + str(row['option']) if row.get('option') else ''}"
        f"{' (' + row['survey_id'] + ')' if several else ''} "
        f"by {label(row['segment_dimension']).lower()} (p {write_p_value(row['p_value_adjusted'])})"
        for row in sure[:NAMED]
    ]
    more = f", and {write_count(len(sure) - NAMED)} more in the table" if len(sure) > NAMED else ""
    found = (
        f"{write_count(len(sure))} of {write_count(len(tested))} tests {'finds' if len(sure) == 1 else 'find'} "
        "a difference between segments: "
        f"{', '.join(named) if more else write_list(named)}{more}."
        if sure
        else "No answers differ between segments beyond chance."
    )
    return [found, *describe_gaps(rows, "segment_dimension")]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUESTION else f"{text[: LONGEST_QUESTION - 1].rstrip()}…"


DIFFERENCES = Figure(
    "survey_differences",
    "Which differences between segments hold?",
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
        "question": ("Question", "text"),
        "option": ("Answer", "text"),
        **common("segment_dimension"),
        "test": ("Test", "label"),
        "statistic": ("F", "decimal"),
        "df_num": ("df", "decimal"),
        "df_den": ("df", "decimal"),
        **common("p_value", "p_value_adjusted"),
        "cramers_v": ("Cramér's V", "decimal"),
        "base_count": ("Answers", "count"),
        **common("status_reason"),
    },
    _read_tests,
    "Needs a survey with segments of at least 30 answers each.",
    note="p is adjusted over all tests of a question; multi-select questions have one test per answer. Scales are "
    "tested by their mean position; the test of the unordered answers is also listed, unadjusted.",
)
