"""Crash safety of pages that were read: a journal on disk before the next request, then one lake commit for many.

A journal segment becomes exactly one commit; the commit's input key is the segment's name, so that a segment left by
a crash is committed once and never twice. Posts stay the API's text until their commit, where the source's converter
turns many into rows at once. What the rows mean belongs to the source.
"""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.files import sync_folder
from pipeline.schemas import TABLES
from pipeline.sources.api.json_values import json_of
from pipeline.sources.api.responses import ANSWERS, Converted, RawResponse, api_issue
from pipeline.sources.issue_summary import IssueGroup, join_summaries, summarise_issues
from pipeline.sources.lake_source import Row

FOLDER = "_landing"  # below it one folder for each source
ROWS_OF_A_POST = 2  # itself and its metrics


@dataclass(frozen=True)
class JournalOwner:
    """Whose journals they are, and what makes rows of its answers; `convert` never raises because of an answer.

    `adopts_loose`: journals that lie in `FOLDER` itself are its own, from before each source had a folder.
    """

    source: str
    platform: str
    convert: Callable[[Sequence[RawResponse]], Converted]
    adopts_loose: bool = False

    def folder(self, lake: Lake) -> Path:
        """Where the journals of this process lie."""
        return lake.root / FOLDER / self.source / lake.writer

    def paths(self, lake: Lake) -> list[Path]:
        """Its journals that no other process is writing, in order.

        Readers of other parts write theirs at the same time; while one reads a part, nobody reads parts of another
        count or all accounts, so what such runs have left is the first reader's. Whoever reads all accounts is alone.
        """
        number, _, count = lake.writer.partition("-of-")
        if number not in {"", "1"}:
            return sorted(self.folder(lake).glob("*.jsonl"))
        loose = sorted((lake.root / FOLDER).glob("*.jsonl")) if self.adopts_loose else []
        every = sorted((lake.root / FOLDER / self.source).rglob("*.jsonl"))
        others = {path for path in every if number and path.parent.name.endswith(f"-of-{count}")}
        return [*loose, *(path for path in every if path not in others or path.parent.name == lake.writer)]


class _AnswerLine(msgspec.Struct):
    at: datetime
    endpoint: str
    handles: dict[str, str | None]
    post_count: int
    text: msgspec.Raw
    origin: str = ""


class _Line(msgspec.Struct):
    tables: msgspec.Raw
    state: msgspec.Raw
    answers: list[_AnswerLine] = []


_LINE = msgspec.json.Decoder(_Line)


@dataclass
class Segment:
    """What one journal segment holds."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    answers: list[RawResponse] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)

    def add(self, tables: Mapping[str, list[Row]], answers: Iterable[RawResponse], state: Mapping[str, Any]) -> None:
        """Add what one page brings."""
        for name, rows in tables.items():
            self.tables.setdefault(name, []).extend(rows)
        self.answers.extend(answers)
        self.state.update(state)

    @property
    def row_count(self) -> int:
        """Rows that it comes to, at most."""
        posts = sum(answer.post_count for answer in self.answers)
        return sum(map(len, self.tables.values())) + ROWS_OF_A_POST * posts


class Journal:
    """Pages of one run on their way into the lake.

    `state` shows bookmarks as of the last page that landed, `issues` what the pages so far brought of them.
    """

    def __init__(
        self, lake: Lake, owner: JournalOwner, *, run_id: str, rows_in_memory: int, clock: Callable[[], datetime]
    ) -> None:
        self._lake, self._owner, self._run_id = lake, owner, run_id
        self._limit, self._clock = rows_in_memory, clock
        self._number, self._stream = 0, -1
        # A run id may come back after a crash; a segment's name, which is its identity in the lake, must not.
        self._stem = f"{run_id}-{secrets.token_hex(4)}"
        self._segment = Segment()
        self.state = lake.state(owner.source)
        self.row_counts: dict[str, int] = {}
        self.issues: tuple[IssueGroup, ...] = ()

    def append(self, tables: Mapping[str, list[Row]], state: Mapping[str, Any] | None = None) -> None:
        """Keep a page's rows and the bookmarks they bring; on the disk before this returns.

        Raises:
            TweetbenchError: the disk refuses the write.
        """
        rows = {name: list(added) for name, added in tables.items() if added and name != ANSWERS}
        answers = [RawResponse(**row) for row in tables.get(ANSWERS, ())]
        changed = {key: value for key, value in (state or {}).items() if self.state.get(key) != value}
        if not rows and not answers and not changed:
            return
        self._write(journal_line(rows, answers, changed))
        self.state.update(changed)
        self.issues = join_summaries((*self.issues, *summarise_issues(rows.get("issues", ()))))
        self._segment.add(rows, answers, changed)
        if self._segment.row_count >= self._limit:
            self.commit()

    def commit(self, found: Mapping[str, Any] | None = None) -> None:
        """Turn what has landed into one commit of the lake and drop its journal."""
        if self._stream >= 0 or found:
            counts = _commit(self._lake, self._path, self._segment, self._owner, self._run_id, self._clock(), found)
            for name, count in counts.items():
                self.row_counts[name] = self.row_counts.get(name, 0) + count
        if self._stream >= 0:
            os.close(self._stream)
            self._path.unlink()
        self._number, self._stream, self._segment = self._number + 1, -1, Segment()

    @property
    def _path(self) -> Path:
        return self._owner.folder(self._lake) / f"{self._stem}-{self._number:06d}.jsonl"

    def _write(self, line: bytes) -> None:
        try:
            if self._stream < 0:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._stream = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_EXCL, 0o600)
                for folder in (self._path.parent, *self._path.parent.parents):  # which may be new as well
                    sync_folder(folder)
                    if folder.name == FOLDER:
                        break
            while line:
                line = line[os.write(self._stream, line) :]
            os.fsync(self._stream)
            failpoint("landing.appended")
        except OSError as error:
            raise TweetbenchError(
                f"a page could not be kept: {error.strerror or error}",
                where=str(self._path.name),
                why="the disk is full or not writable; every page before this one is kept",
                next_step=f"free some space, then run: tweetbench run --only {self._owner.source}",
                exit_code=Exit.IO,
            ) from error


def recover(lake: Lake, owner: JournalOwner, *, now: datetime) -> int:
    """Commit what crashed runs of a source left in their journals and return how many segments there were.

    A torn last line is the page in flight and is dropped; any other unreadable line becomes an issue.
    """
    segments = owner.paths(lake)
    # Only a segment of an earlier run can be in the lake already, and looking for it reads the whole manifest.
    known = {commit.input_key for commit in lake.commits()} if segments else set()
    for path in segments:
        segment, broken = _read_segment(path)
        if broken:
            detail = f"{broken} pages of a crashed run could not be read back"
            step = "check the disk; the posts are read again within the overlap of the next runs"
            issue = api_issue(
                f"journal {path.name}",
                "journal_damaged",
                detail=detail,
                next_step=step,
                at=now,
                platform=owner.platform,
            )
            segment.add({"issues": [issue]}, (), {})
        if segment != Segment() and _key(owner.source, path) not in known:
            _commit(lake, path, segment, owner, path.stem.rsplit("-", 2)[0], now, {"recovered": True})
        path.unlink()
    return len(segments)


def _commit(
    lake: Lake,
    path: Path,
    segment: Segment,
    owner: JournalOwner,
    run_id: str,
    now: datetime,
    found: Mapping[str, Any] | None,
) -> dict[str, int]:
    """Commit a segment; the rows by lake table that it came to."""
    converted = owner.convert(segment.answers)
    converted.add_rows(segment.tables)
    lake.commit(
        converted.rows,
        source=owner.source,
        run_id=run_id,
        now=now,
        blocks=converted.blocks,
        input_key=_key(owner.source, path),
        found=found,
        state=segment.state,
    )
    return converted.row_counts()


def _key(source: str, path: Path) -> str:
    """What the lake knows a segment by."""
    return f"{source}:{path.stem}"


def handles_of(state: Mapping[str, Any]) -> dict[str, str]:
    """Handles as last seen, by account id, of a source's committed state."""
    return {
        key.removeprefix("account:"): value["handle"]
        for key, value in state.items()
        if key.startswith("account:") and isinstance(value, dict) and isinstance(value.get("handle"), str)
    }


def journal_line(tables: Mapping[str, list[Row]], answers: Iterable[RawResponse], state: Mapping[str, Any]) -> bytes:
    """What one page brings as a line of the journal; the API's text is in it as it came."""
    parts = []
    for answer in answers:
        known = {name: value for name, value in vars(answer).items() if name != "text"}
        parts.append(json_of(known)[:-1] + b',"text":' + answer.text + b"}")
    return b'{"tables":%b,"state":%b,"answers":[%b]}\n' % (json_of(tables), json_of(state), b",".join(parts))


def _read_segment(path: Path) -> tuple[Segment, int]:
    """What a journal holds, and how many of its lines are damaged."""
    segment, broken = Segment(), 0
    with path.open("rb") as stream:
        for text in stream:
            try:
                line = _LINE.decode(text)
                tables = json.loads(bytes(line.tables))
                rows = {name: [_typed(name, row) for row in added] for name, added in tables.items()}
                state = dict(json.loads(bytes(line.state)))
            except (ValueError, KeyError, TypeError, AttributeError, msgspec.MsgspecError):
                broken += text.endswith(b"\n")
                continue
            answers = [
                RawResponse(bytes(each.text), each.at, each.endpoint, each.handles, each.post_count, each.origin)
                for each in line.answers
            ]
            segment.add(rows, answers, state)
    return segment, broken


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
