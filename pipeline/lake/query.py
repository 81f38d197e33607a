"""One question to files of the lake, in little memory, for whoever needs no warehouse."""

from collections.abc import Mapping
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa

from pipeline.runtime.interrupts import interruptible

# One thread and a limit beyond which the query spills: a run with ten thousand accounts must fit a small machine.
ENGINE: dict[str, str | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "128MB",
    "preserve_insertion_order": False,
}


def query_files(query: str, parameters: Mapping[str, object]) -> pa.Table:
    """The answer to a query that names its files by `read_parquet`; times are UTC."""
    with (
        TemporaryDirectory() as spill,
        interruptible(duckdb.connect(config={**ENGINE, "temp_directory": spill})) as connection,
    ):
        connection.execute("set timezone = 'UTC'")
        return connection.execute(query, dict(parameters)).to_arrow_table()
