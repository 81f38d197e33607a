"""Account x specification x term: daily follows of an own account; method: pipeline.analysis.growth.own_days."""

from pipeline.analysis.growth.own_days import estimate_own_days


def model(dbt, session):
    return estimate_own_days(dbt.ref("int_growth_own_days").to_arrow_table())
