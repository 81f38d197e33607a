"""What the weights of each survey cost; the computation is in pipeline.analysis.survey.published."""

from pipeline.analysis.survey.published import describe_weights


def model(dbt, session):
    tables = (
        dbt.ref("int_survey_respondents_numbered").to_arrow_table(),
        dbt.ref("int_survey_answers").to_arrow_table(),
        dbt.ref("int_survey_options").to_arrow_table(),
        dbt.ref("survey_margins").to_arrow_table(),
    )
    return describe_weights(tables)
