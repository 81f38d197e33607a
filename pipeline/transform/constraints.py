"""What each table guarantees, from the constraints in the manifest, as text for people.

How a build holds them belongs to dbt_project/macros/constraints.sql.
"""

import re
from collections.abc import Mapping
from typing import Any

# Starts what `hold_constraints` says of a table that breaks one.
BROKEN = "broken constraint of "
ACCEPTED = re.compile(r"\w+ in \((?P<values>.*)\)")
RANGE = re.compile(r"\w+ between (?P<low>\S+) and (?P<high>\S+)")
BOUND = re.compile(r"\w+ (?P<sign>[<>]=) (?P<bound>\S+)")
KEY_WORDS = {"not_null": ["not null"], "unique": ["unique"], "primary_key": ["not null", "unique"]}


def column_guarantees(column: Mapping[str, Any]) -> list[str]:
    """What holds for every value of a column of a manifest node, such as `0 to 1`, in alphabetical order."""
    words = [text for one in column["constraints"] for text in KEY_WORDS.get(one["type"]) or [_check_words(one)]]
    return sorted(words)


def table_guarantees(node: Mapping[str, Any]) -> list[str]:
    """All that a table of the manifest guarantees, keys first, such as `account_key: unique`; empty for none."""
    keys = [one["columns"] for one in node.get("constraints", []) if one["type"] == "unique"]
    found = [f"{', '.join(columns)}: unique{' together' if len(columns) > 1 else ''}" for columns in keys]
    for name, column in node["columns"].items():
        found += [f"{name}: {words}" for words in column_guarantees(column)]
    return found


def accepted_values(column: Mapping[str, Any]) -> list[str]:
    """The values that a column may have; empty where any is allowed. Also reads a column of a properties file."""
    for one in column.get("constraints", []):
        found = ACCEPTED.fullmatch(one.get("expression") or "")
        if found:
            return _values(found["values"])
    return []


def _check_words(constraint: Mapping[str, Any]) -> str:
    expression = str(constraint["expression"])
    if found := ACCEPTED.fullmatch(expression):
        return "one of " + ", ".join(f"`{value}`" for value in _values(found["values"]))
    if found := RANGE.fullmatch(expression):
        return f"{found['low']} to {found['high']}"
    if found := BOUND.fullmatch(expression):
        return f"at {'least' if found['sign'] == '>=' else 'most'} {found['bound']}"
    return expression


def _values(text: str) -> list[str]:
    return [value.strip().strip("'") for value in text.split(", ")]
