"""Specification x segment x term: estimates of growth attribution; the method is in pipeline.analysis.growth."""

from pipeline.analysis.growth import PANEL_COLUMNS, estimate_growth
from pipeline.analysis.growth.shrinkage import CELL_COLUMNS


def model(dbt, session):
    panel = dbt.ref("int_growth_panel").project(", ".join(PANEL_COLUMNS)).to_arrow_table()
    segments = dbt.ref("int_growth_panel_segments").to_arrow_table()
    cells = dbt.ref("int_account_week_quality_cells").project(", ".join(CELL_COLUMNS)).to_arrow_table()
    return estimate_growth(panel, segments, cells)
