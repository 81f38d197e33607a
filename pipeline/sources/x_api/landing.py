"""Crash safety of pages that were paid for: a journal on disk before the next request, then one lake commit for many.

A journal segment becomes exactly one commit; the commit's input key is the segment's name, so that a segment left by
a crash is committed once and never twice. What the rows mean belongs elsewhere.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.durable import sync_folder
from pipeline.errors import Exit, TweetbenchError
from pipeline.faults import fault_point
from pipeline.lake import Lake
from pipeline.schemas import TABLES
from pipeline.sources.protocol import Row
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.values import json_of

FOLDER = "_landing"


class Landing:
    """Pages of one run on their way into the lake. `state` shows bookmarks as of the last page that landed."""

    def __init__(
        self, lake: Lake, *, source: str, run_id: str, rows_in_memory: int, clock: Callable[[], datetime]
    ) -> None:
        self._lake, self._source, self._run_id = lake, source, run_id
        self._limit, self._clock = rows_in_memory, clock
        self._segment, self._stream = 0, -1
        # A run id may come back after a crash; a segment's name, which is its identity in the lake, must not.
        self._stem = f"{run_id}-{secrets.token_hex(4)}"
        self._tables: dict[str, list[Row]] = {}
        self._changes: dict[str, Any] = {}
        self.state = lake.state(source)
        self.row_counts: dict[str, int] = {}

    def append(self, tables: Mapping[str, list[Row]], state: Mapping[str, Any] | None = None) -> None:
        """Keep a page's rows and the bookmarks they bring; on the disk before this returns.

        Raises:
            TweetbenchError: the disk refuses the write.
        """
        rows = {name: list(added) for name, added in tables.items() if added}
        changed = {key: value for key, value in (state or {}).items() if self.state.get(key) != value}
        if not rows and not changed:
            return
        self._write({"tables": rows, "state": changed})
        self.state.update(changed)
        self._changes.update(changed)
        for name, added in rows.items():
            self._tables.setdefault(name, []).extend(added)
            self.row_counts[name] = self.row_counts.get(name, 0) + len(added)
        if sum(map(len, self._tables.values())) >= self._limit:
            self.commit()

    def commit(self, found: Mapping[str, Any] | None = None) -> None:
        """Turn what has landed into one commit of the lake and drop its journal."""
        if self._stream >= 0 or found:
            _commit_once(
                self._lake, self._path, self._tables, self._changes, self._source, self._run_id, self._clock(), found
            )
        if self._stream >= 0:
            os.close(self._stream)
            self._path.unlink()
        self._segment, self._stream = self._segment + 1, -1
        self._tables, self._changes = {}, {}

    @property
    def _path(self) -> Path:
        return self._lake.root / FOLDER / f"{self._stem}-{self._segment:06d}.jsonl"

    def _write(self, entry: Mapping[str, Any]) -> None:
        line = json_of(entry) + b"\n"
        try:
            if self._stream < 0:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._stream = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
                sync_folder(self._path.parent)
            while line:
                line = line[os.write(self._stream, line) :]
            os.fsync(self._stream)
            fault_point("landing.appended")
        except OSError as error:
            raise TweetbenchError(
                f"a page could not be kept: {error.strerror or error}",
                where=str(self._path.name),
                why="the disk is full or not writable; every page before this one is kept",
                next_step="free some space, then run: tweetbench run --only x_api",
                exit_code=Exit.IO,
            ) from error


def recover(lake: Lake, *, source: str, now: datetime) -> int:
    """Commit what crashed runs left in their journals and return how many segments there were.

    A torn last line is the page in flight and is dropped; any other unreadable line becomes an issue.
    """
    segments = sorted((lake.root / FOLDER).glob("*.jsonl"))
    for path in segments:
        tables, state, broken = _read_segment(path)
        if broken:
            tables.setdefault("issues", []).append(
                api_issue(
                    f"journal {path.name}",
                    "journal_damaged",
                    detail=f"{broken} pages of a crashed run could not be read back",
                    next_step="check the disk; the posts are read again within the overlap of the next runs",
                    at=now,
                )
            )
        if tables or state:
            _commit_once(lake, path, tables, state, source, path.stem.rsplit("-", 2)[0], now, {"recovered": True})
        path.unlink()
    return len(segments)


def _commit_once(
    lake: Lake,
    path: Path,
    tables: Mapping[str, list[Row]],
    state: Mapping[str, Any],
    source: str,
    run_id: str,
    now: datetime,
    found: Mapping[str, Any] | None,
) -> None:
    key = f"{source}:{path.stem}"
    # Only a segment of an earlier run can be in the lake already, and looking for it reads the whole manifest.
    if found and found.get("recovered") and lake.find_input(key):
        return
    lake.commit(tables, source=source, run_id=run_id, now=now, input_key=key, found=found, state=state)


def _read_segment(path: Path) -> tuple[dict[str, list[Row]], dict[str, Any], int]:
    tables: dict[str, list[Row]] = {}
    state: dict[str, Any] = {}
    broken = 0
    with path.open("rb") as stream:
        for line in stream:
            try:
                entry = json.loads(line)
                rows = {name: [_typed(name, row) for row in added] for name, added in entry["tables"].items()}
                changes = dict(entry["state"])
            except (ValueError, KeyError, TypeError, AttributeError):
                broken += line.endswith(b"\n")
                continue
            for name, added in rows.items():
                tables.setdefault(name, []).extend(added)
            state.update(changes)
    return tables, state, broken


def _typed(table: str, row: Row) -> Row:
    """A journal row with its times and days as such again."""
    schema = TABLES[table]
    return {name: _from_text(value, schema.field(name).type) for name, value in row.items()}


def _from_text(value: Any, kind: pa.DataType) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if pa.types.is_date(kind) else value
