"""Segment x driver x bin: growth by dose; the method is in pipeline.analysis.growth.dose_response."""

from pipeline.analysis.growth.dose_response import PANEL_COLUMNS, describe_doses


def model(dbt, session):
    panel = dbt.ref("int_growth_panel").project(", ".join(PANEL_COLUMNS)).to_arrow_table()
    segments = dbt.ref("int_growth_panel_segments").to_arrow_table()
    return describe_doses(panel, segments)
