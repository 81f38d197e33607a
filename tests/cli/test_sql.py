"""`tweetbench sql` and what `doctor` says of the published file, typed as a person types them."""

from pathlib import Path

import duckdb
import pytest

from pipeline.settings import Settings
from tests.command import Tweetbench
from tests.publish.published_marts import publish_filled_marts


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return publish_filled_marts(tmp_path_factory.mktemp("asked") / "data")


def test_a_result_larger_than_memory_is_shown_by_its_first_rows(filled: Settings) -> None:
    said = Tweetbench(filled.data_dir)("sql", "select range as n, md5(range::varchar) from range(100_000_000_000)")
    lines = said.out.splitlines()
    assert (said.code, len(lines)) == (0, 202)
    assert lines[1:3] == ["0\tcfcd208495d565ef66e7dff9f98764da", "1\tc4ca4238a0b923820dcc509a6f75849b"]
    assert lines[-1] == "the first 200 rows; for all of them add --csv, for fewer a limit"


def test_every_row_is_written_as_csv_and_as_json(filled: Settings) -> None:
    tweetbench = Tweetbench(filled.data_dir)
    said = tweetbench("sql", "select range as n from range(25_000)", "--csv")
    assert said.out.split() == ["n", *map(str, range(25_000))]
    assert tweetbench.rows("select range as n from range(25_000)") == [{"n": n} for n in range(25_000)]
    assert tweetbench.rows("select 1 as n where false") == []


def test_a_query_that_fails_on_the_way_is_the_query_s_fault(filled: Settings) -> None:
    said = Tweetbench(filled.data_dir)("sql", "select (20_000 - range)::utinyint from range(30_000)", "--csv")
    assert said.code == 2
    assert "where: your query" in said.err


def test_a_cut_file_is_damage_for_sql_and_for_doctor(tmp_path: Path) -> None:
    made = publish_filled_marts(tmp_path / "data")
    tweetbench, file = Tweetbench(made.data_dir), made.published_file.resolve()
    assert "ok   published        version 1 of " in tweetbench("doctor").out
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])
    said = tweetbench("sql", "select count(*), sum(hash(posts)) from posts")
    assert said.code == 65
    assert "a database file is damaged" in said.err
    found = tweetbench("doctor")
    (line,) = (each for each in found.out.splitlines() if " published " in each)
    assert line.startswith("FIX  published        cannot be read: "), line
    assert "tweetbench verify" in found.out + found.err


def test_a_published_file_of_another_program_is_no_version(tmp_path: Path) -> None:
    made = publish_filled_marts(tmp_path / "data")
    file = made.published_file.resolve()
    file.parent.chmod(0o700)
    file.unlink()
    duckdb.connect(str(file)).close()
    said = Tweetbench(made.data_dir)("doctor")
    assert "FIX  published        cannot be read: " in said.out


DEEP = "select " + "(" * 300 + "1" + ")" * 300
SUM = "select " + "+".join(["1"] * 900)
HARMLESS_QUESTIONS = ("", ";", "-- nothing", "/* nothing */", SUM, DEEP, "select 'a; drop table posts'")
ATTACKS = (
    "select * from read_text('/etc/hostname')",
    "select * from main.read_blob('/etc/hostname')",
    "from 'accounts.csv'",
    'from "/etc/hostname"',
    "select * from glob('/*')",
    "from query('select 1')",
    "explain analyze copy posts to 'x.csv'",
    "explain (analyze, format json) copy posts to 'x.csv'",
    "with a as (select 1) insert into posts select * from posts",
    "begin; copy (select 1) to 'x.csv'; commit",
    "prepare p as copy posts to 'x.csv'; execute p",
    "create temp macro m() as table from read_text('/etc/hostname'); from m()",
    "create or replace temp view v as from read_text('/etc/hostname'); from v",
    "set lock_configuration = false",
    "reset enable_external_access",
    "pragma enable_logging",
    "call enable_logging(storage = 'file', storage_config = {'path': 'x'})",
    "attach 'x.duckdb'",
    "install httpfs",
    "load httpfs",
    "export database 'x'",
    "import database 'x'",
    "checkpoint",
    "vacuum",
    "create secret s (type http)",
    "pivot (from read_text('/etc/hostname')) on size",
    "select getenv('HOME')",
    "create table t as select 1",
    "use memory",
    "comment on table posts is 'x'",
)


def test_no_statement_reads_another_file_or_leaves_anything_and_every_refusal_is_a_message(filled: Settings) -> None:
    tweetbench = Tweetbench(filled.data_dir)
    before = sorted(filled.data_dir.parent.rglob("*"))
    for query in (*ATTACKS, *HARMLESS_QUESTIONS):
        said = tweetbench("sql", query)
        assert (query[:60], "Traceback" in said.err, said.code in {0, 2}) == (query[:60], False, True), said
        assert query in HARMLESS_QUESTIONS or said.code == 2, (query, said)
    assert sorted(filled.data_dir.parent.rglob("*")) == before
    assert tweetbench.rows("select count(*) as n from posts") != []
