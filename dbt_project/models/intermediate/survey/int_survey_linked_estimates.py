"""Shares that have a published counterpart; the computation is in pipeline.analysis.survey.published."""

from pipeline.analysis.survey.published import estimate_linked


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return estimate_linked(
        tables, dbt.ref("survey_benchmark_links").to_arrow_table(), dbt.ref("thresholds").to_arrow_table()
    )
