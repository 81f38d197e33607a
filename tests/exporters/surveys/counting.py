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
from pipeline.raw_tables import create_raw_tables

MODELS = ("int_survey_respondents", "int_survey_responses")
TABLES = ("survey_respondents", "survey_responses")


@dataclass(frozen=True)
class Counted:
    """How many people count, and how many of them chose each option of each question."""

    people: int
    chosen: Counter[tuple[str, str | None]]


@dataclass(frozen=True)
class _Compiled:
    """The statements of the models in an order in which they can run, and the warehouse that holds the seeds."""

    statements: tuple[str, ...]
    warehouse: Path


def count(lake: Lake) -> Counted:
    """Who counts of all that is in a lake."""
    compiled = _compile()
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("attach ':memory:' as build")
        connection.execute(f"attach '{compiled.warehouse}' as compiled (read_only)")
        connection.execute("use build")
        create_raw_tables(connection)
        for name in TABLES:
            for commit, file in lake.files(name):
                rows = lake.read_file(file)
                sequence = pa.array([commit.sequence] * rows.num_rows, pa.int64())
                connection.register("rows", rows.append_column("lake_sequence", sequence))
                connection.execute(f"insert into raw.{name} by name select * from rows")  # noqa: S608 - our names
        for statement in compiled.statements:
            connection.execute(statement)
        people = connection.sql("select count(distinct respondent_id) from intermediate.int_survey_respondents")
        chosen = connection.sql(
            "select question_id, option, count(*) from intermediate.int_survey_responses where is_selected group by all"
        )
        return Counted(
            int(people.fetchall()[0][0]), Counter({(question, option): n for question, option, n in chosen.fetchall()})
        )


@cache
def _compile() -> _Compiled:
    from tests.marts.stand import build_from_raw  # brings dbt, which nothing else here needs

    folder = Path(tempfile.mkdtemp(prefix="compiled-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    warehouse = build_from_raw(folder, {}, [f"+{name}" for name in MODELS])
    texts = {path.stem: path.read_text() for path in folder.rglob("target/compiled/**/*.sql")}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        made = dict(connection.sql("select table_name, table_schema from information_schema.tables").fetchall())
    statements = [f"create schema if not exists {schema}" for schema in sorted(set(made.values()) - {"main"})]
    statements += [
        f"create view build.{schema}.{name} as select * from compiled.{schema}.{name}"  # noqa: S608 - our names
        for name, schema in made.items()
        if name not in texts and schema != "raw"
    ]
    done: set[str] = set()
    while waiting := [name for name in texts if name not in done]:
        ready = [name for name in waiting if not any(f'"{other}"' in texts[name] for other in waiting if other != name)]
        statements += [f"create table build.{made[name]}.{name} as {texts[name]}" for name in ready]
        done.update(ready)
    return _Compiled(tuple(statements), warehouse)
