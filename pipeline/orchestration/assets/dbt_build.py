"""Assets `seeds/*`, `staging/*`, `intermediate/*`, `marts/*`: the dbt project, its constraints and tests as checks."""

import json
import os
import shutil
import signal
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtProject, build_dbt_asset_specs
from dbt.artifacts.schemas.results import NodeStatus
from pydantic import Field

from pipeline import warehouse
from pipeline.orchestration.assets import growth_metadata
from pipeline.orchestration.assets.metadata import Columns, columns_by_table, relation_metadata
from pipeline.orchestration.assets.plots import Begun, begin_plots
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.report.painters import Painters
from pipeline.runtime.files import unfinished
from pipeline.runtime.garbage import seldom_searched
from pipeline.runtime.interrupts import interrupted_by
from pipeline.runtime.program import require_same_program
from pipeline.settings import Settings
from pipeline.transform.build_state import Start, drop_removed_models, find_start, remember
from pipeline.transform.constraints import BROKEN, table_guarantees
from pipeline.transform.dbt import GOOD, KEPT, MATERIALISED, describe_failures, invoke_dbt, reason
from pipeline.transform.fingerprint import DBT_DIR, inputs_fingerprint, is_published
from pipeline.transform.project import dbt_environment, dbt_locations, read_manifest
from pipeline.transform.spark.build import spark_folder, tables_by_spark

# The check of all constraints of a table; data tests, which compare tables, are checks under their own names.
CONSTRAINTS = "constraints"
# Pictures on their way to Dagster; the next build takes the folder of one that was killed.
PLOTS_FOLDER = "plots"


class BuildOptions(dg.Config):
    """What a person may choose in the Launchpad for a build."""

    full: bool = Field(False, description="Rebuild every table and publish, even if nothing has changed")


def transform_assets(manifest: Path) -> dg.AssetsDefinition:
    """Every dbt model and seed as an asset; what it guarantees, and every data test, as checks."""
    project = DbtProject(DBT_DIR, profiles_dir=DBT_DIR, target_path=manifest.parent)
    parsed = json.loads(manifest.read_bytes())
    nodes = parsed["nodes"].values()
    tables = tables_in_order(parsed)

    @dg.multi_asset(
        name="dbt_build",
        specs=build_dbt_asset_specs(manifest=manifest, project=project),
        check_specs=list(check_specs(nodes)),
        can_subset=True,
        pool=POOL,
        required_resource_keys=RESOURCES,
    )
    def build(
        context: dg.AssetExecutionContext, config: BuildOptions
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        require_same_program()
        settings = settings_of(context)
        unchanged = not context.is_subset and is_published(settings, inputs_fingerprint(settings, lake_of(settings)))
        if unchanged and settings.skip_unchanged and not config.full:
            context.log.info("nothing has changed since the published version: nothing to build or publish")
            return
        start = choose_start(context, settings, config)
        with heavy_tables(context, settings, parsed) as loaded:
            results = _run_dbt(settings, start, [*start.dbt_arguments, *loaded, *selection_arguments(context, start)])
        error = describe_failures(results)
        tables_done = [done for done in results if done.node.resource_type in MATERIALISED and done.message != KEPT]
        made = {(done.node.schema, done.node.name): done for done in tables_done}
        tests = [done for done in results if done.node.resource_type not in MATERIALISED]
        with (
            warehouse.connect(settings, read_only=True) as connection,
            Painters(1) as painters,
            unfinished(settings.warehouse_file.parent / PLOTS_FOLDER) as folder,
        ):
            folder.mkdir(mode=0o700, exist_ok=True)
            columns = columns_by_table(connection)
            checks, is_demo = context.selected_asset_check_keys, settings.is_demo
            drawn = {name for schema, name in made if schema == "marts" and made[schema, name].status in GOOD}
            plots = begin_plots(connection, drawn, painters, folder, is_demo=is_demo)
            if growth_metadata.ASSET in drawn and (
                effects := growth_metadata.begin_effects(connection, painters, folder, is_demo=is_demo)
            ):
                plots[growth_metadata.ASSET] = effects
            says = partial(
                translate, connection=connection, columns=columns, checks=checks, plots=plots, is_demo=is_demo
            )
            for table in tables:  # parents first, or Dagster refuses them
                if table in made:
                    yield from says([made[table]])
                elif start.selection and error is None and table[0] == "marts":
                    yield kept_mart(connection, table[1], columns)
            yield from says(tests)
        if error:
            raise error
        require_same_program()  # or the watermark would say that other SQL has made these tables
        if not context.is_subset:
            for name in drop_removed_models(settings, tables):
                context.log.info(f"dropped {name}: no model makes it any more")
            remember(settings, start)

    return build


def tables_in_order(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Schema and name of every model and seed, parents first."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] in MATERIALISED}
    ordered = TopologicalSorter({key: manifest["parent_map"][key] for key in nodes}).static_order()
    return [(nodes[key]["schema"], nodes[key]["name"]) for key in ordered if key in nodes]


def check_specs(nodes: Collection[Mapping[str, Any]]) -> Iterator[dg.AssetCheckSpec]:
    """One check for all constraints of a table, with what they guarantee, and one for each data test."""
    keys = {node["unique_id"]: [node["schema"], node["name"]] for node in nodes}
    for node in nodes:
        if node["resource_type"] in MATERIALISED and (guarantees := table_guarantees(node)):
            yield dg.AssetCheckSpec(
                CONSTRAINTS, asset=keys[node["unique_id"]], description="\n".join(f"- {one}" for one in guarantees)
            )
        elif node["resource_type"] == "test":
            yield dg.AssetCheckSpec(node["name"], asset=keys[node["attached_node"]], description=node["description"])


def _run_dbt(settings: Settings, start: Start, arguments: list[str]) -> list[Any]:
    os.environ.update(dbt_environment(settings, start.used_bytes))
    # Unit tests prove the SQL when it changes, not the data when it arrives. The manifest is written when it is parsed.
    words = ["--no-write-json", "build", *arguments, "--exclude-resource-type", "unit_test", *dbt_locations(settings)]
    # Dagster's own interrupt would leave dbt's queries running to their end.
    with interrupted_by(signal.SIGINT, signal.SIGTERM), seldom_searched():
        return invoke_dbt(words, read_manifest(settings))


@contextmanager
def heavy_tables(
    context: dg.AssetExecutionContext, settings: Settings, manifest: Mapping[str, Any]
) -> Iterator[tuple[str, ...]]:
    """What dbt receives to load the tables that Spark has built, if Spark is the engine; files go after the block."""
    if settings.engine != "spark":
        shutil.rmtree(spark_folder(settings), ignore_errors=True)  # of a run that was killed
        yield ()
    elif context.is_subset:
        context.log.info("DuckDB builds the chosen models: Spark builds whole versions")
        yield ()
    else:
        with (
            interrupted_by(signal.SIGINT, signal.SIGTERM),
            tables_by_spark(settings, lake_of(settings), manifest) as built,
        ):
            context.log.info(str(built))
            yield built.dbt_arguments


def choose_start(context: dg.AssetExecutionContext, settings: Settings, config: BuildOptions) -> Start:
    """Where this build begins; a full one is logged with its reason."""
    asked = "it was requested" if config.full or not settings.skip_unchanged else None
    if settings.engine == "spark":
        asked = "Spark makes whole tables"
    start = find_start(settings, full="only a part was chosen" if context.is_subset else asked)
    context.log.info(start.reason)
    return start


def selection_arguments(context: dg.AssetExecutionContext, start: Start) -> list[str]:
    """Arguments that limit dbt to what a person selected, or else to what new rows can reach."""
    if not context.is_subset:
        return ["--select", *start.selection] if start.selection else []
    names = {key.path[-1] for key in context.selected_asset_keys}
    checks = context.selected_asset_check_keys
    # Constraints are held while the table is made.
    names |= {key.asset_key.path[-1] if key.name == CONSTRAINTS else key.name for key in checks}
    return ["--select", *sorted(names), "--indirect-selection", "empty"]


def translate(
    results: list[Any],
    *,
    connection: duckdb.DuckDBPyConnection,
    columns: Columns,
    checks: Collection[dg.AssetCheckKey],
    plots: Mapping[str, Begun],
    is_demo: bool = False,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Materialisations with what the tables hold, and the outcome of every check; skipped nodes say nothing."""
    by_name = {key.name: key for key in checks}
    for result in results:
        node = result.node
        if node.resource_type in MATERIALISED:
            key = dg.AssetKey([node.schema, node.name])
            held = dg.AssetCheckKey(key, CONSTRAINTS)
            if result.status in GOOD:
                metadata: dict[str, Any] = dict(relation_metadata(connection, node.schema, node.name, columns))
                plot = plots.get(node.name)
                if node.name == growth_metadata.ASSET:
                    metadata |= growth_metadata.growth_metadata(connection, plot, is_demo=is_demo)
                elif plot:
                    metadata["plot"] = plot.markdown()
                metadata["seconds"] = round(result.execution_time, 3)
                found = [_outcome(held, passed=True)] if held in checks else []
                yield dg.MaterializeResult(asset_key=key, metadata=metadata, check_results=found)
            elif held in checks and BROKEN in (result.message or ""):
                yield _outcome(held, passed=False, message=reason(result))
        elif node.resource_type == "test" and result.status != NodeStatus.Skipped and node.name in by_name:
            said = {"message": result.message} if result.message else {}
            yield _outcome(by_name[node.name], passed=result.status in GOOD, failing_rows=result.failures or 0, **said)


def kept_mart(connection: duckdb.DuckDBPyConnection, name: str, columns: Columns) -> dg.MaterializeResult[None]:
    """A mart that no new row changes: as current as the others, and publishing waits for each."""
    metadata: dict[str, Any] = dict(relation_metadata(connection, "marts", name, columns))
    metadata["kept"] = "no new row changes this table"
    return dg.MaterializeResult(asset_key=["marts", name], metadata=metadata)


def _outcome(key: dg.AssetCheckKey, *, passed: bool, **metadata: Any) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata=metadata,
    )
