"""What an analyst's connection must not be able to do, whatever SQL is pasted into it: the attacks, each refused."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from pipeline.publish import publish
from pipeline.published import open_published
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
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"))
    made.make_folders()
    with warehouse.connect(made) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create table marts.accounts (account_key varchar primary key)")
        connection.execute("insert into marts.accounts values ('x:1')")
    publish(made, run_id="run", now=NOW, basis="b")
    return made


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
    stolen_rows = duckdb.sql("select 'a row of this program' as cell").arrow()
    assert stolen_rows is not None
    before = (settings.published_file.read_bytes(), sorted(settings.published_file.parent.iterdir()))
    attack = ATTACKS[name].format(**outside)
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
    assert connection.execute("select current_setting('timezone')").fetchall() == [("UTC",)]
