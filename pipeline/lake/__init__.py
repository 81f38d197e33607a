"""The lake: validated batches as immutable Parquet files behind a manifest.

A commit writes its data files first (temporary name, fsync, rename) and then one manifest entry; the entry's
appearance is the commit. Readers take the files from the manifest, never from a glob, and check their SHA-256.
What the rows mean belongs to `schemas`, what becomes of them in DuckDB to `warehouse`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake.manifest import (
    MANIFEST,
    Commit,
    LakeFile,
    append_entry,
    entry_paths,
    last_sequence,
    read_known,
    rewrite_entry,
)
from pipeline.lake.tombstones import Tombstones, read_tombstones, write_tombstones
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.files import file_sha256, sync_file, sync_folder, unfinished
from pipeline.runtime.lease import require_lease
from pipeline.schemas import TABLES
from pipeline.schemas.row_streams import Rows, RowStream, StoredRows, checked, to_block

__all__ = ["INLINE_STATE_KEYS", "MANIFEST", "STATE", "Commit", "Lake", "LakeFile", "Rows"]

STATE = "_state"
# More bookmarks than this get a file of their own: a year of those of 8,000 accounts makes every reading 4 s longer.
INLINE_STATE_KEYS = 100
ROW_GROUP_ROWS = 122_880  # a normal day in one group; 2,000-row groups made point queries 30x slower
# Low-cardinality columns; a dictionary on ids and texts only costs space.
DICTIONARY_COLUMNS = {"platform", "source", "run_id", "handle", "post_kind", "metric_scope", "status", "availability"}
_SAFE_NAME = re.compile(r"^[A-Za-z0-9_-]+$")


class Lake:
    """Append-only Parquet tables under one folder.

    A lake in a bucket (`mirror`) is this class with other ends: where files and entries are put, and fetched from.
    """

    def __init__(self, root: Path, writer: str = "") -> None:
        self.root = root
        self.writer = writer  # which one of several at once; what it keeps here for itself bears that name

    def commits(self, after: int = 0) -> Iterator[Commit]:
        """Committed additions with a sequence above `after`, in order.

        Raises:
            TweetbenchError: a manifest entry cannot be read.
        """
        yield from map(read_known, entry_paths(self.root, after))

    def find_input(self, input_key: str) -> Commit | None:
        """The commit that already holds this input, if there is one."""
        return next((commit for commit in self.commits() if commit.input_key == input_key), None)

    def commit(
        self,
        tables: Mapping[str, Rows],
        *,
        source: str,
        run_id: str,
        now: datetime,
        blocks: Mapping[str, Sequence[pa.Table]] | None = None,
        input_key: str | None = None,
        found: Mapping[str, Any] | None = None,
        state: Mapping[str, Any] | None = None,
        replaces: Sequence[int] = (),
    ) -> Commit:
        """Add rows by table as one atomic commit and return it.

        Args:
            tables: rows by lake table; `source` and `run_id` are filled in here. Stored rows are never held at once.
            source: name of the source, part of the path.
            run_id: run that writes.
            now: UTC time of the commit; its date is part of the path.
            blocks: more rows by lake table, as Arrow tables of its schema without `source` and `run_id`.
            input_key: identity of the input file and its options, so that the same bytes are not added twice.
            found: what the reader said about the input, kept for `status`.
            state: bookmarks by key that this batch brings; committed with its rows, so they never run ahead of them.
            replaces: sequences of earlier commits whose rows no longer count; their files stay.

        Raises:
            ValueError: a row does not fit its schema.
            TweetbenchError: the disk refuses the write, or this run's lease was taken over by another.
        """
        require_lease(self.root.parent)
        if not (_SAFE_NAME.match(source) and _SAFE_NAME.match(run_id)):
            raise ValueError(f"source and run id become file names: {source!r}, {run_id!r}")
        # Before the tombstones: whoever erases while this is written takes a later number, and it is seen then.
        sequence = self.last_sequence() + 1
        erased = self.tombstones()
        # What is held in memory is checked before anything is written; the rows of a large file were by its reader.
        ready: dict[str, list[Iterable[pa.Table]]] = {}
        for name, parts in (blocks or {}).items():
            ready.setdefault(name, []).append([checked(name, part) for part in parts])
        for name, rows in tables.items():
            if len(rows):
                stored = rows.blocks(name) if isinstance(rows, StoredRows | RowStream) else [to_block(name, list(rows))]
                ready.setdefault(name, []).append(stored)
        stamped = {name: _stamped(name, groups, source, run_id, erased) for name, groups in ready.items()}
        origin = (sequence, run_id, source, now.isoformat(), (), input_key)
        entry = Commit(*origin, dict(found or {}), erased.clean_state(state or {}), tuple(replaces))
        stem = self._stem(entry)
        try:
            place = f"source={source}/captured_date={now.date()}/{stem}.parquet"
            files = tuple(self.write_file(name, stamped[name], f"{name}/{place}") for name in sorted(stamped))
            if len(entry.state) > INLINE_STATE_KEYS:
                entry = replace(
                    entry, state={}, state_file=self.write_state(entry.state, f"{STATE}/source={source}/{stem}.json")
                )
            # Looked at again: writing took its time, and a run that was stopped meanwhile must not wake up and commit.
            require_lease(self.root.parent)
            return self._append(replace(entry, files=files))
        except OSError as error:
            raise TweetbenchError(
                f"the lake could not be written: {error.strerror or error}",
                where=str(self.root),
                why="the disk is full or the folder is not writable; nothing of this batch was committed",
                next_step="free some space or correct the permissions, then repeat the command",
                exit_code=Exit.IO,
            ) from error

    def state(self, source: str) -> dict[str, Any]:
        """Bookmarks of a source: for each key the value of the newest commit that set it."""
        merged: dict[str, Any] = {}
        for commit in self.commits():
            if commit.source == source:
                merged.update(commit.state)
                if commit.state_file:
                    merged.update(json.loads(self.path(commit.state_file).read_bytes()))
        return merged

    def replaced(self) -> frozenset[int]:
        """Sequences of commits that a later one replaces."""
        return frozenset(sequence for commit in self.commits() for sequence in commit.replaces)

    def files(self, table: str) -> list[tuple[Commit, LakeFile]]:
        """Files of one table whose rows count, with the commit that added them."""
        return self.live_files().get(table, [])

    def live_files(self) -> dict[str, list[tuple[Commit, LakeFile]]]:
        """Files whose rows count, by table, of one moment: what comes meanwhile is in all its tables or in none."""
        commits = list(self.commits())
        replaced = {sequence for commit in commits for sequence in commit.replaces}
        live: dict[str, list[tuple[Commit, LakeFile]]] = {}
        for commit in commits:
            if commit.sequence not in replaced:
                for file in commit.files:
                    live.setdefault(file.table, []).append((commit, file))
        return live

    def read(self, table: str) -> pa.Table:
        """All committed rows of one table."""
        parts = [self.read_file(file) for _, file in self.files(table)]
        return pa.concat_tables(parts, promote_options="default") if parts else TABLES[table].empty_table()

    def read_file(self, file: LakeFile) -> pa.Table:
        """The rows of one committed file, its bytes compared with the manifest in the same reading.

        Raises:
            TweetbenchError: the file is missing, or its bytes are not those that were committed.
        """
        path = self.path(file)
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise TweetbenchError(
                "a file of the lake is damaged",
                where=file.path,
                why=self.check(file) or "it changed while it was being read",
                next_step="tweetbench verify --quarantine",
            )
        return pq.read_table(pa.BufferReader(data))

    def check(self, file: LakeFile) -> str | None:
        """What is wrong with a committed file, or None: bytes are compared with the manifest's SHA-256."""
        return compare(self.path(file), file)

    def path(self, file: LakeFile) -> Path:
        """Where the bytes of a committed file are to be read; nothing is there where they are lost."""
        return self.root / file.path

    def tombstones(self) -> Tombstones:
        """What was erased, and must not come in again.

        Raises:
            TweetbenchError: the list is damaged.
        """
        return read_tombstones(self.root)

    def keep_tombstones(self, tombstones: Tombstones) -> None:
        """Keep the list of what was erased; from then on nothing of it comes in."""
        write_tombstones(self.root, tombstones)

    def rewrite(self, commit: Commit) -> Commit:
        """Put a changed commit in the place of its entry, in one step; returned with its revision counted up."""
        return rewrite_entry(self.root, commit)

    def remove(self, relative: str) -> None:
        """Remove a file that no entry names any more, or an entry that was moved aside."""
        (self.root / relative).unlink(missing_ok=True)

    def tell_writers(self, *, run_id: str, now: datetime) -> None:
        """Make those who write at this moment heed the tombstones as they are now; a folder's lease keeps them out."""

    @contextmanager
    def as_stored(self, file: LakeFile) -> Iterator[Path]:
        """A file as it is stored, whatever a cache holds; nothing is there where it is lost."""
        yield self.root / file.path

    def fetch(self, file: LakeFile) -> None:
        """Have the stored bytes of a file in the folder, whatever they are."""

    def fetch_all(self) -> None:
        """Have the bytes of every committed file in the folder."""

    def is_mended(self, file: LakeFile) -> bool:  # noqa: ARG002 - a folder has no second copy
        """True if a damaged file could be stored again from a copy in the folder."""
        return False

    def missing(self) -> list[str]:
        """Files that entries name and that are not stored."""
        files = (file for commit in self.commits() for file in commit.all_files())
        return [file.path for file in files if not (self.root / file.path).exists()]

    def leftovers(self) -> list[str]:
        """Stored files that no entry names, as far as they are not in the folder."""
        return []

    def remove_leftovers(self, tombstones: Tombstones | None = None) -> list[str]:  # noqa: ARG002 - those of a bucket do
        """Remove what no entry names, as far as it is not in the folder; names of what went."""
        return []

    def last_sequence(self) -> int:
        """Number of the newest commit; 0 in an empty lake."""
        return last_sequence(self.root)

    def write_file(self, name: str, parts: Iterable[pa.Table], relative: str) -> LakeFile:
        """Write rows under a path of the lake, safe on the disk; they count once a manifest entry names the file.

        Args:
            name: the lake table.
            parts: its rows, in as many tables as suits the caller; a row group at most is held at once.
            relative: the path below the lake.
        """
        groups = _row_groups(parts)
        first = next(groups)
        few = [column for column in first.column_names if column in DICTIONARY_COLUMNS]
        layout = {"use_dictionary": few, "compression": "zstd", "compression_level": 3}
        with self._place(relative) as temporary:
            row_count = 0
            with pq.ParquetWriter(temporary, first.schema, **layout) as writer:
                for group in chain([first], groups):
                    writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
                    row_count += group.num_rows
            return self._settle(temporary, LakeFile(name, relative, "", row_count, 0))

    def write_state(self, state: Mapping[str, Any], relative: str) -> LakeFile:
        """Write bookmarks under a path of the lake, safe on the disk; they count once an entry names the file."""
        with self._place(relative) as temporary:
            temporary.write_text(json.dumps(state, ensure_ascii=False, separators=(",", ":"), default=str))
            return self._settle(temporary, LakeFile(STATE, relative, "", len(state), 0))

    def _stem(self, entry: Commit) -> str:
        """Name of the files of a commit that is about to be made."""
        return f"{entry.run_id}-{entry.sequence}"

    def _append(self, entry: Commit) -> Commit:
        """Make a commit of an entry whose files are written."""
        return append_entry(self.root, entry)

    def _place(self, relative: str) -> AbstractContextManager[Path]:
        """Where a file of the lake is written before it gets its name."""
        temporary = (self.root / relative).with_suffix(".tmp")
        temporary.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return unfinished(temporary)

    def _settle(self, temporary: Path, file: LakeFile) -> LakeFile:
        """Give a written file its final name, safe on the disk; the file with its digest and size."""
        failpoint("lake.file_written")
        temporary.chmod(0o600)
        settled = replace(file, sha256=file_sha256(temporary), byte_count=temporary.stat().st_size)
        sync_file(temporary)
        temporary.rename(self.root / file.path)
        failpoint("lake.file_named")
        sync_folder(temporary.parent)
        return settled


def compare(path: Path, file: LakeFile) -> str | None:
    """What is wrong with the bytes of a committed file, or None."""
    if not path.exists():
        return "the file is missing"
    return None if file_sha256(path) == file.sha256 else "the bytes differ from the manifest"


def _row_groups(parts: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The rows in tables of whole row groups, the last one shorter."""
    held: list[pa.Table] = []
    for part in parts:
        held.append(part)
        if sum(each.num_rows for each in held) >= ROW_GROUP_ROWS:
            joined = pa.concat_tables(held)
            whole = joined.num_rows - joined.num_rows % ROW_GROUP_ROWS
            yield joined.slice(0, whole)
            held = [joined.slice(whole)] if joined.num_rows > whole else []
    if held:
        yield pa.concat_tables(held)


def _stamped(
    name: str, groups: Iterable[Iterable[pa.Table]], source: str, run_id: str, erased: Tombstones
) -> Iterator[pa.Table]:
    """The blocks of one table with where they come from, without what was erased."""
    for block in chain.from_iterable(groups):
        origin = {"source": pa.repeat(source, block.num_rows), "run_id": pa.repeat(run_id, block.num_rows)}
        columns = [origin[column] if column in origin else block[column] for column in TABLES[name].names]
        yield checked(name, erased.clean_table(name, pa.Table.from_arrays(columns, schema=TABLES[name])))
