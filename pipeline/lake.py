"""The lake: validated batches as immutable Parquet files behind a manifest.

A commit writes its data files first (temporary name, fsync, rename) and then one manifest entry; the entry's
appearance is the commit. Readers take the files from the manifest, never from a glob, and check their SHA-256.
What the rows mean belongs to `schemas`, what becomes of them in DuckDB to `warehouse`.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.durable import file_sha256, sync_file, sync_folder, unfinished
from pipeline.errors import Exit, TweetbenchError
from pipeline.faults import fault_point
from pipeline.lease import require_lease
from pipeline.manifest import MANIFEST, Commit, LakeFile, append_entry, entry_paths, last_sequence, read_known
from pipeline.schemas import TABLES
from pipeline.tombstones import Tombstones, read_tombstones

__all__ = ["INLINE_STATE_KEYS", "MANIFEST", "STATE", "Commit", "Lake", "LakeFile", "Rows"]

STATE = "_state"
# More bookmarks than this get a file of their own: a year of those of 8,000 accounts makes every reading 4 s longer.
INLINE_STATE_KEYS = 100
ROW_GROUP_ROWS = 122_880  # a normal day in one group; 2,000-row groups made point queries 30x slower
# Low-cardinality columns; a dictionary on ids and texts only costs space.
DICTIONARY_COLUMNS = {"platform", "source", "run_id", "handle", "post_kind", "metric_scope", "status", "availability"}
_SAFE_NAME = re.compile(r"^[A-Za-z0-9_-]+$")

Rows = Sequence[Mapping[str, Any]]


class Lake:
    """Append-only Parquet tables under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

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
            tables: rows by lake table; `source` and `run_id` are filled in here.
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
        erased = read_tombstones(self.root)
        ready = {name: _to_arrow(name, rows, source, run_id, erased) for name, rows in tables.items() if rows}
        for name, parts in (blocks or {}).items():
            stamped = [_stamped(name, part, source, run_id, erased) for part in parts]
            ready[name] = pa.concat_tables([*stamped, *([ready[name]] if name in ready else [])])
        origin = (self.last_sequence() + 1, run_id, source, now.isoformat(), (), input_key)
        entry = Commit(*origin, dict(found or {}), erased.clean_state(state or {}), tuple(replaces))
        stem = f"{run_id}-{entry.sequence}"
        try:
            files = tuple(self._write(name, table, source, stem, now) for name, table in sorted(ready.items()))
            if len(entry.state) > INLINE_STATE_KEYS:
                entry = replace(
                    entry, state={}, state_file=self.write_state(entry.state, f"{STATE}/source={source}/{stem}.json")
                )
            # Looked at again: writing took its time, and a run that was stopped meanwhile must not wake up and commit.
            require_lease(self.root.parent)
            return append_entry(self.root, replace(entry, files=files))
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
                    merged.update(json.loads((self.root / commit.state_file.path).read_bytes()))
        return merged

    def replaced(self) -> frozenset[int]:
        """Sequences of commits that a later one replaces."""
        return frozenset(sequence for commit in self.commits() for sequence in commit.replaces)

    def files(self, table: str) -> Iterator[tuple[Commit, LakeFile]]:
        """Files of one table whose rows count, with the commit that added them."""
        commits = list(self.commits())
        replaced = {sequence for commit in commits for sequence in commit.replaces}
        for commit in commits:
            for file in commit.files:
                if file.table == table and commit.sequence not in replaced:
                    yield commit, file

    def read(self, table: str) -> pa.Table:
        """All committed rows of one table."""
        parts = [self.read_file(file) for _, file in self.files(table)]
        return pa.concat_tables(parts, promote_options="default") if parts else TABLES[table].empty_table()

    def read_file(self, file: LakeFile) -> pa.Table:
        """The rows of one committed file, its bytes compared with the manifest in the same reading.

        Raises:
            TweetbenchError: the file is missing, or its bytes are not those that were committed.
        """
        path = self.root / file.path
        data = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(data).hexdigest() != file.sha256:
            raise TweetbenchError(
                "a file of the lake is damaged",
                where=file.path,
                why=self.check(file) or "it changed while it was read",
                next_step="tweetbench verify --quarantine",
            )
        return pq.read_table(pa.BufferReader(data))

    def check(self, file: LakeFile) -> str | None:
        """What is wrong with a committed file, or None: bytes are compared with the manifest's SHA-256."""
        path = self.root / file.path
        if not path.exists():
            return "the file is missing"
        return None if file_sha256(path) == file.sha256 else "the bytes differ from the manifest"

    def last_sequence(self) -> int:
        """Number of the newest commit; 0 in an empty lake."""
        return last_sequence(self.root)

    def _write(self, name: str, table: pa.Table, source: str, stem: str, now: datetime) -> LakeFile:
        return self.write_file(name, table, f"{name}/source={source}/captured_date={now.date()}/{stem}.parquet")

    def write_file(self, name: str, table: pa.Table, relative: str) -> LakeFile:
        """Write rows under a path of the lake, safe on the disk; they count once a manifest entry names the file."""
        few = [column for column in table.column_names if column in DICTIONARY_COLUMNS]
        layout = {"row_group_size": ROW_GROUP_ROWS, "use_dictionary": few}
        with self._place(relative) as temporary:
            pq.write_table(table, temporary, compression="zstd", compression_level=3, **layout)
            return self._settle(temporary, LakeFile(name, relative, "", table.num_rows, 0))

    def write_state(self, state: Mapping[str, Any], relative: str) -> LakeFile:
        """Write bookmarks under a path of the lake, safe on the disk; they count once an entry names the file."""
        with self._place(relative) as temporary:
            temporary.write_text(json.dumps(state, ensure_ascii=False, separators=(",", ":"), default=str))
            return self._settle(temporary, LakeFile(STATE, relative, "", len(state), 0))

    def _place(self, relative: str) -> AbstractContextManager[Path]:
        """Where a file of the lake is written before it gets its name."""
        temporary = (self.root / relative).with_suffix(".tmp")
        temporary.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return unfinished(temporary)

    def _settle(self, temporary: Path, file: LakeFile) -> LakeFile:
        """Give a written file its final name, safe on the disk; the file with its digest and size."""
        fault_point("lake.file_written")
        temporary.chmod(0o600)
        settled = replace(file, sha256=file_sha256(temporary), byte_count=temporary.stat().st_size)
        sync_file(temporary)
        temporary.rename(self.root / file.path)
        fault_point("lake.file_named")
        sync_folder(temporary.parent)
        return settled


def _to_arrow(name: str, rows: Rows, source: str, run_id: str, erased: Tombstones) -> pa.Table:
    schema = TABLES[name]
    known = set(schema.names)
    stamped = []
    for row in rows:
        unknown = row.keys() - known
        if unknown:
            raise ValueError(f"lake table {name} has no column {', '.join(sorted(unknown))}")
        allowed = erased.clean_row(name, row) if erased else row
        stamped.append({**allowed, "source": source, "run_id": run_id})
    return _checked(name, pa.Table.from_pylist(stamped, schema=schema))


def _stamped(name: str, block: pa.Table, source: str, run_id: str, erased: Tombstones) -> pa.Table:
    origin = {"source": pa.repeat(source, block.num_rows), "run_id": pa.repeat(run_id, block.num_rows)}
    columns = [origin[column] if column in origin else block[column] for column in TABLES[name].names]
    return _checked(name, erased.clean_table(name, pa.Table.from_arrays(columns, schema=TABLES[name])))


def _checked(name: str, table: pa.Table) -> pa.Table:
    for column in TABLES[name]:
        if not column.nullable and table[column.name].null_count:
            raise ValueError(f"lake table {name} needs a value in every row of {column.name}")
    return table
