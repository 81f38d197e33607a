"""What the published version holds, described once for every exporter: marts, columns, keys, which version it is."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipeline.errors import Exit, TweetbenchError

# A spreadsheet program runs a cell that begins with one of these as a formula; some read wide forms as the plain ones.
FORMULA_TRIGGERS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "﹢", "﹣", "﹦", "﹫")
# The same behind blanks and characters that show nothing, as RE2 writes it.
FORMULA_PATTERN = r"^(?:[\t\r\n]|[\pZ\pC]*[=+\-@＝＋－＠﹢﹣﹦﹫])"
TEXT_KINDS = {"VARCHAR", "JSON", "UUID"}


@dataclass(frozen=True)
class Column:
    """A column as published: its DuckDB type, its description, and whether null is refused."""

    name: str
    kind: str
    description: str
    is_required: bool

    @property
    def is_nested(self) -> bool:
        """True for lists, structs and maps, which flat files and PostgreSQL get as JSON text."""
        return self.kind.endswith("]") or self.kind.startswith(("STRUCT", "MAP", "UNION"))

    @property
    def is_text(self) -> bool:
        """True where values are text once exported."""
        return self.is_nested or self.kind in TEXT_KINDS or self.kind.startswith("ENUM")


@dataclass(frozen=True)
class Mart:
    """A published table: description, columns in order, the columns of its primary key (empty: none), rows."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    row_count: int


@dataclass(frozen=True)
class Version:
    """Which version of the warehouse is exported."""

    number: int
    published_at: datetime
    run_id: str
    is_demo: bool

    @property
    def name(self) -> str:
        """A name for files and folders; synthetic data carries its mark there, too."""
        return f"tweetbench-v{self.number}" + ("-demo" if self.is_demo else "")


def read_version(connection: duckdb.DuckDBPyConnection) -> Version:
    """The row of `marts.published`."""
    row = connection.execute("select version, published_at, run_id, is_demo from marts.published").fetchone()
    assert row is not None  # noqa: S101 - publish writes exactly one row
    return Version(*row)


def read_marts(connection: duckdb.DuckDBPyConnection, only: list[str] | None = None) -> list[Mart]:
    """The published marts by name, or those that are asked for in the order asked.

    Raises:
        TweetbenchError: a mart that was asked for does not exist.
    """
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'marts' order by table_name"
    ).fetchall()
    comments = {name: comment or "" for name, comment in tables}
    unknown = [name for name in only or [] if name not in comments]
    if unknown:
        raise TweetbenchError(
            f"there is no mart {', '.join(unknown)}",
            where="published/current/warehouse.duckdb",
            next_step="tweetbench sql 'show tables'   lists them",
            exit_code=Exit.USAGE,
        )
    return [_mart(connection, name, comments[name]) for name in only or comments]


def _mart(connection: duckdb.DuckDBPyConnection, name: str, description: str) -> Mart:
    columns = connection.execute(
        "select column_name, data_type, coalesce(comment, ''), not is_nullable from duckdb_columns() "
        "where schema_name = 'marts' and table_name = ? order by column_index",
        [name],
    ).fetchall()
    key = connection.execute(
        "select constraint_column_names from duckdb_constraints() "
        "where schema_name = 'marts' and table_name = ? and constraint_type = 'PRIMARY KEY'",
        [name],
    ).fetchone()
    counted = connection.execute(f"select count(*) from marts.{quote(name)}").fetchone()
    made = tuple(Column(*column) for column in columns)
    return Mart(name, description, made, tuple(key[0]) if key else (), counted[0] if counted else 0)


def quote(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def flat_expression(column: Column) -> str:
    """SQL for a column as a flat value: nested values become JSON text."""
    quoted = quote(column.name)
    return f"to_json({quoted})::varchar" if column.is_nested else quoted


def safe_expression(column: Column) -> str:
    """SQL for a column as a spreadsheet may hold it: a text that would run as a formula gets an apostrophe in front."""
    flat = flat_expression(column)
    if not column.is_text:
        return flat
    text = f"{flat}::varchar"
    return f"case when regexp_matches({text}, '{FORMULA_PATTERN}') then '''' || {text} else {text} end"


def select(mart: Mart, expressions: list[str]) -> str:
    """The query that gives a mart's rows with these expressions in place of its columns."""
    listed = ", ".join(
        f"{expression} as {quote(column.name)}" for expression, column in zip(expressions, mart.columns, strict=True)
    )
    return f"select {listed} from marts.{quote(mart.name)}"
