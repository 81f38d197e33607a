"""G38: what the platform has taken back is gone from every file, unpacked ones included; figures stay; crashes heal."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipeline import warehouse
from pipeline.comply.lake_removals import known_removals
from pipeline.comply.request import Wanted, read_ids, read_lines
from pipeline.comply.sweep import PENDING, Receipt, erase, lift, stock_of
from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.tombstones import ACCOUNT_CONTENT, FREE_TEXT, POST_CONTENT, read_tombstones
from pipeline.publish import publish
from pipeline.runtime.lease import hold_lease
from pipeline.schemas import TABLES, content_columns, is_content
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.stand import (
    GONE_ACCOUNT,
    GONE_POST,
    KEPT_POST,
    KEPT_WORDS,
    PROFILE,
    REPOST,
    SENTINEL,
    fill_lake,
    load_all,
    make_settings,
    places_of,
    post,
)

WANTED = Wanted({GONE_POST: "deleted"}, {GONE_ACCOUNT: "suspended"})


def make_version(settings: Settings) -> int:
    """A published version whose marts say what the raw tables say; what dbt adds has tests of its own."""
    load_all(settings)
    with warehouse.connect(settings) as connection:
        connection.execute("create schema if not exists marts")
        for table in ("posts", "accounts"):
            connection.execute(f"create or replace table marts.{table} as from raw.{table}")
    return publish(settings, run_id="run", now=NOW, basis="b").version


def fill(settings: Settings) -> None:
    """Sentinels in every layer: lake, a half-landed journal, warehouse, two versions, files of people, logs."""
    fill_lake(settings)
    make_version(settings)
    make_version(settings)
    entry = {"tables": {"posts": [{**post("1990000000000000001", SENTINEL), "captured_at": NOW.isoformat()}]}}
    entry["tables"]["posts"][0]["created_at"] = NOW.isoformat()
    journals = settings.lake_dir / "_landing"
    journals.mkdir(exist_ok=True)
    (journals / "run9-aaaa-000000.jsonl").write_text(json.dumps({**entry, "state": {}}) + "\n")
    export = f'Post id,Post text\n{GONE_POST},"{SENTINEL}"\n{KEPT_POST},"two\nlines, {KEPT_WORDS}"\n'
    (settings.inbox_dir / "done" / "content.csv").write_text(export)
    (settings.quarantine_dir / "refused.csv").write_text(f"id\n{GONE_POST}\n{SENTINEL}\n")
    (settings.dagster_dir / "last_run.log").write_text(f"parsed {json.dumps(SENTINEL)} of {GONE_POST}\n")
    with closing(sqlite3.connect(settings.dagster_dir / "index.db")) as connection:
        connection.execute("create table event_logs (event text)")
        connection.execute("pragma journal_mode = wal")  # as Dagster leaves it: the log lies next to the file
        connection.execute("insert into event_logs values (?)", [json.dumps({"message": SENTINEL})])
        connection.commit()


def run_erasure(settings: Settings, wanted: Wanted = WANTED) -> Receipt:
    with hold_lease(settings, purpose="comply", now=NOW):
        return erase(settings, wanted, run_id="r1234567", now=NOW, republish=lambda: make_version(settings))


def test_g38_the_search_of_these_tests_finds_a_sentinel_in_every_layer(settings: Settings) -> None:
    fill(settings)
    places = places_of(settings.data_dir, SENTINEL)
    for part in ("lake/posts/", "lake/issues/", "lake/_landing/", "warehouse/", "versions/v1/", "versions/v2/parquet"):
        assert any(part in place for place in places), part
    assert {"inbox/done/content.csv", "quarantine/refused.csv", "dagster/index.db"} <= set(places)


def test_g38_erased_words_are_in_no_file_any_more_and_everything_else_is(settings: Settings) -> None:
    fill(settings)
    receipt = run_erasure(settings)
    assert places_of(settings.data_dir, SENTINEL) == []
    assert places_of(settings.data_dir, PROFILE) == []
    assert receipt.is_clean
    assert receipt.rows_by_table == {"accounts": 1, "issues": 1, "post_metrics": 1, "posts": 3}
    assert (receipt.versions_removed, receipt.version_published) == (["v1", "v2"], 3)
    assert not list(settings.lake_dir.rglob("*.tmp"))
    assert (settings.inbox_dir / "done" / "content.csv").read_text() == (
        f'Post id,Post text\n{KEPT_POST},"two\nlines, {KEPT_WORDS}"\n'
    )
    rows = {row["post_id"]: row for row in Lake(settings.lake_dir).read("posts").to_pylist()}
    assert rows[KEPT_POST]["text"] == KEPT_WORDS
    assert (rows[GONE_POST]["text"], rows[GONE_POST]["availability"]) == (None, "removed")
    assert rows[GONE_POST]["link_urls"] == [None], "a post with a link stays a post with a link"
    assert rows[REPOST]["text"] is None, "a repost is the other's words"


def test_g38_ids_times_and_counts_stay_so_that_aggregates_do(settings: Settings) -> None:
    fill(settings)
    query = "select count(*), sum(like_count), count(distinct post_id) from raw.post_metrics"
    with warehouse.connect(settings, read_only=True) as connection:
        before = connection.execute(query).fetchone()
    run_erasure(settings)
    with warehouse.connect(settings, read_only=True) as connection:
        assert connection.execute(query).fetchone() == before
    (row,) = [row for row in Lake(settings.lake_dir).read("accounts").to_pylist() if row["account_id"] == GONE_ACCOUNT]
    assert (row["follower_count"], row["name"], row["handle"]) == (100, None, None)
    state = Lake(settings.lake_dir).state("x_api")
    assert state[f"account:{GONE_ACCOUNT}"] == {"handle": None}
    assert state[f"timeline:{GONE_ACCOUNT}"] == {"high": "1990000000000000009"}
    assert f"handle:firm{GONE_ACCOUNT}" not in state


def test_g38_what_comes_in_again_comes_in_without_its_words(settings: Settings) -> None:
    fill(settings)
    run_erasure(settings)
    lake = Lake(settings.lake_dir)
    again = [post(GONE_POST, SENTINEL), post("1990000000000000077", PROFILE, GONE_ACCOUNT)]
    lake.commit({"posts": again}, source="x_analytics_content", run_id="again", now=NOW)
    assert places_of(settings.lake_dir, SENTINEL) == []
    assert places_of(settings.lake_dir, PROFILE) == []


def test_g38_the_receipt_holds_ids_and_places_and_no_content(settings: Settings) -> None:
    fill(settings)
    receipt = run_erasure(settings)
    text = (settings.receipts_dir / f"{receipt.receipt}.json").read_text()
    assert GONE_POST in text
    assert GONE_ACCOUNT in text
    assert "inbox/done/content.csv" in text
    assert "backups" in text
    assert SENTINEL not in text
    assert not (settings.receipts_dir / PENDING).exists()


def test_g38_a_second_erasure_finds_nothing_and_changes_nothing(settings: Settings) -> None:
    fill(settings)
    run_erasure(settings)
    before = {path: path.read_bytes() for path in settings.lake_dir.rglob("*.parquet")}
    receipt = run_erasure(settings)
    assert (receipt.rows_by_table, receipt.lake_files_replaced, receipt.version_published) == ({}, [], None)
    assert {path: path.read_bytes() for path in settings.lake_dir.rglob("*.parquet")} == before


def test_g38_a_zip_that_names_an_erased_id_is_named_or_removed(settings: Settings) -> None:
    fill_lake(settings)
    shutil.make_archive(str(settings.inbox_dir / "done" / "archive"), "zip", settings.lake_dir / "_manifest")
    (settings.inbox_dir / "done" / "x.txt").write_text(GONE_ACCOUNT)
    said = "packed files cannot be cut: delete it, or repeat with --delete-files"
    assert run_erasure(settings).copies["left"] == [f"inbox/done/archive.zip: it names an erased id; {said}"]


def test_g38_reposts_of_an_erased_account_and_other_versions_of_an_edited_post_go_too(settings: Settings) -> None:
    fill_lake(settings)
    repost = {"post_kind": "repost", "referenced_post_id": "1990000000000000009"}
    chain = {"edit_history_ids": [GONE_POST, "1990000000000000012"]}
    rows = [post("1990000000000000011", f"RT @x: {PROFILE}", **repost), post("1990000000000000012", SENTINEL, **chain)]
    Lake(settings.lake_dir).commit({"posts": rows}, source="x_api", run_id="r", now=NOW)
    receipt = run_erasure(settings)
    assert {"1990000000000000009", "1990000000000000012"} <= set(receipt.posts)
    assert places_of(settings.data_dir, PROFILE) == places_of(settings.data_dir, SENTINEL) == []
    assert receipt.is_clean


def test_g38_lifted_tombstones_let_content_in_again(settings: Settings) -> None:
    fill_lake(settings)
    run_erasure(settings)
    with hold_lease(settings, purpose="t", now=NOW):
        assert lift(settings, posts=frozenset(), accounts=frozenset({GONE_ACCOUNT})) == 1
    assert set(read_tombstones(settings.lake_dir).accounts) == set()
    assert set(read_tombstones(settings.lake_dir).posts) == {GONE_POST}


def test_g38_the_lake_itself_knows_what_x_said_is_gone(settings: Settings) -> None:
    fill_lake(settings)
    gone = {**post(KEPT_POST, ""), "text": None, "availability": "removed"}
    status = {"platform": "x", "captured_at": NOW, "account_id": GONE_ACCOUNT, "status": "suspended"}
    Lake(settings.lake_dir).commit({"posts": [gone], "accounts": [status]}, source="x_api", run_id="r", now=NOW)
    wanted = known_removals(Lake(settings.lake_dir))
    assert (dict(wanted.posts), dict(wanted.accounts)) == ({KEPT_POST: "deleted"}, {GONE_ACCOUNT: "suspended"})
    assert stock_of(settings, wanted).row_counts["posts"] == 3


def test_g38_ids_are_read_from_lists_and_from_the_compliance_answer_of_x() -> None:
    answer = '{"id":"12","action":"delete","created_at":"2026-01-01T00:00:00.000Z","reason":"deactivated"}'
    wanted = read_lines(["# a list", "11", "", answer, "account:13", "post: 14 ", "nonsense", '{"id": 15}'])
    assert dict(wanted.posts) == {"11": "deleted", "12": "deactivated", "14": "deleted", "15": "deleted"}
    assert (dict(wanted.accounts), wanted.unusable) == ({"13": "deleted"}, ("line 7",))
    assert dict(read_lines(["16"], are_accounts=True).accounts) == {"16": "deleted"}
    assert read_ids(["x"], []).unusable == ("line 1",)


def test_g38_every_text_column_of_the_lake_says_whether_an_erasure_removes_it() -> None:
    texts = (pa.string(), pa.list_(pa.string()))
    said = [(name, field.name) for name, schema in TABLES.items() for field in schema if field.type in texts]
    assert [(name, column) for name, column in said if is_content(TABLES[name].field(column)) is None] == []
    # The registry is the person's own words about accounts, not the platform's.
    assert content_columns("account_registry") == ()
    assert set(POST_CONTENT) == {"posts", "post_metrics", "post_daily", "link_clicks"}
    assert set(POST_CONTENT["posts"]) == {"text", "lang", "link_urls", "hashtags", "mentioned_handles", "payload"}
    assert ACCOUNT_CONTENT["handle_changes"] == ("handle", "previous_handle", "payload")
    assert FREE_TEXT == {"issues": ("detail", "payload")}


CHILD = """
import os, sys
from pathlib import Path
from tests.guarantees.stand import make_settings
from tests.guarantees.test_g38_comply import run_erasure
# One process imports everything once and forks an erasure for each folder, which dies at the point of that name.
for folder in map(Path, sys.argv[1:]):
    pid = os.fork()
    if pid == 0:
        os.environ["TWEETBENCH_FAULT_PLAN"] = f"{folder.name}:crash"
        run_erasure(make_settings(folder))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""
# One point after each step that leaves something behind; the long harness takes every point that a trace lists.
POINTS = ("comply.pending_written", "comply.copies_erased", "comply.entry_rewritten", "comply.republished")


def test_g38_a_crash_at_any_step_is_made_good_by_the_next_call(settings: Settings, tmp_path: Path) -> None:
    fill(settings)
    folders = [tmp_path / "crashed" / point for point in POINTS]
    for folder in folders:
        shutil.copytree(settings.data_dir, folder, symlinks=True)
    died = subprocess.run([sys.executable, "-c", CHILD, *folders], capture_output=True, text=True, check=True)
    assert died.stdout.split() == ["-9"] * len(POINTS), died.stderr
    for folder in folders:
        receipt = run_erasure(make_settings(folder), Wanted())
        assert (receipt.is_resumed, places_of(folder, SENTINEL), places_of(folder, PROFILE)) == (True, [], [])
        with duckdb.connect(str(folder / "published/current/warehouse.duckdb"), read_only=True) as connection:
            assert connection.execute("select count(*) from marts.posts").fetchone() == (6,)


def test_g38_without_its_tombstones_the_lake_takes_nothing_in(settings: Settings) -> None:
    fill_lake(settings)
    (settings.lake_dir / "_tombstones.json").write_text("{")
    with pytest.raises(TweetbenchError, match="list of erased"):
        Lake(settings.lake_dir).commit({"posts": [post("1", "t")]}, source="x_api", run_id="r", now=NOW)
