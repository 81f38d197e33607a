"""Specification x segment x term: estimates of growth attribution; the method is in pipeline.analysis.growth."""

from pipeline.analysis.growth import estimate_growth


def model(dbt, session):
    panel = dbt.ref("int_account_week_panel").to_arrow_table()
    segments = dbt.ref("int_growth_account_segments").to_arrow_table()
    cells = dbt.ref("int_account_week_quality_cells").to_arrow_table()
    return estimate_growth(panel, segments, cells)
