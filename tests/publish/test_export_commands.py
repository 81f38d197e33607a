"""`tweetbench export` and `tweetbench publish`, typed as a person types them."""

import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.postgres import copy_to_postgres
from pipeline.settings import Settings
from tests.command import Tweetbench


@pytest.fixture
def tweetbench(filled: Settings) -> Tweetbench:
    return Tweetbench(filled.data_dir)


def test_export_writes_a_workbook_says_what_is_in_it_and_never_overwrites_unasked(
    tweetbench: Tweetbench, tmp_path: Path
) -> None:
    target = tmp_path / "weeks.xlsx"
    said = tweetbench("export", "--mart", "account_weeks", "--mart", "accounts", "--to", target)
    assert said.code == 0, said.err
    assert said.out.splitlines() == [f"{target}: 2 marts, 108 rows of version 1", "DEMO: all data is synthetic"]
    assert CalamineWorkbook.from_path(target).sheet_names == ["about", "account_weeks", "accounts"]
    said = tweetbench("export", "--to", target)
    assert said.code == 2
    assert "weeks.xlsx already exists" in said.err
    assert "--replace" in said.err
    said = tweetbench("export", "--mart", "accounts", "--to", target, "--replace", "--json")
    assert said.json()["rows"] == {"accounts": 12}


def test_export_names_what_it_does_not_know(tweetbench: Tweetbench) -> None:
    said = tweetbench("export", "--mart", "acounts")
    assert said.code == 2
    assert "there is no mart acounts" in said.err
    assert "show tables" in said.err


def test_publish_copies_to_the_server_named_in_the_environment(tweetbench: Tweetbench, database: str) -> None:
    said = tweetbench("publish", "--json", TWEETBENCH_POSTGRES_URL=database)
    assert said.code == 0, said.err
    assert said.json()["rows"]["accounts"] == 12
    assert "p%40ss" not in said.out + said.err
    assert "command line" not in said.err


def test_publish_warns_of_a_password_that_others_could_see(tweetbench: Tweetbench, database: str) -> None:
    said = tweetbench("publish", "--to", database)
    assert said.code == 0, said.err
    assert "can see a password on the command line" in said.err
    assert "DEMO" in said.out
    assert "p%40ss" not in said.out + said.err


def test_publish_without_an_address_or_with_another_says_what_to_type(tweetbench: Tweetbench) -> None:
    for arguments in ((), ("--to", "mysql://db")):
        said = tweetbench("publish", *arguments)
        assert said.code == 2
        assert "tweetbench publish --to postgresql://user@host/database" in said.err
        assert "Traceback" not in said.err


def test_publish_without_the_driver_says_what_to_install(filled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_postgresql", None)  # as if it were not installed
    with pytest.raises(TweetbenchError, match="the PostgreSQL driver is not installed") as caught:
        copy_to_postgres(filled, "postgresql://db/x", schema="marts", readers=[], wait_seconds=0)
    assert "pip install '.[postgres]'" in caught.value.next_step
    assert caught.value.exit_code == Exit.CONFIGURATION
