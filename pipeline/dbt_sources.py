"""Writes dbt's description of the raw tables from the lake schemas: `python -m pipeline.dbt_sources [--check]`."""

import sys
from typing import Any

import yaml

from pipeline.schemas import TABLES, column_description, table_description
from pipeline.settings import PROJECT_DIR

TARGET = PROJECT_DIR / "dbt_project" / "models" / "staging" / "_sources.yml"
HEADER = "# Generated from pipeline/schemas.py by `python -m pipeline.dbt_sources`: do not edit.\n"


def render() -> str:
    """The sources file as YAML text."""
    tables = [_table(name) for name in TABLES]
    source = {
        "name": "raw",
        "schema": "raw",
        "description": "The lake, loaded file by file, each exactly once",
        "tables": tables,
    }
    return HEADER + yaml.safe_dump({"sources": [source]}, sort_keys=False, allow_unicode=True, width=110)


def _table(name: str) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    for field in TABLES[name]:
        column: dict[str, Any] = {"name": field.name, "description": column_description(field)}
        columns.append(column)
    columns.append({"name": "lake_sequence", "description": "Order in which the lake received the row"})
    return {"name": name, "description": table_description(name), "columns": columns}


def main() -> int:
    """Write the file, or with --check say whether it is current."""
    text = render()
    if "--check" in sys.argv:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("dbt sources are current" if current else f"stale: run python -m pipeline.dbt_sources ({TARGET.name})")
        return 0 if current else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
