"""Does an answer depend on the segment: one main test for each question and dimension. Rows of `survey_tests`.

Single answers of single segments are compared in `crosstabs`.
"""

import numpy as np
import pyarrow as pa

from pipeline.analysis.proportions import holm
from pipeline.analysis.survey.association import test_answers
from pipeline.analysis.survey.design import Design
from pipeline.analysis.survey.means import compare_means
from pipeline.analysis.survey.multiplicity import with_q_values
from pipeline.analysis.survey.respondent_columns import IntArray
from pipeline.analysis.survey.safety import read_limits
from pipeline.analysis.survey.suppression import Limits
from pipeline.analysis.survey.survey_input import Question, Row, Tables, read_surveys

MEAN_POSITION = "mean_position_f"
TEXT, COUNT, NUMBER, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
TESTS = pa.schema(
    [
        *((name, TEXT) for name in ("survey_id", "question_id", "segment_dimension", "option", "test")),
        *(
            (name, NUMBER)
            for name in ("statistic", "df_num", "df_den", "p_value", "p_value_adjusted", "q_value", "cramers_v")
        ),
        ("base_count", COUNT),
        ("min_expected", NUMBER),
        *((name, FLAG) for name in ("is_sparse", "is_main")),
        ("status", TEXT),
        ("status_reason", TEXT),
    ]
)


def estimate_tests(survey_tables: Tables, thresholds: pa.Table) -> pa.Table:
    """Rows of `survey_tests`: question x dimension, and each option of a multi-select question. Inputs as of
    `book.estimate_segments`.

    Of a scale the main test is of equal mean positions: it uses their order. The test of the unordered answers stands
    next to it, is_main false, and is not adjusted.
    """
    limits = read_limits(thresholds)
    rows: list[Row] = []
    for survey in read_surveys(*survey_tables):
        book: list[Row] = []
        for question in survey.questions:
            if question.answers.options and question.question_type != "number":
                family = [
                    {
                        "survey_id": survey.survey_id,
                        "question_id": question.question_id,
                        "segment_dimension": name,
                        **row,
                    }
                    for name, (codes, _) in survey.dimensions.items()
                    for row in _tests(question, codes, survey.design, limits)
                ]
                book += _with_adjusted(family)
        rows += with_q_values(book)
    return pa.Table.from_pylist(rows, schema=TESTS)


def _tests(question: Question, codes: IntArray, design: Design, limits: Limits) -> list[Row]:
    rows: list[Row] = test_answers(question.answers, codes, design, multi=question.question_type == "multi").to_pylist()
    rows = [{**row, "is_main": question.question_type != "scale"} for row in rows]
    if question.question_type == "scale":
        rows = [_test_of_means(question, codes, design, row["cramers_v"]) for row in rows] + rows
    for row in rows:
        if row["status"] == "ok" and row["base_count"] < limits.base_from:
            nothing = dict.fromkeys(
                ("statistic", "df_num", "df_den", "p_value", "cramers_v", "min_expected", "is_sparse")
            )
            row |= {
                **nothing,
                "status": "insufficient_data",
                "status_reason": f"fewer than {limits.base_from} answered",
            }
    return rows


def _test_of_means(question: Question, codes: IntArray, design: Design, strength: float | None) -> Row:
    takes_part = np.isfinite(question.values) & (design.weight > 0)
    groups = [np.flatnonzero(takes_part & (codes == code)) for code in range(int(codes.max(initial=-1)) + 1)]
    result = compare_means(question.values, groups, design)
    statistic, df_num, df_den, p_value = (None,) * 4 if isinstance(result, str) else result
    return {
        "option": None,
        "test": MEAN_POSITION,
        "statistic": statistic,
        "df_num": df_num,
        "df_den": df_den,
        "p_value": p_value,
        "cramers_v": strength,
        "base_count": sum(len(rows) for rows in groups),
        "is_main": True,
        "status": "not_testable" if isinstance(result, str) else "ok",
        "status_reason": result if isinstance(result, str) else "",
    }


def _with_adjusted(family: list[Row]) -> list[Row]:
    """Holm over the main tests of a question."""
    adjusted = holm([row["p_value"] if row["is_main"] else None for row in family])
    return [{**row, "p_value_adjusted": p_value} for row, p_value in zip(family, adjusted, strict=True)]
