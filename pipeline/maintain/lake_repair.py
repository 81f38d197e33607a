"""What is done about damage in the lake: the damaged file is moved aside by name, and its rows are made again from the
nearest copy that can be trusted. Finding damage belongs to `verify`.

Copies are tried in this order: the build warehouse, which loaded the file while it was whole; the person's own file in
inbox/done, which goes back into the inbox; X itself, whose bookmarks go back to before the lost commit. What none of
them can give is named in the manifest as lost.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline import sources
from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.manifest import MANIFEST, Commit, LakeFile, entry_paths, read_entry
from pipeline.lake.opening import open_lake
from pipeline.maintain.verify import check_file
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.files import file_sha256, replace_text
from pipeline.runtime.lease import require_lease
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.warehouse import connect


@dataclass(frozen=True)
class Repair:
    """What became of one damaged thing."""

    where: str
    problem: str
    outcome: str
    moved_to: str | None = None


def quarantine_damage(settings: Settings, *, now: datetime) -> list[Repair]:
    """Move every damaged lake file and manifest entry aside and bring back what can be brought back.

    The caller holds the lease. Interrupted at any point, a second call resumes there.

    Raises:
        TweetbenchError: this run has lost its lease.
        OSError: the disk refuses a write.
    """
    require_lease(settings.data_dir)
    lake = open_lake(settings)
    repairs = list(_bad_entries(settings, lake, now))
    for commit in list(lake.commits()):
        changed = commit
        for file in commit.all_files():
            problem = check_file(lake, file)
            if problem:
                changed, repair = _repair(settings, lake, changed, file, problem, now)
                repairs.append(repair)
    return repairs


def _bad_entries(settings: Settings, lake: Lake, now: datetime) -> Iterator[Repair]:
    for entry in list(entry_paths(lake.root)):
        try:
            read_entry(entry)
        except TweetbenchError as error:
            moved = _aside(settings, entry, f"{MANIFEST}/{entry.name}", error.why, now)
            lake.remove(f"{MANIFEST}/{entry.name}")
            failpoint("quarantine.moved")
            again = _entry_of_ledger(settings, lake, int(entry.stem))
            if again is None:
                outcome = (
                    "its rows and bookmarks no longer count; to read again what is still available: tweetbench run"
                )
            else:
                lake.rewrite(again)
                outcome = "rewritten from the build warehouse's ledger; its bookmarks are the earlier ones"
            yield Repair(f"{MANIFEST}/{entry.name}", error.why, outcome, moved)


def _entry_of_ledger(settings: Settings, lake: Lake, sequence: int) -> Commit | None:
    """The entry as the warehouse's ledger tells it, without bookmarks; None where a file it names is not whole."""
    query = (
        "select table_name, path, sha256, row_count, source, run_id, committed_at from raw.lake_files "
        "where lake_sequence = ? order by table_name, path"
    )
    try:
        with connect(settings, read_only=True) as connection:
            rows = connection.execute(query, [sequence]).fetchall()
    except (TweetbenchError, duckdb.Error):
        return None
    # The ledger does not know sizes: a file is measured as it is stored.
    asked = (LakeFile(table, path, sha256, count, -1) for table, path, sha256, count, *_ in rows)
    paths = [(file, lake.path(file)) for file in asked]
    files = tuple(replace(file, byte_count=path.stat().st_size) for file, path in paths if path.exists())
    if not files or len(files) != len(rows) or any(check_file(lake, file) for file in files):
        return None
    source, run_id, committed_at = rows[0][4:]
    return Commit(sequence, run_id, source, committed_at.isoformat(), files, found={"repaired": sequence})


def _repair(
    settings: Settings, lake: Lake, commit: Commit, file: LakeFile, problem: str, now: datetime
) -> tuple[Commit, Repair]:
    if lake.is_mended(file):
        return commit, Repair(file.path, problem, "stored again from the copy on this machine, byte for byte")
    lake.fetch(file)
    path = lake.root / file.path
    rows = _rows_in_warehouse(settings, commit, file)
    moved = _aside(settings, path, file.path, problem, now) if path.exists() else None
    failpoint("quarantine.moved")
    if rows is not None:
        again = lake.write_file(file.table, [rows], file.path)
        if again.sha256 == file.sha256:
            return commit, Repair(file.path, problem, "restored from the build warehouse, byte for byte", moved)
        files = tuple(again if each == file else each for each in commit.files)
        commit = lake.rewrite(replace(commit, files=files))
        return commit, Repair(file.path, problem, "restored from the build warehouse", moved)
    kept = tuple(each for each in commit.files if each != file)
    bookmarks = None if commit.state_file == file else commit.state_file
    shorter = replace(commit, files=kept, state_file=bookmarks, lost=(*commit.lost, file.path), input_key=None)
    outcome = _input_again(settings, commit)
    if outcome is None and commit.source in {source.NAME for source in sources.API_SOURCES}:
        outcome = _bookmarks_back(lake, commit, now)
    commit = lake.rewrite(shorter)
    return commit, Repair(file.path, problem, outcome or "lost: there is no copy of it here", moved)


def _rows_in_warehouse(settings: Settings, commit: Commit, file: LakeFile) -> pa.Table | None:
    """The file's rows as the warehouse loaded them when its bytes were right; None where it does not hold them."""
    siblings = [each for each in commit.files if each.table == file.table]
    if not settings.warehouse_file.exists() or len(siblings) != 1 or file.table not in TABLES:
        return None
    names = ", ".join(f'"{column.name}"' for column in TABLES[file.table])
    try:
        with connect(settings, read_only=True) as connection:
            query = "select count(*) from raw.lake_files where path = ? and sha256 = ?"
            if connection.execute(query, [file.path, file.sha256]).fetchone() != (1,):
                return None
            query = f'select {names} from raw."{file.table}" where lake_sequence = ?'  # noqa: S608 - our own names
            rows = connection.execute(query, [commit.sequence]).to_arrow_table().cast(TABLES[file.table])
    except (TweetbenchError, duckdb.Error, pa.ArrowException):
        return None
    return rows if rows.num_rows == file.row_count else None


def _input_again(settings: Settings, commit: Commit) -> str | None:
    """Put the person's own file back into the inbox, where it is still there unchanged."""
    digest = commit.found.get("sha256")
    done = settings.inbox_dir / "done"
    for path in sorted(done.iterdir()) if digest and done.is_dir() else []:
        if path.is_file() and file_sha256(path) == digest:
            shutil.copy2(path, settings.inbox_dir / path.name)
            return f"its file went back into the inbox ({path.name}) and is read again by: tweetbench run"
    return None


def _bookmarks_back(lake: Lake, commit: Commit, now: datetime) -> str | None:
    """Set the bookmarks of the accounts in a lost commit back to what they were before it."""
    before: dict[str, object] = {}
    for earlier in lake.commits():
        if earlier.source == commit.source and earlier.sequence < commit.sequence:
            before.update(earlier.state)
    state = {key: before.get(key) for key in commit.state if key.startswith("timeline:")}
    if not state:
        return None
    found = {"repaired": commit.sequence}
    lake.commit({}, source=commit.source, run_id=commit.run_id, now=now, found=found, state=state)
    return f"{len(state)} accounts are read again from before it, as far as it is still served, by: tweetbench run"


def _aside(settings: Settings, path: Path, shown: str, problem: str, now: datetime) -> str:
    settings.quarantine_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"lake-{now:%Y%m%dT%H%M%S}-{shown.replace('/', '-')}"
    target = settings.quarantine_dir / name
    note = f"# {shown} was damaged\n\n**why**: {problem}\n\n**next**: tweetbench verify, then: tweetbench run\n"
    replace_text(target.with_name(f"{name}.why.md"), note)
    path.replace(target)
    return f"{settings.quarantine_dir.name}/{name}"
