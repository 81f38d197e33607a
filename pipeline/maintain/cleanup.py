"""What `tweetbench doctor --fix` repairs: leftovers of stopped runs, logs next to published files, file modes.

Everything here is safe to do at any time while no run is at work, and says what it did. Damaged data belongs to
`lake_repair`, a damaged warehouse to `warehouse.heal`.
"""

import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline import warehouse
from pipeline.lake.opening import open_lake
from pipeline.maintain.verify import read_commits
from pipeline.maintain.verify_databases import version_folders
from pipeline.publish import SEALED_FOLDER
from pipeline.runtime.files import remove_folder
from pipeline.settings import Settings

# Names what an erasure is at, from its first step to its receipt (see `comply.sweep`).
PENDING = "pending.json"
PRIVATE, SEALED, FOLDER = 0o600, 0o444, 0o700  # SEALED: files of a version


def clean_up(settings: Settings) -> list[str]:
    """Repair what can be repaired and return what was done, one sentence each. The caller holds the lease.

    Raises:
        OSError: a file belongs to somebody else or the disk refuses.
    """
    settings.make_folders()
    done = [f"removed {name}, left by a stopped run" for name in remove_half_files(settings)]
    if settings.lake_url:
        gone = open_lake(settings).remove_leftovers()
        done += [f"removed {name} from the bucket, where no commit named it for a day" for name in gone]
    done += [f"removed {name}, which no reader could open" for name in remove_stale_logs(settings)]
    healed = warehouse.heal(settings)
    if healed:
        done.append(f"{healed} (loaded by the next: tweetbench run)")
    done += [f"made {name} private" for name in tighten_modes(settings)]
    return done


def half_files(settings: Settings) -> list[Path]:
    """What stopped runs left half-written, and lake files that no commit names.

    Lake files are not named while an entry of the manifest cannot be read: the entry may be theirs.
    """
    lake, versions = settings.lake_dir, settings.published_dir / "versions"
    half = [*lake.rglob("*.tmp"), *versions.glob(".v*.tmp"), *settings.published_dir.glob(".*.tmp")]
    half += [*settings.receipts_dir.glob(".*.tmp"), *settings.inbox_dir.rglob(".*.tmp")]
    commits, findings = read_commits(lake)
    if not findings:
        known = {file.path for commit in commits for file in commit.all_files()}
        half += [path for path in lake.rglob("*.parquet") if path.relative_to(lake).as_posix() not in known]
    return sorted(half)


def remove_half_files(settings: Settings) -> list[str]:
    """Remove what `half_files` finds; paths below the data folder."""
    half = half_files(settings)
    for path in half:
        _remove(path)
    return [path.relative_to(settings.data_dir).as_posix() for path in half]


def remove_stale_logs(settings: Settings) -> list[str]:
    """Remove write-ahead logs next to published files: a version is immutable, so they hold nothing of ours."""
    logs = [log for folder in version_folders(settings) for log in folder.glob("*.wal")]
    for log in logs:
        log.parent.chmod(FOLDER)
        try:
            _remove(log)
        finally:
            log.parent.chmod(SEALED_FOLDER)
    return [log.relative_to(settings.data_dir).as_posix() for log in logs]


def _remove(path: Path) -> None:
    remove_folder(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def loose_modes(settings: Settings) -> Iterator[tuple[Path, int]]:
    """Files and folders of ours that others may read or write, with the mode that they should have.

    What people put there keeps the mode that they gave it: their lists and mappings, and what waits in the inbox.
    """
    sealed = settings.published_dir / "versions"
    theirs = {settings.inbox_dir, settings.surveys_dir, settings.mappings_dir, settings.data_dir}
    for path in [settings.data_dir, *settings.data_dir.rglob("*")]:
        if path.is_symlink() or not path.exists():
            continue
        if path.is_file() and path.parent in theirs and not path.name.startswith("."):
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir():
            wanted = SEALED_FOLDER if path.parent == sealed and path.name.startswith("v") else FOLDER
        else:
            wanted = SEALED if sealed in path.parents else PRIVATE
        if mode & ~wanted:
            yield path, wanted


def tighten_modes(settings: Settings) -> list[str]:
    """Take from others what they have no business with: 0600 and 0700, in versions 0444 and 0500."""
    loose = list(loose_modes(settings))
    for path, mode in loose:
        path.chmod(mode)
    return [path.relative_to(settings.data_dir).as_posix() for path, _ in loose]
