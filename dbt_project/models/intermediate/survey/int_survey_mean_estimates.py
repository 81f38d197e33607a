"""Means by segment; the computation is in pipeline.analysis.survey.segment_means."""

from pipeline.analysis.survey.segment_means import estimate_means


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return estimate_means(tables, dbt.ref("thresholds").to_arrow_table())
