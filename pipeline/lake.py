"""The lake: validated batches as immutable Parquet files behind a manifest.

A commit writes its data files first (temporary name, fsync, rename) and then one manifest entry; the entry's
appearance is the commit. Readers take the files from the manifest, never from a glob, and check their SHA-256.
What the rows mean belongs to `schemas`, what becomes of them in DuckDB to `warehouse`.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.durable import file_sha256, sync_file, sync_folder
from pipeline.errors import Exit, TweetbenchError
from pipeline.schemas import TABLES

MANIFEST, STATE = "_manifest", "_state"
# More bookmarks than this get a file of their own: a year of those of 8,000 accounts makes every reading 4 s longer.
INLINE_STATE_KEYS = 100
ROW_GROUP_ROWS = 122_880  # a normal day in one group; 2,000-row groups made point queries 30x slower
# Low-cardinality columns; a dictionary on ids and texts only costs space.
DICTIONARY_COLUMNS = {"platform", "source", "run_id", "handle", "post_kind", "metric_scope", "status", "availability"}
_SAFE_NAME = re.compile(r"^[A-Za-z0-9_-]+$")

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class LakeFile:
    """One Parquet file of one table; `path` is relative to the lake."""

    table: str
    path: str
    sha256: str
    row_count: int
    byte_count: int


@dataclass(frozen=True)
class Commit:
    """One atomic addition to the lake."""

    sequence: int
    run_id: str
    source: str
    committed_at: str
    files: tuple[LakeFile, ...]
    input_key: str | None = None
    found: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    replaces: tuple[int, ...] = ()
    state_file: LakeFile | None = None

    def row_counts(self) -> dict[str, int]:
        """Rows added by table."""
        names = sorted({file.table for file in self.files})
        return {name: sum(file.row_count for file in self.files if file.table == name) for name in names}


class Lake:
    """Append-only Parquet tables under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def commits(self, after: int = 0) -> Iterator[Commit]:
        """Committed additions with a sequence above `after`, in order.

        Raises:
            TweetbenchError: a manifest entry cannot be read.
        """
        for entry in sorted((self.root / MANIFEST).glob("*.json")):
            if int(entry.stem) > after:
                yield _read_entry(entry)

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
            input_key: identity of the input file and its options, so that the same bytes are not added twice.
            found: what the reader said about the input, kept for `status`.
            state: bookmarks by key that this batch brings; committed with its rows, so they never run ahead of them.
            replaces: sequences of earlier commits whose rows no longer count; their files stay.

        Raises:
            TweetbenchError: a row does not fit its schema, or the disk refuses the write.
        """
        if not (_SAFE_NAME.match(source) and _SAFE_NAME.match(run_id)):
            raise ValueError(f"source and run id become file names: {source!r}, {run_id!r}")
        ready = {name: _to_arrow(name, rows, source, run_id) for name, rows in tables.items() if rows}
        origin = (self.last_sequence() + 1, run_id, source, now.isoformat(), (), input_key)
        entry = Commit(*origin, dict(found or {}), dict(state or {}), tuple(replaces))
        stem = f"{run_id}-{entry.sequence}"
        try:
            files = tuple(self._write(name, table, source, stem, now) for name, table in sorted(ready.items()))
            if len(entry.state) > INLINE_STATE_KEYS:
                entry = replace(entry, state={}, state_file=self._write_state(entry.state, source, stem))
            return self._append_entry(replace(entry, files=files))
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
        parts = [pq.read_table(self.root / file.path) for _, file in self.files(table)]
        return pa.concat_tables(parts, promote_options="default") if parts else TABLES[table].empty_table()

    def check(self, file: LakeFile) -> str | None:
        """What is wrong with a committed file, or None: bytes are compared with the manifest's SHA-256."""
        path = self.root / file.path
        if not path.exists():
            return "the file is missing"
        return None if file_sha256(path) == file.sha256 else "the bytes differ from the manifest"

    def last_sequence(self) -> int:
        """Number of the newest commit; 0 in an empty lake."""
        return max((int(entry.stem) for entry in (self.root / MANIFEST).glob("*.json")), default=0)

    def _write(self, name: str, table: pa.Table, source: str, stem: str, now: datetime) -> LakeFile:
        relative = Path(name) / f"source={source}" / f"captured_date={now.date()}" / f"{stem}.parquet"
        temporary = (self.root / relative).with_suffix(".tmp")
        temporary.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        few = [column for column in table.column_names if column in DICTIONARY_COLUMNS]
        layout = {"row_group_size": ROW_GROUP_ROWS, "use_dictionary": few}
        pq.write_table(table, temporary, compression="zstd", compression_level=3, **layout)
        return self._settle(temporary, LakeFile(name, relative.as_posix(), "", table.num_rows, 0))

    def _write_state(self, state: Mapping[str, Any], source: str, stem: str) -> LakeFile:
        relative = Path(STATE) / f"source={source}" / f"{stem}.json"
        temporary = (self.root / relative).with_suffix(".tmp")
        temporary.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_text(json.dumps(state, ensure_ascii=False, separators=(",", ":"), default=str))
        return self._settle(temporary, LakeFile(STATE, relative.as_posix(), "", len(state), 0))

    def _settle(self, temporary: Path, file: LakeFile) -> LakeFile:
        """Give a written file its final name, safe on the disk; the file with its digest and size."""
        temporary.chmod(0o600)
        settled = replace(file, sha256=file_sha256(temporary), byte_count=temporary.stat().st_size)
        sync_file(temporary)
        temporary.rename(self.root / file.path)
        sync_folder(temporary.parent)
        return settled

    def _append_entry(self, commit: Commit) -> Commit:
        folder = self.root / MANIFEST
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = folder / f".{commit.run_id}-{commit.sequence}.tmp"
        while True:
            temporary.write_text(json.dumps(asdict(commit), ensure_ascii=False, indent=1, default=str))
            temporary.chmod(0o600)
            sync_file(temporary)
            try:
                # A hard link fails where the name is taken: two writers can never claim one sequence number.
                os.link(temporary, folder / f"{commit.sequence:010d}.json")
            except FileExistsError:
                commit = replace(commit, sequence=commit.sequence + 1)
                continue
            temporary.unlink()
            sync_folder(folder)
            return commit


def _to_arrow(name: str, rows: Rows, source: str, run_id: str) -> pa.Table:
    schema = TABLES[name]
    known = set(schema.names)
    stamped = []
    for row in rows:
        unknown = row.keys() - known
        if unknown:
            raise ValueError(f"lake table {name} has no column {', '.join(sorted(unknown))}")
        stamped.append({**row, "source": source, "run_id": run_id})
    table = pa.Table.from_pylist(stamped, schema=schema)
    for column in schema:
        if not column.nullable and table[column.name].null_count:
            raise ValueError(f"lake table {name} needs a value in every row of {column.name}")
    return table


def _read_entry(entry: Path) -> Commit:
    try:
        fields = json.loads(entry.read_text())
        return Commit(
            **{
                **fields,
                "files": tuple(LakeFile(**file) for file in fields["files"]),
                "replaces": tuple(fields.get("replaces", ())),
                "state_file": LakeFile(**fields["state_file"]) if fields.get("state_file") else None,
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise TweetbenchError(
            "a manifest entry of the lake cannot be read",
            where=str(entry),
            why=f"{type(error).__name__}: {error}",
            next_step="restore the file from a backup, or move it away and run: tweetbench doctor",
        ) from error
