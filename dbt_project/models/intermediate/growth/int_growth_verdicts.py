"""Segment: quality against volume and the verdict; the rules are in pipeline.analysis.growth.verdict."""

from pipeline.analysis.growth.verdict import judge_growth


def model(dbt, session):
    return judge_growth(dbt.ref("int_growth_estimates").to_arrow_table())
