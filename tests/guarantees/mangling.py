"""Damage to any file of a data folder, and whether it is seen. Holds no test.

Seen means: `verify` names the file, or everything that can be read is what it was (a changed blank in a manifest entry,
a block of a DuckDB file that holds no row). Which files there are is found by walking the folder, never listed here.
"""

import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import warehouse
from pipeline.errors import TweetbenchError
from pipeline.maintain.verify import verify
from pipeline.settings import Settings
from pipeline.warehouse.contents import content_of
from tests.conftest import NOW
from tests.guarantees.flow import LOADED, lake_contents, published_contents

PIECE = 4096
CUTS = tuple(f"cut:{part}" for part in range(16))
# Not data: who held the lease last, the files of people, and what a version was built from (asked by `run` only, which
# then builds again).
NOT_JUDGED = (".lease", "inbox/", "published/current", "built_from")


def mangle(path: Path, how: str, seed: int) -> bytes:
    """Damage a file and return its bytes before: `cut:n` keeps n sixteenths, `flip:n` turns a bit in its n-th piece."""
    good = path.read_bytes()
    kind, _, number = how.partition(":")
    bad = bytearray(good)
    if kind == "cut":
        bad = bad[: len(bad) * int(number) // 16]
    else:
        start = int(number) * PIECE
        place = random.Random(seed).randrange(start, min(start + PIECE, len(bad)))  # noqa: S311
        bad[place] ^= 1 << (seed % 8)
    write_back(path, bytes(bad))
    return good


def write_back(path: Path, data: bytes) -> None:
    """Overwrite a file, sealed ones too, keeping its mode."""
    mode = path.stat().st_mode
    path.chmod(0o600)
    path.write_bytes(data)
    path.chmod(mode)


def ways(path: Path) -> list[str]:
    """Every cut at a sixteenth, and one turned bit in every 4 KiB."""
    return [*CUTS, *(f"flip:{number}" for number in range(-(-path.stat().st_size // PIECE)))]


def persistent_files(folder: Path) -> list[Path]:
    """Every file with content that the product keeps, found by walking."""
    found = [Path(parent) / name for parent, _, names in os.walk(folder) for name in names]
    shown = {path: path.relative_to(folder).as_posix() for path in found}
    return sorted(
        path
        for path in found
        if path.is_file() and path.stat().st_size and not any(part in shown[path] for part in NOT_JUDGED)
    )


@dataclass(frozen=True)
class Judge:
    """Knows what can be read of a whole folder, and compares."""

    settings: Settings
    readable: dict[str, Any]

    def is_harmless_or_named(self, path: Path) -> str:
        """How the damage to a file shows: named, harmless, or (never) unseen."""
        findings = [f"{each.where} {each.why}" for each in verify(self.settings, now=NOW).damage]
        shown = path.relative_to(self.settings.data_dir).as_posix()
        version = next((part for part in path.parts if part.startswith("v") and part[1:].isdigit()), None)
        if any(path.name in finding or (version and version in finding) for finding in findings):
            return "named"
        if findings:
            return f"unseen: {shown} was damaged, but {findings[0]} is named"
        return "harmless" if read_all(self.settings) == self.readable else f"unseen: {shown}"


def open_judge(settings: Settings) -> Judge:
    """A judge of a folder that is whole."""
    assert verify(settings, now=NOW).damage == ()
    return Judge(settings, read_all(settings))


def read_all(settings: Settings) -> dict[str, Any]:
    """Everything that anybody can read: lake, build warehouse, published version; errors as their words."""
    read = {
        "lake": lambda: lake_contents(settings.data_dir),
        "published": lambda: published_contents(settings.data_dir),
    }
    answers: dict[str, Any] = {"raw": _raw(settings)}
    for name, question in read.items():
        try:
            answers[name] = question()  # type: ignore[no-untyped-call]
        except Exception as error:
            answers[name] = repr(error)
    return answers


def _raw(settings: Settings) -> Any:
    try:
        with warehouse.connect(settings, read_only=True) as connection:
            return [content_of(connection, f"raw.{table}") for table in LOADED]
    except (TweetbenchError, warehouse.duckdb.Error) as error:
        return repr(error)
