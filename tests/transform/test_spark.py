"""What Spark builds, how its tables come into DuckDB, and what a person reads where it cannot: none of it needs Spark.

Parquet files that the tests write stand for those of Spark, and small programs for its process.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.settings import Settings, load_settings
from pipeline.transform.spark.build import (
    SparkTables,
    driver_environment,
    find_java,
    lake_files,
    require_master,
    require_packages,
    require_spark,
    require_whole,
    run_driver,
)
from pipeline.transform.spark.selection import TAG, select_heavy
from tests.marts.stand import build_from_raw, run_models
from tests.marts.test_incremental import DAYS
from tests.parsed import share_parsed_project

# Tables by export period and by link, small by nature, though they name posts.
SMALL = {"link_clicks", "int_post_link_clicks", "post_periods", "stg_link_clicks", "stg_post_daily"}
HEAVY = ("marts.posts", "marts.post_ages")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict:
    settings = share_parsed_project(tmp_path_factory.mktemp("parsed"))
    return json.loads((settings.dbt_target_dir / "manifest.json").read_bytes())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of a few days; what it holds stands for what Spark has made of them."""
    rows = defaultdict(list)
    for sequence, day in enumerate(DAYS, 1):
        for table, records in day.items():
            rows[table] += [{**record, "lake_sequence": sequence} for record in records]
    return build_from_raw(tmp_path_factory.mktemp("built") / "data", rows, ["+posts", "+post_ages"])


def hand_over(warehouse_file: Path, folder: Path, queries: dict[str, str]) -> dict[str, object]:
    """Write tables as Spark lays them out; the variable that names their files to dbt."""
    with duckdb.connect(str(warehouse_file), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        for table, query in queries.items():
            schema, _, name = table.partition(".")
            place = folder / f"{schema}.db" / name
            place.mkdir(parents=True)
            (place / "_SUCCESS").touch()
            connection.sql(query).write_parquet(str(place / "part-00000.snappy.parquet"))
    (_, variables) = SparkTables(folder, dict.fromkeys(queries, 0), {}).dbt_arguments
    return json.loads(variables)


def described(file: Path, table: str) -> tuple[list[tuple], list[tuple], list[tuple]]:
    """Rows, columns with types and keys, and comments of a mart."""
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute(f"from marts.{table} order by all").fetchall()
        columns = connection.execute(f"pragma table_info('marts.{table}')").fetchall()
        comments = connection.execute(
            "select column_name, comment from duckdb_columns() where schema_name = 'marts' and table_name = ? "
            "union all select '', comment from duckdb_tables() where schema_name = 'marts' and table_name = ? "
            "order by 1",
            [table, table],
        ).fetchall()
    return rows, columns, comments


# --- which models ----------------------------------------------------------------------------------------------------


def test_spark_builds_every_model_that_reads_rows_by_post_and_none_after_a_python_model(manifest: dict) -> None:
    chosen = select_heavy(manifest)
    assert {"posts", "post_ages", "int_posts", "int_post_metrics_by_age", "int_engagement_posts"} <= set(chosen.models)
    assert {"posts", "post_metrics", "accounts"} <= set(chosen.raw_tables)
    assert "survey_responses" not in chosen.raw_tables
    assert "thresholds" in chosen.seeds
    kinds = {node["name"]: node["language"] for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    assert {kinds[name] for name in chosen.models} == {"sql"}


def test_a_new_model_over_posts_has_the_tag(manifest: dict, built: Path) -> None:
    with duckdb.connect(str(built), read_only=True) as connection:
        query = (
            "select distinct table_name from information_schema.columns "
            "where column_name in ('post_key', 'post_id') and table_schema <> 'raw'"
        )
        by_post = {name for (name,) in connection.execute(query).fetchall()} - SMALL
    assert {"posts", "post_ages", "int_posts", "stg_posts"} <= by_post
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    parents = {key: {nodes[one]["name"] for one in manifest["parent_map"][key] if one in nodes} for key in nodes}
    after_python = {key for key, node in nodes.items() if node["language"] == "python"}
    while more := {key for key in nodes if parents[key] & {nodes[one]["name"] for one in after_python}} - after_python:
        after_python |= more
    reads = {nodes[key]["name"] for key in nodes.keys() - after_python if parents[key] & by_post} - SMALL
    tagged = {node["name"] for node in nodes.values() if TAG in node["tags"]}
    staged = {name for name in by_post if name.startswith("stg_")}  # built because they are read
    assert (by_post - staged | reads) - tagged == set()
    assert staged <= set(select_heavy(manifest).models)


def test_a_tagged_model_after_a_python_model_is_a_fault_of_the_project() -> None:
    nodes = {
        "model.t.a": {"resource_type": "model", "name": "a", "language": "python", "tags": []},
        "model.t.b": {"resource_type": "model", "name": "b", "language": "sql", "tags": [TAG]},
    }
    with pytest.raises(ValueError, match="rows_by_post read a"):
        select_heavy({"nodes": nodes, "parent_map": {"model.t.a": [], "model.t.b": ["model.t.a"]}})


# --- tables that come back -------------------------------------------------------------------------------------------


def test_tables_of_spark_come_in_with_the_types_keys_and_comments_of_duckdb(built: Path, tmp_path: Path) -> None:
    expected = {table: described(built, table.partition(".")[2]) for table in HEAVY}
    assert len(expected["marts.posts"][0]) == 5
    # Spark has other integers, decimals for large ones, another order of columns, and one file for each task.
    posts = (
        "select cast(like_count as decimal(38, 0)) as like_count, * exclude (like_count, text), 'by Spark' as text "
        "from marts.posts order by post_id desc"
    )
    given = hand_over(built, tmp_path / "tables", {"marts.posts": posts, "marts.post_ages": "from marts.post_ages"})
    run_models(built.parents[1], ["posts", "post_ages", "--vars", json.dumps(given)])
    rows, columns, comments = described(built, "posts")
    assert (columns, comments) == expected["marts.posts"][1:]
    assert described(built, "post_ages") == expected["marts.post_ages"]
    names = [column[1] for column in columns]
    assert {row[names.index("text")] for row in rows} == {"by Spark"}  # the rows are those of the files
    likes = {row[names.index("post_key")]: row[names.index("like_count")] for row in rows}
    assert likes == {"x:100": 52, "x:200": 94, "x:300": None, "x:400": 2, "x:500": None}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from marts.posts union all from marts.posts", "broken constraint of marts.posts: post_key is unique fails"),
        ("select * replace (null as post_key) from marts.posts", "post_key is not null fails for"),
        ("select * exclude (like_count) from marts.posts", "marts.posts.like_count is missing in what Spark built"),
        ("select * replace (like_count + 0.5 as like_count) from marts.posts", "like_count is DECIMAL(21,1) in what"),
        ("select * replace (1.5::double as like_count) from marts.posts", "like_count is DOUBLE in what Spark built"),
        ("select * replace ('many' as like_count) from marts.posts", "Could not convert string 'many' to INT64"),
    ],
)
def test_a_table_that_breaks_its_contract_is_refused(built: Path, tmp_path: Path, query: str, words: str) -> None:
    before = described(built, "posts")
    given = hand_over(built, tmp_path / "tables", {"marts.posts": query})
    with pytest.raises(AssertionError) as refused:
        run_models(built.parents[1], ["posts", "--vars", json.dumps(given)])
    assert words in str(refused.value).replace("\\n", " ")
    assert described(built, "posts") == before


def test_an_empty_table_of_spark_is_an_empty_table(built: Path, tmp_path: Path) -> None:
    expected = described(built, "post_ages")
    given = hand_over(built, tmp_path / "it's [here]", {"marts.post_ages": "from marts.post_ages limit 0"})
    run_models(built.parents[1], ["post_ages", "--vars", json.dumps(given)])
    assert described(built, "post_ages") == ([], *expected[1:])


def test_files_that_lost_rows_on_their_way_are_refused(built: Path, tmp_path: Path) -> None:
    hand_over(built, tmp_path, {"marts.post_ages": "from marts.post_ages"})
    with duckdb.connect(str(built), read_only=True) as connection:
        parquet = f"from read_parquet('{tmp_path}/marts.db/post_ages/*.parquet')"
        (count,) = connection.execute(f"select count(*) {parquet}").fetchone()
    require_whole(SparkTables(tmp_path, {"marts.post_ages": count}, {}))
    with pytest.raises(TweetbenchError, match=f"has {count + 3} rows in Spark, and its files hold {count}") as refused:
        require_whole(SparkTables(tmp_path, {"marts.post_ages": count + 3}, {}))
    assert "every worker must see the data folder under the same path" in refused.value.why
    with pytest.raises(TweetbenchError, match=r"marts\.posts has 0 rows in Spark, and its files hold 0"):
        require_whole(SparkTables(tmp_path, {"marts.posts": 0}, {}))


def test_spark_reads_the_files_that_the_warehouse_holds_and_no_others(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    settings.make_folders()
    lake = Lake(settings.lake_dir)
    commits = [lake.commit(day, source="x_api", run_id="r", now=DAYS[0]["posts"][0]["captured_at"]) for day in DAYS[:2]]
    damaged = next(file for file in commits[1].files if file.table == "posts")
    (lake.root / damaged.path).write_bytes(b"not what was committed")
    warehouse.load_tables(settings, lake, ["posts", "accounts"])
    (whole,) = (file for file in commits[0].files if file.table == "posts")
    assert lake_files(settings, lake, "posts") == [(str(lake.root / whole.path), 1, 4)]
    assert [(sequence, rows) for _, sequence, rows in lake_files(settings, lake, "accounts")] == [(1, 3), (2, 2)]
    assert lake_files(settings, lake, "survey_responses") == []


# --- settings and refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("master", ["local", "local[4]", "local[*]", "spark://10.0.0.7:7077", "spark://a:1,b-c.d:2"])
def test_a_master_is_a_cluster_or_threads_of_this_machine(master: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETBENCH_SPARK_MASTER", master)
    monkeypatch.setenv("TWEETBENCH_ENGINE", "spark")
    settings = load_settings()
    assert (settings.engine, settings.spark_master) == ("spark", master)


@pytest.mark.parametrize(
    "master",
    [
        "yarn",
        "local[0]",
        "spark://host",
        "host:7077",
        "spark://h:1 --conf x",
        "k8s://h:1",
        "spark://h:99999",
        "spark://h:0",
    ],
)
def test_what_is_no_master_is_refused(master: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETBENCH_SPARK_MASTER", master)
    with pytest.raises(
        TweetbenchError, match="TWEETBENCH_SPARK_MASTER is not usable: it is not a Spark master"
    ) as refused:
        load_settings()
    assert refused.value.exit_code is Exit.CONFIGURATION


def test_a_master_that_nobody_hears_is_refused_and_one_of_two_is_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other:
        alive, gone = server.getsockname()[1], other.getsockname()[1]
        other.close()
        require_master(f"spark://127.0.0.1:{gone},127.0.0.1:{alive}")
        with pytest.raises(TweetbenchError, match="the Spark master cannot be reached") as refused:
            require_master(f"spark://127.0.0.1:{gone}")
    assert refused.value.exit_code is Exit.UNAVAILABLE
    assert refused.value.why == f"127.0.0.1:{gone}: Connection refused"


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o700)
    return folder


def test_java_is_looked_for_where_spark_does_and_has_to_be_new_enough(tmp_path: Path) -> None:
    new = program(tmp_path / "new" / "bin", "java", """echo 'openjdk version "17.0.12" 2024-07-16' >&2""")
    old = program(tmp_path / "old" / "bin", "java", """echo 'java version "1.8.0_402"' >&2""")
    broken = program(tmp_path / "broken" / "bin", "java", "exit 127")
    assert find_java({"PATH": str(new)}) == ""
    assert find_java({"PATH": str(old), "JAVA_HOME": str(new.parent)}) == str(new.parent)
    for environment, words in (
        ({"PATH": str(tmp_path)}, "Spark needs Java and there is none"),
        ({"PATH": str(new), "JAVA_HOME": str(tmp_path / "gone")}, "Spark needs Java and there is none"),
        ({"PATH": str(broken)}, "Spark needs Java and there is none"),
        ({"PATH": str(old)}, "Spark needs Java 17 or newer"),
    ):
        with pytest.raises(TweetbenchError, match=words) as refused:
            find_java(environment)
        assert refused.value.exit_code is Exit.CONFIGURATION
        assert "openjdk-17" in refused.value.next_step


def run(folder: Path, code: str) -> dict:
    settings = Settings(_env_file=None, data_dir=folder)
    settings.make_folders()
    return run_driver(folder, [sys.executable, "-c", code], settings, "")


RESULT = "import json, sys, pathlib; pathlib.Path(sys.argv[1], 'result.json').write_text(json.dumps({}))"


@pytest.mark.parametrize(
    ("code", "words", "exit_code"),
    [
        ("import os; os.kill(os.getpid(), 9)", "Spark's process was killed by signal 9; nothing was published", 69),
        ("print('java.lang.OutOfMemoryError: heap'); raise SystemExit(3)", "OutOfMemoryError: heap", 69),
        ("pass", "why: it said nothing; next: see that memory", 69),
        ("import pyspark_of_nobody", "lacks the package pyspark_of_nobody", 78),
        ("print('java.io.IOException: No space left on device'); raise SystemExit(1)", "the disk is full", 74),
        (RESULT.format("{'failed': ['posts: [DIVIDE_BY_ZERO]']}"), "1 models failed on Spark; nothing was pub", 65),
        (RESULT.format("{'failed': ['posts: No space left on device']}"), "the disk is full", 74),
        (RESULT.format("{'refusal': {'what': 'no worker', 'exit_code': 69, 'next_step': 'x'}}"), "no worker", 69),
    ],
)
def test_how_sparks_process_ends_is_said(tmp_path: Path, code: str, words: str, exit_code: int) -> None:
    with pytest.raises(TweetbenchError) as refused:
        run(tmp_path, code)
    assert words in str(refused.value)
    assert refused.value.exit_code == exit_code
    assert refused.value.next_step


@pytest.mark.parametrize("name", ["data [1]", "{data}", "a*"])
def test_a_path_that_spark_reads_as_a_pattern_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TweetbenchError, match="Spark cannot work in this data folder") as refused:
        require_spark(Settings(_env_file=None, data_dir=tmp_path / name))
    assert (refused.value.exit_code, refused.value.where) == (Exit.CONFIGURATION, str(tmp_path / name))


def test_a_python_that_is_none_or_has_no_spark_is_refused(tmp_path: Path) -> None:
    for python, words in (
        ("/nonexistent/python", "cannot be started; where: /nonexistent/python; why: No such file or directory"),
        (str(tmp_path), "cannot be started; where: .*; why: Permission denied"),
        (str(program(tmp_path, "python", "echo no module; exit 3") / "python"), "cannot be started.*; why: code 3"),
        (str(program(tmp_path, "old", "echo pyspark dbt") / "old"), "Spark's environment lacks the package pyspark"),
    ):
        with pytest.raises(TweetbenchError, match=words) as refused:
            require_packages(python)
        assert refused.value.exit_code is Exit.CONFIGURATION


def test_sparks_process_sees_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETBENCH_X_BEARER_TOKEN", "secret")
    monkeypatch.setenv("TWEETBENCH_HASH_KEY", "another secret to hash with")
    settings = Settings(_env_file=None, data_dir=tmp_path, spark_python=Path("/spark/bin/python"))
    found = driver_environment(settings, "/java")
    assert not [value for value in found.values() if "secret" in value]
    assert (found["JAVA_HOME"], found["PYSPARK_PYTHON"]) == ("/java", "/spark/bin/python")


def test_sparks_process_ends_when_the_run_is_killed(tmp_path: Path) -> None:
    child = (
        "import os, sys, threading, time; from pathlib import Path\n"
        "from pipeline.transform.spark.driver import end_with_parent\n"
        "threading.Thread(target=end_with_parent, daemon=True).start()\n"
        "Path(sys.argv[1], 'pid').write_text(str(os.getpid())); time.sleep(60)\n"
    )
    parent = (
        "import sys; from pathlib import Path\n"
        "from pipeline.settings import Settings\nfrom pipeline.transform.spark.build import run_driver\n"
        "settings = Settings(_env_file=None, data_dir=Path(sys.argv[1])); settings.make_folders()\n"
        "run_driver(settings.data_dir, [sys.executable, '-c', sys.argv[2]], settings, '')\n"
    )
    started = subprocess.Popen([sys.executable, "-c", parent, str(tmp_path), child], env={**os.environ})
    note = tmp_path / "pid"
    while not (note.exists() and note.read_text()):
        assert started.poll() is None
        time.sleep(0.05)
    pid = int(note.read_text())
    started.send_signal(signal.SIGKILL)
    started.wait()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
