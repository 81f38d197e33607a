"""One file that holds a data folder, and a data folder from it: what cannot be made again, each file read back.

The warehouse, published versions, reports and run histories are left out: a run makes them from the lake.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake.mark import MARK
from pipeline.lake.opening import open_lake
from pipeline.runtime.files import file_sha256, make_all_private, sync_file, sync_folder, unfinished
from pipeline.runtime.lease import LEASE_FILE
from pipeline.settings import Settings

# Written last.
INDEX = "tweetbench-backup.json"


@dataclass(frozen=True)
class Archive:
    """What a backup holds, and what lies in the data folder and is neither file nor folder, and so is not in it."""

    path: Path
    file_count: int
    byte_count: int
    left_out: tuple[str, ...] = ()


def back_up(settings: Settings, target: Path) -> Archive:
    """Write the data folder into one tar file that only its owner can read, then read it back.

    The caller holds the lease, so that nothing changes in between.

    Raises:
        TweetbenchError: the target exists or lies in the data folder, or the copy reads back differently.
        OSError: a file cannot be read or the target cannot be written.
    """
    _refuse_target(settings, target)
    open_lake(settings).fetch_all()
    digests: dict[str, str] = {}
    left_out: list[str] = []
    with unfinished(target.with_name(f".{target.name}.{os.getpid()}.tmp")) as temporary:
        with temporary.open("xb") as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            os.fchmod(stream.fileno(), 0o600)
            for name, path in _kept(settings):
                if path.is_dir() and not path.is_symlink():
                    tar.add(path, arcname=name, recursive=False)
                elif path.is_file() and not path.is_symlink():
                    digests[name] = _add_file(tar, name, path)
                else:
                    left_out.append(name)
            index = json.dumps({"tweetbench": __version__, "sha256": digests}, indent=1).encode()
            entry = tarfile.TarInfo(INDEX)
            entry.size = len(index)
            tar.addfile(entry, io.BytesIO(index))
        sync_file(temporary)
        if _digests(temporary) != {**digests, INDEX: hashlib.sha256(index).hexdigest()}:
            raise TweetbenchError(
                "the backup reads back differently from what was written",
                where=str(target),
                why="the disk that it was written to returned other bytes",
                next_step="repeat the command with a file on another disk",
                exit_code=Exit.IO,
            )
        temporary.rename(target)
    sync_folder(target.parent)
    return Archive(target, len(digests), target.stat().st_size, tuple(left_out))


def restore(settings: Settings, source: Path) -> Archive:
    """Make the data folder from a backup; it appears whole or not at all.

    Raises:
        TweetbenchError: the data folder holds something, or the file is no whole backup.
        OSError: the disk refuses.
    """
    folder = settings.data_dir
    if folder.exists() and any(folder.iterdir()):
        raise TweetbenchError(
            "the data folder holds something already",
            where=str(folder),
            why="a backup is restored into a new or an empty folder, so that nothing is lost or mixed",
            next_step=f"TWEETBENCH_DATA_DIR=NEW_FOLDER tweetbench restore {source}",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with unfinished(folder.with_name(f".{folder.name}.{os.getpid()}.restoring")) as temporary:
        temporary.mkdir(mode=0o700)
        with _readable(source) as tar:
            tar.extractall(temporary, filter="data")
        count = _compare_with_index(temporary, source)
        make_all_private(temporary)
        temporary.rename(folder)
    sync_folder(folder.parent)
    return Archive(source, count, source.stat().st_size)


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """Its SHA-256; a file with several names is stored under each."""
    with path.open("rb") as content:
        entry = tar.gettarinfo(arcname=name, fileobj=content)
        entry.type, entry.linkname = tarfile.REGTYPE, ""
        entry.size = os.fstat(content.fileno()).st_size
        tar.addfile(entry, content)
    return file_sha256(path)


def _compare_with_index(folder: Path, source: Path) -> int:
    """Remove the index from what was unpacked; how many files it names, all of them as they were.

    A tar file that was cut between two files looks whole to whoever reads it.
    """
    index = folder / INDEX
    if not index.is_file():
        raise _no_backup(source, "its index, which is written last, is missing: the file was cut, or is another kind")
    digests = json.loads(index.read_bytes())["sha256"]
    index.unlink()
    for name, digest in digests.items():
        file = folder / name
        if not file.is_file() or file_sha256(file) != digest:
            raise _no_backup(source, f"{name} is not as it was backed up")
    return len(digests)


def _kept(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every folder and file that goes into a backup, with its name there; folders before what they hold."""
    made_again = {
        settings.warehouse_file.parent,
        settings.published_dir,
        settings.reports_dir,
        settings.dagster_dir,
        settings.data_dir / "docs",
    }
    mark = settings.lake_dir.resolve() / MARK  # a backup holds the lake itself, wherever it was
    for top in sorted(settings.data_dir.iterdir()):
        if top in made_again or top.name.startswith(LEASE_FILE):
            continue
        root = top.resolve() if top.is_dir() else top  # a lake on another disk is a link
        yield top.name, root
        if top.is_dir():
            for place, folders, names in os.walk(root, onerror=_refused):
                folders.sort()
                for name in sorted([*folders, *names]):
                    path = Path(place) / name
                    if path == mark:
                        continue
                    yield f"{top.name}/{path.relative_to(root)}", path


def _refused(error: OSError) -> None:
    raise error


def _refuse_target(settings: Settings, target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise TweetbenchError(
            "there is a file of this name already",
            where=str(target),
            why="a backup replaces nothing",
            next_step="tweetbench backup FILE   (another name), or remove the old one",
            exit_code=Exit.USAGE,
        )
    if target.resolve().is_relative_to(settings.data_dir.resolve()):
        raise TweetbenchError(
            "a backup does not belong into the folder that it is a backup of",
            where=str(target),
            why="what destroys the folder would destroy both",
            next_step="tweetbench backup FILE   (on another disk, best on another machine)",
            exit_code=Exit.USAGE,
        )


def _digests(path: Path) -> dict[str, str]:
    found = {}
    with _readable(path) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is not None:
                found[member.name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    return found


@contextmanager
def _readable(source: Path) -> Iterator[tarfile.TarFile]:
    """The archive for reading; whatever is wrong with it becomes one message."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, UnicodeError) as error:
        raise _no_backup(source, str(error) or type(error).__name__) from None


def _no_backup(source: Path, why: str) -> TweetbenchError:
    return TweetbenchError(
        "this file is no whole backup of tweetbench",
        where=str(source),
        why=why,
        next_step="tweetbench restore FILE   (a file that `tweetbench backup` wrote); nothing was changed",
    )
