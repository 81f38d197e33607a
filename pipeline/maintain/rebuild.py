"""Warehouse and marts from the lake alone: no network, nothing kept of what was there before.

How dbt is run belongs to `orchestration`, the copy that readers open to `publish`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline import warehouse
from pipeline.errors import TweetbenchError
from pipeline.lake.opening import open_lake
from pipeline.publish import Published, publish
from pipeline.publish.reader import refuse_foreign_log
from pipeline.report.at_publish import report_writer
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.interrupts import interruptible
from pipeline.runtime.lease import require_lease
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.transform.fingerprint import inputs_fingerprint
from pipeline.warehouse.contents import content_of

Contents = dict[str, tuple[int, int]]
# Its one row names the version, so it differs from one version to the next.
NOT_COMPARED = "published"


@dataclass(frozen=True)
class Rebuilt:
    """A version made from nothing but the lake. `changed`: marts that differ from the version before, by name."""

    published: Published
    rows_loaded: int
    damaged: tuple[str, ...]
    changed: tuple[str, ...]
    compared_with: int | None


def rebuild(settings: Settings, *, run_id: str, now: datetime, build_marts: Callable[[Settings], None]) -> Rebuilt:
    """Throw the build warehouse away, load the lake, build every mart, publish, and compare with the version before.

    The caller holds the lease. The published version stays what it was until the new one is whole.

    Args:
        settings: the data folder.
        run_id: what the published version is stamped with.
        now: UTC time of publication.
        build_marts: fills the schema `marts` of the build warehouse, as `dbt build` does.

    Raises:
        TweetbenchError: the lake cannot be read, a model or test fails, the disk refuses, or the lease was lost.
    """
    require_lease(settings.data_dir)
    before_file = settings.published_file.resolve()
    before = read_contents(before_file) if settings.published_file.exists() else None
    lake = open_lake(settings)
    warehouse.discard(settings)
    failpoint("rebuild.discarded")
    loads = warehouse.load_tables(settings, lake, list(TABLES))
    failpoint("rebuild.loaded")
    build_marts(settings)
    failpoint("rebuild.built")
    require_lease(settings.data_dir)
    basis = inputs_fingerprint(settings, lake)
    done = publish(settings, run_id=run_id, now=now, basis=basis, write_report=report_writer(settings))
    failpoint("rebuild.published")
    after = read_contents(done.folder / "warehouse.duckdb")
    changed = () if before is None else tuple(sorted(differing(before, after or {})))
    number = None if before is None else int(before_file.parent.name[1:])
    damaged = tuple(problem for load in loads for problem in load.damaged)
    return Rebuilt(done, sum(load.rows_added for load in loads), damaged, changed, number)


def read_contents(file: Path) -> Contents | None:
    """Rows and an order-free hash of all values by mart; None where the file cannot be read."""
    try:
        refuse_foreign_log(file)
        with interruptible(duckdb.connect(str(file), read_only=True, config=warehouse.NO_EXTENSIONS)) as connection:
            connection.execute("set timezone = 'UTC'")
            names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
            return {name: content_of(connection, f'marts."{name}"') for (name,) in names if name != NOT_COMPARED}
    except (duckdb.Error, TweetbenchError):
        return None


def differing(before: Contents, after: Contents) -> set[str]:
    """Marts that are not in both with the same rows."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def build_marts(settings: Settings) -> None:
    """Run the whole dbt project with its data tests, in this process.

    Raises:
        TweetbenchError: dbt cannot start, or a model or a test failed.
    """
    # Dagster and dbt take seconds to import: whoever does not build stays without them.
    import json
    import os
    from contextlib import ExitStack

    from pipeline.transform.build_state import find_start, remember
    from pipeline.transform.dbt import describe_failures, invoke_dbt
    from pipeline.transform.project import dbt_environment, dbt_locations, prepare_project
    from pipeline.transform.spark.build import tables_by_spark

    settings.make_folders()
    start = find_start(settings, full="a rebuild was asked for")
    os.environ.update(dbt_environment(settings, start.used_bytes))
    # A parse that an earlier run has left would save three seconds and be one more thing that can be damaged.
    arguments = ["--quiet", "build", *start.dbt_arguments, "--no-partial-parse", "--exclude-resource-type", "unit_test"]
    with ExitStack() as stack:
        if settings.engine == "spark":
            manifest = json.loads(prepare_project(settings).read_bytes())
            arguments += stack.enter_context(tables_by_spark(settings, open_lake(settings), manifest)).dbt_arguments
        results = invoke_dbt([*arguments, *dbt_locations(settings)])
    error = describe_failures(results)
    if error:
        raise error
    remember(settings, start)


def damage_error(done: Rebuilt) -> TweetbenchError | None:
    """The lake files that were left out, as an error; None where none was."""
    if not done.damaged:
        return None
    return TweetbenchError(
        f"{len(done.damaged)} lake files were left out as damaged; everything else is published",
        where=str(done.published.folder),
        why="; ".join(done.damaged[:5]),
        next_step="tweetbench verify --quarantine",
    )
