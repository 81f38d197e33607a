"""Whether the program on disk is still the one that this process began with.

Python loads a module when it is first used, and dbt, templates and helper processes are read while a run works. An
update in the middle would mix two versions: marts by the old SQL could be published as those of the new. So a process
that works for long notes what it began with and, before each step, compares. What it started as a child compares with
the same note.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import NoReturn

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.processes import own_module
from pipeline.settings import PROJECT_DIR

PROGRAM_VARIABLE = "TWEETBENCH_PROGRAM"
FOLDERS = ("pipeline", "dbt_project")
# What running it leaves next to the source in a checkout.
NOT_ITS_OWN = {"__pycache__", "target", "logs"}
PAUSE_SECONDS = 10
_begun: str | None = None


def note_program(*, for_children: bool = False) -> None:
    """Note what this process begins with, once; `for_children` hands the note on to whatever it starts."""
    global _begun
    _begun = _begun or os.environ.get(PROGRAM_VARIABLE) or program_stamp()
    if for_children:
        os.environ[PROGRAM_VARIABLE] = _begun


def is_replaced() -> bool:
    """Whether other files than those that this process has noted are installed now; False where it noted none."""
    return _begun is not None and program_stamp() != _begun


def require_same_program() -> None:
    """Let a step begin, or a version be published, only with the program that the process began with.

    Raises:
        TweetbenchError: it was replaced meanwhile (exit code 72).
    """
    if is_replaced():
        raise replaced_program()


def replaced_program(why: str = "") -> TweetbenchError:
    """What is said where an update came in the middle of a command's work."""
    return TweetbenchError(
        "tweetbench was updated or changed while this was at work",
        where=str(PROJECT_DIR),
        why=why or f"this process began with other files of tweetbench ({__version__}) than are installed now",
        next_step="repeat the command; what was read is kept, and nothing is paid for again",
        exit_code=Exit.REPLACED,
    )


def start_again() -> NoReturn:
    """Become the same command of the program that is installed by then; an update needs a moment to be whole."""
    os.environ.pop(PROGRAM_VARIABLE, None)
    command = own_module("tweetbench", *sys.argv[1:])
    os.execv("/bin/sh", ["sh", "-c", f'sleep {PAUSE_SECONDS}; exec "$@"', "sh", *command])  # noqa: S606


def program_stamp() -> str:
    """Stamp over names, sizes and times of the program's files, and over the packages that it needs."""
    digest = hashlib.sha256()
    for path in _marks():
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    digest.update("\n".join(_packages()).encode())
    return digest.hexdigest()


def code_files() -> Iterator[Path]:
    """Every file that the program is made of."""
    for folder in FOLDERS:
        for path, folders, names in os.walk(PROJECT_DIR / folder):
            folders[:] = [name for name in folders if name not in NOT_ITS_OWN]
            yield from (Path(path, name) for name in names)


def _marks() -> list[Path]:
    """Files that change with the program: a thousand in a checkout; one in an environment, whose list of files every
    installer writes last."""
    if (PROJECT_DIR / "pyproject.toml").exists():
        return sorted(code_files())
    return sorted(PROJECT_DIR.parent.glob("tweetbench-*.dist-info/RECORD"))


def _packages() -> list[str]:
    """Names and versions of tweetbench, and of the packages that it asks for; none where it was not installed."""
    try:
        asked = requires("tweetbench") or ()
    except PackageNotFoundError:
        return []
    except (AttributeError, FileNotFoundError):
        asked = ()  # half of an update has no list yet, and the finder that dbt brings fails on that
    needed = {"tweetbench", *map(_name, asked)}
    found: set[str] = set()  # a folder may be twice on the path
    for folder in sys.path:
        try:
            names = [path.name for path in Path(folder).iterdir()]
        except OSError:
            continue
        found |= {name for name in names if name.endswith(".dist-info") and _name(name.partition("-")[0]) in needed}
    return sorted(found)


def _name(text: str) -> str:
    """A package's name as every tool compares it, at the beginning of a requirement or of a folder's name."""
    found = re.match(r"[\w.-]+", text)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""
