"""What the steps of a run print, kept in files that the UI shows.

Dagster's own manager copies it to the terminal as well, by two `tail` processes and two Python processes that watch
them. A Ctrl-C in a terminal reaches those too, and each watcher dies with a traceback.
"""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from dagster._core.execution.compute_logs import redirect_to_file
from dagster._core.storage.compute_log_manager import CapturedLogContext, ComputeIOType
from dagster._core.storage.local_compute_log_manager import IO_TYPE_EXTENSION, LocalComputeLogManager
from dagster._utils import ensure_file, touch_file


class QuietComputeLogManager(LocalComputeLogManager):
    """Dagster's own manager of local files, without the copy to the terminal and the processes behind it."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "QuietComputeLogManager":
        """The manager that dagster.yaml asks for."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def capture_logs(self, log_key: Sequence[str]) -> Generator[CapturedLogContext, None, None]:
        """Send standard output and error of this process and its children into the files of a step."""
        printed, errors = (self.get_captured_local_path(log_key, IO_TYPE_EXTENSION[kind]) for kind in ComputeIOType)
        ensure_file(printed)
        ensure_file(errors)
        with redirect_to_file(sys.stdout, printed), redirect_to_file(sys.stderr, errors):
            yield CapturedLogContext(log_key)
        touch_file(self.complete_artifact_path(log_key))  # type: ignore[no-untyped-call]
