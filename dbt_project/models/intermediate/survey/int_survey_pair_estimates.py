"""Importance against effectiveness; the computation is in pipeline.analysis.survey.contrasts."""

from pipeline.analysis.survey.contrasts import estimate_pairs


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return estimate_pairs(tables, dbt.ref("thresholds").to_arrow_table())
