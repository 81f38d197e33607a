"""The Dagster definitions: the stages in the order in which data flows through them."""

import dagster as dg

from pipeline.orchestration.code_location import build_definitions
from pipeline.settings import load_settings


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the configured data folder."""
    return build_definitions(load_settings())
