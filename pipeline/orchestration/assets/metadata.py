"""What the Dagster UI shows of a table: its columns, its rows, a sample. Texts and payloads are left out of samples,
because Dagster keeps what it shows and removed content must not live on there."""

from collections.abc import Mapping, Sequence

import dagster as dg
import duckdb
import pyarrow as pa

from pipeline.schemas import column_description

# Of each schema and table: names, types and comments of its columns.
Columns = Mapping[tuple[str, str], Sequence[tuple[str, str, str | None]]]
SAMPLE_ROWS = 5
NOT_SHOWN = {"text", "payload", "description", "name", "notes"}


def schema_metadata(schema: pa.Schema) -> dict[str, dg.TableSchemaMetadataValue]:
    """Column names, types and descriptions of a lake table."""
    columns = [dg.TableColumn(field.name, str(field.type), description=column_description(field)) for field in schema]
    return {"dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns=columns))}


def columns_by_table(connection: duckdb.DuckDBPyConnection) -> Columns:
    """Columns of all tables and views, in their order. One question for all costs what it costs for one table."""
    listed = connection.execute(
        "select schema_name, table_name, list((column_name, data_type, comment) order by column_index) "
        "from duckdb_columns() where database_name = current_database() group by all"
    )
    return {(schema, table): columns for schema, table, columns in listed.fetchall()}


def relation_metadata(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, columns_of: Columns
) -> dict[str, dg.MetadataValue]:
    """Row count, columns with their comments, and a sample of a table or view in the warehouse."""
    columns = columns_of[schema, table]
    relation = f'"{schema}"."{table}"'
    counted = connection.execute(f"select count(*) from {relation}").fetchone()
    shown = [name for name, _, _ in columns if name not in NOT_SHOWN]
    names = ", ".join(f'"{name}"' for name in shown)
    sample = connection.execute(f"select {names} from {relation} limit {SAMPLE_ROWS}").fetchall()
    lines = [" | ".join(shown), " | ".join("---" for _ in shown)]
    lines += [" | ".join(_cell(value) for value in row) for row in sample]
    table_columns = [dg.TableColumn(name, kind, description=comment) for name, kind, comment in columns]
    return {
        "dagster/row_count": dg.MetadataValue.int(counted[0] if counted else 0),
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns=table_columns)),
        "sample": dg.MetadataValue.md("\n".join(lines)),
    }


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")[:60]
