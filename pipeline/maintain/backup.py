"""One file that holds a data folder: what cannot be made again, each file read back. `restore` reads it.

The warehouse, published versions, reports and run histories are left out: a run makes them from the lake.
"""

import glob
import hashlib
import io
import json
import os
import platform
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake.mark import MARK
from pipeline.lake.opening import open_lake
from pipeline.runtime.files import remove_folder, sync_file, sync_folder, unfinished
from pipeline.runtime.lease import LEASE_FILE
from pipeline.runtime.processes import process_mark
from pipeline.settings import Settings

# Written last.
INDEX = "tweetbench-backup.json"
# What a killed command leaves next to its target, with the number of its process; it holds all that a backup holds.
BACKING_UP = ".tweetbench-backup"


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
    with unfinished(temporary_beside(target.parent, BACKING_UP)) as temporary:
        with temporary.open("xb") as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            os.fchmod(stream.fileno(), 0o600)
            for name, path in _kept(settings):
                if path.is_dir() and not path.is_symlink():
                    tar.add(path, arcname=name, recursive=False)
                elif path.is_file() and not path.is_symlink() and name != INDEX:
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


def temporary_beside(folder: Path, name: str) -> Path:
    """A free name next to the target; what killed commands of this machine have left there is removed."""
    ours = f"{name}.{platform.node()}"
    for left in folder.glob(f"{glob.escape(ours)}.*"):
        number = left.name.removeprefix(f"{ours}.")
        if number.isdecimal() and not process_mark(int(number)) and left.lstat().st_uid == os.geteuid():
            if left.is_dir() and not left.is_symlink():
                remove_folder(left)
            else:
                left.unlink()
    return folder / f"{ours}.{os.getpid()}"


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> str:
    """SHA-256 of what was stored; a file with several names is stored under each.

    A person may write to a file of the inbox at this moment: it is stored as far as it reached when it was opened.
    """
    with path.open("rb") as content:
        entry = tar.gettarinfo(arcname=name, fileobj=content)
        entry.type, entry.linkname = tarfile.REGTYPE, ""
        entry.size = os.fstat(content.fileno()).st_size
        hashed = _Hashed(content)
        try:
            tar.addfile(entry, hashed)
        except OSError as error:
            if error.errno:
                raise
            raise TweetbenchError(
                "a file became shorter while it was backed up",
                where=name,
                why="another program writes to it; no backup was made",
                next_step="repeat the command when the program is done",
                exit_code=Exit.IO,
            ) from None
    return hashed.digest.hexdigest()


class _Hashed:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._stream.read(size)
        self.digest.update(data)
        return data


def _kept(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Every folder and file that goes into a backup, with its name there; folders before what they hold."""
    left_out = made_again(settings)
    mark = settings.lake_dir.resolve() / MARK  # a backup holds the lake itself, wherever it was
    for top in sorted(settings.data_dir.iterdir()):
        if top in left_out:
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


def made_again(settings: Settings) -> set[Path]:
    """What is left out: a run makes it."""
    return {
        settings.warehouse_file.parent,
        settings.published_dir,
        settings.reports_dir,
        settings.dagster_dir,
        settings.data_dir / "docs",
        settings.data_dir / LEASE_FILE,
        *settings.data_dir.glob(f"{LEASE_FILE}-*"),
    }


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
    tops = [top.resolve() for top in settings.data_dir.iterdir() if top.is_dir()]  # some are links to other disks
    if any(target.resolve().is_relative_to(folder) for folder in (settings.data_dir.resolve(), *tops)):
        raise TweetbenchError(
            "a backup does not belong into the folder that it is a backup of",
            where=str(target),
            why="what destroys the folder would destroy both",
            next_step="tweetbench backup FILE   (on another disk, best on another machine)",
            exit_code=Exit.USAGE,
        )


def _digests(path: Path) -> dict[str, str]:
    found = {}
    with readable(path) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is not None:
                found[member.name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
    return found


@contextmanager
def readable(source: Path) -> Iterator[tarfile.TarFile]:
    """The archive for reading; whatever is wrong with it becomes one message."""
    try:
        with tarfile.open(source, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError, ValueError, OverflowError, RecursionError) as error:
        raise no_backup(source, str(error) or type(error).__name__) from None


def no_backup(source: Path, why: str) -> TweetbenchError:
    return TweetbenchError(
        "this file is no whole backup of tweetbench",
        where=str(source),
        why=why,
        next_step="tweetbench restore FILE   (a file that `tweetbench backup` wrote); nothing was changed",
    )
