"""The seam between the outside world and the lake: what a source is given and what it gives back.

A source is a module of this folder that has the five names of `Source`. Its parser takes a file that is already
open and returns rows; it reads no clock, no network and no settings.
"""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from pipeline.errors import TweetbenchError
from pipeline.schemas.row_streams import Rows
from pipeline.sources.files.json_lines import looks_like_json, read_json_profiles
from pipeline.sources.files.old_workbook import OLD_START
from pipeline.sources.files.spss import SPSS_STARTS, read_spss
from pipeline.sources.files.tabular import Sheet, read_sheet
from pipeline.sources.files.workbook import read_workbook
from pipeline.sources.lake_source import LakeSource, Row, issue_at


@dataclass(frozen=True)
class InputFile:
    """A file that a person dropped. `shown_name` is safe to print; the path is never printed."""

    path: Path
    shown_name: str
    sha256: str
    sheet_name: str | None = None  # which sheet of a workbook; None: its first

    @cached_property
    def start(self) -> bytes:
        """The first bytes, enough to tell a ZIP archive from text."""
        with self.path.open("rb") as stream:
            return stream.read(8)

    @cached_property
    def is_zip(self) -> bool:
        """True for an archive of files; a workbook is a ZIP as well, but a table to its reader."""
        return self._has_zip_start and not self.is_workbook

    @cached_property
    def is_workbook(self) -> bool:
        """True for an Excel workbook (.xlsx, or the old .xls)."""
        if self.start.startswith(OLD_START):
            return True
        if not self._has_zip_start:
            return False
        try:
            with zipfile.ZipFile(self.path) as archive:
                return "xl/workbook.xml" in archive.NameToInfo
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return False

    @property
    def _has_zip_start(self) -> bool:
        return self.start.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    @cached_property
    def sheet(self) -> Sheet:
        """The file as a table of text cells, whatever its form.

        Raises:
            TweetbenchError: the file is empty, damaged, binary, too large or no table.
        """
        if isinstance(self._sheet, TweetbenchError):
            raise self._sheet
        return self._sheet

    @cached_property
    def _sheet(self) -> Sheet | TweetbenchError:
        """The refusal is kept as well: every source asks, and a bad file is looked at once."""
        try:
            if self.is_workbook:
                return read_workbook(self.path, self.shown_name, self.sheet_name)
            if self.start.startswith(SPSS_STARTS):
                return read_spss(self.path, self.shown_name)
            profiles = read_json_profiles(self.path, self.shown_name) if looks_like_json(self.start) else None
            return profiles or read_sheet(self.path, self.shown_name)
        except TweetbenchError as error:
            return error


@dataclass(frozen=True)
class FileMapping:
    """A YAML mapping that a person wrote for a file: its id, its fields, and where it lies."""

    mapping_id: str
    fields: Mapping[str, Any]
    shown_name: str
    lines: Mapping[str, int] = field(default_factory=dict)  # line of each key, by its dotted path

    def place(self, path: str) -> str:
        """The file, and the line of the key or of the nearest key above it where that is known."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            if line := self.lines.get(".".join(parts[:length])):
                return f"{self.shown_name}, line {line}"
        return self.shown_name


@dataclass(frozen=True)
class BrokenMapping:
    """A mapping that cannot be read: where (with the line), why, and what in it may name columns, casefolded."""

    where: str
    why: str
    columns: frozenset[str]


def _no_key(text: str) -> str:
    raise ValueError(f"a request without a key cannot turn {len(text)} characters into a pseudonym")


@dataclass(frozen=True)
class Request:
    """What is known besides the file itself."""

    now: datetime
    account: str | None = None  # handle that the user named with --account
    captured_at: datetime | None = None  # day that the user named with --captured-at
    own_handles: frozenset[str] = frozenset()  # lower case; accounts on X that the registry marks as own
    own_handles_elsewhere: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the same by other platform
    # Handles by platform and name of the business, as accounts.csv lists them.
    handles_by_name: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mappings: tuple[FileMapping, ...] = ()
    broken_mappings: tuple[BrokenMapping, ...] = ()
    pseudonym: Callable[[str], str] = _no_key  # keyed hash of a personal identifier

    def own_on(self, platform: str) -> frozenset[str]:
        """Own handles on one platform, in lower case."""
        return self.own_handles if platform == "x" else self.own_handles_elsewhere.get(platform, frozenset())


@dataclass(frozen=True)
class Reading:
    """What one file holds, ready for one commit. Rows of a large file are a stream that makes them at each pass."""

    tables: Mapping[str, Rows]
    dialect: str
    row_count: int
    account: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    notes: tuple[str, ...] = ()
    # Columns of a table from people that are read: what they hold of an account is public and stays in `payload`.
    public_columns: frozenset[str] = frozenset()
    # Columns of a program's export in which some cell seems personal; texts of posts are not among them.
    checked_columns: frozenset[str] = frozenset()
    # What besides the bytes decided the rows (account, mapping digest, captured_at): the same bytes with the same
    # options are added once, with others again.
    options: Mapping[str, str] = field(default_factory=dict)

    def found(self) -> dict[str, Any]:
        """The facts that `ingest` prints and the manifest keeps."""
        return {
            "dialect": self.dialect,
            "account": self.account,
            "row_count": self.row_count,
            "period_start": self.period_start and self.period_start.isoformat(),
            "period_end": self.period_end and self.period_end.isoformat(),
            "rows_by_table": {name: len(rows) for name, rows in self.tables.items() if len(rows)},
            "notes": list(self.notes),
        }


class Source(LakeSource, Protocol):
    """One kind of file. A module with these names is a source once it is listed in `pipeline.sources`."""

    def recognises(self, file: InputFile, request: Request) -> bool:
        """True if the content, not the name, says that the file is of this kind."""

    def read(self, file: InputFile, request: Request) -> Reading:
        """Rows by lake table, with what could not be used as rows of `issues`.

        Raises:
            TweetbenchError: nothing of the file can be used, or it must not be.
        """


def issue_row(
    subject: str,
    problem: str,
    *,
    detail: str,
    next_step: str,
    request: Request,
    original: object = None,
    platform: str = "x",
) -> Row:
    """A row of the `issues` lake table: one thing that was read and not used."""
    return issue_at(
        request.now,
        subject,
        problem,
        detail=detail,
        next_step=next_step,
        original=original,
        platform=platform,
    )
