"""`tweetbench sql`: queries on the published warehouse, read-only and locked down."""

import csv
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import duckdb
import typer

from pipeline.cli.console import harmless, out, say, say_json_list, say_table
from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.reader import open_published
from pipeline.report.cells import neutral_cell
from pipeline.runtime.failures import explain
from pipeline.settings import load_settings

SHOWN_ROWS = 200
BATCH_ROWS = 10_000


def sql(
    query: Annotated[str | None, typer.Argument(help="SQL; without it, a prompt opens")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print rows as JSON")] = False,
    csv_output: Annotated[bool, typer.Option("--csv", help="Print rows as CSV")] = False,
) -> None:
    """Query the published warehouse in SQL. A query can change nothing and read no other file.

    Examples:

      tweetbench sql "from ratio_styles order by follower_count desc limit 10"

      tweetbench sql "select table_name, comment from duckdb_tables()"

      tweetbench sql "from coverage where gap_note is not null" --csv > gaps.csv
    """
    with open_published(load_settings()) as connection:
        if query is None:
            _prompt(connection)
        else:
            _answer(connection, query, json_output=json_output, csv_output=csv_output)


def _answer(
    connection: duckdb.DuckDBPyConnection, query: str, *, json_output: bool = False, csv_output: bool = False
) -> None:
    """Print what a query gives, a batch at a time: the result may be larger than the memory."""
    with _errors_as_messages():
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or []]
    if json_output:
        say_json_list(dict(zip(names, row, strict=True)) for row in _rows(cursor))
    elif csv_output:
        writer = csv.writer(sys.stdout)
        shown = harmless if out.is_terminal else str
        writer.writerows(
            [shown(neutral_cell(value)) if isinstance(value, str) else value for value in row]
            for row in itertools.chain([names], _rows(cursor))
        )
    else:
        rows = list(itertools.islice(_rows(cursor), SHOWN_ROWS + 1))
        say_table("", names, rows[:SHOWN_ROWS])
        if len(rows) > SHOWN_ROWS:
            say(f"the first {SHOWN_ROWS} rows; for all of them add --csv, for fewer a limit")


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while True:
        with _errors_as_messages():
            batch = cursor.fetchmany(BATCH_ROWS)
        if not batch:
            return
        yield from batch


@contextmanager
def _errors_as_messages() -> Iterator[None]:
    """Errors as messages: a damaged file is one thing, a query that asks for what there is not another."""
    try:
        yield
    except duckdb.Error as error:
        raise explain(error) or TweetbenchError(
            str(error).splitlines()[0],
            where="your query",
            why="the published warehouse is open read-only and locked down" if _is_refusal(error) else "",
            next_step="tweetbench sql 'show tables'   (lists the marts; 'describe accounts' lists columns)",
            exit_code=Exit.USAGE,
        ) from error


def _is_refusal(error: duckdb.Error) -> bool:
    words = ("read-only", "disabled by configuration", "has been locked", "only queries")
    return any(word in str(error) for word in words)


def _prompt(connection: duckdb.DuckDBPyConnection) -> None:
    say("SQL on the published warehouse (schema marts). 'show tables' lists them; an empty line or Ctrl-D exits.")
    while True:
        try:
            query = input("sql> ") if out.is_terminal else sys.stdin.readline()
        except EOFError:
            return
        if not query.strip():
            return
        try:
            _answer(connection, query)
        except TweetbenchError as error:
            say(f"error: {error.what}")
