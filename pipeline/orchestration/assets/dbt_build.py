"""Assets `seeds/*`, `staging/*`, `intermediate/*`, `marts/*`: the dbt project, with its tests as checks."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
from dagster_dbt import DbtProject, dbt_assets
from dbt.contracts.graph.manifest import Manifest
from pydantic import Field

from pipeline import warehouse
from pipeline.errors import Exit, TweetbenchError
from pipeline.orchestration.assets.plots import plot_metadata
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.runtime.failures import refused_by_disk
from pipeline.runtime.files import replace_text
from pipeline.runtime.interrupts import interrupted_by, never_swallowed
from pipeline.settings import Settings
from pipeline.transform.build_state import Start, drop_removed_models, find_start, remember
from pipeline.transform.dbt import (
    MATERIALISED,
    failures_in_words,
    invoke_dbt,
    selection_arguments,
    translate,
)
from pipeline.transform.fingerprint import DBT_DIR, dbt_fingerprint, is_published, marts_basis

# The `dbt` beside this interpreter: another one on PATH may lack the adapter.
DBT_EXECUTABLE = Path(sys.executable).with_name("dbt")
# Memory that two models may take beside each other, per byte of the warehouse (which is packed).
WORK_PER_BYTE = 3
# dbt's own copy of a parsed project, for reading back.
PARSED = "partial_parse.msgpack"


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml asks for, so that dbt works on this data folder within its limits."""
    return {
        "TWEETBENCH_DATA_DIR": str(settings.data_dir),
        "TWEETBENCH_THREADS": str(settings.threads),
        "TWEETBENCH_MODELS_AT_ONCE": str(_models_at_once(settings)),
        "TWEETBENCH_MEMORY_LIMIT": settings.memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def _models_at_once(settings: Settings) -> int:
    """Models beside each other share the memory limit; where the tables outgrow it, each gets all of it."""
    file = settings.warehouse_file
    is_small = not file.exists() or file.stat().st_size * WORK_PER_BYTE <= settings.memory_bytes
    return settings.threads if is_small else 1


def dbt_locations(settings: Settings) -> list[str]:
    """Arguments that keep everything dbt writes inside the data folder."""
    target = str(settings.dbt_target_dir)
    arguments = ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR), "--target-path", target]
    # Debug lines would add megabytes to the log with every run.
    return [*arguments, "--log-path", target, "--log-level-file", "info"]


def prepare_project(settings: Settings) -> Path:
    """The manifest of the dbt project as its files are now; parsed again only if one of them changed.

    Raises:
        TweetbenchError: dbt cannot parse the project.
    """
    settings.make_folders()
    target = settings.dbt_target_dir
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp, fingerprint = target / "fingerprint", dbt_fingerprint()
    files = (target / "manifest.json", target / PARSED, stamp)
    current = all(file.exists() for file in files) and stamp.read_text() == fingerprint and _is_whole(files[0])
    if not current:
        command = [str(DBT_EXECUTABLE), "--quiet", "parse", *dbt_locations(settings)]
        environment = {**os.environ, **dbt_environment(settings)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise refused_by_disk(done.stdout + done.stderr) or TweetbenchError(
                "dbt cannot read its project",
                where=str(DBT_DIR),
                why=(done.stdout + done.stderr)[-2000:],
                next_step="run: make check",
                exit_code=Exit.CONFIGURATION,
            )
        replace_text(stamp, fingerprint)
    return files[0]


def _is_whole(manifest: Path) -> bool:
    """False for a manifest of which a full disk has left a part: dbt writes it again in each build."""
    try:
        return bool(json.loads(manifest.read_bytes()))
    except ValueError:
        return False


def read_manifest(settings: Settings) -> Manifest:
    """The project as `prepare_project` has left it; dbt itself would parse anew wherever the data folder was moved."""
    with never_swallowed(signal.SIGINT, signal.SIGTERM):  # it would count as a field of the wrong type
        return Manifest.from_msgpack((settings.dbt_target_dir / PARSED).read_bytes())


class BuildOptions(dg.Config):
    """What a person may choose in the Launchpad for a build."""

    full: bool = Field(False, description="Make every table anew and publish, even if nothing has changed")


def transform_assets(manifest: Path) -> dg.AssetsDefinition:
    """Every dbt model and seed as an asset, every data test as a check."""
    project = DbtProject(DBT_DIR, profiles_dir=DBT_DIR, target_path=manifest.parent)

    @dbt_assets(manifest=manifest, project=project, name="dbt_build", pool=POOL, required_resource_keys=RESOURCES)
    def build(
        context: dg.AssetExecutionContext, config: BuildOptions
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        settings = settings_of(context)
        unchanged = not context.is_subset and is_published(settings, marts_basis(settings, lake_of(settings)))
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
        error = failures_in_words(results)
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
