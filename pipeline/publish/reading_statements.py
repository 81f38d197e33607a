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
# Pragmas that only ask. DuckDB 1 turns them into questions, 2 leaves them pragmas, like those that set or import.
_ASKING_PRAGMAS = (
    "table_info|storage_info|show|show_tables|show_tables_expanded|show_databases|database_list|database_size"
    "|metadata_info|functions|collations|version|platform|user_agent"
)
_PRAGMA = re.compile(rf"\s*pragma\s+(?:{_ASKING_PRAGMAS})\s*(?:\([^()]*\))?[\s;]*", re.I)
_CALL = re.compile(r'([a-z_]\w*)"?\s*(?=\(|/\*|--)')
_PARTS_OF_PIVOT = {duckdb.StatementType.SELECT, duckdb.StatementType.CREATE}
_SEVERAL = duckdb.StatementType.MULTI
# What follows a comment whose end is in doubt does not count: comments lie in each other for DuckDB, and a carriage
# return alone may end a line.
_ASKING = re.compile(r"(?:[\s(]|--[^\n\r]*\r?\n|/\*(?:(?!/\*).)*?\*/)*(?:pivot|with|from|select)\b", re.I | re.S)
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
    kinds = [_kind(statement) for statement in statements]
    # PIVOT becomes several statements, without a text of their own in DuckDB 1 and with one for all of them in 2.
    parts = {kind for kind, statement in zip(kinds, statements, strict=True) if not statement.query}
    pivots = [statement.query for kind, statement in zip(kinds, statements, strict=True) if kind == _SEVERAL]
    if parts or pivots:
        if "pivot" not in query.lower() or not parts <= _PARTS_OF_PIVOT or not all(map(_ASKING.match, pivots)):
            raise _refused("this statement")
        _refuse_functions(set(_CALL.findall(query.lower())) & _table_functions(asking))
    for kind, statement in zip(kinds, statements, strict=True):
        if statement.query and kind != _SEVERAL:
            _refuse_functions(_functions_in_from(asking, kind, statement.query))


def _kind(statement: duckdb.Statement) -> duckdb.StatementType:
    try:
        return statement.type
    except ValueError:  # a statement that DuckDB knows and its Python client does not
        raise _refused(" ".join(statement.query.split()[:2]).lower() or "this statement") from None


def _functions_in_from(asking: duckdb.DuckDBPyConnection, kind: duckdb.StatementType, text: str) -> set[str]:
    if kind == duckdb.StatementType.EXPLAIN:
        text = _EXPLAIN.sub("", text, count=1)
    elif kind == duckdb.StatementType.CREATE:
        text = _TEMPORARY.sub("", text, count=1)
    elif _PRAGMA.fullmatch(text):
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
