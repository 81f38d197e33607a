"""Whose answers count where several files of a survey were read: the project's own models on the rows of a lake.

dbt compiles the models once for a process; their statements then run in memory for each lake.
"""

import atexit
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree

import duckdb
import pyarrow as pa

from pipeline.lake import Lake
from pipeline.warehouse.raw_tables import create_raw_tables

MODELS = ("int_survey_respondents", "int_survey_responses")
TABLES = ("survey_respondents", "survey_responses")


@dataclass(frozen=True)
class Counted:
    """How many people count, and how many of them chose each option of each question."""

    people: int
    chosen: Counter[tuple[str, str | None]]


def count(lake: Lake) -> Counted:
    """Who counts of all that is in a lake."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as build")
        connection.execute("use build")
        create_raw_tables(connection)
        for name in TABLES:
            for commit, file in lake.files(name):
                rows = lake.read_file(file)
                sequence = pa.array([commit.sequence] * rows.num_rows, pa.int64())
                connection.register("rows", rows.append_column("lake_sequence", sequence))
                connection.execute(f"insert into raw.{name} by name select * from rows")  # noqa: S608 - our names
        for statement in _compile():
            connection.execute(statement)
        people = connection.sql("select count(distinct respondent_id) from intermediate.int_survey_respondents")
        chosen = connection.sql(
            "select question_id, option, count(*) from intermediate.int_survey_responses where is_selected group by all"
        )
        return Counted(
            int(people.fetchall()[0][0]), Counter({(question, option): n for question, option, n in chosen.fetchall()})
        )


@cache
def _compile() -> tuple[str, ...]:
    """What makes the models and the seeds that they read, in an order in which it can run."""
    # They bring dbt, which nothing else here needs.
    from tests.marts.stand import PROJECT, compile_models

    folder = Path(tempfile.mkdtemp(prefix="compiled-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    texts, schema_of = compile_models(folder, [f"+{name}" for name in MODELS])
    statements = [f"create schema if not exists {schema}" for schema in sorted({*schema_of.values()})]
    for name in schema_of.keys() - texts.keys():
        seed = PROJECT / "seeds" / f"{name}.csv"
        statements.append(f"create table {schema_of[name]}.{name} as from read_csv('{seed}')")
    done: set[str] = set()
    while waiting := [name for name in texts if name not in done]:
        ready = [name for name in waiting if not any(f'"{other}"' in texts[name] for other in waiting if other != name)]
        statements += [f"create table {schema_of[name]}.{name} as {texts[name]}" for name in ready]
        done.update(ready)
    return tuple(statements)
