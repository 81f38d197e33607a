"""One writer per data folder, and one reader per part of the accounts: an advisory lock that dies with its process, a
note that says who holds it, and a token that every commit shows, so that one whose lease was taken over is refused.

The lock alone is not enough: it hangs on the file, and whoever deletes `.lease` while a run is at work lets a second
one in. The first one's token is then no longer the one in the note, and `require_lease` stops it.
"""

import fcntl
import json
import os
import secrets
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.data_format import mark_format, refuse_later_format
from pipeline.runtime.program import note_program
from pipeline.runtime.readers import reading_a_part, reading_alone
from pipeline.runtime.shard import Shard, shard_of
from pipeline.settings import Settings

LEASE_FILE, READERS_FILE = ".lease", ".lease-readers"
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
OWNER_ONLY = 0o077  # everything that a writer makes is for its owner alone
# Leases of this process by their file: how a commit deep inside finds the token that it has to show.
_held: dict[Path, "Lease"] = {}


@dataclass(frozen=True)
class Lease:
    """Who writes to a data folder. `number` goes up with every lease, `token` is never given twice."""

    pid: int
    host: str
    since: str
    purpose: str
    boot_id: str
    number: int
    token: str
    version: str = ""  # of tweetbench

    def shown(self) -> str:
        """The holder as text."""
        return f"pid {self.pid}, host {self.host}, since {self.since}, purpose {self.purpose}"

    def is_alive(self) -> bool:
        """False if the holder's process is certainly gone: another boot of this machine, or no such process."""
        if self.host != socket.gethostname():
            return True
        if self.boot_id and self.boot_id != boot_id():
            return False
        return Path(f"/proc/{self.pid}").exists() or not Path("/proc/self").exists()


@contextmanager
def hold_lease(settings: Settings, *, purpose: str, now: datetime, without_readers: bool = False) -> Iterator[Lease]:
    """Hold the data folder's lease for the duration of the block; files made from then on are the owner's alone.

    Args:
        settings: the data folder.
        purpose: what the holder does, for whoever is refused meanwhile.
        now: UTC time of taking it.
        without_readers: nobody may read a part of the accounts meanwhile: for whoever reads all of them, or changes
            what is in the lake already.

    Raises:
        TweetbenchError: another process holds it, or readers are at work (exit code 75); the settings name a reader.
    """
    shard = shard_of(settings)
    if shard and shard.is_reader:
        raise TweetbenchError(
            "a process that reads a part of the accounts does nothing else",
            where=f"TWEETBENCH_SHARD={settings.shard}",
            why=f"{purpose} belongs to the process that makes the warehouse",
            next_step=f"set TWEETBENCH_SHARD=0/{shard.count} for it, or unset it",
            exit_code=Exit.CONFIGURATION,
        )
    folder = _prepared(settings)
    with (
        _locked(folder, LEASE_FILE, purpose, now) as lease,
        reading_alone(folder / READERS_FILE) if without_readers else nullcontext(),
    ):
        yield lease


@contextmanager
def hold_reader_lease(settings: Settings, shard: Shard, *, purpose: str, now: datetime) -> Iterator[Lease]:
    """Hold the lease of one part of the accounts; those of other parts may be held at the same time.

    Raises:
        TweetbenchError: another process reads this part, all accounts, or parts of another count (exit code 75).
    """
    folder = _prepared(settings)
    with (
        reading_a_part(folder / READERS_FILE, shard.count),
        _locked(folder, _lease_file(shard), purpose, now) as lease,
    ):
        yield lease


def _lease_file(shard: Shard | None) -> str:
    return f"{LEASE_FILE}-{shard.name}" if shard and shard.is_reader else LEASE_FILE


def _prepared(settings: Settings) -> Path:
    os.umask(OWNER_ONLY)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = settings.data_dir.resolve()
    refuse_later_format(folder)
    note_program()
    return folder


@contextmanager
def _locked(folder: Path, name: str, purpose: str, now: datetime) -> Iterator[Lease]:
    # A link under this name would have a file made, and emptied, wherever it leads.
    handle = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        _refuse_odd(handle, folder)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(_parse(os.pread(handle, 4096, 0))) from None
        before = _parse(os.pread(handle, 4096, 0))
        number = before.number + 1 if before else 1
        host, moment = socket.gethostname(), now.isoformat()
        lease = Lease(os.getpid(), host, moment, purpose, boot_id(), number, secrets.token_hex(8), __version__)
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(asdict(lease)).encode(), 0)
        mark_format(folder)
        _held[folder / name] = lease
        try:
            yield lease
        finally:
            del _held[folder / name]
    finally:
        os.close(handle)


def read_lease(data_dir: Path, shard: Shard | None = None) -> Lease | None:
    """The note of the last holder, of the warehouse or of a part, at work or not; None where none can be read."""
    try:
        return _parse((data_dir / _lease_file(shard)).read_bytes())
    except OSError:
        return None


def last_writer(data_dir: Path) -> str:
    """The version of tweetbench that was at work here last; empty where no note says it."""
    lease = read_lease(data_dir)
    return lease.version if lease else ""


def purposes_at_work(data_dir: Path) -> set[str]:
    """What the processes that hold the lease, or that of a part of the accounts, at this moment say it is for.

    The locks are the kernel's: they tell of processes in other containers and, on a shared file system, other machines.
    """
    leases = [data_dir / LEASE_FILE, *data_dir.glob(f"{LEASE_FILE}-*-of-*")]
    return {purpose for path in leases if (purpose := _purpose_at_work(path))}


def _purpose_at_work(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _parse(os.pread(handle, 4096, 0))
        return holder.purpose if holder else ""
    finally:
        os.close(handle)
    return ""


def require_lease(data_dir: Path) -> None:
    """Let a commit pass unless this process holds a lease of the folder that somebody else has taken over since.

    A process that never asked for a lease is let through: it is a test, or a tool on a folder of its own.

    Raises:
        TweetbenchError: the note shows another token than this process was given (exit code 75).
    """
    folder = data_dir.resolve()
    for path, lease in _held.items():
        if path.parent == folder:
            _compare_note(path, lease)


def _compare_note(path: Path, lease: Lease) -> None:
    try:
        shown = _parse(path.read_bytes())
    except OSError:
        shown = None
    if shown is None or shown.token != lease.token:
        raise lost_lease(shown.shown() if shown else str(path), lease)


def lost_lease(where: str, lease: Lease) -> TweetbenchError:
    """What is said to a run that may no longer commit."""
    return TweetbenchError(
        "this run has lost its lease and may no longer write",
        where=where,
        why=f"lease {lease.number} of {lease.purpose} was taken over, or its file was removed, during the run",
        next_step="nothing was committed; see which run is in progress with: tweetbench doctor, then repeat",
        exit_code=Exit.BUSY,
    )


def boot_id() -> str:
    """What tells this boot of the machine from every other; empty where the system does not say."""
    return BOOT_ID_FILE.read_text(encoding="ascii").strip() if BOOT_ID_FILE.exists() else ""


def _parse(note: bytes) -> Lease | None:
    try:
        fields: dict[str, Any] = json.loads(note)
        return Lease(**{name: fields.get(name, default) for name, default in _EMPTY.items()})
    except (ValueError, TypeError, AttributeError):
        return None


_EMPTY = {"pid": 0, "host": "", "since": "", "purpose": "", "boot_id": "", "number": 0, "token": "", "version": ""}


def _refuse_odd(handle: int, folder: Path) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise TweetbenchError(
            "the lease of this data folder is not a file",
            where=str(folder / LEASE_FILE),
            why="somebody has put a pipe or a device there",
            next_step="remove it, then repeat the command",
            exit_code=Exit.IO,
        )


def _busy(holder: Lease | None) -> TweetbenchError:
    return TweetbenchError(
        "another run holds the lease",
        where=holder.shown() if holder else "holder unknown",
        why="two writers at once would compete for the same lake and warehouse",
        next_step="wait for it to end (tweetbench status), then repeat",
        exit_code=Exit.BUSY,
    )
