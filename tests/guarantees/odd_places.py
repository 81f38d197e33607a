"""Odd files in every folder that a person can reach, on a small disk, under somebody without root's rights: what `make
soak` does to whole commands. Holds no test; how odd files are made is shared with the tests.
"""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.settings import Settings
from tests.guarantees.strangers import NOBODY, command_of_nobody
from tests.parsed import share_parsed_project

LONGEST_SECONDS = 240
PROMISED = {0, 2, 65, 69, 74, 75, 77, 78}
GOOD = "platform,account_id,handle,captured_at,follower_count,following_count\nx,7,brand,2026-11-01,100,10\n"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("run",), ("ingest", "--check", "inbox/good.csv"), ("doctor",), ("doctor", "--fix"), ("status",), ("verify",),
    ("sql", "show tables"), ("comply", "--check"), ("report",), ("export", "--to", "book.xlsx", "--replace"), ("plan",),
)  # fmt: skip
FOLDERS = ("inbox", "inbox/done", "mappings", "surveys", "quarantine", "receipts", "reports", ".")
NAMES = ("x.yml", "x.yaml", ".#x.yml", "a.csv", "b.xlsx", "c.zip", "d.sav", "e.csv.why.md", "=1+1.csv", "-rf",
         "ü" * 125 + ".csv", "\x1b[2J.csv", "accounts.csv", ".env", "pending.json", "`<b>.csv")  # fmt: skip


def _write(data: bytes, mode: int = 0o600) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(data)
        path.chmod(mode)

    return make


def _dated(seconds: float) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(GOOD.encode())
        os.utime(path, (seconds, seconds))

    return make


ODD: dict[str, Callable[[Path], object]] = {
    "empty": _write(b""),
    "zeros": _write(bytes(5_000)),
    "noise": _write(random.Random(1).randbytes(90_000)),  # noqa: S311
    "unreadable": _write(b"kind: followers\n", 0),
    "unwritable": _write(GOOD.encode(), 0o400),
    "torn ZIP": _write(b"PK\x03\x04 torn"),
    "a mapping of itself": _write(b"&a\nkind: *a\n"),
    "a large table": _write(GOOD.encode() + b"x,8,other,2026-11-01,1,2\n" * 9_000),
    "a long line": _write(b"a," * 400_000),
    "of the future": _dated(4e9),
    "of the past": _dated(0),
    "folder": lambda path: path.mkdir(),
    "closed folder": lambda path: path.mkdir(mode=0),
    "pipe": lambda path: os.mkfifo(path),
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link out": lambda path: path.symlink_to("/etc/passwd"),
    "link to the folder": lambda path: path.symlink_to(".."),
}


def odd_places(drawn: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Rounds without end: some odd files, some commands, and what was broken: a traceback, a code, a wait, a loss."""
    while True:
        with _small_disk() as disk:
            yield _round(disk, drawn)


def _round(disk: Path, drawn: random.Random) -> tuple[str, list[str]]:
    folder = disk / "data"
    settings = Settings(_env_file=None, data_dir=folder)
    settings.make_folders()
    share_parsed_project(folder)
    (folder / "inbox" / "good.csv").write_text(GOOD)
    done = [make_odd_file(folder, drawn) for _ in range(drawn.randint(1, 6))]
    space = drawn.choice([None, None, 0, 300_000, 5_000_000])
    _own(disk)
    if space is not None and disk.is_mount():
        _fill(disk, space)
    wrong, said = [], []
    for command in drawn.sample(COMMANDS, 4):
        code, text = run_as_nobody(folder, *command)
        said.append(f"{command[0]} {code}")
        if code not in PROMISED or "Traceback" in text or "panicked" in text or "\x1b[2J" in text:
            wrong.append(f"{command} after {done}, {space} bytes left: {code} {text[-600:]}")
    return ("full disk" if space is not None else "room"), wrong


def make_odd_file(folder: Path, drawn: random.Random) -> str:
    """Put something odd where a person could; returns what and where."""
    where, name, what = drawn.choice(FOLDERS), drawn.choice(NAMES), drawn.choice(sorted(ODD))
    path = folder / where / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError, IsADirectoryError):
        ODD[what](path)
    return f"{what} as {where}/{name}"


def run_as_nobody(folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and everything that a command said; 124 where it did not end in time."""
    command, opened = command_of_nobody([str(Path(sys.executable).with_name("tweetbench")), *arguments])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWEETBENCH_", "DAGSTER_"))}
    environment = {**kept, **opened, "TWEETBENCH_DATA_DIR": str(folder), "TWEETBENCH_SETTLE_SECONDS": "0",
                   "HOME": str(folder.parent), "TMPDIR": str(folder.parent), "NO_COLOR": "1"}  # fmt: skip
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        said, _ = process.communicate()
        return 124, said.decode(errors="replace")
    return process.returncode, said.decode(errors="replace")


@contextlib.contextmanager
def _small_disk() -> Iterator[Path]:
    """A disk of its own where that is allowed, else a folder."""
    place = Path(tempfile.mkdtemp(prefix="odd-"))
    place.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=300m,mode=755", "tmpfs", str(place)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield place
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)
        else:
            for path in [place, *(path for path in place.rglob("*") if path.is_dir() and not path.is_symlink())]:
                path.chmod(0o700)
        shutil.rmtree(place)


def _own(disk: Path) -> None:
    if os.geteuid() == 0:
        for path in [disk, *disk.rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def _fill(disk: Path, leave: int) -> None:
    with (disk / "ballast").open("wb") as stream:
        free = max(shutil.disk_usage(disk).free - leave, 4096)
        os.posix_fallocate(stream.fileno(), 0, free // 4096 * 4096)
