"""Assets `seeds/*`, `staging/*`, `intermediate/*`, `marts/*`: the dbt project, with its tests as checks."""

import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtProject, dbt_assets
from dbt.artifacts.schemas.results import NodeStatus
from pydantic import Field

from pipeline import warehouse
from pipeline.orchestration.assets import growth_metadata
from pipeline.orchestration.assets.metadata import relation_metadata
from pipeline.orchestration.assets.plots import plot_metadata
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.runtime.interrupts import interrupted_by
from pipeline.settings import Settings
from pipeline.transform.build_state import Start, drop_removed_models, find_start, remember
from pipeline.transform.dbt import GOOD, MATERIALISED, describe_failures, invoke_dbt
from pipeline.transform.fingerprint import DBT_DIR, inputs_fingerprint, is_published
from pipeline.transform.project import dbt_environment, dbt_locations, read_manifest


class BuildOptions(dg.Config):
    """What a person may choose in the Launchpad for a build."""

    full: bool = Field(False, description="Rebuild every table and publish, even if nothing has changed")


def transform_assets(manifest: Path) -> dg.AssetsDefinition:
    """Every dbt model and seed as an asset, every data test as a check."""
    project = DbtProject(DBT_DIR, profiles_dir=DBT_DIR, target_path=manifest.parent)

    @dbt_assets(manifest=manifest, project=project, name="dbt_build", pool=POOL, required_resource_keys=RESOURCES)
    def build(
        context: dg.AssetExecutionContext, config: BuildOptions
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        settings = settings_of(context)
        unchanged = not context.is_subset and is_published(settings, inputs_fingerprint(settings, lake_of(settings)))
        if unchanged and settings.skip_unchanged and not config.full:
            context.log.info("nothing has changed since the published version: nothing to build or publish")
            return
        start = choose_start(context, settings, config)
        os.environ.update(dbt_environment(settings))
        # Unit tests prove the SQL when it changes, not the data when it arrives.
        arguments = ["build", *start.dbt_arguments, "--exclude-resource-type", "unit_test", *dbt_locations(settings)]
        selected = [*arguments, *selection_arguments(context)]
        # Dagster's own interrupt would leave dbt's queries running to their end.
        with interrupted_by(signal.SIGINT, signal.SIGTERM):
            results = invoke_dbt(selected, read_manifest(settings))
        checks = {key.name: key for key in context.selected_asset_check_keys}
        with warehouse.connect(settings, read_only=True) as connection:
            for result in translate(results, connection, checks, is_demo=settings.is_demo):
                yield _with_plot(result, connection, is_demo=settings.is_demo)
        error = describe_failures(results)
        if error:
            raise error
        if not context.is_subset:
            made = {(done.node.schema, done.node.name) for done in results if done.node.resource_type in MATERIALISED}
            for name in drop_removed_models(settings, made):
                context.log.info(f"dropped {name}: no model makes it any more")
            remember(settings, start)

    return build


def choose_start(context: dg.AssetExecutionContext, settings: Settings, config: BuildOptions) -> Start:
    """Where this build begins; a full one is logged with its reason."""
    asked = "it was asked for" if config.full else None
    start = find_start(settings, full="only a part was chosen" if context.is_subset else asked)
    context.log.info(start.reason)
    return start


def _with_plot(
    result: dg.MaterializeResult[None] | dg.AssetCheckResult, connection: duckdb.DuckDBPyConnection, *, is_demo: bool
) -> dg.MaterializeResult[None] | dg.AssetCheckResult:
    if not isinstance(result, dg.MaterializeResult) or result.asset_key is None or result.asset_key.path[0] != "marts":
        return result
    plot = plot_metadata(connection, result.asset_key.path[-1], is_demo=is_demo)
    return dg.MaterializeResult(asset_key=result.asset_key, metadata={**(result.metadata or {}), **plot})


def selection_arguments(context: dg.AssetExecutionContext) -> list[str]:
    """Arguments that limit dbt to the selected assets and checks; none where everything is selected."""
    if not context.is_subset:
        return []
    names = {key.path[-1] for key in context.selected_asset_keys}
    names |= {key.name for key in context.selected_asset_check_keys}
    return ["--select", *sorted(names), "--indirect-selection", "empty"]


def translate(
    results: list[Any],
    connection: duckdb.DuckDBPyConnection,
    checks: Mapping[str, dg.AssetCheckKey],
    *,
    is_demo: bool = False,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Materialisations with what the tables hold, and the outcome of every check; skipped nodes say nothing."""
    for result in results:
        node = result.node
        if node.resource_type in MATERIALISED and result.status in GOOD:
            metadata: dict[str, Any] = dict(relation_metadata(connection, node.schema, node.name))
            if node.name == growth_metadata.ASSET:
                metadata |= growth_metadata.growth_metadata(connection, is_demo=is_demo)
            metadata["seconds"] = round(result.execution_time, 3)
            yield dg.MaterializeResult(asset_key=[node.schema, node.name], metadata=metadata)
        elif node.resource_type == "test" and result.status != NodeStatus.Skipped and node.name in checks:
            said = {"message": result.message} if result.message else {}
            yield dg.AssetCheckResult(
                asset_key=checks[node.name].asset_key,
                check_name=node.name,
                passed=result.status in GOOD,
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={"failing_rows": result.failures or 0, **said},
            )
