"""Measure of quality: its link to the size of the audience; the method is in pipeline.analysis.growth.audience."""

from pipeline.analysis.growth.audience import measure_audience


def model(dbt, session):
    weeks = dbt.ref("int_growth_audience_weeks").to_arrow_table()
    return measure_audience(weeks, dbt.ref("thresholds").to_arrow_table())
