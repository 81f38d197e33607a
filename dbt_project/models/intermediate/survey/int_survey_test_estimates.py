"""Tests of each question against each dimension; the computation is in pipeline.analysis.survey.question_tests."""

from pipeline.analysis.survey.question_tests import estimate_tests


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return estimate_tests(tables, dbt.ref("thresholds").to_arrow_table())
