"""The one place at which rows of a file lose what may not be stored, whichever source read them.

Contacts and surveys decide for themselves what they keep; this is the net below all sources: accounts.csv and tables of
profiles hold columns and notes that nobody foresaw. Public texts of an account, posts, counts and ids stay as they are.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.schemas.row_streams import Rows, RowStream
from pipeline.sources.files.personal_data import PRIVATE, find_kind, mask, mask_within, suspicious_name
from pipeline.sources.files.profile_columns import column_key
from pipeline.sources.files.protocol import Reading, Request, issue_row
from pipeline.sources.files.sheet import Sheet
from pipeline.sources.lake_source import Row

# Names of columns that are about a person, not a business, in the languages of the exports.
_PERSON = re.compile(
    r"(?:^|_)(?:contact|person|owner|manager|founder|ceo|assistant|employee|responsible|first_?name|last_?name|surname|"
    r"telephone|mobile|fax|address|street|iban|"
    r"ansprechpartner(?:in)?|kontakt(?:person)?|inhaber(?:in)?|verantwortliche?r?|gesch(?:ä|ae)ftsführer(?:in)?|"
    r"mitarbeiter(?:in)?|(?:vor|nach)name|telefon(?:nummer)?|handy(?:nummer)?|(?:post)?anschrift|adresse|stra(?:ß|ss)e|"
    r"responsable|propriétaire|gérante?|dirigeante?|prénom|téléphone|courriel|correo|contacto|contatto|persona|gerente|"
    r"titular|titolare|responsabile|referente|apellidos?|sobrenome|cognome|teléfono|telefone|telefono|móvil|"
    r"dirección|endereço|indirizzo|contactpersoon|eigenaar|achternaam|voornaam|telefoon|adres)(?:_|$)"
)
# The user's own words, by lake table; public texts of accounts are not among them.
_WRITTEN = {
    "account_registry": ("name", "industry", "company_size", "notes"),
    "issues": ("subject", "detail", "next_step"),
}
# Tables that people make, with columns of their own; in those of programs a number is a count, whatever its column.
_FROM_PEOPLE = {"account_registry", "accounts", "issues"}
_OWN_COLUMNS_OF = {*_FROM_PEOPLE, "account_daily"}
_COUNT = re.compile(r"-?|\d{1,6}(?:[.,]\d{1,2})?")  # a hyphen stands for none
# Names of accounts that would pass for addresses and phone numbers: `@shop@social.example`, `account 2025550143`.
_ACCOUNT = re.compile(r"((?<![\w@])@\w[\w.-]*@[\w.-]*\w|\b(?:account|id) \d+\b)")


@dataclass(frozen=True)
class _Check:
    """What is looked for in the rows of a file, and what was found."""

    about_people: frozenset[str]  # keys of columns
    telling: frozenset[str]  # keys of those in which something other than counts is written
    public: frozenset[str]  # keys of columns that a reader reads: handles, names and descriptions of accounts
    added: frozenset[str]  # keys of columns of a program's export in which people have written
    dropped: set[str] = field(default_factory=set)
    masked: Counter[str] = field(default_factory=Counter)


def without_personal_data(reading: Reading, file_name: str, sheets: Sequence[Sheet], request: Request) -> Reading:
    """The reading with what looks personal masked, columns about people left out, and an issue that counts both."""
    header = [name for sheet in sheets for name in sheet.header]
    public = frozenset(map(column_key, reading.public_columns))
    about_people = frozenset(column_key(name) for name in header if _is_about_people(name)) - public
    check = _Check(
        about_people, _telling(sheets, about_people), public, frozenset(map(column_key, reading.checked_columns))
    )
    tables = {
        table: _cleaned(rows, table, check) if _is_checked(table, check) else rows
        for table, rows in reading.tables.items()
    }
    shown = sorted({mask(name) for name in header if column_key(name) in check.dropped})
    stored_name = mask_within(file_name)[0]
    issues = list(_issues(stored_name, shown, check.masked, request, is_survey="survey_respondents" in tables))
    reading = replace(reading, notes=tuple(_masked(note, Counter()) for note in reading.notes))
    return replace(reading, tables={**tables, "issues": [*tables.get("issues", []), *issues]}) if issues else reading


def _is_about_people(name: str) -> bool:
    key = column_key(name)
    return bool(PRIVATE.search(key) or _PERSON.search(key) or suspicious_name(name) or find_kind(name))


def _telling(sheets: Sequence[Sheet], about_people: frozenset[str]) -> frozenset[str]:
    """Columns about people in which something other than counts is written, such as those for e-mails sent are not.

    Known for the column, no row of a program's export has to be taken apart for it: there are millions of them.
    """
    telling: set[str] = set()
    for sheet in sheets:
        keys = {at: column_key(name) for at, name in enumerate(sheet.header)}
        left = {at for at, key in keys.items() if key in about_people}
        for record in sheet.records if left else ():
            found = {at for at in left if not _COUNT.fullmatch(record.cells[at])}
            if found:
                telling.update(keys[at] for at in found)
                left -= found
                if not left:
                    break
    return frozenset(telling)


def _is_checked(table: str, check: _Check) -> bool:
    is_added_to = bool(check.telling or check.added)
    return table in _OWN_COLUMNS_OF or (is_added_to and not table.startswith(("survey_", "contacts")))


def _cleaned(rows: Rows, table: str, check: _Check) -> Rows:
    """The rows without what may not be stored; those of a stream are looked at twice, and none of them is held."""
    if not isinstance(rows, RowStream):
        return [_clean(row, table, check) for row in rows]
    for row in rows:
        _clean(row, table, check)
    return RowStream(len(rows), lambda: (_clean(row, table, check) for row in rows))


def _clean(row: Row, table: str, check: _Check) -> Row:
    changed: dict[str, Any] = {}
    for column in _WRITTEN.get(table, ()):
        if isinstance(row.get(column), str):
            changed[column] = _masked(row[column], check.masked)
    payload = row.get("payload")
    if isinstance(payload, str) and payload.startswith(("{", "[")):
        record = _kept(json.loads(payload), _Of(table, row), check)
        changed["payload"] = json.dumps(record, ensure_ascii=False, default=str)
    return {**row, **changed} if any(row[name] != value for name, value in changed.items()) else row


@dataclass(frozen=True)
class _Of:
    """The row that a record was read for."""

    table: str
    row: Row

    def is_public(self, text: str, key: str, check: _Check) -> bool:
        """True for what the row itself says of an account, or what a program exported."""
        if self.table not in _OWN_COLUMNS_OF:
            return key not in check.added
        if key not in check.public or self.table == "issues":
            return False
        if self.table == "account_daily" or find_kind(text) is None:
            return True
        # A cell that its reader could not use as a date, a count or a handle may hold anything.
        handle, written = str(self.row.get("handle") or "").casefold(), _WRITTEN.get(self.table, ())
        is_handle = bool(handle) and handle in text.casefold()
        return is_handle or text.strip() in [value for name, value in self.row.items() if name not in written]


def _kept(record: Any, of: _Of, check: _Check, key: str = "") -> Any:
    """What may be stored of a record or of one of its values; records of a grouped issue lie one in another."""
    if isinstance(record, list) and check.about_people and any(isinstance(value, str) for value in record):
        return f"(left out: {len(record)} cells, which cannot be distinguished from those about people)"
    if isinstance(record, list):
        return [_kept(value, of, check, key) for value in record]
    if isinstance(record, dict):
        keys = {name: column_key(name) for name in record}
        dropped = {name for name in record if keys[name] in check.about_people and _tells(record[name], of.table)}
        check.dropped.update(keys[name] for name in dropped if record[name])
        return {name: _kept(record[name], of, check, keys[name]) for name in record if name not in dropped}
    # Digits alone are an id or a count where nothing says that they are a number to call.
    if not isinstance(record, str) or (record.isdecimal() and not record.startswith("0")):
        return record
    return record if of.is_public(record, key, check) else _masked(record, check.masked)


def _tells(value: Any, table: str) -> bool:
    """True if a value of a column about people can be about one: programs count e-mails and calls, too."""
    return table in _FROM_PEOPLE or not _COUNT.fullmatch(str(value))


def _masked(text: str, counted: Counter[str]) -> str:
    parts = _ACCOUNT.split(text)  # every second part names an account
    for at in range(0, len(parts), 2):
        parts[at], kinds = mask_within(parts[at])
        counted.update(kinds)
    return "".join(parts)


def _issues(
    file_name: str, about_people: Sequence[str], masked: Counter[str], request: Request, *, is_survey: bool
) -> Iterator[Row]:
    platform = "survey" if is_survey else "x"
    if about_people:
        yield issue_row(
            file_name,
            "personal_column_dropped",
            detail=f"not stored, as the name says that it is about people: {', '.join(about_people)}",
            next_step="nothing to do; rename a column that is about the business",
            request=request,
            platform=platform,
        )
    if masked:
        shown = ", ".join(sorted(masked))
        yield issue_row(
            file_name,
            "personal_data_masked",
            detail=f"texts that look like {shown} were left out of notes and of columns of your own",
            next_step="nothing to do; take them out of the file if it is shared with others",
            request=request,
            platform=platform,
        )
