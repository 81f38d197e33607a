"""Opening what a person dropped: only plain files of bearable size, named so that the name is safe to show."""

import stat
from pathlib import Path

from pipeline.durable import file_sha256
from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.protocol import InputFile


def open_input(path: Path, max_file_mb: int) -> InputFile:
    """Check that a path is a plain file of bearable size and identify it by its bytes.

    Raises:
        TweetbenchError: a link, a folder, a device, missing, empty or too large.
    """
    shown = printable(path.name)
    try:
        status = path.lstat()
    except OSError as error:
        raise TweetbenchError(
            f"the file cannot be opened: {error.strerror}", where=shown, exit_code=Exit.USAGE
        ) from error
    if stat.S_ISLNK(status.st_mode):
        raise TweetbenchError(
            "this is a link to another file",
            where=shown,
            why="a link could lead out of the inbox",
            next_step="copy the file itself and repeat",
        )
    if not stat.S_ISREG(status.st_mode):
        raise TweetbenchError("this is not a file", where=shown, next_step="name single files: tweetbench ingest FILE")
    if status.st_size == 0:
        raise TweetbenchError("the file is empty", where=shown, next_step="export it again and repeat")
    if status.st_size > max_file_mb * 1_000_000:
        raise TweetbenchError(
            f"the file has {status.st_size / 1e6:,.0f} MB; at most {max_file_mb:,} MB are read",
            where=shown,
            next_step="export a shorter period, or raise TWEETBENCH_MAX_FILE_MB",
        )
    return InputFile(path, shown, file_sha256(path))


def printable(name: str) -> str:
    """A file name without control, direction-changing or path characters, for messages and for moving."""
    clean = "".join(letter if letter.isprintable() and letter not in "/\\" else "_" for letter in name)
    return clean[:200].lstrip(".") or "unnamed"
