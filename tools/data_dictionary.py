"""Writes `docs/data_dictionary.md` from dbt's manifest: `python -m tools.data_dictionary [--check]`.

One page with every published table and column: type, unit, description, what is tested. It says nothing that is not in
the models' own files, so that there is one place to correct.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.publish import PUBLISHED_COLUMNS, PUBLISHED_COMMENT
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.transform.constraints import column_guarantees

TARGET = PROJECT_DIR / "docs" / "data_dictionary.md"
HEADER = """\
<!-- Generated from dbt's manifest by `python -m tools.data_dictionary`: do not edit. -->
# Data dictionary

Every table of schema `marts` in `published/current/warehouse.duckdb`. The same descriptions are comments in the file
itself: `tweetbench sql "describe posts"`, `select column_name, comment from duckdb_columns()`.

Null means not reported; zero means reported zero. Ids and keys are text. Times are UTC. Shares run from 0 to 1. A unit
follows from the ending of a name, the same everywhere.
"""
# Units by how a name begins or ends, the first that fits; the names are a grammar, so this is no guess.
ENDINGS = (
    ("_share", "share, 0 to 1"),
    ("_count", "count"),
    ("_change", "count, signed"),
    ("_at", "UTC time"),
    ("_date", "UTC day"),
    ("_hours", "hours"),
    ("_days", "days"),
    ("_usd", "US dollars"),
    ("_id", "id, text"),
    ("_key", "key, text"),
    ("growth_rate", "log change"),
    ("p_value", "probability, 0 to 1"),
    ("percentile", "percentile, 0 to 100"),
)


def unit_of(name: str, kind: str) -> str:
    """The unit of a column as text; empty where the name does not carry one."""
    if kind == "boolean":
        return "true or false"
    if name.startswith("minutes_per_day"):
        return "minutes a day"
    if name == "date":
        return "UTC day"
    if "_per_" in name:
        counted, _, base = name.partition("_per_")
        return f"{counted.replace('_', ' ')} per {base.replace('_', ' ')}"
    return next((unit for ending, unit in ENDINGS if name.endswith(ending)), "")


def render(manifest: dict[str, Any]) -> str:
    """The page as Markdown."""
    models = [node for node in manifest["nodes"].values() if _is_mart(node)]
    tests = _tests(manifest)
    sections: dict[str, list[str]] = {}
    for node in sorted(models, key=lambda node: str(node["name"])):
        folder = Path(node["original_file_path"]).parts[2]
        sections.setdefault(folder, []).extend(_mart_lines(node, tests))
    lines = [HEADER, "| tables about | |", "|---|---|"]
    for folder in sorted(sections):
        names = [str(node["name"]) for node in models if Path(node["original_file_path"]).parts[2] == folder]
        lines.append(f"| {folder} | {', '.join(f'[`{name}`](#{name})' for name in sorted(names))} |")
    lines.append("| this version | [`published`](#published) |")
    for folder in sorted(sections):
        lines += ["", f"## Tables about {folder}", *sections[folder]]
    lines += ["", "## Which version this is", *_published_lines()]
    return "\n".join(lines) + "\n"


def _is_mart(node: dict[str, Any]) -> bool:
    return bool(node["resource_type"] == "model" and node["schema"] == "marts")


def _mart_lines(node: dict[str, Any], tests: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    yield from ("", f"### {node['name']}", "", _flat(node["description"]), "")
    yield from ("| column | type | unit | description | tested |", "|---|---|---|---|---|")
    for name, column in node["columns"].items():
        kind = str(column["data_type"]).lower()
        held = ["primary key"] if any(one["type"] == "primary_key" for one in column["constraints"]) else []
        held += sorted([*column_guarantees(column), *tests.get((node["unique_id"], name), [])])
        cells = (f"`{name}`", kind, unit_of(name, kind), _flat(column["description"]), "; ".join(held))
        yield "| " + " | ".join(cells) + " |"


def _published_lines() -> Iterator[str]:
    yield from ("", "### published", "", PUBLISHED_COMMENT + ".", "")
    yield from ("| column | type | unit | description | tested |", "|---|---|---|---|---|")
    for name, (kind, text) in PUBLISHED_COLUMNS.items():
        yield f"| `{name}` | {kind} | {unit_of(name, kind)} | {text} | not null |"


def _tests(manifest: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """What data tests say, which compare tables, as text by model and column."""
    found: dict[tuple[str, str], list[str]] = {}
    for node in manifest["nodes"].values():
        facts = node.get("test_metadata")
        if node["resource_type"] == "test" and facts and node.get("column_name"):
            other = str(facts["kwargs"]["to"]).removeprefix("ref('").removesuffix("')")
            found.setdefault((node["attached_node"], node["column_name"]), []).append(f"is in {other}")
    return found


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def read_manifest() -> dict[str, Any]:
    """The manifest of the dbt project as it is now, parsed in a folder of its own.

    Raises:
        TweetbenchError: dbt cannot parse the project.
    """
    # Dagster and dbt cost seconds to import: only this needs them.
    from pipeline.transform.project import prepare_project

    with tempfile.TemporaryDirectory() as folder:
        manifest = prepare_project(Settings(_env_file=None, data_dir=Path(folder)))
        parsed: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
        return parsed


def main() -> int:
    """Write the page, or with --check say whether it is current."""
    text = render(read_manifest())
    if "--check" in sys.argv:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("the data dictionary is current" if current else "stale: run python -m tools.data_dictionary")
        return 0 if current else 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
