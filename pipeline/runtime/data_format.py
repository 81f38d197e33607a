"""Which form of data folder this version writes.

A folder of a later form is refused: reading it wrongly would look like damage, and repairing that would destroy it.
FORMAT goes up when an earlier version could no longer read what this one writes into the lake. Everything else in a
data folder is made again from the lake where another version of tweetbench finds it.
"""

import json
from pathlib import Path

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.files import replace_text

FORMAT = 1
FILE = ".format"
MOST_BYTES = 4_096
FORMS_THERE_CAN_BE = 1_000_000


def refuse_later_format(folder: Path) -> None:
    """Do nothing for a folder that this version can read; the first releases left no mark.

    Raises:
        TweetbenchError: a later version wrote it, or nobody knows which (exit code 78).
    """
    form, writer = _read(folder)
    if form > FORMAT:
        raise TweetbenchError(
            "a later version of tweetbench wrote this data folder",
            where=str(folder),
            why=f"tweetbench {writer} wrote form {form}; this is {__version__}, which knows forms up to {FORMAT}",
            next_step=f"install tweetbench {writer} or later; nothing was changed",
            exit_code=Exit.CONFIGURATION,
        )


def mark_format(folder: Path) -> None:
    """Leave the mark of this version's form, where there is none or that of an earlier one."""
    if _read(folder)[0] < FORMAT:
        replace_text(folder / FILE, json.dumps({"format": FORMAT, "written_by": __version__}) + "\n")


def _read(folder: Path) -> tuple[int, str]:
    """The number of the folder's form, 0 where it has no mark, and the version that wrote the mark."""
    try:
        with (folder / FILE).open("rb") as stream:
            mark = json.loads(stream.read(MOST_BYTES))
        form, writer = mark["format"], str(mark["written_by"])[:40]
        if type(form) is not int or not 1 <= form < FORMS_THERE_CAN_BE:
            raise ValueError(f"{str(form)[:40]!r} is the number of no form")
        return form, writer
    except FileNotFoundError:
        return 0, ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise TweetbenchError(
            "it is not known which version wrote this data folder",
            where=str(folder / FILE),
            why=f"{type(error).__name__}: {error}",
            next_step=f'write {{"format": {FORMAT}, "written_by": "{__version__}"}} into it if this version always did',
            exit_code=Exit.CONFIGURATION,
        ) from None
