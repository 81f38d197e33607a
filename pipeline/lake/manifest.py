"""Entries of the lake's manifest: what a commit holds, written so that its appearance is the commit, and read back only
if its digest fits. What rows mean, and which of them count, belongs to `lake`.

Sequence numbers follow each other without a gap: an entry that is missing in the middle was lost, not skipped. An entry
is rewritten in only two cases, erasure and repair (`rewrite_entry`); it keeps its number, because the order of commits
decides between rows that say different things about one moment.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.files import replace_text, sync_file, sync_folder, unfinished

MANIFEST = "_manifest"
DIGEST = "digest"


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
    """One atomic addition to the lake. `revision` counts rewrites, `lost` names files taken out as damaged."""

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
    revision: int = 0
    lost: tuple[str, ...] = ()

    def row_counts(self) -> dict[str, int]:
        """Rows added by table."""
        names = sorted({file.table for file in self.files})
        return {name: sum(file.row_count for file in self.files if file.table == name) for name in names}

    def all_files(self) -> tuple[LakeFile, ...]:
        """Data files, and the file of bookmarks where there is one."""
        return (*self.files, self.state_file) if self.state_file else self.files


def entry_paths(root: Path, after: int = 0) -> Iterator[Path]:
    """Entries with a sequence above `after`, in order; names that are no number are not entries."""
    names = [path for path in (root / MANIFEST).glob("*.json") if path.stem.isdigit()]
    yield from (path for path in sorted(names) if int(path.stem) > after)


def last_sequence(root: Path) -> int:
    """Number of the newest entry; 0 in an empty lake."""
    return max((int(entry.stem) for entry in entry_paths(root)), default=0)


def read_entry(entry: Path) -> Commit:
    """The commit that an entry describes.

    Raises:
        TweetbenchError: it is no entry, its bytes are not those that were written, or it has another entry's number.
    """
    try:
        return parse_entry(entry.read_bytes(), entry.stem)
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise TweetbenchError(
            "a manifest entry of the lake cannot be read",
            where=str(entry),
            why=f"{type(error).__name__}: {error}",
            next_step="restore it from a backup, or run: tweetbench verify --quarantine (tweetbench doctor shows more)",
        ) from error


def parse_entry(data: bytes, stem: str) -> Commit:
    """The commit that the bytes of an entry describe; `stem` is its name without the ending.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: they are no entry, are not those that were written, or bear
            another entry's number.
    """
    fields = json.loads(data)
    # Entries of the first releases carry no digest.
    digest = fields.pop(DIGEST, None)
    if digest is not None and digest != _digest(fields):
        raise ValueError("the content does not fit its digest")
    if fields["sequence"] != int(stem):
        raise ValueError(f"it calls itself entry {fields['sequence']}")
    return Commit(
        **{
            **fields,
            "files": tuple(LakeFile(**file) for file in fields["files"]),
            "replaces": tuple(fields.get("replaces", ())),
            "lost": tuple(fields.get("lost", ())),
            "state_file": LakeFile(**fields["state_file"]) if fields.get("state_file") else None,
        }
    )


def read_known(entry: Path) -> Commit:
    """The commit that an entry describes, read again only if the file changed since this process read it.

    Every raw table asks for all commits, so a long manifest would be read a dozen times in a run.
    """
    try:
        seen = entry.stat()
    except OSError:
        return read_entry(entry)
    return _read_once(entry, (seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_size))


@cache
def _read_once(entry: Path, _: tuple[int, ...]) -> Commit:
    return read_entry(entry)


def append_entry(root: Path, commit: Commit) -> Commit:
    """Write a commit under the next free number and return it with that number."""
    folder = root / MANIFEST
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with unfinished(folder / f".{commit.run_id}-{commit.sequence}.tmp") as temporary:
        while True:
            temporary.write_text(entry_text(commit), encoding="utf-8")
            temporary.chmod(0o600)
            sync_file(temporary)
            failpoint("lake.entry_written")
            try:
                # A hard link fails where the name is taken: two writers can never claim one sequence number.
                os.link(temporary, folder / f"{commit.sequence:010d}.json")
            except FileExistsError:
                commit = replace(commit, sequence=commit.sequence + 1)
            else:
                break
        failpoint("lake.entry_linked")
    sync_folder(folder)
    return commit


def rewrite_entry(root: Path, commit: Commit) -> Commit:
    """Put a changed commit in the place of its entry, in one step; returned with its revision counted up."""
    changed = replace(commit, revision=commit.revision + 1)
    failpoint("lake.entry_rewrite")
    replace_text(root / MANIFEST / f"{commit.sequence:010d}.json", entry_text(changed))
    return changed


def entry_text(commit: Commit) -> str:
    """What an entry says, its own digest first."""
    fields = json.loads(json.dumps(asdict(commit), ensure_ascii=False, default=str))
    return json.dumps({DIGEST: _digest(fields), **fields}, ensure_ascii=False, indent=1)


def _digest(fields: dict[str, Any]) -> str:
    canonical = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
