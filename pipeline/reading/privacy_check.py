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
from pipeline.sources.files.personal_data import PRIVATE, mask_within, suspicious_name
from pipeline.sources.files.profile_columns import column_key
from pipeline.sources.files.protocol import Reading, Request, issue_row
from pipeline.sources.lake_source import Row

# Names of columns that are about a person, not a business.
_PERSON = re.compile(
    r"(?:^|_)(?:contact|person|owner|manager|founder|ceo|assistant|employee|first_?name|last_?name|surname|"
    r"telephone|mobile|fax|address|street|iban)(?:_|$)"
)
# The user's own words, by lake table; public texts of accounts are not among them.
_WRITTEN = {
    "account_registry": ("name", "industry", "company_size", "notes"),
    "issues": ("subject", "detail", "next_step"),
}
# Tables that people make, with columns of their own; in those of programs a number is a count, whatever its column.
_FROM_PEOPLE = {"account_registry", "accounts", "issues"}
_OWN_COLUMNS_OF = {*_FROM_PEOPLE, "account_daily"}
_COUNT = re.compile(r"\d{1,6}(?:[.,]\d{1,2})?")
# Names of accounts that would pass for addresses and phone numbers: `@shop@social.example`, `account 2025550143`.
_ACCOUNT = re.compile(r"((?<![\w@])@\w[\w.-]*@[\w.-]*\w|\b(?:account|id) \d+\b)")


@dataclass(frozen=True)
class _Check:
    """What is looked for in the rows of a file, and what was found."""

    about_people: frozenset[str]  # keys of columns
    public: frozenset[str]  # keys of columns that a reader reads: handles, names and descriptions of accounts
    dropped: set[str] = field(default_factory=set)
    masked: Counter[str] = field(default_factory=Counter)


def without_personal_data(reading: Reading, file_name: str, header: Sequence[str], request: Request) -> Reading:
    """The reading with what looks personal masked, columns about people left out, and an issue that counts both."""
    public = frozenset(map(column_key, reading.public_columns))
    check = _Check(frozenset(column_key(name) for name in header if _is_about_people(name)) - public, public)
    tables = {
        table: _cleaned(rows, table, check) if _is_checked(table, check) else rows
        for table, rows in reading.tables.items()
    }
    shown = sorted({name for name in header if column_key(name) in check.dropped})
    issues = list(_issues(file_name, shown, check.masked, request, is_survey="survey_respondents" in tables))
    return replace(reading, tables={**tables, "issues": [*tables.get("issues", []), *issues]}) if issues else reading


def _is_about_people(name: str) -> bool:
    key = column_key(name)
    return bool(PRIVATE.search(key) or _PERSON.search(key) or suspicious_name(name))


def _is_checked(table: str, check: _Check) -> bool:
    return table in _OWN_COLUMNS_OF or (bool(check.about_people) and not table.startswith(("survey_", "contacts")))


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
            changed[column] = _masked(row[column], check)
    payload = row.get("payload")
    if isinstance(payload, str) and payload.startswith(("{", "[")):
        changed["payload"] = json.dumps(_kept(json.loads(payload), table, check), ensure_ascii=False, default=str)
    return {**row, **changed} if any(row[name] != value for name, value in changed.items()) else row


def _kept(record: Any, table: str, check: _Check, key: str = "") -> Any:
    """What may be stored of a record or of one of its values; records of a grouped issue lie one in another."""
    if isinstance(record, list) and check.about_people and any(isinstance(value, str) for value in record):
        return f"(left out: {len(record)} cells, which may be about people)"
    if isinstance(record, list):
        return [_kept(value, table, check, key) for value in record]
    if isinstance(record, dict):
        keys = {name: column_key(name) for name in record}
        dropped = {name for name in record if keys[name] in check.about_people and _tells(record[name], table)}
        check.dropped.update(keys[name] for name in dropped if record[name])
        return {name: _kept(record[name], table, check, keys[name]) for name in record if name not in dropped}
    is_written = table == "issues" or (table == "account_registry" and key in _WRITTEN[table])
    is_public = table not in _OWN_COLUMNS_OF or (not is_written and key in check.public)
    # Digits alone are an id or a count where nothing says that they are a number to call.
    is_kept = not isinstance(record, str) or is_public or (record.isdecimal() and not record.startswith("0"))
    return record if is_kept else _masked(record, check)


def _tells(value: Any, table: str) -> bool:
    """True if a value of a column about people can be about one: programs count e-mails and calls, too."""
    return table in _FROM_PEOPLE or not _COUNT.fullmatch(str(value))


def _masked(text: str, check: _Check) -> str:
    parts = _ACCOUNT.split(text)  # every second part names an account
    for at in range(0, len(parts), 2):
        parts[at], kinds = mask_within(parts[at])
        check.masked.update(kinds)
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
