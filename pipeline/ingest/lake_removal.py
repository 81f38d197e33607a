"""Rows of people that no longer count, taken off the disk: what a corrected mapping leaves out must not stay.

Only lists of people and what they answered go; readings of other sources stay when they are replaced, and so does an
earlier file that a later export replaces.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.manifest import Commit
from pipeline.runtime.failpoints import failpoint
from pipeline.sources import contacts, survey

REMOVED_SOURCES = frozenset({survey.NAME, contacts.NAME})


def remove_replaced(lake: Lake) -> list[str]:
    """Remove the files of readings that another reading of the same bytes replaces; their paths.

    The entry gives up its files before they go, so that no reader misses one; a call after a crash removes the rest.

    Raises:
        TweetbenchError: the disk refuses; the next call resumes.
    """
    try:
        return list(_remove(lake))
    except OSError as error:
        raise TweetbenchError(
            f"rows that no longer count could not be removed: {error.strerror or error}",
            where=str(lake.root),
            why="a corrected mapping leaves them out; the new reading is committed and counts",
            next_step="correct the folder's permissions, then ingest the file again: the removal resumes",
            exit_code=Exit.IO,
        ) from error


def _remove(lake: Lake) -> Iterator[str]:
    commits = list(lake.commits())
    read_again = {(each.found.get("sha256"), number) for each in commits for number in each.replaces}
    for commit in commits:
        if commit.source not in REMOVED_SOURCES or (commit.found.get("sha256"), commit.sequence) not in read_again:
            continue
        paths = list(_files_of(lake.root, commit))
        if commit.files:
            lake.rewrite(replace(commit, files=()))
            failpoint("removal.entry_rewritten")
        for path in paths:
            shown = path.relative_to(lake.root).as_posix()
            lake.remove(shown)
            failpoint("removal.file_removed")
            yield shown


def _files_of(root: Path, commit: Commit) -> Iterator[Path]:
    """The data files of a commit, those that its entry gave up before a crash included."""
    named = {root / file.path for file in commit.files}
    stem = f"{commit.run_id}-{commit.sequence}"
    found = root.glob(f"*/source={commit.source}/captured_date=*/{stem}*.parquet")
    own = {path for path in found if path.stem == stem or path.stem.startswith(f"{stem}.")}
    yield from sorted(named | own)
