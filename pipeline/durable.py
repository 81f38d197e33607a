"""Bytes that must survive: hashing, fsync and atomic replacement. Knows nothing of what the files mean."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.faults import fault_point


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


def replace_text(path: Path, text: str) -> None:
    """Write a small text file so that a reader sees the old or the new one, never a part; mode 0600."""
    replace_bytes(path, text.encode("utf-8"))


def replace_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new one, never a part; mode 0600."""
    with unfinished(path.with_name(f".{path.name}.tmp")) as temporary:
        temporary.write_bytes(data)
        temporary.chmod(0o600)
        sync_file(temporary)
        fault_point("durable.written")
        temporary.replace(path)
    fault_point("durable.replaced")
    sync_folder(path.parent)
