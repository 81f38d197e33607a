"""What Dagster is told: names, groups, checks, automation; and a run in which something fails."""

from pathlib import Path

import dagster as dg
import pytest

from pipeline.definitions import build_definitions
from pipeline.orchestration.automation import decide_inbox_run, inbox_digest
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.sources import ALL_SOURCES

FLOW = ["lake", "raw", "seeds", "staging", "intermediate", "marts", "published"]
FINISHED = dg.DagsterRunStatus.FAILURE


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"), settle_seconds=0)
    made.make_folders()
    return made


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    return build_definitions(settings)


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> object:
    return definitions.resolve_asset_graph()


def test_every_asset_has_a_description_and_its_group_is_its_first_part(graph: object) -> None:
    nodes = list(graph.asset_nodes)
    assert {node.group_name for node in nodes} == set(FLOW)
    for node in nodes:
        assert node.group_name == node.key.path[0], node.key
        assert node.description, node.key


def test_keys_are_the_names_in_lake_and_warehouse(graph: object) -> None:
    keys = {tuple(node.key.path) for node in graph.asset_nodes}
    assert {key for key in keys if key[0] == "raw"} == {("raw", table) for table in TABLES}
    lake = {("lake", source.NAME, table) for source in ALL_SOURCES for table in source.TABLES}
    assert {key for key in keys if key[0] == "lake"} == lake
    assert ("marts", "ratio_styles") in keys
    assert ("published", "warehouse") in keys


def test_data_flows_from_the_lake_to_the_published_file(graph: object) -> None:
    published = graph.get(dg.AssetKey(["published", "warehouse"]))
    assert {key.path[0] for key in published.parent_keys} == {"marts"}
    staging = graph.get(dg.AssetKey(["staging", "stg_posts"]))
    assert [list(key.path) for key in staging.parent_keys] == [["raw", "posts"]]
    raw = graph.get(dg.AssetKey(["raw", "posts"]))
    assert ["lake", "x_api", "posts"] in [list(key.path) for key in raw.parent_keys]


def test_dbt_tests_are_checks_of_their_models(graph: object) -> None:
    checks = {(key.asset_key.path[-1], key.name) for key in graph.asset_check_keys}
    assert ("accounts", "unique_accounts_account_key") in checks
    assert len(checks) > 60


def test_schedule_and_sensor_are_shipped_stopped(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    (schedule,) = repository.schedule_defs
    (sensor,) = repository.sensor_defs
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert schedule.execution_timezone == "UTC"
    assert sensor.default_status == dg.DefaultSensorStatus.STOPPED


def test_the_inbox_decides_by_content_and_attempts() -> None:
    assert decide_inbox_run(None, []).reason == "the inbox is empty, or its files are still being copied"
    assert decide_inbox_run("abc", []).run_key == "abc-1"
    assert decide_inbox_run("abc", [FINISHED]).run_key == "abc-2"
    assert decide_inbox_run("abc", [dg.DagsterRunStatus.STARTED]).reason == "a run for these files is on its way"
    assert "3 runs for these files failed" in decide_inbox_run("abc", [FINISHED] * 3).reason


def test_the_inbox_digest_follows_names_and_bytes(settings: Settings) -> None:
    assert inbox_digest(settings) is None
    path = settings.inbox_dir / "a.csv"
    path.write_text("one")
    first = inbox_digest(settings)
    path.write_text("two")
    assert inbox_digest(settings) != first
    path.write_text("one")
    assert inbox_digest(settings) == first
    path.unlink()


def test_the_sensor_skips_with_a_reason_and_asks_for_a_run_when_a_file_is_there(
    definitions: dg.Definitions, settings: Settings
) -> None:
    sensor = definitions.get_repository_def().get_sensor_def("inbox_files")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, resources={"settings": settings})
        skipped = sensor.evaluate_tick(context)
        assert skipped.run_requests == []
        assert skipped.skip_message == "the inbox is empty, or its files are still being copied"
        (settings.inbox_dir / "a.csv").write_text("one")
        (asked,) = sensor.evaluate_tick(context).run_requests
        assert asked.run_key == f"{inbox_digest(settings)}-1"
    (settings.inbox_dir / "a.csv").unlink()


def test_a_failing_data_test_stops_the_run_before_anything_is_published(tmp_path: Path) -> None:
    from pipeline.errors import TweetbenchError
    from pipeline.lake import Lake
    from pipeline.orchestration.running import run_job
    from tests.conftest import NOW

    settings = Settings(_env_file=None, data_dir=tmp_path / "data", settle_seconds=0)
    settings.make_folders()
    row = {"platform": "x", "captured_at": NOW, "account_id": "7", "follower_count": -5, "following_count": 1}
    Lake(settings.lake_dir).commit({"accounts": [row]}, source="x_api", run_id="r", now=NOW)
    steps: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(tmp_path))
        patch.setenv("TWEETBENCH_DATA_DIR", str(settings.data_dir))
        with pytest.raises(TweetbenchError, match="steps of the dbt build failed; nothing was published") as caught:
            run_job(settings, only=[], on_progress=lambda now: steps.append(now.step))
    assert "in_range_accounts_follower_count" in caught.value.why
    assert not settings.published_file.exists()
    assert "dbt_build" in steps


def test_an_unknown_source_is_a_usage_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    from pipeline.errors import Exit, TweetbenchError
    from pipeline.orchestration.running import run_job

    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(tmp_path))
        patch.setenv("TWEETBENCH_DATA_DIR", str(settings.data_dir))
        with pytest.raises(TweetbenchError, match="no source tiktok") as caught:
            run_job(settings, only=["tiktok"], on_progress=lambda _: None)
    assert caught.value.exit_code == Exit.USAGE
    assert "x_analytics_content" in caught.value.next_step
