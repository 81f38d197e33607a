"""What the machine refuses, as errors with a message: a full disk, a read-only folder, a missing file.

The border of every command and of every run asks here, so no caller has to foresee where a disk fills up. A fault of
ours is not recognised: it keeps its traceback.
"""

import errno
import re
import sqlite3

import duckdb

from pipeline.errors import Exit, TweetbenchError, chain
from pipeline.runtime.program import is_replaced, replaced_program

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ESTALE}
# How databases and dbt say it: text is all that they hand on.
_FULL_WORDS = re.compile(r"no space left on device|disk is full|disk quota exceeded|could not write all bytes", re.I)
_CLOSED_WORDS = re.compile(r"permission denied|read-only file system|readonly database|unable to open database", re.I)
_BROKEN_WORDS = re.compile(r"disk i/o error|input/output error", re.I)  # SQLite's words for a full disk, too
# Other wordings mean a wrong question; what is damaged shows when a file is opened or one of its blocks is read.
_DAMAGED_WORDS = re.compile(
    r"not a valid duckdb database|corrupt database file|could not read enough bytes|serialization error"
    r"|loading external extensions is disabled",
    re.I,
)
_MAY_BE_OF_TWO_VERSIONS = {Exit.BAD_DATA, Exit.IO, Exit.CONFIGURATION}
_QUOTED_PATH = re.compile(r'"(/[^"]+)"')
_ADVICE = {
    "full": ("the disk is full", "what was committed is kept: free some space, then repeat the command"),
    "closed": (
        "a file or folder may not be read or written",
        "make the data folder writable for you, or set TWEETBENCH_DATA_DIR to another; then run: tweetbench doctor",
    ),
    "gone": ("a file or folder is gone", "see what is missing with: tweetbench doctor, then repeat the command"),
    "damaged": ("a database file is damaged", "tweetbench verify   (says which, and what to do)"),
    "other": (
        "the file system refuses",
        "check whether the disk is full or damaged with: tweetbench doctor, then repeat the command",
    ),
}


def explain(error: BaseException) -> TweetbenchError | None:
    """The error that a person can act on, found in all that led to this one; None for a fault of ours."""
    links = list(chain(error))
    ours = next((link for link in links if isinstance(link, TweetbenchError)), None)
    # A module that is gone, or dbt's files of two versions, look like faults of ours or of the data.
    if (ours is None or ours.exit_code in _MAY_BE_OF_TWO_VERSIONS) and is_replaced():
        return replaced_program(f"{type(error).__name__}: {error}"[:500] if ours is None else str(ours))
    return ours or next(filter(None, map(_refusal, links)), None)


def explain_refusal(text: str) -> TweetbenchError | None:
    """The same for what a library says by message alone; None where it is about something else."""
    place = _QUOTED_PATH.search(text)
    if _FULL_WORDS.search(text):
        return _error("full", place[1] if place else "", _first_line(text))
    if _CLOSED_WORDS.search(text):
        return _error("closed", place[1] if place else "", _first_line(text))
    if _DAMAGED_WORDS.search(text):
        return _error("damaged", place[1] if place else "", _first_line(text))
    return _error("other", place[1] if place else "", _first_line(text)) if _BROKEN_WORDS.search(text) else None


def _refusal(error: BaseException) -> TweetbenchError | None:
    # What a network refuses is an OSError, too; who asks the network has its own messages.
    if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError) and error.errno:
        code = error.errno
        kind = "full" if code in _FULL else "closed" if code in _CLOSED else "gone" if code in _GONE else "other"
        if error.filename is None and kind == "gone":
            return _error("gone", "the current folder", "it was removed or moved while in use")
        place = error.filename2 or error.filename or ""
        return _error(kind, place.decode(errors="replace") if isinstance(place, bytes) else str(place), error.strerror)
    # Libraries that wrap the system's error may keep its words alone.
    return explain_refusal(str(error)) if isinstance(error, OSError | duckdb.Error | sqlite3.Error) else None


def _error(kind: str, where: str, why: str | None) -> TweetbenchError:
    what, advice = _ADVICE[kind]
    return TweetbenchError(
        what, where=where, why=why or "", next_step=advice, exit_code=Exit.BAD_DATA if kind == "damaged" else Exit.IO
    )


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:300]
