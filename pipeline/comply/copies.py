"""Copies outside the lake: what people dropped, what was refused, logs and Dagster's history.

A text table loses the records that name an erased id or hold its words, and nothing else of it changes. A ZIP or a
spreadsheet cannot be cut like that: it is named in the receipt, and removed if the person says so.
"""

import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.comply.lake_erasure import SHORTEST_NEEDLE
from pipeline.durable import replace_bytes
from pipeline.settings import Settings

ERASED = "[erased]"
_SQLITE, _ZIP = b"SQLite format 3\x00", b"PK\x03\x04"
_NUMBER = re.compile(r"\d{2,}")
# One record: up to a line break that is not inside quotes.
_RECORD = re.compile(r'(?:[^"\n]|"(?:[^"]|"")*")*(?:\n|\Z)')
_COMMITTED = {"receipts", "lake", "warehouse", "published"}


@dataclass
class Copies:
    """What was done to the copies, as paths below the data folder."""

    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def erase_copies(settings: Settings, ids: set[str], needles: set[str], *, delete_files: bool) -> Copies:
    """Erase from every file of the data folder that is neither lake, warehouse, version nor receipt.

    Args:
        settings: the data folder.
        ids: erased posts and accounts.
        needles: words of what was erased.
        delete_files: remove files that cannot be cut, instead of naming them.

    Raises:
        OSError: the disk refuses a write.
    """
    done = Copies()
    root = settings.data_dir
    for path in sorted(_loose_files(root)):
        shown = path.relative_to(root).as_posix()
        top = shown.split("/")[0]
        people = top in {settings.inbox_dir.name, settings.quarantine_dir.name}
        if people and shown.startswith(f"{settings.quarantine_dir.name}/lake-") and path.suffix != ".md":
            path.unlink()  # a damaged lake file: nobody can tell what is in it
            done.removed.append(shown)
            continue
        if top == settings.reports_dir.name:
            path.unlink()  # a page drawn anew from an older version; `tweetbench report` draws it again
            done.removed.append(shown)
            continue
        if not people and top != settings.dagster_dir.name:
            # The person's own lists and mappings are not ours to change.
            if _names(path.read_text("utf-8", "replace"), ids):
                done.left.append(f"{shown}: your own file still names an erased id")
            continue
        start = _start(path)
        if start.startswith(_ZIP):
            if _zip_names(path, ids, needles):
                (done.removed if delete_files else done.left).append(shown)
                if delete_files:
                    path.unlink()
        elif start.startswith(_SQLITE):
            try:
                if _erase_from_sqlite(path, needles):
                    done.changed.append(shown)
            except sqlite3.Error as error:
                done.left.append(f"{shown}: {error} (end tweetbench ui and repeat)")
        elif _erase_from_text(path, ids if people else set(), needles):
            done.changed.append(shown)
    return done


def spellings(needle: str) -> list[str]:
    """The ways in which a text may stand in a file: as it is, inside JSON, and each of its longer lines alone."""
    parts = [needle, *(line for line in needle.splitlines() if len(line) >= SHORTEST_NEEDLE)]
    told = [(part, json.dumps(part, ensure_ascii=False)[1:-1], json.dumps(part)[1:-1]) for part in parts]
    return list(dict.fromkeys(spelling for each in told for spelling in each))


def _loose_files(root: Path) -> Iterator[Path]:
    for entry in root.iterdir():
        if entry.is_dir() and not entry.is_symlink() and entry.name not in _COMMITTED:
            yield from (path for path in entry.rglob("*") if path.is_file() and not path.is_symlink())
        elif entry.is_file() and not entry.name.startswith("."):
            yield entry


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(16)


def _names(text: str, ids: set[str]) -> bool:
    return any(number in ids for number in _NUMBER.findall(text))


def _zip_names(path: Path, ids: set[str], needles: set[str]) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            texts = (archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
            return any(_names(text, ids) or any(needle in text for needle in needles) for text in texts)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return True  # damaged or locked: it may hold anything


def _erase_from_text(path: Path, ids: set[str], needles: set[str]) -> bool:
    data = path.read_bytes()
    # Latin-1 maps every byte to a character and back, so bytes of no known encoding survive unchanged.
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    text = data.decode(encoding, "surrogatepass")
    told = {needle for each in needles for needle in spellings(each)}
    if encoding == "latin-1":
        told = {needle.encode().decode("latin-1") for needle in told}
    present = sorted((needle for needle in told if needle in text), key=len, reverse=True)
    if not present and not _names(text, ids):
        return False
    records = _RECORD.findall(text)
    if ids and "".join(records) == text:
        kept = [
            record
            for number, record in enumerate(records)
            if number == 0 or not (_names(record, ids) or any(needle in record for needle in present))
        ]
        text = "".join(kept)
    for needle in present:
        text = text.replace(needle, ERASED)
    changed = text.encode(encoding, "surrogatepass")
    if changed == data:
        return False
    replace_bytes(path, changed)
    return True


def _erase_from_sqlite(path: Path, needles: set[str]) -> bool:
    told = sorted({needle for each in needles for needle in spellings(each)}, key=len, reverse=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma wal_checkpoint(truncate)")
        data = path.read_bytes()
        present = [needle for needle in told if needle.encode() in data]
        if not present:
            return False
        tables = connection.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            for column in connection.execute("select name from pragma_table_info(?)", [table]).fetchall():
                name, relation = _quoted(column[0]), _quoted(table)
                for needle in present:
                    connection.execute(
                        f"update {relation} set {name} = replace({name}, ?, ?) "  # noqa: S608 - names of the file itself
                        f"where typeof({name}) = 'text' and instr({name}, ?)",
                        [needle, ERASED, needle],
                    )
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
    return True


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
