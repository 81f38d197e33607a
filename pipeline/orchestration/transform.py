"""Assets `seeds/*`, `staging/*`, `intermediate/*`, `marts/*`: the dbt project, with its tests as checks."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets

from pipeline import warehouse
from pipeline.durable import replace_text
from pipeline.errors import Exit, TweetbenchError
from pipeline.orchestration.metadata import relation_metadata
from pipeline.orchestration.resources import POOL, RESOURCES, settings_of
from pipeline.settings import PROJECT_DIR, Settings

DBT_DIR = PROJECT_DIR / "dbt_project"
# The `dbt` beside this interpreter: another one on PATH may lack the adapter.
DBT_EXECUTABLE = Path(sys.executable).with_name("dbt")
READ_BY_DBT = ("*.sql", "*.yml", "*.csv", "*.md")


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml asks for, so that dbt works on this data folder within its limits."""
    return {
        "TWEETBENCH_DATA_DIR": str(settings.data_dir),
        "TWEETBENCH_THREADS": str(settings.threads),
        "TWEETBENCH_MEMORY_LIMIT": settings.memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def prepare_project(settings: Settings) -> DbtProject:
    """The dbt project with a manifest that matches its files; parsed again only if one of them changed.

    Raises:
        TweetbenchError: dbt cannot parse the project.
    """
    settings.make_folders()
    target = settings.dbt_target_dir
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp, fingerprint = target / "fingerprint", _fingerprint()
    current = (target / "manifest.json").exists() and stamp.exists() and stamp.read_text() == fingerprint
    if not current:
        command = [str(DBT_EXECUTABLE), "parse", "--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR)]
        command += ["--target-path", str(target), "--log-path", str(target), "--quiet"]
        environment = {**os.environ, **dbt_environment(settings)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise TweetbenchError(
                "dbt cannot read its project",
                where=str(DBT_DIR),
                why=(done.stdout + done.stderr)[-2000:],
                next_step="run: make check",
                exit_code=Exit.CONFIGURATION,
            )
        replace_text(stamp, fingerprint)
    return DbtProject(DBT_DIR, profiles_dir=DBT_DIR, target_path=target)


def dbt_resource(project: DbtProject) -> DbtCliResource:
    """dbt as a subprocess: it releases the warehouse's lock when it ends."""
    return DbtCliResource(project_dir=project, profiles_dir=str(DBT_DIR), dbt_executable=str(DBT_EXECUTABLE))


def transform_assets(project: DbtProject) -> dg.AssetsDefinition:
    """Every dbt model and seed as an asset, every data test as a check."""

    @dbt_assets(
        manifest=project.manifest_path,
        project=project,
        name="dbt_build",
        pool=POOL,
        required_resource_keys=RESOURCES | {"dbt"},
    )
    def build(context: dg.AssetExecutionContext) -> Iterator[Any]:
        settings, dbt = settings_of(context), context.resources.dbt
        os.environ.update(dbt_environment(settings))
        # Unit tests prove the SQL when it changes, not the data when it arrives.
        arguments = ["build", "--exclude-resource-type", "unit_test", "--log-path", str(settings.dbt_target_dir)]
        events = list(dbt.cli(arguments, context=context, target_path=settings.dbt_target_dir).stream())
        with warehouse.connect(settings, read_only=True) as connection:
            for event in events:
                yield _described(event, connection, context.assets_def)

    return build


def _described(event: Any, connection: Any, assets: dg.AssetsDefinition) -> Any:
    if not isinstance(event, dg.Output):
        return event
    schema, table = assets.keys_by_output_name[event.output_name].path
    metadata: Mapping[str, Any] = {**event.metadata, **relation_metadata(connection, schema, table)}
    return event.with_metadata(metadata)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for pattern in READ_BY_DBT:
        for path in sorted(DBT_DIR.rglob(pattern)):
            if "target" not in path.parts:
                digest.update(path.relative_to(DBT_DIR).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
