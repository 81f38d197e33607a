"""Which SQL only asks. A read-only, locked-down connection still lets COPY write the log next to its own file, and one
function that is called in FROM write a log file; readers would take both for data. So only questions are let through.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Self

import duckdb

# Functions in FROM that only give rows; every other one is refused, new ones of DuckDB included.
_HARMLESS = frozenset(
    {"range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "summary"}
    | {"histogram", "histogram_values", "test_all_types", "icu_calendar_names", "pg_timezone_names"}
)
_HARMLESS_FAMILIES = ("duckdb_", "pragma_")
_NAME = r'(?:[a-z_]\w*|"[^"]+")'
_EXPLAIN = re.compile(
    r"\s*explain\s+(?:analyze\s+|verbose\s+)?(?:\(\s*(?:analyze|format\s+\w+)(?:\s*,\s*(?:analyze|format\s+\w+))*\s*\)\s*)?",
    re.I,
)
_TEMPORARY = re.compile(
    rf"\s*create\s+(?:or\s+replace\s+)?temp(?:orary)?\s+(?:table|view)\s+(?:if\s+not\s+exists\s+)?{_NAME}\s+as\s+", re.I
)
# DuckDB itself turns these into questions; a pragma that sets something is a statement of another kind.
_PRAGMA = re.compile(r"\s*pragma\s+\w+\s*(?:\([^()]*\))?[\s;]*", re.I)
_CALL = re.compile(r'([a-z_]\w*)"?\s*(?=\(|/\*|--)')
_PARTS_OF_PIVOT = {duckdb.StatementType.SELECT, duckdb.StatementType.CREATE}
_FETCHING = ("fetch", "to_arrow", "description")


class AskingConnection:
    """The part of a DuckDB connection with which one can ask and fetch, for SQL that strangers wrote."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def execute(self, query: str, parameters: object = None) -> Self:
        """Run questions; the last one's rows can be fetched.

        Raises:
            duckdb.Error: a statement is wrong, or does more than ask.
        """
        refuse_all_but_questions(self._connection, query)
        self._connection.execute(query, parameters)
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith(_FETCHING) or name in ("interrupt", "close"):
            return getattr(self._connection, name)
        raise AttributeError(f"a read-only connection has no {name}")


def refuse_all_but_questions(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Let SELECT, FROM, DESCRIBE, SHOW, SUMMARIZE, PIVOT, EXPLAIN of these and temporary tables of these pass.

    Raises:
        duckdb.Error: the text is no SQL, or a statement in it does more than ask.
    """
    asking = connection.cursor()  # a result that is being fetched stays
    # The connection that is locked down takes it apart: IMPORT DATABASE reads a file while it is parsed.
    statements = asking.extract_statements(query)
    unnamed = [statement.type for statement in statements if not statement.query]
    if unnamed:  # PIVOT becomes several statements, which have no text of their own
        if "pivot" not in query.lower() or not set(unnamed) <= _PARTS_OF_PIVOT:
            raise _refused("this statement")
        _refuse_functions(set(_CALL.findall(query.lower())) & _table_functions(asking))
    for statement in statements:
        if statement.query:
            _refuse_functions(_functions_in_from(asking, statement.type, statement.query))


def _functions_in_from(asking: duckdb.DuckDBPyConnection, kind: duckdb.StatementType, text: str) -> set[str]:
    if kind == duckdb.StatementType.EXPLAIN:
        text = _EXPLAIN.sub("", text, count=1)
    elif kind == duckdb.StatementType.CREATE:
        text = _TEMPORARY.sub("", text, count=1)
    elif kind == duckdb.StatementType.SELECT and _PRAGMA.fullmatch(text):
        return set()
    row = asking.execute("select json_serialize_sql(?)", [text]).fetchone()
    try:
        tree = json.loads(row[0]) if row else {"error": True}
    except RecursionError:
        raise duckdb.PermissionException("this statement is refused: it is nested too deeply to be looked at") from None
    if tree["error"]:
        raise _refused(" ".join(text.split()[:2]))
    return set(_walk(tree))


def _walk(node: Any) -> Iterator[str]:
    stack = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, dict):
            if each.get("type") == "TABLE_FUNCTION":
                yield str(each["function"].get("function_name", "")).lower()
            stack.extend(each.values())
        elif isinstance(each, list):
            stack.extend(each)


def _table_functions(asking: duckdb.DuckDBPyConnection) -> set[str]:
    rows = asking.execute("select distinct function_name from duckdb_functions() where function_type like 'table%'")
    return {name for (name,) in rows.fetchall()}


def _refuse_functions(names: set[str]) -> None:
    for name in sorted(names):
        if name not in _HARMLESS and not name.startswith(_HARMLESS_FAMILIES):
            raise _refused(f"{name}()")


def _refused(what: str) -> duckdb.Error:
    return duckdb.PermissionException(f"{what} is refused: only queries are allowed (SELECT, DESCRIBE, SHOW ...)")
