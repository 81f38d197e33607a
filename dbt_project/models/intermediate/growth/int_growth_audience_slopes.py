"""Measure of quality: its link to the size of the audience; the method is in pipeline.analysis.growth.audience."""

from pipeline.analysis.growth.audience import AUDIENCE_COLUMNS, measure_audience
from pipeline.analysis.growth.reading import cut_accounts, read_accounts


def model(dbt, session):
    weeks, thresholds = dbt.ref("int_growth_audience_weeks"), dbt.ref("thresholds").to_arrow_table()
    return measure_audience(read_accounts(weeks, AUDIENCE_COLUMNS, cut_accounts(weeks)), thresholds)
