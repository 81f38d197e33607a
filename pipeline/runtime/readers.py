"""A lock that all readers of parts of the accounts share, as long as they agree in how many parts there are.

Whoever reads all accounts, or changes what is in the lake already, holds it alone. The file says the count.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import Exit, TweetbenchError

TRIES = 30


@contextmanager
def reading_alone(path: Path) -> Iterator[None]:
    """Keep readers of parts out while the block lasts.

    Raises:
        TweetbenchError: one is at work (exit code 75).
    """
    with _opened(path) as handle:
        if not _try(handle, fcntl.LOCK_EX):
            raise _busy(path, f"a part of {_count(handle)} is being read", "wait for the readers of parts to end")
        yield


@contextmanager
def reading_a_part(path: Path, count: int) -> Iterator[None]:
    """Let others read other parts of the same count while the block lasts, and nobody read all accounts.

    Raises:
        TweetbenchError: a part of another count is being read, or all accounts (exit code 75).
    """
    with _opened(path) as handle:
        for _ in range(TRIES):
            if _try(handle, fcntl.LOCK_EX):  # nobody reads: the count is whoever comes first's to say
                os.ftruncate(handle, 0)
                os.pwrite(handle, str(count).encode(), 0)
            if _try(handle, fcntl.LOCK_SH):
                if _count(handle) == count:
                    break
                fcntl.flock(handle, fcntl.LOCK_UN)
            # Others may be looking, or writing the count, at this moment; not all look again at the same one.
            time.sleep(secrets.randbelow(50) / 1000)
        else:
            known = _count(handle)
            why = f"parts of {known} are being read" if known not in {0, count} else "all accounts are being read"
            raise _busy(path, why, "wait for that run to end; all readers need the same count in TWEETBENCH_SHARD")
        yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _try(handle: int, mode: int) -> bool:
    try:
        fcntl.flock(handle, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _count(handle: int) -> int:
    text = os.pread(handle, 16, 0)
    return int(text) if text.isdigit() else 0


def _busy(path: Path, why: str, next_step: str) -> TweetbenchError:
    return TweetbenchError(
        "accounts are being read by others", where=str(path), why=why, next_step=next_step, exit_code=Exit.BUSY
    )
