"""What a table holds, as two numbers that can be compared."""

from collections.abc import Sequence

import duckdb


def content_of(
    connection: duckdb.DuckDBPyConnection, relation: str, parameters: Sequence[object] = ()
) -> tuple[int, int]:
    """Row count and an order-free hash of every value, which is a full read; `relation` is SQL, with names quoted.

    The rows' hashes are added up. DuckDB combines the columns of a row by exclusive or: combined so as well, two rows
    that are changed in the same way would cancel each other out, and so would two equal rows.
    """
    query = f"select count(*), coalesce(sum(hash(t)), 0) from {relation} as t"  # noqa: S608 - the caller's own SQL
    row = connection.execute(query, parameters).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
