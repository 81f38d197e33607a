"""Driver x week from a dose to growth: the method is in pipeline.analysis.timing."""

from pipeline.analysis.timing import WEEK_COLUMNS, estimate_lags


def model(dbt, session):
    return estimate_lags(dbt.ref("int_timing_weeks").project(", ".join(WEEK_COLUMNS)).to_arrow_table())
