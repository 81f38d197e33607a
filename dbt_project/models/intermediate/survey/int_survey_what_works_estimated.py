"""Effectiveness by what is used; the computation is in pipeline.analysis.survey.contrasts."""

from pipeline.analysis.survey.contrasts import estimate_what_works


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return estimate_what_works(tables, dbt.ref("thresholds").to_arrow_table())
