"""The shipped schedule over one asset that does nothing: what two schedulers of a test load. Holds no test."""

import dagster as dg

from pipeline.orchestration.automation import daily_schedule
from pipeline.orchestration.resources import SETTINGS
from pipeline.settings import load_settings


@dg.asset
def nothing() -> None:
    """Stands for the whole flow: who asks for a run, and how often, does not depend on what it does."""


@dg.definitions
def defs() -> dg.Definitions:
    """The schedule as it is shipped, on the data folder of the environment."""
    return dg.Definitions(assets=[nothing], schedules=[daily_schedule], resources={SETTINGS: load_settings()})
