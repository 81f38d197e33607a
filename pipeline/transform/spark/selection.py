"""Which models Spark builds: those tagged `rows_by_post`, which hold or read rows by post, and all that they read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TAG = "rows_by_post"


@dataclass(frozen=True)
class Selection:
    """What Spark makes, parents included, and the raw tables and seeds that it starts from; names in order."""

    models: tuple[str, ...]
    raw_tables: tuple[str, ...]
    seeds: tuple[str, ...]


def select_heavy(manifest: Mapping[str, Any]) -> Selection:
    """What Spark builds of the project in a manifest.

    Raises:
        ValueError: a tagged model reads a Python model, which runs in DuckDB after Spark is done.
    """
    nodes, parents = manifest["nodes"], manifest["parent_map"]
    pending = [key for key, node in nodes.items() if node["resource_type"] == "model" and TAG in node["tags"]]
    found: set[str] = set()
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending += parents.get(key, [])
    late = sorted(nodes[key]["name"] for key in found if nodes.get(key, {}).get("language") == "python")
    if late:
        raise ValueError(f"models tagged {TAG} read {', '.join(late)}: Python models run after Spark is done")
    kinds: dict[str, list[str]] = {"model": [], "source": [], "seed": []}
    for key in found:
        kinds[key.partition(".")[0]].append(key.rpartition(".")[2])
    return Selection(*(tuple(sorted(kinds[kind])) for kind in ("model", "source", "seed")))
