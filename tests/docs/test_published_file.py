"""What a tool finds in the published file itself: comments, true keys, one row on the version, an old format."""

import os
import subprocess

import pytest

from pipeline.publish.reader import open_published
from pipeline.settings import Settings
from tools.filled_marts import read_contracts

READ_ALL = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
for (name,) in tables:
    connection.execute(f"select sum(hash(t)) from marts.{name} as t").fetchall()
print(duckdb.__version__, len(tables))
"""


def test_every_table_and_column_carries_the_description_of_its_contract(filled: Settings) -> None:
    with open_published(filled) as connection:
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'"
        ).fetchall()
        tables = dict(connection.execute("select table_name, comment from duckdb_tables()").fetchall())
    found = {(table, column): comment for table, column, comment in columns}
    assert [key for key, comment in found.items() if not comment] == []
    for contract in read_contracts():
        assert tables[contract.name] == contract.description
        for column in contract.columns:
            assert found[(contract.name, column["name"])] == column["description"]


def test_declared_keys_are_primary_keys(filled: Settings) -> None:
    declared = {
        (contract.name, column["name"])
        for contract in read_contracts()
        for column in contract.columns
        if {"type": "primary_key"} in column.get("constraints", [])
    }
    with open_published(filled) as connection:
        keys = connection.execute(
            "select table_name, constraint_column_names[1] from duckdb_constraints() "
            "where constraint_type = 'PRIMARY KEY'"
        ).fetchall()
    assert set(keys) == declared
    assert {("accounts", "account_key"), ("posts", "post_key"), ("ratio_styles", "account_key")} <= declared


def test_published_has_one_row(filled: Settings) -> None:
    with open_published(filled) as connection:
        assert connection.execute("select version, run_id, is_demo from published").fetchall() == [(1, "filled", True)]


def test_an_older_duckdb_reads_every_table(filled: Settings) -> None:
    python = os.environ.get("OLDER_DUCKDB_PYTHON")
    if not python:
        pytest.skip("OLDER_DUCKDB_PYTHON names no Python with an older DuckDB (1.4) to open the file with")
    done = subprocess.run(
        [python, "-c", READ_ALL, filled.published_file.resolve()], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) == len(read_contracts()) + 1
