"""The one place at which rows of a file lose what may not be stored, whichever source read them.

Contacts and surveys decide for themselves what they keep; this is the net below all sources: accounts.csv and tables of
profiles hold columns and notes that nobody foresaw. Public texts of an account, and posts, stay as they are.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pipeline.row_streams import Rows, RowStream
from pipeline.sources.account_registry import COLUMNS, OPTIONAL_COLUMNS
from pipeline.sources.personal_data import mask_within
from pipeline.sources.profile_snapshots.columns import SPELLINGS, column_key
from pipeline.sources.protocol import Reading, Request, Row, issue_row

# Names of columns that are about a person, not a business.
_PERSON = re.compile(
    r"(?:^|_)(?:contact|person|owner|manager|founder|ceo|assistant|employee|first_?name|last_?name|surname|"
    r"phone|telephone|mobile|fax|e_?mail|birth\w*|address|street|iban)(?:_|$)"
)
# The user's own words, by lake table; public texts of accounts are not among them.
_WRITTEN = {
    "account_registry": ("name", "industry", "company_size", "notes"),
    "issues": ("subject", "detail", "next_step"),
}
# What X calls two of its counts: how often a post was mailed, and how often its number was dialled.
_COUNTS_OF_X = {"email_tweet", "dial_phone", "promoted_email_tweet", "promoted_dial_phone"}
_KNOWN_COLUMNS = {*COLUMNS, *OPTIONAL_COLUMNS, *(name for names in SPELLINGS.values() for name in names)}
_OWN_COLUMNS_OF = {"account_registry", "accounts", "account_daily", "issues"}


def without_personal_data(reading: Reading, file_name: str, header: Sequence[str], request: Request) -> Reading:
    """The reading with what looks personal masked, columns about people left out, and an issue that counts both."""
    about_people = sorted({name for name in header if _is_about_people(column_key(name))})
    dropped = {column_key(name) for name in about_people}
    masked: Counter[str] = Counter()
    tables = {
        table: _cleaned(rows, table, dropped, masked) if _is_checked(table, dropped) else rows
        for table, rows in reading.tables.items()
    }
    issues = list(_issues(file_name, about_people, masked, request, is_survey="survey_respondents" in tables))
    return replace(reading, tables={**tables, "issues": [*tables.get("issues", []), *issues]}) if issues else reading


def _is_about_people(key: str) -> bool:
    return key not in _COUNTS_OF_X and _PERSON.search(key) is not None


def _is_checked(table: str, dropped: Iterable[str]) -> bool:
    return table in _OWN_COLUMNS_OF or (any(dropped) and not table.startswith(("survey_", "contacts")))


def _cleaned(rows: Rows, table: str, dropped: set[str], masked: Counter[str]) -> Rows:
    """The rows without what may not be stored; those of a stream are looked at twice, and none of them is held."""
    if not isinstance(rows, RowStream):
        return [_clean(row, table, dropped, masked) for row in rows]
    for row in rows:
        _clean(row, table, dropped, masked)
    return RowStream(len(rows), lambda: (_clean(row, table, dropped, Counter()) for row in rows))


def _clean(row: Row, table: str, dropped: set[str], masked: Counter[str]) -> Row:
    changed: dict[str, Any] = {}
    for column in _WRITTEN.get(table, ()):
        if isinstance(row.get(column), str):
            changed[column] = _masked(row[column], masked)
    payload = row.get("payload")
    if isinstance(payload, str) and payload.startswith("{"):
        fields = json.loads(payload)
        kept = {name: value for name, value in fields.items() if column_key(name) not in dropped}
        if table in _OWN_COLUMNS_OF:
            kept = {name: _own(name, value, table, masked) for name, value in kept.items()}
        changed["payload"] = json.dumps(kept, ensure_ascii=False, default=str)
    return {**row, **changed} if any(row[name] != value for name, value in changed.items()) else row


def _own(name: str, value: Any, table: str, masked: Counter[str]) -> Any:
    key = column_key(name)
    is_public = key in _KNOWN_COLUMNS and key not in _WRITTEN["account_registry"] and table != "issues"
    is_public = is_public or (key == "name" and table in ("accounts", "account_daily"))
    return _masked(value, masked) if isinstance(value, str) and not is_public else value


def _masked(text: str, masked: Counter[str]) -> str:
    clean, kinds = mask_within(text)
    masked.update(kinds)
    return clean


def _issues(
    file_name: str, about_people: list[str], masked: Counter[str], request: Request, *, is_survey: bool
) -> Iterable[Row]:
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
