"""The build warehouse: each lake file exactly once, in one transaction, in UTC, within limits."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.manifest import Commit, append_entry
from pipeline.runtime.failpoints import PLAN_VARIABLE, forget_passages
from pipeline.schemas import TABLES
from pipeline.settings import Settings
from pipeline.warehouse.contents import content_of
from pipeline.warehouse.raw_tables import create_raw_tables
from tests.conftest import NOW


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "data")
    made.make_folders()
    return made


def land(settings: Settings, *subjects: str, replaces: tuple[int, ...] = ()) -> object:
    rows = [{"platform": "x", "captured_at": NOW, "subject": subject, "problem": "p"} for subject in subjects]
    return Lake(settings.lake_dir).commit({"issues": rows}, source="inbox", run_id="run-1", now=NOW, replaces=replaces)


def load(settings: Settings) -> warehouse.Load:
    return warehouse.load_table(settings, Lake(settings.lake_dir), "issues")


def subjects(settings: Settings) -> list[str]:
    with warehouse.connect(settings, read_only=True) as connection:
        return [row[0] for row in connection.execute("select subject from raw.issues order by 1").fetchall()]


def test_each_file_is_loaded_once_with_its_ledger_row(settings: Settings) -> None:
    land(settings, "one", "two")
    first, second = load(settings), load(settings)
    assert (first.files_added, first.rows_added, first.rows_total) == (1, 2, 2)
    assert (second.files_added, second.rows_added, second.rows_total) == (0, 0, 2)
    land(settings, "three")
    assert load(settings).rows_total == 3
    with warehouse.connect(settings, read_only=True) as connection:
        ledger = connection.execute("select lake_sequence, row_count from raw.lake_files order by 1").fetchall()
    assert ledger == [(1, 2), (2, 1)]


def test_what_a_reader_commits_during_a_load_is_in_all_of_its_tables_or_in_none(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(number: int) -> None:
        issue = {"platform": "x", "captured_at": NOW, "subject": f"issue {number}", "problem": "p"}
        change = {"platform": "x", "account_id": "7", "previous_handle": "a", "changed_at": NOW, "captured_at": NOW}
        rows = {"handle_changes": [change], "issues": [issue]}
        Lake(settings.lake_dir).commit(rows, source="x_api", run_id=f"run-{number}", now=NOW)

    def commit_at_the_gate() -> None:
        with gate.open("w"):  # one table is about to be loaded, the other is not
            commit(2)

    gate = tmp_path / "gate"
    os.mkfifo(gate)
    monkeypatch.setenv(PLAN_VARIABLE, f"load.before_commit:gate={gate}")
    forget_passages()
    commit(1)
    reader = threading.Thread(target=commit_at_the_gate, daemon=True)
    reader.start()
    first = warehouse.load_tables(settings, Lake(settings.lake_dir), list(TABLES))
    reader.join()
    assert {done.table: done.rows_total for done in first if done.rows_total} == {"handle_changes": 1, "issues": 1}
    gate.unlink()
    second = warehouse.load_tables(settings, Lake(settings.lake_dir), list(TABLES))
    assert {done.table: done.rows_total for done in second if done.rows_total} == {"handle_changes": 2, "issues": 2}


def test_a_replaced_commit_leaves_the_warehouse_with_its_successor(settings: Settings) -> None:
    land(settings, "wrong mapping")
    load(settings)
    land(settings, "right mapping", replaces=(1,))
    load(settings)
    assert subjects(settings) == ["right mapping"]


def test_a_replaced_commit_is_never_loaded_into_a_new_warehouse(settings: Settings) -> None:
    land(settings, "wrong mapping")
    land(settings, "right mapping", replaces=(1,))
    assert load(settings).rows_added == 1
    assert subjects(settings) == ["right mapping"]


def test_a_damaged_file_is_left_out_by_name_and_the_others_load(settings: Settings) -> None:
    (bad,) = land(settings, "bad").files
    land(settings, "good")
    path = settings.lake_dir / bad.path
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    result = load(settings)
    assert result.damaged == (f"{bad.path}: the bytes differ from the manifest",)
    assert subjects(settings) == ["good"]


def test_a_failure_in_the_middle_of_a_load_leaves_nothing_behind(settings: Settings) -> None:
    land(settings, "one")
    land(settings, "two")
    with warehouse.connect(settings) as connection:
        create_raw_tables(connection)
        # The second file's ledger row collides: everything of the load must go.
        connection.execute(
            "insert into raw.lake_files select 'issues/source=inbox/captured_date=2026-11-22/run-1-2.parquet', "
            "'issues', 'inbox', 'run-1', 2, '', 0, now()"
        )
        connection.execute("alter table raw.issues rename to held")
        connection.execute("create view raw.issues as from raw.held")
    with pytest.raises(duckdb.Error):
        load(settings)
    with warehouse.connect(settings, read_only=True) as connection:
        assert connection.execute("select count(*) from raw.held").fetchone() == (0,)
        assert connection.execute("select count(*) from raw.lake_files").fetchone() == (1,)


def test_every_lake_table_has_a_described_raw_table(settings: Settings) -> None:
    with warehouse.connect(settings) as connection:
        create_raw_tables(connection)
        rows = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where schema_name = 'raw'"
        ).fetchall()
    comments = {
        (table, column): comment for table, column, comment in rows if table not in {"lake_files", "build_watermark"}
    }
    assert {table for table, _ in comments} == set(TABLES)
    assert [key for key, comment in comments.items() if not comment] == []
    assert comments[("posts", "post_id")] == "Id of the post; text, because it exceeds 2^53"


def test_a_column_that_the_schema_gained_is_added_to_an_old_warehouse(settings: Settings) -> None:
    land(settings, "one")
    with warehouse.connect(settings) as connection:
        create_raw_tables(connection)
        connection.execute("alter table raw.issues drop column next_step")
    load(settings)
    with warehouse.connect(settings, read_only=True) as connection:
        assert connection.execute("select subject, next_step from raw.issues").fetchall() == [("one", None)]


def test_connections_are_in_utc_bounded_and_download_nothing(settings: Settings) -> None:
    with warehouse.connect(settings) as connection:
        names = ("TimeZone", "autoinstall_known_extensions", "autoload_known_extensions", "threads")
        found = [connection.execute(f"select current_setting('{name}')").fetchone()[0] for name in names]
        assert found == ["UTC", False, False, 2]
        assert connection.execute("select current_setting('memory_limit')").fetchone() == ("488.2 MiB",)


def test_a_warehouse_that_somebody_else_holds_says_so(settings: Settings) -> None:
    settings.warehouse_file.write_text("not a database")
    with pytest.raises(TweetbenchError, match="cannot be opened") as caught, warehouse.connect(settings):
        pass
    assert caught.value.exit_code in (Exit.BUSY, Exit.IO)


def test_a_damaged_block_is_found_after_a_writer_was_killed(settings: Settings) -> None:
    land(settings, *(f"subject {number} {hash(number) ** 3}" for number in range(4_000)))
    load(settings)
    writing = (
        "import duckdb, os, sys; connection = duckdb.connect(sys.argv[1]);"
        "connection.execute('create table raw.unfinished as select 1'); os._exit(137)"
    )
    subprocess.run([sys.executable, "-c", writing, settings.warehouse_file], check=False)
    assert settings.warehouse_file.with_name("build.duckdb.wal").exists()
    data = bytearray(settings.warehouse_file.read_bytes())
    place = data.index(b"subject 2000 ") if b"subject 2000 " in data else len(data) // 2
    data[place] ^= 0xFF
    settings.warehouse_file.write_bytes(data)
    again = load(settings)
    assert "the build warehouse was damaged and is loaded again from the lake" in (again.healed or "")
    assert (again.rows_added, again.rows_total, len(subjects(settings))) == (4_000, 4_000, 4_000)


def test_rows_that_the_manifest_does_not_name_are_not_loaded(settings: Settings) -> None:
    table = TABLES["issues"].empty_table()
    file = Lake(settings.lake_dir).write_file("issues", [table], "issues/source=inbox/one.parquet")
    commit = Commit(1, "run-1", "inbox", NOW.isoformat(), (replace(file, row_count=2),))
    append_entry(settings.lake_dir, commit)
    with pytest.raises(TweetbenchError, match="lake files of issues hold 0 rows and the manifest names 2"):
        load(settings)
    with warehouse.connect(settings, read_only=True) as connection:
        assert connection.execute("select count(*) from raw.lake_files").fetchone() == (0,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("(1, 'a'), (2, 'a')", "(1, 'b'), (2, 'b')"),  # two rows, changed in the same way in their last column
        ("('a', 1), ('a', 2)", "('b', 1), ('b', 2)"),  # and in their first
        ("(1, 'a'), (1, 'a')", "(2, 'b'), (2, 'b')"),  # equal rows
        ("(1, 'a'), (1, 'a'), (2, 'b')", "(3, 'c'), (3, 'c'), (2, 'b')"),
        ("(1, null), (2, 'a')", "(1, 'a'), (2, null)"),
        ("(1, 'a')", "(1, 'a'), (1, 'a')"),
    ],
)
def test_contents_that_differ_are_not_taken_for_equal_and_the_order_of_rows_is_none(one: str, other: str) -> None:
    with duckdb.connect() as connection:
        first, second = (content_of(connection, f"(values {rows})") for rows in (one, other))
        assert first != second
        turned = ", ".join(f"({row})" for row in reversed(one.strip("()").split("), (")))
        assert content_of(connection, f"(values {turned})") == first
        assert content_of(connection, "(select 1 where false)") == (0, 0)
