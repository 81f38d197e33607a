"""Publishes made-up marts: tables as the contracts of dbt promise them, filled with the rows that a test gives."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from pipeline import warehouse
from pipeline.publish import Published, WriteReport, publish
from pipeline.settings import PROJECT_DIR, Settings

MARTS = PROJECT_DIR / "dbt_project" / "models" / "marts"


@cache
def contracts() -> dict[str, dict[str, str]]:
    """Columns and types of every mart, from the files that dbt enforces."""
    found = {}
    for file in sorted(MARTS.rglob("*.yml")):
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models", []):
            columns = {column["name"]: column["data_type"] for column in model.get("columns", [])}
            if columns:
                found[model["name"]] = columns
    return found


def settings_for(folder: Path, **values: Any) -> Settings:
    """Settings of a fresh data folder."""
    made = Settings(_env_file=None, data_dir=folder, **values)
    made.make_folders()
    return made


def publish_rows(
    settings: Settings,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    now: datetime,
    without: Sequence[str] = (),
    write_report: WriteReport | None = None,
) -> Published:
    """Publish a version whose marts hold these rows and are otherwise empty; `without` leaves tables out."""
    unknown = set(rows) - set(contracts())
    assert not unknown, f"no contract for {unknown}"
    with warehouse.connect(settings) as connection:
        connection.execute("drop schema if exists marts cascade")
        connection.execute("create schema marts")
        for name, columns in contracts().items():
            if name in without:
                continue
            listed = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
            connection.execute(f'create table marts."{name}" ({listed})')
            given = rows.get(name, ())
            if given:
                complete = [{column: row.get(column) for column in given[0]} for row in given]
                wrong = {column for row in given for column in row} - set(columns)
                assert not wrong, f"{name} has no column {wrong}"
                connection.register("given", pa.Table.from_pylist(complete))
                connection.execute(f'insert into marts."{name}" by name select * from given')  # noqa: S608 - our names
                connection.unregister("given")
    return publish(settings, run_id="run-1", now=now, basis="basis", write_report=write_report)
