"""Segment x driver x bin: growth by dose; the method is in pipeline.analysis.growth.dose_response."""

from pipeline.analysis.growth.dose_response import PANEL_COLUMNS, describe_doses
from pipeline.analysis.growth.reading import cut_accounts, read_accounts


def model(dbt, session):
    panel = dbt.ref("int_growth_panel")
    segments, cuts = dbt.ref("int_growth_panel_segments").to_arrow_table(), cut_accounts(panel)
    return describe_doses(read_accounts(panel, PANEL_COLUMNS, cuts), segments)
