"""Shares by segment with intervals, tests and suppression; the computation is in pipeline.analysis.survey.crosstabs."""

from pipeline.analysis.survey.crosstabs import estimate_segments


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return estimate_segments(tables, dbt.ref("thresholds").to_arrow_table())
