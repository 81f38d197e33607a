"""Pipes, sockets and devices in a data folder: whoever opens one waits for ever, and every library opens files."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import Exit, TweetbenchError

# People put files there, and each reader of theirs sets aside what is no file.
_READ_WITH_CARE = {"inbox", "quarantine", "mappings", "surveys", "accounts.csv"}


def refuse_special_files(data_dir: Path) -> None:
    """Let a command begin only where everything of ours in the data folder is a file, a folder or a link to one.

    Raises:
        TweetbenchError: something else lies there.
    """
    for path in _special_files(data_dir, _READ_WITH_CARE):
        raise TweetbenchError(
            "a pipe, socket or device lies in the data folder",
            where=str(path),
            why="tweetbench makes none, and would wait for ever where it opens one",
            next_step=f"rm {shlex.quote(str(path))}   then: tweetbench doctor",
            exit_code=Exit.IO,
        )


def _special_files(folder: Path, passed_over: set[str]) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # the command says what is wrong with the folder
        return
    for entry in entries:
        if entry.name in passed_over or entry.is_file(follow_symlinks=False):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _special_files(Path(entry.path), set())
        elif not entry.is_symlink() or _leads_to_none(entry):
            yield Path(entry.path)


def _leads_to_none(link: os.DirEntry[str]) -> bool:
    """Whether a link leads to what is neither a file nor a folder; a broken link leads nowhere."""
    try:
        mode = link.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
