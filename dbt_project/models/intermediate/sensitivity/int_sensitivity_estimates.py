"""Driver x benchmark: how strong an unseen common cause would have to be; method: pipeline.analysis.sensitivity."""

from pipeline.analysis.growth import PANEL_COLUMNS
from pipeline.analysis.growth.shrinkage import CELL_COLUMNS
from pipeline.analysis.sensitivity import estimate_sensitivity


def model(dbt, session):
    panel = dbt.ref("int_account_week_panel").project(", ".join(PANEL_COLUMNS)).to_arrow_table()
    cells = dbt.ref("int_account_week_quality_cells").project(", ".join(CELL_COLUMNS)).to_arrow_table()
    return estimate_sensitivity(panel, cells, PANEL_COLUMNS)
