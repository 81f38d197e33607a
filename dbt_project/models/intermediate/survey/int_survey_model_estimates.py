"""Logistic models with three dimensions; the computation is in pipeline.analysis.survey.models."""

from pipeline.analysis.survey.models import estimate_models


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return estimate_models(tables, dbt.ref("thresholds").to_arrow_table())
