"""Runs the SQL of a figure and turns the rows, even none, into a result."""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import duckdb

from pipeline.report.figures import Figure, FigureResult, Row


def query_figure(connection: duckdb.DuckDBPyConnection, figure: Figure) -> FigureResult:
    """The result of one figure. A fault is reported in its place and does not affect the others."""
    try:
        rows = rows_of(connection, figure.sql)
    except duckdb.CatalogException as error:
        return FigureResult(figure, missing=f"This version of the warehouse has no {_missing_table(error)}.")
    except duckdb.Error as error:
        return FigureResult(figure, problem=f"its SQL fails: {str(error).splitlines()[0]}")
    if not rows:
        return _without_rows(connection, figure)
    try:
        return FigureResult(figure, rows, tuple(figure.read(rows)), tuple(figure.draw(rows)))
    except Exception as error:
        return FigureResult(figure, rows, problem=f"it could not be drawn: {type(error).__name__}: {error}")


def _without_rows(connection: duckdb.DuckDBPyConnection, figure: Figure) -> FigureResult:
    if figure.if_empty_on:
        platforms = [row["platform"] for row in rows_of(connection, "select distinct platform from marts.accounts")]
        if len(platforms) == 1 and (why := figure.if_empty_on.get(platforms[0])):
            return FigureResult(replace(figure, if_empty=why), missing="There is nothing to show.")
    return FigureResult(figure, missing="There is nothing to show yet.")


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
    return f"table marts.{found[1]}" if found else "table for this"
