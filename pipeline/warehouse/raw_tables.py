"""Schema `raw` of the build warehouse: a table for each lake table, the ledger of loaded files, the watermark of dbt.

Created from the lake's schemas, so that a column added there appears here. What is put in belongs to `warehouse`.
"""

import duckdb
import pyarrow as pa

from pipeline.schemas import TABLES, column_description, table_description

LEDGER = """
create table if not exists raw.lake_files (
    path varchar primary key, table_name varchar not null, source varchar not null, run_id varchar not null,
    lake_sequence bigint not null, sha256 varchar not null, row_count bigint not null, committed_at timestamptz not null
)
"""
# At most one row: the last commit that every table is built from, and by which SQL; read and written by `built`.
WATERMARK = """
create table if not exists raw.build_watermark (lake_sequence bigint not null, fingerprint varchar not null)
"""
# Columns that the tables have now.
COLUMNS = """
select table_name, column_name from duckdb_columns()
where schema_name = 'raw' and database_name = current_database()
"""


def create_raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of schema `raw`, and add columns that the lake schemas gained."""
    connection.execute("create schema if not exists raw")
    connection.execute(LEDGER)
    connection.execute(WATERMARK)
    # One question for all tables: one for each was 2 of 3 CPU seconds of a day's load.
    present: dict[str, set[str]] = {name: set() for name in TABLES}
    for name, column in connection.execute(COLUMNS).fetchall():
        present.setdefault(name, set()).add(column)
    for name, schema in TABLES.items():
        with_sequence = schema.append(
            pa.field("lake_sequence", pa.int64(), metadata={"description": "Order in which the lake received the row"})
        )
        _create_table(connection, name, with_sequence, present[name])


def _create_table(connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, present: set[str]) -> None:
    if present and not (missing := [field for field in schema if field.name not in present]):
        return
    connection.register("empty_table", schema.empty_table())
    if not present:
        connection.execute(f'create table raw."{name}" as select * from empty_table')
        missing = list(schema)
        connection.execute(f'comment on table raw."{name}" is {_quoted(table_description(name))}')
    else:
        types = dict(connection.execute("select column_name, column_type from (describe empty_table)").fetchall())
        for field in missing:
            connection.execute(f'alter table raw."{name}" add column "{field.name}" {types[field.name]}')
    connection.unregister("empty_table")
    for field in missing:
        comment = _quoted(column_description(field))
        connection.execute(f'comment on column raw."{name}"."{field.name}" is {comment}')


def _quoted(text: str) -> str:
    # COMMENT ON takes no bound parameters; the texts are our own, quotes are doubled all the same.
    return "'" + text.replace("'", "''") + "'"
