"""Writes what dbt says of the raw tables and the staging models: `python -m tools.dbt_sources [--check]`.

All of it follows from the lake schemas and from the SQL of the staging models: a description is in a schema, once,
as a doc block that every later layer can name.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.schemas import TABLES, column_description, table_description
from pipeline.settings import PROJECT_DIR

MODELS = PROJECT_DIR / "dbt_project" / "models"
STAGING = MODELS / "staging"
HEADER = "Generated from pipeline/schemas/__init__.py by `python -m tools.dbt_sources`: do not edit."
# Columns that staging or loading adds, and those that a staging model gives another sense.
ADDED = {
    "lake_sequence": "Order in which the lake received the row",
    "captured_date": "UTC day of captured_at",
    "bucket_date": "UTC day on which the bucket starts",
    "read_position": "Order of the rows of one file: the questions as its mapping has them",
    "company": "Business that the account belongs to, the same for its accounts on other platforms; null: not given",
    "peer_group": "Names of the account's peer groups, separated by semicolons; an optional column of accounts.csv",
    "stg_account_daily_new_follow_count": "All new follows of the day, as the account overview of X Analytics states "
    "them; null for any other export, as the by-day file of analytics.twitter.com counts only follows made from posts",
    "post_new_follow_count": "Follows made directly from the post: a lower bound of what it brought (about 13 % of all "
    "new follows)",
}
POST_FOLLOWS = {"stg_post_metrics", "stg_post_daily"}
# Grains that a reading could break: the columns that tell rows apart.
UNIQUE = {
    "stg_contacts": ("list_id", "contact_id"),
    "stg_followers": ("platform", "handle", "follower_hash"),
    "stg_link_clicks": ("link_id", "bucket_start_at", "bucket_unit", "referrer", "source"),
    "stg_post_daily": ("platform", "post_id", "period_start_date", "period_end_date", "source"),
}


def doc_name(table: str, column: str) -> str:
    """Name of the doc block of a lake column: the column's own for what most tables mean by it, else with the table."""
    meanings = [column_description(schema.field(column)) for schema in TABLES.values() if column in schema.names]
    meaning = column_description(TABLES[table].field(column))
    return column if meanings.count(meaning) * 2 > len(meanings) else f"{table}_{column}"


def render() -> dict[Path, str]:
    """Every generated file with its text."""
    files = {MODELS / "docs" / "lake.md": _docs(), STAGING / "_sources.yml": _sources()}
    return files | {path.with_suffix(".yml"): _staging(path) for path in sorted(STAGING.glob("*.sql"))}


def _docs() -> str:
    blocks = dict(ADDED)
    for table, schema in TABLES.items():
        blocks |= {doc_name(table, field.name): column_description(field) for field in schema}
    lines = [f"{{% docs {name} %}}{text}{{% enddocs %}}" for name, text in sorted(blocks.items())]
    return "\n".join([f"<!-- {HEADER} -->", *lines]) + "\n"


def _sources() -> str:
    lines = [f"# {HEADER}", "sources:", "  - name: raw", "    schema: raw"]
    lines += ["    description: The lake, loaded file by file, each exactly once", "    tables:"]
    for name, schema in TABLES.items():
        lines += [f"      - name: {name}", f'        description: "{table_description(name)}"', "        columns:"]
        docs = {field.name: doc_name(name, field.name) for field in schema} | {"lake_sequence": "lake_sequence"}
        lines += _columns(docs, " " * 10)
    return "\n".join(lines) + "\n"


def _staging(path: Path) -> str:
    """The properties of a staging model: its comment is its description, its columns come from the lake."""
    sql = path.read_text(encoding="utf-8")
    table = re.findall(r"source\('raw', '(\w+)'\)", sql)[0]
    comment = re.match(r"(?:-- .*\n)+", sql)
    description = " ".join(line[3:] for line in comment[0].splitlines()) if comment else ""
    lines = [f"# {HEADER}", "models:", f"  - name: {path.stem}", f'    description: "{description}"']
    if path.stem in UNIQUE:
        lines.append("    constraints:")
        lines += ["      - type: unique", f"        columns: [{', '.join(UNIQUE[path.stem])}]"]
    lines.append("    columns:")
    lines += _columns({name: _staged(path.stem, table, name) for name in _selected(sql)}, " " * 6)
    return "\n".join(lines) + "\n"


def _selected(sql: str) -> list[str]:
    """Names of the columns of a staging model: one select, one column a line."""
    listed = sql.partition("select\n")[2].partition("\nfrom {{ source")[0]
    return [match[1] for line in listed.splitlines() if (match := re.fullmatch(r" {4}(?:.* as )?(\w+),?", line))]


def _staged(model: str, table: str, column: str) -> str:
    if f"{model}_{column}" in ADDED:
        return f"{model}_{column}"
    if column == "new_follow_count" and model in POST_FOLLOWS:
        return "post_new_follow_count"
    return doc_name(table, column) if column in TABLES[table].names else column


def _columns(docs: Mapping[str, str], indent: str) -> Iterator[str]:
    for name, doc in docs.items():
        yield f"{indent}- {{name: {name}, description: \"{{{{ doc('{doc}') }}}}\"}}"


def main() -> int:
    """Write the files, or with --check say whether they are current."""
    stale = [path for path, text in render().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        names = ", ".join(path.name for path in stale)
        print(f"stale: run python -m tools.dbt_sources ({names})" if stale else "dbt sources and staging are current")
        return 1 if stale else 0
    texts = render()
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
