"""What Dagster receives: names, groups, checks, automation; and a run in which something fails."""

from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipeline import warehouse
from pipeline.orchestration.assets.extract import chosen_kinds
from pipeline.orchestration.code_location import build_definitions
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.sources import ALL_SOURCES

FLOW = ["lake", "raw", "seeds", "staging", "intermediate", "marts", "published"]


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
    assert {key for key in keys if key[0] == "lake"} == {*lake, ("lake", "inbox", "issues")}
    assert ("marts", "ratio_styles") in keys
    assert ("published", "warehouse") in keys


def test_data_flows_from_the_lake_to_the_published_file(graph: object) -> None:
    published = graph.get(dg.AssetKey(["published", "warehouse"]))
    assert {key.path[0] for key in published.parent_keys} == {"marts"}
    staging = graph.get(dg.AssetKey(["staging", "stg_posts"]))
    assert [list(key.path) for key in staging.parent_keys] == [["raw", "posts"]]
    raw = graph.get(dg.AssetKey(["raw", "posts"]))
    assert ["lake", "x_api", "posts"] in [list(key.path) for key in raw.parent_keys]
    issues = graph.get(dg.AssetKey(["raw", "issues"]))
    assert ["lake", "inbox", "issues"] in [list(key.path) for key in issues.parent_keys]


def test_what_a_table_guarantees_is_one_check_and_what_relates_two_tables_another(graph: object) -> None:
    specs = {(key.asset_key.path[-1], key.name): graph.get_check_spec(key) for key in graph.asset_check_keys}
    guarantees = specs["account_weeks", "constraints"].description.splitlines()
    assert guarantees[0] == "- account_key, week_start_date: unique together"
    assert "- coverage_share: 0 to 1" in guarantees
    assert ("account_weeks", "relationships_account_weeks_account_key__account_key__ref_accounts_") in specs
    assert len([name for _, name in specs if name == "constraints"]) > 150


def test_people_are_told_who_looks_after_an_asset_and_how_fresh_it_should_be(graph: object) -> None:
    for node in graph.asset_nodes:
        assert len(node.owners) == 1, node.key
        assert node.kinds, node.key
        assert "Raw SQL" not in node.description, node.key
    read = graph.get(dg.AssetKey(["lake", "x_api", "accounts"])).freshness_policy
    assert (read.warn_window.to_timedelta(), read.fail_window.to_timedelta()) == (
        timedelta(hours=26),
        timedelta(hours=50),
    )
    assert graph.get(dg.AssetKey(["published", "warehouse"])).freshness_policy is not None
    assert graph.get(dg.AssetKey(["marts", "accounts"])).freshness_policy is None


def test_lake_assets_show_their_columns_before_anything_was_read(graph: object) -> None:
    for key in (["lake", "x_api", "posts"], ["lake", "inbox", "issues"], ["raw", "posts"]):
        schema = graph.get(dg.AssetKey(key)).metadata["dagster/column_schema"].value
        assert schema.columns
        assert all(column.description for column in schema.columns)


def test_the_launchpad_offers_the_fields_that_a_person_may_set_each_explained(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("refresh")
    offered = {}
    for op in ("x_to_lake", "files_to_lake", "dbt_build"):
        for name, field in job.get_node_named(op).definition.config_schema.config_type.fields.items():
            assert field.description, name
            assert not field.is_required, "Materialize all must not ask"
            offered[name] = op
    assert offered == {"max_usd": "x_to_lake", "only_sources": "files_to_lake", "full": "dbt_build"}


def test_only_named_kinds_of_file_are_read_and_unknown_ones_are_refused() -> None:
    from pipeline.errors import TweetbenchError

    assert chosen_kinds([], {"survey", "contacts"}) == {"survey", "contacts"}
    assert chosen_kinds(["survey"], {"survey", "x_archive"}) == {"survey"}
    with pytest.raises(TweetbenchError, match="no source tiktok"):
        chosen_kinds(["tiktok"], {"survey"})


def test_a_broken_constraint_stops_the_run_before_anything_is_published(tmp_path: Path) -> None:
    from pipeline.errors import TweetbenchError
    from pipeline.ingest.run_note import how_it_ended, read_note
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
    broken = "broken constraint of marts.accounts: follower_count >= 0 fails for 1 row, such as "
    assert f"accounts: {broken}account_key=x:7 follower_count=-5" in caught.value.why
    with warehouse.connect(settings, read_only=True) as connection:
        made = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
    assert ("accounts",) not in made
    assert not settings.published_file.exists()
    assert "dbt_build" in steps
    note = read_note(settings)
    assert note is not None
    assert note.ended_at
    assert how_it_ended(settings, note).startswith("failed: step dbt_build: ")
    assert "steps of the dbt build failed; nothing was published" in str(note.failure)


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


def test_the_instance_frees_what_crashes_held_and_manages_only_our_own_logger(tmp_path: Path) -> None:
    from pipeline.orchestration.instance.home import prepare_dagster_home

    settings = Settings(_env_file=None, data_dir=tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", "")
        patch.setenv("TWEETBENCH_DATA_DIR", "")
        with dg.DagsterInstance.from_config(str(prepare_dagster_home(settings))) as instance:
            assert instance.managed_python_loggers == ["pipeline"], "the root logger can lock the history"
            assert instance.run_monitoring_max_runtime_seconds == 7200
            concurrency = instance.get_concurrency_config()
            assert concurrency.pool_config.default_pool_limit == 1
            assert concurrency.run_queue_config.max_concurrent_runs == 1
            assert not instance.telemetry_enabled
            assert instance.run_retries_max_retries == 2
            assert not instance.run_retries_retry_on_asset_or_op_failure
