"""Driver x benchmark: how strong an unseen common cause would have to be; method: pipeline.analysis.sensitivity."""

from pipeline.analysis.growth import PANEL_COLUMNS
from pipeline.analysis.growth.reading import cut_accounts, read_accounts
from pipeline.analysis.growth.shrinkage import CELL_COLUMNS
from pipeline.analysis.sensitivity import estimate_sensitivity


def model(dbt, session):
    panel, cells = dbt.ref("int_growth_panel"), dbt.ref("int_account_week_quality_cells")
    cuts = cut_accounts(panel, cells)
    return estimate_sensitivity(
        read_accounts(panel, PANEL_COLUMNS, cuts), read_accounts(cells, CELL_COLUMNS, cuts), PANEL_COLUMNS
    )
