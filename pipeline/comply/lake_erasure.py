"""Erasure in the lake: which words it holds of what has to go, and the same files without them.

A commit keeps its number, its bookmarks and its order; its files get new names, so that the warehouse sees that they
changed. Files are removed only after the entry that names their successors is safe on the disk.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from pipeline.comply.multi_search import SHORTEST, Needles
from pipeline.comply.parquet_pages import buffers_of
from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.manifest import Commit, LakeFile
from pipeline.lake.tombstones import Tombstones
from pipeline.runtime.failpoints import failpoint
from pipeline.schemas import TABLES

# Columns whose words, found anywhere else, show that a copy was left behind.
TELLING = ("text", "description", "name", "detail")
SUFFIX = ".e"


@dataclass
class Holdings:
    """What the lake holds of what has to go. `needles` are words that nothing else in the lake says; memory only.

    `also_gone` are the posts of erased accounts, whose reposts go too, with the account; and all versions of erased
    posts, without one: deleting one version of an edited post deletes them all.
    """

    needles: set[str] = field(default_factory=set)
    post_ids: set[str] = field(default_factory=set)
    also_gone: dict[str, str] = field(default_factory=dict)
    row_counts: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)


def take_stock(lake: Lake, tombstones: Tombstones) -> Holdings:
    """Everything in the lake that the tombstones are about."""
    held = Holdings()
    for _, file in _data_files(lake):
        try:
            table = lake.read_file(file)
        except TweetbenchError:
            held.unreadable.append(file.path)
            continue
        for row in _differing_rows(table, tombstones.clean_table(file.table, table)):
            held.row_counts[file.table] += 1
            held.needles |= {str(words) for name in TELLING if len(words := row.get(name) or "") >= SHORTEST}
            versions = {row.get("post_id"), *(row.get("edit_history_ids") or ())} - {None}
            held.post_ids |= versions
            if row.get("account_id") in tombstones.accounts:
                held.also_gone |= dict.fromkeys(versions, str(row["account_id"]))
            elif versions & tombstones.posts.keys():
                held.also_gone |= dict.fromkeys(versions, "")
    if held.needles:
        held.needles -= _said_elsewhere(lake, tombstones, held.needles)
    return held


def erase_from_lake(lake: Lake, tombstones: Tombstones) -> list[str]:
    """Write every file that holds something to erase again without it; paths of the files that are gone.

    Raises:
        OSError: the disk refuses a write; what was rewritten stays so, and the next call resumes.
    """
    gone = []
    for commit in list(lake.commits()):
        files = tuple(_cleaned(lake, commit, file, tombstones) for file in commit.files)
        state = tombstones.clean_state(commit.state)
        state_file = _cleaned_state(lake, commit, tombstones)
        if (files, state, state_file) == (commit.files, commit.state, commit.state_file):
            continue
        changed = lake.rewrite(replace(commit, files=files, state=state, state_file=state_file))
        failpoint("comply.entry_rewritten")
        old = {file.path for file in commit.all_files()} - {file.path for file in changed.all_files()}
        for path in sorted(old):
            lake.remove(path)
            failpoint("comply.file_removed")
            gone.append(path)
    return gone


def _data_files(lake: Lake) -> Iterator[tuple[Commit, LakeFile]]:
    """Files of every commit, replaced ones included: their rows do not count, but they are still there."""
    for commit in lake.commits():
        for file in commit.files:
            if file.table in TABLES:
                yield commit, file


def _said_elsewhere(lake: Lake, tombstones: Tombstones, needles: set[str]) -> set[str]:
    """Needles that are in the words of a row that stays, alone or among others: finding them proves nothing."""
    asked, found = Needles(needles), set[str]()
    for _, file in _data_files(lake):
        try:
            table = lake.read_file(file)
        except TweetbenchError:
            continue
        clean = tombstones.clean_table(file.table, table)
        telling = clean.select([name for name in TELLING if name in clean.column_names])
        for words in buffers_of(telling):
            found |= asked.found_in(words)
    return found


def _cleaned(lake: Lake, commit: Commit, file: LakeFile, tombstones: Tombstones) -> LakeFile:
    try:
        table = lake.read_file(file)
    except TweetbenchError:
        return file  # named in the receipt: nobody knows what is in a damaged file
    clean = tombstones.clean_table(file.table, table)
    return file if clean is table else lake.write_file(file.table, [clean], _next_name(file.path, commit))


def _cleaned_state(lake: Lake, commit: Commit, tombstones: Tombstones) -> LakeFile | None:
    file = commit.state_file
    if file is None:
        return None
    state = json.loads(lake.path(file).read_bytes())
    clean = tombstones.clean_state(state)
    return file if clean == state else lake.write_state(clean, _next_name(file.path, commit))


def _next_name(path: str, commit: Commit) -> str:
    stem, _, kind = path.rpartition(".")
    return f"{stem.split(SUFFIX)[0]}{SUFFIX}{commit.revision + 1}.{kind}"


def _differing_rows(before: pa.Table, after: pa.Table) -> list[dict[str, Any]]:
    if before is after:
        return []
    pairs = zip(before.to_pylist(), after.to_pylist(), strict=True)
    return [old for old, new in pairs if old != new]
