"""Copies outside the lake: what people dropped, what was refused, logs and Dagster's history.

A text table loses the records that name an erased id or hold its words, and nothing else of it changes. A ZIP, a
workbook or another packed file cannot be cut like that: the receipt says what it holds, and it is removed if the
person says so.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pipeline.comply.history_database import erase_from_database
from pipeline.comply.multi_search import Needles, spellings
from pipeline.comply.unpacking import SQLITE, CannotUnpackError, contents, is_packed
from pipeline.lake.handle_spans import HandleSpan, always_meant
from pipeline.lake.record_ids import ids_in
from pipeline.runtime.files import replace_bytes
from pipeline.settings import Settings

ERASED = "[erased]"
_OF_SQLITE = ("-wal", "-shm", "-journal")
_DAY = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)")
# Only tables with such a column name accounts by handle; in others the same word may be an answer or a place.
_HANDLE_COLUMN = re.compile(r"handle|screen.?name|user.?name|account|/status/|/profile/|/@", re.IGNORECASE)
# What a business knows of its own contacts and respondents is not the platform's to take back.
_PEOPLES_TABLE = re.compile(r"e-?mail|contact|response|respondent", re.IGNORECASE)
# One record: up to a line break that is not inside quotes.
_RECORD = re.compile(r'(?:[^"\n]|"(?:[^"]|"")*")*(?:\n|\Z)')
# Bytes of a piece in which ids are looked for at once, and how far over its end one may reach.
_LOOKED_AT, _LONGEST_ID = 1 << 24, 400
_COMMITTED = {"receipts", "lake", "warehouse", "published"}


@dataclass(frozen=True)
class Traces:
    """What shows that a file holds a copy: erased ids, words of theirs, handles of erased accounts. Memory only."""

    ids: frozenset[str]
    words: frozenset[str]
    handles: frozenset[HandleSpan] = frozenset()


@dataclass
class Copies:
    """What was done to the copies, as paths below the data folder, each with the reason where it is not the plain one.

    `changed` lost records or words, `removed` are gone, `left` are for the person to delete.
    """

    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def erase_copies(settings: Settings, traces: Traces, *, delete_files: bool) -> Copies:
    """Erase from every file of the data folder that is neither lake, warehouse, version nor receipt.

    Args:
        settings: the data folder.
        traces: what to look for.
        delete_files: remove packed files of people that hold a copy, instead of naming them.

    Raises:
        OSError: the disk refuses a write.
    """
    done, needles, root = Copies(), Needles(traces.words), settings.data_dir
    _forget_dbt(settings, needles, done)
    for path in sorted(_loose_files(root)):
        shown = path.relative_to(root).as_posix()
        top = shown.split("/")[0]
        is_theirs = top in {settings.inbox_dir.name, settings.quarantine_dir.name}
        if shown.startswith(f"{settings.quarantine_dir.name}/lake-") and path.suffix != ".md":
            path.unlink()  # a damaged lake file: nobody can tell what is in it
            done.removed.append(shown)
        elif top == settings.reports_dir.name:
            path.unlink()  # a page redrawn from an older version; `tweetbench report` draws it again
            done.removed.append(shown)
        elif not is_theirs and top != settings.dagster_dir.name:
            # The person's own lists, mappings and exports are not ours to change.
            held = _what_it_holds(path, traces.ids, needles)
            done.left += [f"{shown}: your own file, {held}"] if held else []
        elif path.name.endswith(_OF_SQLITE):
            continue  # emptied or gone with the database that they belong to; cutting them would damage it
        elif not is_packed(path):
            if _erase_from_text(path, traces, is_theirs=is_theirs):
                done.changed.append(shown)
        elif is_theirs:
            _treat_packed(path, shown, _what_it_holds(path, traces.ids, needles), done, delete_files=delete_files)
        else:
            _erase_from_history(path, shown, traces.words, done)
    changed, left = erase_from_database(settings, traces.words, ERASED)
    done.changed += changed
    done.left += left
    return done


def _treat_packed(path: Path, shown: str, held: str, done: Copies, *, delete_files: bool) -> None:
    if held and delete_files:
        path.unlink()
        done.removed.append(f"{shown}: {held}; packed files cannot be cut, and --delete-files was given")
    elif held:
        done.left.append(f"{shown}: {held}; packed files cannot be cut: delete it, or repeat with --delete-files")


def _erase_from_history(path: Path, shown: str, words: frozenset[str], done: Copies) -> None:
    try:
        if path.read_bytes()[: len(SQLITE)] == SQLITE and _erase_from_sqlite(path, words):
            done.changed.append(shown)
    except sqlite3.Error as error:
        done.left.append(f"{shown}: {error} (stop tweetbench ui and repeat)")


def _forget_dbt(settings: Settings, needles: Needles, done: Copies) -> None:
    """What dbt has compiled and logged is made again by the next build; its binary parts could not be cut."""
    folder = settings.dbt_target_dir
    files = [path for path in folder.rglob("*") if path.is_file()]
    if any(needles.is_in(piece) for path in files for piece in contents(path)):
        shutil.rmtree(folder)
        done.removed.append(f"{folder.relative_to(settings.data_dir).as_posix()}: the next build makes it again")


def _loose_files(root: Path) -> Iterator[Path]:
    for entry in root.iterdir():
        if entry.is_dir() and not entry.is_symlink() and entry.name not in _COMMITTED:
            yield from (path for path in entry.rglob("*") if path.is_file() and not path.is_symlink())
        elif entry.is_file() and not entry.name.startswith("."):
            yield entry


def _names(text: str, ids: frozenset[str]) -> bool:
    return not ids.isdisjoint(ids_in(text))


def _what_it_holds(path: Path, ids: frozenset[str], needles: Needles) -> str:
    """What of the erased content a file holds, packed or not, as text; empty for nothing."""
    try:
        for piece in contents(path):
            if needles.is_in(piece):
                return "it contains erased text"
            # A file that is not packed comes as one piece, of any size.
            starts = range(0, len(piece), _LOOKED_AT)
            if any(_names(piece[at : at + _LOOKED_AT + _LONGEST_ID].decode("latin-1"), ids) for at in starts):
                return "it names an erased id"
    except CannotUnpackError as error:
        return f"it may contain anything ({error})"
    return ""


def _erase_from_text(path: Path, traces: Traces, *, is_theirs: bool) -> bool:
    data = path.read_bytes()
    # Latin-1 maps every byte to a character and back, so bytes of no known encoding survive unchanged.
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    text = data.decode(encoding, "surrogatepass")
    searched = {spelling for words in traces.words for spelling in spellings(words)}
    if encoding == "latin-1":
        searched |= {spelling.encode("utf-8", "surrogatepass").decode("latin-1") for spelling in searched}
    present = sorted((spelling for spelling in searched if spelling in text), key=len, reverse=True)
    if is_theirs:
        text = _without_records(text, traces, present)
    for spelling in present:
        text = text.replace(spelling, ERASED)
    changed = text.encode(encoding, "surrogatepass")
    if changed == data:
        return False
    replace_bytes(path, changed)
    return True


def _without_records(text: str, traces: Traces, present: list[str]) -> str:
    """The table without the records that hold a trace; the first record is its header and stays."""
    header = text.split("\n", 1)[0]
    names_accounts = _HANDLE_COLUMN.search(text[:4000]) and not _PEOPLES_TABLE.search(header)
    handles = traces.handles if names_accounts else frozenset()
    if not (present or _names(text, traces.ids) or (handles and _handles_pattern(handles).search(text))):
        return text
    records = _RECORD.findall(text)
    if "".join(records) != text:
        return text
    kept = [
        record
        for number, record in enumerate(records)
        if number == 0
        or not (
            _names(record, traces.ids)
            or any(spelling in record for spelling in present)
            or _is_under_handle(record, handles)
        )
    ]
    return "".join(kept)


def _is_under_handle(record: str, handles: frozenset[HandleSpan]) -> bool:
    """True if a record bears a handle of an erased account, and, if another account had it too, a day of the former."""
    alone = always_meant(handles)
    days = [f"{day}T00:00:00+00:00" for day in _DAY.findall(record)[:1]]
    meant = frozenset(
        span for span in handles if span.handle in alone or any(span.valid_from <= day < span.valid_to for day in days)
    )
    return bool(meant) and _handles_pattern(meant).search(record) is not None


@lru_cache(maxsize=64)  # asked for every record
def _handles_pattern(handles: frozenset[HandleSpan]) -> re.Pattern[str]:
    """A cell that is one of the handles, or a link to one of them or to a post of theirs."""
    names = "|".join(sorted({re.escape(span.handle) for span in handles}))
    cell = rf"(?:^|[,;\t\"\n])@?(?:{names})(?=[,;\t\"\r\n]|$)"
    homes = [re.escape(span.handle).rpartition("@") for span in handles if "@" in span.handle]
    links = [rf"(?:(?:twitter|x)\.com/@?|bsky\.app/profile/)(?:{names})(?![\w.-])"]
    links += [rf"{host}/(?:@|users/){name}(?![\w.@-])" for name, _, host in homes]
    return re.compile("|".join([cell, *sorted(links)]), re.IGNORECASE)


def _erase_from_sqlite(path: Path, words: frozenset[str]) -> bool:
    searched = sorted({needle for each in words for needle in spellings(each)}, key=len, reverse=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma secure_delete = on")
        connection.execute("pragma wal_checkpoint(truncate)")
        data = path.read_bytes()
        present = [needle for needle in searched if needle.encode() in data]
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
