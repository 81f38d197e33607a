"""Segment x day around a strong post: follows relative to usual; the method is in pipeline.analysis.timing."""

from pipeline.analysis.timing import DAY_COLUMNS, estimate_days

DIMENSIONS = "('platform', 'size_tier')"


def model(dbt, session):
    days = dbt.ref("int_timing_days").project(", ".join(DAY_COLUMNS)).to_arrow_table()
    segments = dbt.ref("int_growth_account_segments").filter(f"segment_dimension in {DIMENSIONS}").to_arrow_table()
    return estimate_days(days, segments)
