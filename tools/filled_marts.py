"""Marts filled straight from their dbt contracts, for tests and benchmarks of what reads them.

Every mart has its real columns, types, comments and keys, and values of the right kind; the values mean nothing. The
invented world of the demo, whose figures hang together, is in `world`.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipeline.settings import PROJECT_DIR
from pipeline.transform.constraints import accepted_values

MARTS_DIR = PROJECT_DIR / "dbt_project" / "models" / "marts"
DOC_BLOCK = re.compile(r"\{% docs (\w+) %\}(.*?)\{% enddocs %\}", re.DOTALL)
DOC_NAME = re.compile(r"\{\{ doc\('(\w+)'\) \}\}")
FIRST_MONDAY = date(2023, 1, 2)
OTHER_ROWS = 300
RANKS = 10
ACCOUNTS_PER_OWN = 100
DIMENSIONS = ("all", "size_tier", "industry", "company_size", "customer_focus")
# Columns of closed vocabularies that no constraint names.
WORDS = {
    "segment_dimension": DIMENSIONS,
    "segment": ("all", "pro", "retail", "10-49", "b2b"),
    "industry": ("retail", "tools", "media"),
    "company_size": ("1-9", "10-49", "50-249"),
    "customer_focus": ("b2b", "b2c", "both"),
    "platform": ("x",),
    "size_tier": ("small", "mid", "pro"),
}


@dataclass(frozen=True)
class Contract:
    """What a mart promises: description, and for each column its type, description, key and accepted values."""

    name: str
    description: str
    columns: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Shape:
    """How much is filled in: accounts, days watched, posts of an account."""

    accounts: int = 12
    days: int = 60
    posts: int = 20

    def rows_per_account(self, contract: Contract) -> int:
        """Rows for each account by the grain of the mart; 0 where the account is not its grain."""
        names = {column["name"] for column in contract.columns}
        if "account_key" not in names:
            return 0
        if "rank" in names:
            return RANKS
        if "post_key" in names:
            return self.posts
        if "week_start_date" in names:
            return self.days // 7
        return self.days if "date" in names else 1


def read_contracts(folder: Path = MARTS_DIR) -> list[Contract]:
    """The contracts of all marts by name, from the files that dbt reads."""
    blocks = {
        name: " ".join(text.split())
        for path in (folder.parent / "docs").glob("*.md")
        for name, text in DOC_BLOCK.findall(path.read_text(encoding="utf-8"))
    }
    found = []
    for path in sorted(folder.rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or []:
            for column in model["columns"]:
                column["description"] = DOC_NAME.sub(lambda match: blocks[match[1]], column["description"])
            found.append(Contract(model["name"], model["description"], tuple(model["columns"])))
    return sorted(found, key=lambda contract: contract.name)


def fill_marts(connection: duckdb.DuckDBPyConnection, shape: Shape, only: set[str] | None = None) -> None:
    """Create and fill schema `marts` of an open warehouse, or the marts named; the same shape gives the same rows."""
    connection.execute("create schema if not exists marts")
    for contract in read_contracts():
        if only is not None and contract.name not in only:
            continue
        definitions = [f"{column['name']} {column['data_type']}{_key(column)}" for column in contract.columns]
        connection.execute(f"create table marts.{contract.name} ({', '.join(definitions)})")
        per_account = shape.rows_per_account(contract)
        rows = shape.accounts * per_account or OTHER_ROWS
        values = ", ".join(_value(column) for column in contract.columns)
        connection.execute(
            f"insert into marts.{contract.name} select {values} from "
            f"(select i, i // {per_account or 1} as a, i % {per_account or 1} as p from range({rows}) as r (i))"
        )
        connection.execute(f"comment on table marts.{contract.name} is {_text(contract.description)}")
        for column in contract.columns:
            connection.execute(
                f"comment on column marts.{contract.name}.{column['name']} is {_text(column['description'])}"
            )


def _key(column: dict[str, Any]) -> str:
    return " primary key" if {"type": "primary_key"} in column.get("constraints", []) else ""


def _value(column: dict[str, Any]) -> str:
    """SQL for a column of row `i`, the `p`-th of account `a`."""
    name, kind = column["name"], column["data_type"].lower()
    random = f"hash(i, {_text(name)})"
    accepted = accepted_values(column) or WORDS.get(name)
    if name == "account_key":
        value = "'x:' || (1000000000000000001 + a)"
    elif name in ("post_key", "post_id"):
        # Ids of the platform grow with time, across accounts.
        value = ("'x:' || " if name == "post_key" else "") + "(2000000000000000001 + p * 1000000000 + a)"
    elif _key(column):
        value = "i"
    elif accepted:
        # Dimension and segment of one row belong together.
        position = "i" if name in ("segment_dimension", "segment") else "a" if name in WORDS else random
        value = f"[{', '.join(_text(str(word)) for word in accepted)}][1 + ({position} % {len(accepted)})::bigint]"
    elif name == "week_start_date":
        value = f"date '{FIRST_MONDAY}' + (7 * p)::integer"
    elif kind == "date":
        value = f"date '{FIRST_MONDAY}' + {'p' if name == 'date' else f'({random} % 1000)'}::integer"
    elif name == "created_at":
        value = f"timestamptz '{FIRST_MONDAY} 00:00:00+00' + to_hours((p * 62)::integer)"
    elif name.endswith("_hours"):
        value = f"({random} % 2000)"
    elif kind.startswith("timestamp"):
        value = f"timestamptz '{FIRST_MONDAY} 00:00:00+00' + to_seconds(({random} % 90000000)::bigint)"
    elif name == "is_own":
        value = f"a % {ACCOUNTS_PER_OWN} = 0"
    elif kind == "boolean":
        value = f"{random} % 2 = 0"
    elif kind in ("double", "float"):
        value = f"({random} % 1000000) / 1e6"
    elif kind == "varchar":
        value = f"'{name} ' || {random} % 40"
    else:
        value = f"({random} % 10000)"
    return f"({value})::{kind}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
