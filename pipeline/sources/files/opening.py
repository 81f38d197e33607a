"""Opening what a person dropped: only plain files of bearable size, named so that the name is safe to show.

A name is opened once, and everything else is asked of what was opened: whoever can write into the folder may put
another file, a link or a pipe under the name at any moment.
"""

import hashlib
import os
import stat
import weakref
from pathlib import Path

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.protocol import InputFile

LOOKED_AT = 65_536  # bytes at the start
# Without waiting for whoever writes into a pipe, and never as the terminal of this process.
_CAREFULLY = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_input(path: Path, max_file_mb: int) -> InputFile:
    """Check that a path is a plain file of bearable size and identify it by its bytes.

    The file stays open, and its `path` leads to what was opened, as long as what is returned lives.

    Raises:
        TweetbenchError: a link, a folder, a device, missing, not readable, empty or too large.
    """
    shown = printable(path.name)
    _refuse_link(path, shown)
    handle = _open(path, shown, os.O_NOFOLLOW)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise TweetbenchError(
                "this is not a file", where=shown, next_step="give single files: tweetbench ingest FILE"
            )
        if status.st_size == 0:
            raise TweetbenchError("the file is empty", where=shown, next_step="export it again and repeat")
        if status.st_size > max_file_mb * 1_000_000:
            raise TweetbenchError(
                f"the file has {status.st_size / 1e6:,.0f} MB; at most {max_file_mb:,} MB are read",
                where=shown,
                next_step="export a shorter period, or raise TWEETBENCH_MAX_FILE_MB",
            )
        with os.fdopen(os.dup(handle), "rb") as stream:
            if not stream.read(LOOKED_AT).strip(b"\0"):
                raise TweetbenchError(
                    "the file holds nothing but zero bytes",
                    where=shown,
                    why="it was not copied whole, or the disk is damaged",
                    next_step="export or copy it again and repeat",
                )
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        os.close(handle)
        raise _not_opened(shown, error) from error
    except BaseException:
        os.close(handle)
        raise
    opened = Path(f"/proc/{os.getpid()}/fd/{handle}")  # the process that reads the file finds it there, too
    file = InputFile(opened if opened.exists() else path, shown, digest)
    weakref.finalize(file, os.close, handle)
    return file


def read_plain_file(path: Path, shown: str, *, most_bytes: int) -> bytes:
    """The bytes of a plain file; a link to one is followed, as nothing is moved or kept.

    Raises:
        TweetbenchError: it is no file, leads nowhere, may not be read or is too large.
    """
    handle = _open(path, shown, 0)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise TweetbenchError("this is not a file", where=shown, why="it is a folder, a pipe or a device")
    with os.fdopen(handle, "rb") as stream:
        try:
            data = stream.read(most_bytes + 1)
        except OSError as error:
            raise _not_opened(shown, error) from error
    if len(data) > most_bytes:
        raise TweetbenchError("the file is far too large", where=shown, why=f"it has more than {most_bytes:,} bytes")
    return data


def printable(name: str) -> str:
    """A file name without control, direction-changing or path characters, for messages and for moving."""
    clean = "".join(letter if letter.isprintable() and letter not in "/\\" else "_" for letter in name)
    return clean[:200].lstrip(".") or "unnamed"


def _refuse_link(path: Path, shown: str) -> None:
    try:
        status = path.lstat()
    except OSError as error:
        raise _not_opened(shown, error) from error
    if stat.S_ISLNK(status.st_mode):
        raise TweetbenchError(
            "this is a link to another file",
            where=shown,
            why="a link could lead out of the inbox",
            next_step="copy the file itself and repeat",
        )


def _open(path: Path, shown: str, flags: int) -> int:
    try:
        return os.open(path, _CAREFULLY | flags)
    except OSError as error:
        raise _not_opened(shown, error) from error


def _not_opened(shown: str, error: OSError) -> TweetbenchError:
    is_closed = isinstance(error, PermissionError)
    return TweetbenchError(
        f"the file cannot be opened: {error.strerror}",
        where=shown,
        why="it belongs to another user or its mode does not let you read it" if is_closed else "",
        next_step=f"make it readable for you: chmod u+r {shown}" if is_closed else "",
        exit_code=Exit.USAGE,
    )
