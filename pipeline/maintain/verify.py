"""Is everything still as it was written? Lake, bookmarks, journals and published versions against what they should be.

Finds only: what is done about damage belongs to `lake_repair`, throwing the build warehouse away to `rebuild`.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import sources
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake, compare
from pipeline.lake.manifest import MANIFEST, Commit, LakeFile, entry_paths, read_entry
from pipeline.lake.opening import open_lake
from pipeline.lake.tombstones import TOMBSTONES_FILE, read_tombstones
from pipeline.maintain.integrity_finding import IntegrityFinding
from pipeline.maintain.verify_databases import check_databases, version_folders
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.sources.api.journal import FOLDER as JOURNALS

QUARANTINE = "tweetbench verify --quarantine"
RESTORE = f"restore it from a backup, or run: {QUARANTINE}"


@dataclass(frozen=True)
class Verification:
    """Everything that was looked at, and what was found."""

    findings: tuple[IntegrityFinding, ...]
    file_count: int
    byte_count: int
    row_count: int
    version_count: int

    @property
    def damage(self) -> tuple[IntegrityFinding, ...]:
        """What must not stay as it is."""
        return tuple(finding for finding in self.findings if finding.is_damage)

    def error(self) -> TweetbenchError | None:
        """The damage as one error; None where there is none."""
        if not self.damage:
            return None
        first, more = self.damage[0], len(self.damage) - 1
        return TweetbenchError(
            first.what + (f", and {more} more" if more else ""),
            where=first.where,
            why=first.why,
            next_step=first.next_step,
            exit_code=Exit.BAD_DATA,
        )


def verify(settings: Settings, *, now: datetime) -> Verification:
    """Read everything that is stored in a data folder and compare it with what was written; changes nothing."""
    lake, root = open_lake(settings), settings.lake_dir
    commits, findings = read_commits(root)
    lake_files = [(commit, file) for commit in commits for file in commit.all_files()]
    for commit, file in lake_files:
        problem = check_file(lake, file)
        if problem:
            findings.append(IntegrityFinding("lake_file", file.path, "a lake file is damaged", problem, RESTORE))
        del commit
    findings += _lost(commits)
    findings += _tombstones(settings)
    findings += _bookmarks(commits, now)
    findings += _journals(root)
    findings += _orphans(root, {file.path for _, file in lake_files})
    if not any(finding.kind == "manifest" for finding in findings):
        findings += [_leftover(name) for name in lake.leftovers()]
    findings += check_databases(settings)
    return Verification(
        tuple(findings),
        len(lake_files),
        sum(file.byte_count for _, file in lake_files),
        sum(file.row_count for _, file in lake_files if file.table in TABLES),
        len(version_folders(settings)),
    )


def read_commits(root: Path) -> tuple[list[Commit], list[IntegrityFinding]]:
    """The commits that can be read, and what is wrong with the others and with the order of their numbers."""
    commits, findings, expected = [], [], 1
    for entry in entry_paths(root):
        number = int(entry.stem)
        findings += [_missing(root, absent) for absent in range(expected, number)]
        expected = number + 1
        try:
            commits.append(read_entry(entry))
        except TweetbenchError as error:
            findings.append(IntegrityFinding("manifest", f"{MANIFEST}/{entry.name}", error.what, error.why, RESTORE))
    return commits, findings


def check_file(lake: Lake, file: LakeFile) -> str | None:
    """What is wrong with a committed file as it is stored, or None: presence, size, SHA-256, rows and columns."""
    with lake.as_stored(file) as path:
        return _check(path, file)


def _check(path: Path, file: LakeFile) -> str | None:
    problem = compare(path, file)
    if problem and path.exists() and path.stat().st_size != file.byte_count:
        return f"it has {path.stat().st_size:,} bytes instead of {file.byte_count:,}"
    if problem or file.table not in TABLES:
        return problem
    try:
        metadata = pq.read_metadata(path)
        schema = metadata.schema.to_arrow_schema()
    except (pa.ArrowException, OSError) as error:
        return f"it is no Parquet file: {error}"
    if metadata.num_rows != file.row_count:
        return f"it has {metadata.num_rows:,} rows instead of {file.row_count:,}"
    known = TABLES[file.table]
    odd = [column.name for column in schema if column.name not in known.names or column.type != _type(known, column)]
    return f"columns that the table {file.table} does not have: {', '.join(odd)}" if odd else None


def _type(schema: pa.Schema, column: pa.Field) -> pa.DataType:
    return schema.field(column.name).type


def _missing(root: Path, number: int) -> IntegrityFinding:
    why = "entry numbers have no gaps, so it did exist; its rows and bookmarks are not read"
    step = "restore it from a backup; without one: tweetbench run reads again what it can, tweetbench backfill shows it"
    is_known = any((root.parent / "quarantine").glob(f"lake-*-{MANIFEST}-{number:010d}.json"))
    where = f"{MANIFEST}/{number:010d}.json"
    return IntegrityFinding("manifest", where, "an entry of the manifest is missing", why, step, is_damage=not is_known)


def _lost(commits: list[Commit]) -> Iterator[IntegrityFinding]:
    for commit in commits:
        for path in commit.lost:
            why = "it was damaged, moved aside on request, and could not be restored from anything here"
            step = "the gap is shown by: tweetbench backfill"
            yield IntegrityFinding("lost", path, "a lake file was lost", why, step, is_damage=False)


def _tombstones(settings: Settings) -> Iterator[IntegrityFinding]:
    try:
        read_tombstones(settings.lake_dir)
    except TweetbenchError as error:
        yield IntegrityFinding("tombstones", TOMBSTONES_FILE, error.what, error.why, error.next_step)


def _bookmarks(commits: list[Commit], now: datetime) -> Iterator[IntegrityFinding]:
    for source in sources.API_SOURCES:
        state: dict[str, object] = {}
        for commit in commits:
            if commit.source == source.NAME:
                state.update(commit.state)
        for key, value in state.items():
            try:
                source.check_state(key, value, now=now)
            except TweetbenchError as error:
                yield IntegrityFinding("bookmark", key, error.what, error.why, error.next_step)


def _journals(root: Path) -> Iterator[IntegrityFinding]:
    for path in sorted((root / JOURNALS).rglob("*.jsonl")):
        lines = path.read_bytes().split(b"\n")
        bad = sum(not _is_json(line) for line in lines[:-1])
        where, torn = path.relative_to(root).as_posix(), bool(lines[-1])
        step = "tweetbench run   (commits what can be read; the rest becomes issues)"
        if bad:
            yield IntegrityFinding(
                "journal", where, "a journal of a stopped run is damaged", f"{bad} pages unreadable", step
            )
        else:
            why = f"{len(lines) - 1} pages wait to be committed" + (", the last one was cut off" if torn else "")
            yield IntegrityFinding("journal", where, "a stopped run left a journal", why, step, is_damage=False)


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _leftover(name: str) -> IntegrityFinding:
    why = "a run was stopped before its commit, or is at work on another machine; nothing reads the file"
    step = "tweetbench doctor --fix   (removes it from the bucket once it is a day old)"
    return IntegrityFinding("orphan", name, "a file in the bucket that no commit names", why, step, is_damage=False)


def _orphans(root: Path, known: set[str]) -> Iterator[IntegrityFinding]:
    for path in sorted([*root.rglob("*.parquet"), *root.rglob("*.tmp")]):
        where = path.relative_to(root).as_posix()
        if where not in known:
            why = "a run was stopped before its commit, or its entry was removed; nothing reads the file"
            yield IntegrityFinding(
                "orphan", where, "a file that no commit names", why, "tweetbench doctor --fix", is_damage=False
            )
