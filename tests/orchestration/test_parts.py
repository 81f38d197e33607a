"""Accounts read in parts by runs of one Dagster: what it is shown, and when what they have read is published."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test

from pipeline.orchestration.automation import JOB
from pipeline.orchestration.code_location import build_definitions
from pipeline.orchestration.instance.home import dagster_config
from pipeline.orchestration.parts import READING_JOB, decide_publishing_run
from pipeline.orchestration.resources import POOL
from pipeline.settings import Settings
from pipeline.sources import API_SOURCES
from tests.parsed import share_parsed_project

PARTS = ("1/3", "2/3", "3/3")
STATUS = dg.DagsterRunStatus


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("parts") / "data"
    share_parsed_project(folder)
    made = Settings(_env_file=None, data_dir=folder, readers=3, max_usd_per_run=9.0)
    made.make_folders()
    return made


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


def test_platforms_are_read_in_parts_of_which_none_waits_for_another_and_the_rest_is_one_run(
    definitions: dg.Definitions, settings: Settings
) -> None:
    reading, publishing = definitions.resolve_job_def(READING_JOB), definitions.resolve_job_def(JOB)
    read, made = reading.asset_layer.executable_asset_keys, publishing.asset_layer.executable_asset_keys
    assert {key.path[1] for key in read} == {source.NAME for source in API_SOURCES}
    assert read.isdisjoint(made)
    assert {key.path[0] for key in made} >= {"lake", "raw", "staging", "marts", "published"}
    assert reading.partitions_def
    assert tuple(reading.partitions_def.get_partition_keys()) == PARTS
    assert {node.definition.pool for node in reading.nodes} == {None}
    assert {node.definition.pool for node in publishing.nodes} == {POOL}
    assert dagster_config(settings)["concurrency"]["runs"]["max_concurrent_runs"] == 4
    (limit,) = {node.definition.config_schema.config_type.fields["max_usd"].default_value for node in reading.nodes}
    assert limit == pytest.approx(3.0)


def test_a_day_asks_for_one_run_of_each_part_once_there_are_accounts(
    definitions: dg.Definitions, settings: Settings
) -> None:
    schedule = definitions.resolve_schedule_def("daily_refresh")
    assert schedule.default_status is dg.DefaultScheduleStatus.STOPPED

    def tick() -> object:
        context = dg.build_schedule_context(
            scheduled_execution_time=datetime(2026, 11, 22, 6, 17, tzinfo=UTC),
            resources={"settings": settings},
            repository_def=definitions.get_repository_def(),
        )
        return schedule.evaluate_tick(context)

    assert (
        tick().skip_message == "nothing to read: accounts.csv is missing and the inbox is empty (see: tweetbench init)"
    )
    settings.accounts_file.write_text("platform,handle\nx,firm1\n")
    asked = {request.run_key: request.tags["dagster/partition"] for request in tick().run_requests}
    assert asked == {f"daily-2026-11-22-{part}": part for part in PARTS}


def test_what_was_read_is_published_by_one_run_once_nothing_is_being_read() -> None:
    def read(instance: dg.DagsterInstance, part: str, status: dg.DagsterRunStatus) -> dg.DagsterRun:
        return create_run_for_test(instance, job_name="any", status=status, tags={"dagster/partition": part})

    with dg.DagsterInstance.ephemeral() as instance:
        assert decide_publishing_run(instance, PARTS).reason == "no part of the accounts has been read yet"
        create_run_for_test(instance, job_name=JOB, status=STATUS.STARTED)  # of files: no reading
        read(instance, "2/7", STATUS.STARTED)  # of another job of the person's
        first = read(instance, "1/3", STATUS.SUCCESS)
        assert decide_publishing_run(instance, PARTS).run_key == f"read-{first.run_id}"
        second = read(instance, "2/3", STATUS.STARTED)
        third = read(instance, "3/3", STATUS.NOT_STARTED)
        assert decide_publishing_run(instance, PARTS).run_key is None
        instance.report_run_failed(second)  # what it had read is in the lake
        assert "wait in the queue" in decide_publishing_run(instance, PARTS).reason
        instance.report_run_canceled(third)
        assert decide_publishing_run(instance, PARTS).run_key == f"read-{third.run_id}"


@pytest.mark.parametrize("shard", ["2/3", "0/3"])
def test_a_process_that_is_given_a_part_has_no_partitions(tmp_path: Path, shard: str) -> None:
    assert Settings(_env_file=None, data_dir=tmp_path, readers=3, shard=shard).parts == ()
