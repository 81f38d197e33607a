"""Specification x segment x term: estimates of growth attribution; the method is in pipeline.analysis.growth."""

from pipeline.analysis.growth import PANEL_COLUMNS, estimate_growth
from pipeline.analysis.growth.reading import cut_accounts, read_accounts
from pipeline.analysis.growth.shrinkage import CELL_COLUMNS


def model(dbt, session):
    panel, cells = dbt.ref("int_growth_panel"), dbt.ref("int_account_week_quality_cells")
    segments, cuts = dbt.ref("int_growth_panel_segments").to_arrow_table(), cut_accounts(panel, cells)
    return estimate_growth(
        read_accounts(panel, PANEL_COLUMNS, cuts), segments, read_accounts(cells, CELL_COLUMNS, cuts)
    )
