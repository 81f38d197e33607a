"""Writes dbt's exposures, which say what reads which marts: `python -m tools.dbt_exposures [--check]`.

The marts are those that the SQL of the report and of the dashboard names, so that the lineage cannot fall behind them.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.settings import PROJECT_DIR

MODELS = PROJECT_DIR / "dbt_project" / "models"
TARGET = MODELS / "exposures.yml"
HEADER = "# Generated from the SQL of the readers by `python -m tools.dbt_exposures`: do not edit.\nexposures:\n"


@dataclass(frozen=True)
class Exposure:
    """One reader of the marts; `code` is a pattern for the files that hold its SQL, empty for a reader of all marts."""

    name: str
    label: str
    kind: str
    maturity: str
    description: str
    code: str = ""


EXPOSURES = (
    Exposure(
        "report",
        "Summary report",
        "analysis",
        "high",
        "The page of each version: headline findings with uncertainty, then each question with its table and its SQL.",
        "pipeline/report/**/*.py",
    ),
    Exposure(
        "superset_dashboard",
        "Superset dashboard",
        "dashboard",
        "medium",
        "The dashboard in bi/superset, for people who want to filter and combine. It reads the published file.",
        "bi/superset_charts.py",
    ),
    Exposure(
        "postgresql_copy",
        "PostgreSQL copy",
        "application",
        "medium",
        "All marts in one schema of a PostgreSQL database, for tools that read a server: see tweetbench publish.",
    ),
)


def render() -> str:
    """The exposures as YAML text."""
    marts = sorted(path.stem for path in (MODELS / "marts").rglob("*.sql"))
    return HEADER + "\n".join(_exposure(one, marts) for one in EXPOSURES)


def marts_read(code: str, marts: Iterable[str]) -> list[str]:
    """The marts that the files name, as `marts.<name>` in SQL or as a dataset of the dashboard."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PROJECT_DIR.glob(code)))
    named = set(re.findall(r"\bmarts\.(\w+)|\bDataset\(\"(\w+)\"", text))
    return sorted(set(marts) & {name for pair in named for name in pair})


def _exposure(exposure: Exposure, marts: list[str]) -> str:
    lines = [f"  - name: {exposure.name}", f"    label: {exposure.label}", f"    type: {exposure.kind}"]
    lines += [f"    maturity: {exposure.maturity}", "    description: >-", f"      {exposure.description}"]
    lines += ["    owner: {name: tweetbench}", "    depends_on:"]
    lines += [f"      - ref('{mart}')" for mart in (marts_read(exposure.code, marts) if exposure.code else marts)]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file, or with --check say whether it is current."""
    text = render()
    if "--check" in sys.argv:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("exposures are current" if current else "stale: run python -m tools.dbt_exposures")
        return 0 if current else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
