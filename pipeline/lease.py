"""One writer per data folder: an advisory lock that dies with its process, and a note that says who holds it."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from pipeline.errors import Exit, TweetbenchError
from pipeline.settings import Settings


@contextmanager
def hold_lease(settings: Settings, *, purpose: str, now: datetime) -> Iterator[None]:
    """Hold the data folder's lease for the duration of the block.

    Raises:
        TweetbenchError: another process holds it (exit code 75).
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.data_dir / ".lease"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(os.pread(handle, 4096, 0)) from None
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": now.isoformat(), "purpose": purpose}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(holder).encode(), 0)
        yield
    finally:
        os.close(handle)


def _busy(note: bytes) -> TweetbenchError:
    try:
        holder = json.loads(note)
    except ValueError:
        holder = {}
    who = ", ".join(f"{key} {value}" for key, value in holder.items()) or "holder unknown"
    return TweetbenchError(
        "another run holds the lease",
        where=who,
        why="two writers at once would compete for the same lake and warehouse",
        next_step="wait for it to end (tweetbench status), then repeat",
        exit_code=Exit.BUSY,
    )
