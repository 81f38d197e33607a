"""Bytes that must survive: hashing, fsync and atomic replacement. Knows nothing of what the files mean."""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.runtime.failpoints import failpoint


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sync_file(path: Path) -> None:
    """Force a file's bytes to the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(path: Path) -> None:
    """Force a folder's entries to the disk, so that a rename survives a power loss."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, sealed folders too (the mode of a published version is 0500)."""
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())]:
        path.chmod(0o700)
    shutil.rmtree(folder)


@contextmanager
def unfinished(temporary: Path) -> Iterator[Path]:
    """A file or folder that gets its final name in the block; what is still there when the block ends is removed.

    So an error or an interrupted run leaves no half file. After a kill it stays, until `tweetbench doctor --fix`.
    """
    try:
        yield temporary
    finally:
        if temporary.is_dir() and not temporary.is_symlink():
            remove_folder(temporary)
        else:
            temporary.unlink(missing_ok=True)


def move_file(path: Path, target: Path) -> None:
    """Move a file, link or pipe under a name that is free, to another file system too; a link is never followed.

    A file that has other names keeps its mode, which is theirs as well; every other one becomes its owner's alone.

    Raises:
        OSError: one of the folders refuses, or it is neither file nor link and lies on another file system.
    """
    try:
        path.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        if path.is_symlink():
            target.symlink_to(path.readlink())
        else:
            _copy_whole(path, target)
        path.unlink()
    make_private(target)


def make_private(path: Path) -> None:
    """Mode 0600 for a file of ours that has no other name; everything else is left as it is."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return  # a link, or somebody else's
    try:
        status = os.fstat(handle)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_uid == os.geteuid():
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def make_all_private(folder: Path) -> None:
    """Everything in a folder for its owner alone."""
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o700 if path.is_dir() else 0o600)


def _copy_whole(path: Path, target: Path) -> None:
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(source, "rb") as stream, unfinished(target.with_name(f".{target.name}.tmp")) as temporary:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(path))
        with temporary.open("xb") as copy:
            shutil.copyfileobj(stream, copy)
        sync_file(temporary)
        temporary.rename(target)


def replace_text(path: Path, text: str) -> None:
    """Write a small text file so that a reader sees the old or the new one, never a part; mode 0600."""
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new one, never a part; mode 0600."""
    # By process: several readers of accounts may replace one file in the same moment.
    with unfinished(path.with_name(f".{path.name}.{os.getpid()}.tmp")) as temporary:
        temporary.write_bytes(data)
        temporary.chmod(0o600)
        sync_file(temporary)
        failpoint("durable.written")
        temporary.replace(path)
    failpoint("durable.replaced")
    sync_folder(path.parent)
