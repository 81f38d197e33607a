"""What an analyst's connection must not be able to do, whatever SQL is pasted into it: the attacks, each refused."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from pipeline.cli.status import collect
from pipeline.errors import Exit, TweetbenchError
from pipeline.maintain.cleanup import remove_stale_logs, tighten_modes
from pipeline.maintain.verify_databases import check_databases
from pipeline.publish import publish
from pipeline.publish.reader import kept_versions, open_published, published_facts
from pipeline.runtime.failures import explain
from pipeline.settings import Settings
from tests.conftest import NOW

SECRET = "what only the owner of this machine may read"
# {secret} is a file outside the warehouse, {target} a path that an attack would write, {other} another database.
ATTACKS = {
    "read a text file": "select * from read_text('{secret}')",
    "read a file as CSV": "select * from read_csv('{secret}')",
    "read a file by naming it as a table": "select * from '{secret}'",
    "list the files of a folder": "select * from glob('{folder}/*')",
    "copy a table out": "copy accounts to '{target}'",
    "export the database": "export database '{target}'",
    "attach another database": "attach '{other}' as other",
    "attach a database over the network": "attach 'http://127.0.0.1:9/other.duckdb' as other",
    "read over the network": "select * from read_csv('http://127.0.0.1:9/rows.csv')",
    "install an extension": "install httpfs",
    "install an extension of the community": "install h3 from community",
    "load an extension": "load httpfs",
    "load a file as an extension": "load '{secret}'",
    "open external access again": "set enable_external_access = true",
    "open it through a pragma": "pragma enable_external_access = true",
    "allow a folder": "set allowed_directories = ['/']",
    "unlock the configuration": "set lock_configuration = false",
    "change a harmless setting": "set threads = 64",
    "reset a setting": "reset enable_external_access",
    "write logs to a file": "pragma profiling_output = '{target}'",
    "read the environment": "select getenv('TWEETBENCH_TEST_TOKEN')",
    "read a variable of the Python program": "select * from stolen_rows",
    "create a table": "create table marts.mine as select 1 as one",
    "change the data": "delete from accounts",
    "drop the data": "drop table accounts",
    "keep a secret": "create persistent secret s (type http, bearer_token 'x')",
    "import a database": "import database '{folder}'",
    "copy a log next to the published file": "copy (select 'x') to '{log}'",
    "copy bytes as its log": "copy (select from_hex('00') as b) to '{log}' (format blob)",
    "copy a log behind a question": "select 1; copy (select 'x') to '{log}'",
    "copy a log while it is explained": "explain analyze copy (select 'x') to '{log}'",
    "copy a log while it is explained with options": "explain (analyze, format json) copy (select 'x') to '{log}'",
    "copy a log behind a comment": "explain /* */ analyze copy (select 'x') to '{log}' -- select 1",
    "copy next to it under another name": "copy (select 'x') to '{log}.recovery'",
    "log to a file from FROM": "from enable_logging(storage='file', storage_path='{log}')",
    "log to a file from a name in quotes": """select * from accounts, lateral (from "enable_logging"())""",
    "log to a file from a catalogue": "from system.main.enable_logging(storage='file', storage_path='{log}')",
    "log to a file from a common table": "with a as (from enable_logging()) from a",
    "log to a file from a temporary table": "create temp table a as from enable_logging()",
    "log to a file next to a pivot": "pivot (from enable_logging /**/ ()) on i using count(*)",
    "make a function next to a pivot": "pivot accounts on account_key using count(*); create temp macro f() as 1",
    "copy a log behind a pivot": "pivot accounts on account_key using count(*); copy accounts to '{log}'",
    "ask through a text": "from query('from enable_' || 'logging()')",
    "ask through a tree": "from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "call a function": "call enable_logging()",
    "write the log now": "checkpoint",
    "write the log from FROM": "from force_checkpoint()",
    "copy a log by a pivot": "copy (pivot accounts on account_key using count(*)) to '{log}'",
    "copy a log by a pivot behind a comment": "/* /* */ pivot */ copy (pivot accounts on account_key) to '{log}'",
    "copy a log by a pivot behind a carriage return": "--\rcopy (\npivot accounts on account_key) to '{log}'",
    "copy a log by a pivot in a comment with one": "--\rpivot\ncopy (pivot accounts on account_key) to '{log}'",
    "read a file by a pivot": "pivot read_csv('{secret}') on column0 using count(*)",
    "import through a pragma": "pragma import_database('{folder}')",
    "profile into a file": "pragma enable_profiling = 'json'",
    "renew extensions": "update extensions",
    "prepare a statement": "prepare a as select 1",
    "begin a transaction": "begin",
    "keep a variable": "set variable a = 1",
    "make a function": "create temp macro f() as 1",
    "read an address of this process": "from arrow_scan(1, 1, 1)",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"))
    _publish_one_account(made)
    return made


def _publish_one_account(made: Settings) -> None:
    made.make_folders()
    with warehouse.connect(made) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create or replace table marts.accounts (account_key varchar primary key)")
        connection.execute("insert into marts.accounts values ('x:1')")
    publish(made, run_id="run", now=NOW, basis="b")


@pytest.fixture
def outside(tmp_path: Path) -> dict[str, Path]:
    secret, other = tmp_path / "secret.csv", tmp_path / "other.duckdb"
    secret.write_text(SECRET)
    with duckdb.connect(str(other)) as connection:
        connection.execute("create table t as select 1 as one")
    return {"secret": secret, "target": tmp_path / "written", "other": other, "folder": tmp_path}


@pytest.fixture
def connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(settings) as opened:
        yield opened


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_refused_and_leaves_nothing(
    name: str,
    connection: duckdb.DuckDBPyConnection,
    outside: dict[str, Path],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWEETBENCH_TEST_TOKEN", SECRET)
    stolen_rows = duckdb.sql("select 'a row of this program' as cell").to_arrow_table()
    assert stolen_rows is not None
    before = (settings.published_file.read_bytes(), sorted(settings.published_file.parent.iterdir()))
    log = f"{settings.published_file.resolve()}.wal"
    attack = ATTACKS[name].format(**outside, log=log)
    with pytest.raises(duckdb.Error) as refused:
        connection.execute(attack).fetchall()
    assert SECRET not in str(refused.value)
    assert not outside["target"].exists()
    assert (settings.published_file.read_bytes(), sorted(settings.published_file.parent.iterdir())) == before
    assert connection.execute("select account_key from accounts").fetchall() == [("x:1",)]


def test_the_connection_says_itself_that_it_is_locked_down(connection: duckdb.DuckDBPyConnection) -> None:
    asked = ("access_mode", "enable_external_access", "allow_community_extensions", "autoinstall_known_extensions")
    rows = connection.execute("select name, value from duckdb_settings()").fetchall()
    found = {name: value.lower() for name, value in rows if name in {*asked, "lock_configuration"}}
    assert found == {
        "access_mode": "read_only",
        "enable_external_access": "false",
        "allow_community_extensions": "false",
        "autoinstall_known_extensions": "false",
        "lock_configuration": "true",
    }


def test_what_analysts_need_still_works(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create temp table mine as select count(*) as accounts from accounts")
    assert connection.execute("from mine").fetchall() == [(1,)]
    questions = {
        "describe accounts": [("account_key", "VARCHAR", "NO", "PRI", None, None)],
        "pragma table_info('accounts')": [(0, "account_key", "VARCHAR", True, None, True)],
        "show tables": [("accounts",), ("mine",), ("published",)],
        "pivot accounts on account_key using count(*)": [(1,)],
        "/* each */ (pivot accounts on account_key using count(*))": [(1,)],
        "with p as (pivot accounts on account_key using count(*)) from p": [(1,)],
        "select 1; select i from range(3) as r(i) where i in (from generate_series(2, 5))": [(2,)],
        "select unnest([4, 5])": [(4,), (5,)],
        "select count(*) from duckdb_columns() where table_name = 'accounts'": [(1,)],
    }
    for question, rows in questions.items():
        assert connection.execute(question).fetchall() == rows, question
    for question in ("explain from accounts", "explain analyze select 1", "explain (format json) from accounts"):
        assert len(connection.execute(question).fetchall()) == 1
    assert connection.execute("select current_setting('timezone')").fetchall() == [("UTC",)]


def test_a_reader_refuses_a_version_to_which_somebody_has_added_a_log(tmp_path: Path) -> None:
    made = Settings(_env_file=None, data_dir=tmp_path)
    _publish_one_account(made)
    folder = made.published_file.resolve().parent
    forged = tmp_path / "forged.duckdb"
    forged.write_bytes(made.published_file.read_bytes())
    # A process that is ended before it could fold its log into its file.
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute(\"set wal_autocheckpoint = '1GB'\");"
        "c.execute('update marts.published set version = 666'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(forged)], check=True)
    folder.chmod(0o700)
    (folder / "warehouse.duckdb.wal").write_bytes(forged.with_name("forged.duckdb.wal").read_bytes())
    with duckdb.connect(str(made.published_file.resolve()), read_only=True) as plain:
        assert plain.execute("select version from marts.published").fetchall() == [(666,)]
    for read in (published_facts, kept_versions):
        with pytest.raises(TweetbenchError, match="tampered with") as refused:
            read(made)
        assert refused.value.where == "v1/warehouse.duckdb.wal"
        assert "doctor --fix" in refused.value.next_step
    with pytest.raises(TweetbenchError, match="tampered with"):
        collect(made)  # which calls a folder without versions "nothing published yet"
    remove_stale_logs(made)
    assert published_facts(made)[0]["version"] == 1
    folder.chmod(0o700)
    (folder / "warehouse.duckdb.wal").mkdir()
    assert remove_stale_logs(made) == ["published/versions/v1/warehouse.duckdb.wal"]
    assert folder.stat().st_mode & 0o777 == 0o500


@pytest.mark.parametrize("start", [b"", b"SQLite format 3\0", b"PAR1", b"no database"])
def test_a_published_file_that_is_none_is_called_damaged_and_no_extension_is_fetched_for_it(
    tmp_path: Path, start: bytes
) -> None:
    made = Settings(_env_file=None, data_dir=tmp_path)
    _publish_one_account(made)
    file = made.published_file.resolve()
    file.chmod(0o600)
    file.write_bytes(start + bytes(8_192) if start else b"")
    for read in (published_facts, kept_versions):
        with pytest.raises(duckdb.Error) as met:
            read(made)
        said = explain(met.value)
        assert said is not None
        assert (said.what, said.exit_code) == ("a database file is damaged", Exit.BAD_DATA)
    (found,) = check_databases(made)
    assert found.where == "versions/v1"
    assert "download" not in found.why


def test_nothing_can_be_put_into_the_folder_of_a_version_and_old_versions_still_go(tmp_path: Path) -> None:
    made = Settings(_env_file=None, data_dir=tmp_path, versions_kept=3)
    for _ in range(5):
        _publish_one_account(made)
    versions = made.published_dir / "versions"
    modes = {path.name: path.stat().st_mode & 0o777 for path in versions.iterdir()}
    assert modes == dict.fromkeys(("v3", "v4", "v5"), 0o500)
    (versions / "v5").chmod(0o700)
    assert "published/versions/v5" in tighten_modes(made)
    assert (versions / "v5").stat().st_mode & 0o777 == 0o500
