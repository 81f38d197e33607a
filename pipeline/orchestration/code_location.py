"""Everything that Dagster is shown of one data folder: the stages in the order in which data flows through them."""

import dagster as dg

from pipeline import sources
from pipeline.orchestration.assets.dbt_build import transform_assets
from pipeline.orchestration.assets.extract import files_to_lake
from pipeline.orchestration.assets.extract_api import api_assets
from pipeline.orchestration.assets.load import raw_assets
from pipeline.orchestration.assets.presentation import present
from pipeline.orchestration.assets.publishing import published_asset
from pipeline.orchestration.automation import JOB
from pipeline.orchestration.parts import ONE_RUN, automation_of_parts, partitions_of
from pipeline.orchestration.resources import LEASE, SETTINGS, lease_resource
from pipeline.settings import Settings
from pipeline.transform.project import prepare_project


def build_reader_definitions(settings: Settings) -> dg.Definitions:
    """What a process needs that reads a part of the accounts: no dbt project, no warehouse."""
    return dg.Definitions(
        assets=present([api_assets(source, settings.max_usd_per_run) for source in sources.API_SOURCES]),
        jobs=[dg.define_asset_job(JOB, "*")],
        resources={SETTINGS: settings, LEASE: lease_resource},
        executor=dg.in_process_executor,
    )


def build_definitions(settings: Settings) -> dg.Definitions:
    """All assets, checks, jobs and sensors for one data folder."""
    partitions = partitions_of(settings)
    transform = transform_assets(prepare_project(settings))
    marts = [key for key in transform.keys if key.path[0] == "marts"]
    platforms = [api_assets(source, settings.max_usd_per_run, partitions) for source in sources.API_SOURCES]
    automation = automation_of_parts(platforms, partitions) if partitions else ONE_RUN
    return dg.Definitions(
        assets=present([files_to_lake, *platforms, raw_assets(), transform, published_asset(marts)]),
        jobs=automation.jobs,
        schedules=automation.schedules,
        sensors=automation.sensors,
        resources={SETTINGS: settings, LEASE: lease_resource},
        executor=dg.in_process_executor,
    )
