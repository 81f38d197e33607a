"""A data folder from the file that `backup` wrote: whole or not at all, and nothing in it that no backup holds."""

import errno
import json
import os
import stat
import tarfile
from pathlib import Path, PurePosixPath

from pipeline.errors import Exit, TweetbenchError
from pipeline.maintain.backup import INDEX, Archive, made_again, no_backup, readable, temporary_beside
from pipeline.runtime.files import file_sha256, make_all_private, sync_folder, unfinished
from pipeline.settings import Settings

RESTORING = ".tweetbench-restore"


def restore(settings: Settings, source: Path) -> Archive:
    """Make the data folder from a backup; it appears whole or not at all.

    Raises:
        TweetbenchError: the data folder holds something, or the file is no whole backup.
        OSError: the disk refuses.
    """
    folder = settings.data_dir.resolve()  # a link leads to another disk, where the whole folder has to go
    if folder.exists() and any(folder.iterdir()):
        raise TweetbenchError(
            "the data folder holds something already",
            where=str(folder),
            why="a backup is restored into a new or an empty folder, so that nothing is lost or mixed",
            next_step=f"TWEETBENCH_DATA_DIR=NEW_FOLDER tweetbench restore {source}",
        )
    if not stat.S_ISREG(source.stat().st_mode):
        raise no_backup(source, "it is no file")  # a pipe never ends
    folder.parent.mkdir(parents=True, exist_ok=True)
    with unfinished(temporary_beside(folder.parent, RESTORING)) as temporary:
        temporary.mkdir(mode=0o700)
        with readable(source) as tar:
            digests = _read_index(tar, source)
            _refuse_all_but_a_backup(settings, tar, digests, source)
            _unpack(tar, temporary)
        (temporary / INDEX).unlink()
        for name, digest in digests.items():
            if file_sha256(temporary / name) != digest:
                raise no_backup(source, f"{name} is not as it was backed up")
        make_all_private(temporary)
        try:
            temporary.rename(folder)
        except OSError as error:
            raise _no_place(folder, error) if error.errno in {errno.EBUSY, errno.EXDEV} else error from None
    sync_folder(folder.parent)
    return Archive(source, len(digests), source.stat().st_size)


def _read_index(tar: tarfile.TarFile, source: Path) -> dict[str, str]:
    """SHA-256 of every file of a backup by its name.

    A tar file that was cut between two files looks whole to whoever reads it; the index is written last.
    """
    last = tar.getmembers()[-1:]  # reads the whole file, and nothing of what is in it
    content = tar.extractfile(last[0]) if last and last[0].name == INDEX and last[0].isreg() else None
    if content is None:
        raise no_backup(source, "its index, which is written last, is missing: the file was cut, or is another kind")
    try:
        digests = json.loads(content.read())["sha256"]
        return {str(name): str(digest) for name, digest in digests.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise no_backup(source, "its index cannot be read") from None


def _refuse_all_but_a_backup(settings: Settings, tar: tarfile.TarFile, digests: dict[str, str], source: Path) -> None:
    """Let pass what `back_up` writes: plain files, each once and in the index, folders, and nothing that a run makes.

    Whatever a run makes is trusted by the next one, as its parsed dbt project is: nobody else may put it there.

    Raises:
        TweetbenchError: something else is in it.
    """
    made = {path.relative_to(settings.data_dir).parts[0] for path in made_again(settings)}
    names = [member.name for member in tar.getmembers() if not member.isdir()]
    for member in tar.getmembers():
        parts = PurePosixPath(member.name).parts
        if not (member.isdir() or member.isreg()) or member.issparse():
            raise no_backup(source, f"{member.name[:200]} is neither file nor folder")
        if not parts or parts[0] in {"/", *made} or ".." in parts:
            raise no_backup(source, f"{member.name[:200]} is in no backup")
    if sorted(names) != sorted([*digests, INDEX]):
        raise no_backup(source, "it holds other files than its index names")


def _unpack(tar: tarfile.TarFile, folder: Path) -> None:
    """Write what was let pass, as files of whoever restores it."""
    if hasattr(tarfile, "data_filter"):
        tar.extractall(folder, filter="data")
        return
    # Python before 3.11.4, which Debian 12 has: names and kinds were looked at above, owners and modes are left.
    for member in tar.getmembers():
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
        member.mode &= 0o777
    tar.extractall(folder)  # noqa: S202 - nothing that a filter would refuse is in it


def _no_place(folder: Path, error: OSError) -> TweetbenchError:
    return TweetbenchError(
        "the data folder cannot be put in place",
        where=str(folder),
        why=f"{error.strerror}: another disk is mounted there, and a backup appears whole or not at all",
        next_step="choose a new folder below it: TWEETBENCH_DATA_DIR=FOLDER/data tweetbench restore FILE",
        exit_code=Exit.IO,
    )
