"""What is true of an account's file, and the comparison with the rows that were read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.sources.files.protocol import Reading
from tests.exporters.verdict import DOUBTED, RIGHT, WRONG

BY_PLACE = "columns were taken by their position"  # names the cause where somebody moved columns of unknown names
Key = tuple[Any, ...]
Rows = Mapping[Key, Mapping[str, Any]]


@dataclass(frozen=True)
class Expected:
    """Rows of one lake table by their key. `named`: header text by lake column, for doubts that name either."""

    table: str
    key: tuple[str, ...]
    rows: Rows
    named: Mapping[str, str] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()  # columns that may be null where something made them unreadable


def compare(expected: Sequence[Expected], reading: Reading) -> tuple[str, tuple[str, ...]]:
    """The outcome, and each kind of difference once."""
    issues = reading.tables.get("issues", [])
    said = [f"{row['subject']} {row['problem']} {row['detail']}" for row in issues]
    words = "\n".join([*reading.notes, *said]).casefold()
    wrong: dict[str, str] = {}
    doubted: dict[str, str] = {}
    for each in expected:
        read: dict[Key, Mapping[str, Any]] = {}
        for row in reading.tables.get(each.table, []):
            key = tuple(_key_part(row[name]) for name in each.key)
            if key in read:
                wrong.setdefault(f"{each.table} twice", f"{key} twice")
            read[key] = row
        for key in read.keys() - each.rows.keys():
            wrong.setdefault(f"{each.table} invented", f"{each.table} {key} is nowhere in truth: {_short(read[key])}")
        missing = each.rows.keys() - read.keys()
        if missing:
            where = doubted if issues else wrong
            example = min(missing, key=str)
            where[f"{each.table} missing"] = f"{len(missing)} of {len(each.rows)} {each.table} missing, e.g. {example}"
        for key, right in each.rows.items():
            for column, value in right.items() if key in read else ():
                found = read[key].get(column)
                if found == value or (found is None and column in each.optional):
                    continue
                known = column.casefold() in words or each.named.get(column, "\0").casefold() in words
                is_named = known or (found is None and bool(issues)) or BY_PLACE in words
                place = f"{each.table}.{column}"
                (doubted if is_named else wrong).setdefault(place, f"{place} of {key} is {found!r}, right {value!r}")
    outcome = WRONG if wrong else DOUBTED if doubted else RIGHT
    return outcome, (*wrong.values(), *doubted.values())


def _key_part(value: Any) -> Any:
    """Times as their day, handles without regard to case."""
    if isinstance(value, datetime):
        return value.date()
    return value.casefold() if isinstance(value, str) else value


def _short(row: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in row.items() if value is not None and name != "payload"}
    return str(kept)[:160]
