"""What the steps of a run print, kept in files that the UI shows.

Dagster's own manager copies it to the terminal as well, by two `tail` processes and two Python processes that watch
them. A Ctrl-C in a terminal reaches those too, and each watcher dies with a traceback.
"""

import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from pathlib import Path
from typing import Any, TextIO

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
        with _sent_into(Path(printed), sys.stdout), _sent_into(Path(errors), sys.stderr):
            yield CapturedLogContext(log_key)
        touch_file(self.complete_artifact_path(log_key))  # type: ignore[no-untyped-call]


@contextmanager
def _sent_into(path: Path, stream: TextIO) -> Iterator[None]:
    """Let a stream of this process and its children end in a file for a while.

    Dagster's own function leaves it there when a full disk takes no last words: no error would reach the terminal.
    """
    try:
        descriptor = stream.fileno()
    except UnsupportedOperation:
        yield  # no file of the system's
        return
    with path.open("ab") as file, os.fdopen(os.dup(descriptor), "wb") as kept:
        stream.flush()
        os.dup2(file.fileno(), descriptor)
        try:
            yield
        finally:
            with suppress(OSError):  # what it still holds goes where the stream leads next
                stream.flush()
            os.dup2(kept.fileno(), descriptor)
