"""Opening the history that a data folder holds, for those who only look or repair: nothing is written next to it."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from dagster._core.instance.ref import InstanceRef

from pipeline.orchestration.instance.home import HISTORY, dagster_config
from pipeline.settings import Settings


@contextmanager
def open_history(settings: Settings) -> Iterator[dg.DagsterInstance | None]:
    """The instance of this data folder; None where nothing was ever run in it.

    Its own dagster.yaml names the folder in which the last run found it: in a copy, that of the origin.
    """
    if not (settings.dagster_dir / HISTORY["run_storage"]).is_dir():
        yield None
        return
    parts = {part: dagster_config(settings)[part] for part in HISTORY}
    with dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(settings.dagster_dir), overrides=parts)) as instance:
        yield instance
