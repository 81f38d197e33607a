"""Runs the SQL of a figure and turns the rows, even none, into a result."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb

from pipeline.report.catalogue import say
from pipeline.report.figures import Figure, FigureResult, Row


def query_figure(connection: duckdb.DuckDBPyConnection, figure: Figure) -> FigureResult:
    """The result of one figure. A fault is reported in its place and does not affect the others."""
    try:
        rows = rows_of(connection, figure.sql)
    except duckdb.CatalogException as error:
        return FigureResult(
            figure, missing=f"{say('answer.no_table_in_version', table=_missing_table(error))} {figure.if_empty}"
        )
    except duckdb.Error as error:
        return FigureResult(figure, problem=say("answer.sql_fails", error=str(error).splitlines()[0]))
    if not rows:
        return without_rows(connection, figure)
    try:
        opening = figure.open(rows)
        words = (*opening, *figure.read(rows))
        return FigureResult(figure, rows, words, tuple(figure.draw(rows)), opening_count=len(opening) or 1)
    except Exception as error:
        return FigureResult(figure, rows, problem=say("answer.not_drawn", kind=type(error).__name__, error=error))


def has_accounts(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the version has any account; a survey alone has none."""
    return bool(rows_of(connection, "select 1 from marts.accounts limit 1"))


def without_rows(connection: duckdb.DuckDBPyConnection, figure: Figure) -> FigureResult:
    """What is missing for a figure, and what to do."""
    platforms = [row["platform"] for row in rows_of(connection, "select distinct platform from marts.accounts")]
    if platforms and figure.is_answered_by_none:
        return FigureResult(figure, words=(figure.if_empty,))
    if len(platforms) == 1 and (why := figure.if_empty_on(platforms[0])):
        return FigureResult(figure, missing=f"{say('answer.nothing')} {why}")
    return FigureResult(figure, missing=f"{say('answer.nothing_yet')} {figure.if_empty}")


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> list[Row]:
    """Rows of a query by column name; a number that is none (NaN, infinite) is unknown.

    Raises:
        duckdb.Error: a table is missing or the query is wrong.
    """
    cursor = connection.execute(sql, list(values))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, map(_known, values), strict=True)) for values in cursor.fetchall()]


def _known(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _missing_table(error: duckdb.Error) -> str:
    found = re.search(r"name (\w+) does not exist", str(error))
    return say("answer.table", table=found[1]) if found else say("answer.some_table")
