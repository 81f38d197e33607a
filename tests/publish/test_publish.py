"""Publishing: immutable, verified versions behind a folder link; readers never see a part."""

import errno
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from pipeline import publish as publishing
from pipeline import warehouse
from pipeline.errors import Exit, TweetbenchError
from pipeline.publish import publish, published_versions
from pipeline.publish.reader import open_file, open_published, published_facts
from pipeline.settings import Settings
from tests.conftest import NOW

WHOLE = "select version, run_id, (select count(*) from accounts) from published"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(_env_file=None, data_dir=tmp_path / "it's data", versions_kept=3, is_demo=True)
    made.make_folders()
    return made


def build(settings: Settings, *names: str) -> None:
    with warehouse.connect(settings) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create or replace table marts.accounts (account_key varchar primary key, name varchar)")
        connection.execute("comment on table marts.accounts is 'One row per account; it''s all here'")
        connection.execute("comment on column marts.accounts.name is 'Name'")
        for name in names:
            connection.execute("insert into marts.accounts values (?, ?)", [f"x:{name}", name])
        connection.execute("create schema if not exists raw")
        connection.execute("create or replace table raw.secret as select 1 as one")


def names(settings: Settings) -> list[str]:
    with open_published(settings) as connection:
        return [row[0] for row in connection.execute("select name from accounts order by name").fetchall()]


def test_a_version_holds_the_marts_their_keys_and_their_comments_and_nothing_else(settings: Settings) -> None:
    build(settings, "b", "a")
    done = publish(settings, run_id="run-1", now=NOW, basis="b")
    assert (done.version, done.row_counts) == (1, {"accounts": 2, "published": 1})
    with open_published(settings) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() order by 2"
        ).fetchall()
        assert tables == [
            ("marts", "accounts", "One row per account; it's all here"),
            ("marts", "published", "One row: which version of the warehouse this is and what made it"),
        ]
        keys = connection.execute(
            "select constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        ).fetchall()
        assert keys == [(["account_key"],)]
    facts, _ = published_facts(settings)
    assert (facts["version"], facts["run_id"], facts["is_demo"], facts["published_at"]) == (1, "run-1", True, NOW)


def test_the_same_tables_lie_beside_it_as_parquet(settings: Settings) -> None:
    build(settings, "b", "a")
    publish(settings, run_id="run-1", now=NOW, basis="b")
    folder = settings.published_dir / "current" / "parquet"
    assert sorted(path.name for path in folder.iterdir()) == ["accounts.parquet", "published.parquet"]
    rows = duckdb.execute("select name from read_parquet(?)", [str(folder / "accounts.parquet")]).fetchall()
    assert rows == [("a",), ("b",)]


def test_files_are_read_only_and_the_link_is_on_the_folder(settings: Settings) -> None:
    build(settings, "a")
    publish(settings, run_id="run-1", now=NOW, basis="b")
    current = settings.published_dir / "current"
    assert current.is_symlink()
    assert current.readlink() == Path("versions/v1")
    assert (current / "warehouse.duckdb").stat().st_mode & 0o777 == 0o444
    assert not (current / "warehouse.duckdb.wal").exists()


def test_a_reader_that_was_open_keeps_its_version_and_a_new_one_sees_the_new(settings: Settings) -> None:
    build(settings, "old")
    publish(settings, run_id="run-1", now=NOW, basis="b")
    with open_published(settings) as reader:
        build(settings, "new")
        publish(settings, run_id="run-2", now=NOW, basis="b")
        assert reader.execute("select name from accounts").fetchall() == [("old",)]
        assert names(settings) == ["new"]


def test_four_readers_that_poll_during_fifty_publications_see_whole_versions_in_order(settings: Settings) -> None:
    build(settings, "a")
    publish(settings, run_id="run-0", now=NOW, basis="b")
    ended = threading.Event()

    def poll() -> list[int]:
        """Versions seen; each must hold as many accounts as its run published, before and after a pause."""
        seen = []
        while not ended.is_set():
            with open_published(settings) as connection:
                first = connection.execute(WHOLE).fetchone()
                time.sleep(0.005)
                assert connection.execute(WHOLE).fetchone() == first
            assert first is not None
            version, run_id, accounts = first
            assert (run_id, accounts) == (f"run-{version - 1}", 1 + (version - 1) % 3)
            seen.append(version)
        return seen

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(poll) for _ in range(4)]
        try:
            for number in range(1, 51):
                build(settings, *"abc"[: 1 + number % 3])
                publish(settings, run_id=f"run-{number}", now=NOW, basis="b")
        finally:
            ended.set()
        histories = [reader.result() for reader in readers]
    for seen in histories:
        assert seen == sorted(seen)
        assert len(set(seen)) > 3, "the reader saw hardly any publication"


def test_a_report_joins_its_version_before_anybody_can_open_it(settings: Settings) -> None:
    build(settings, "a")

    def write(file: Path, folder: Path) -> tuple[str, ...]:
        assert not (settings.published_dir / "current").exists()
        with open_file(file) as connection:
            counted = connection.execute("select count(*) from accounts").fetchone()
        folder.mkdir()
        (folder / "index.html").write_text(f"{counted}")
        return ("a picture is missing",)

    done = publish(settings, run_id="run-1", now=NOW, basis="b", write_report=write)
    assert done.report_problems == ("a picture is missing",)
    page = settings.published_dir / "current" / "report" / "index.html"
    assert (page.read_text(), page.stat().st_mode & 0o777) == ("(1,)", 0o444)


def test_a_disk_that_fills_up_under_the_report_keeps_the_version_before(settings: Settings) -> None:
    build(settings, "good")
    publish(settings, run_id="run-1", now=NOW, basis="b")

    def write(*_: Path) -> tuple[str, ...]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    build(settings, "next")
    with pytest.raises(TweetbenchError, match="No space left on device"):
        publish(settings, run_id="run-2", now=NOW, basis="b", write_report=write)
    assert names(settings) == ["good"]
    assert sorted(path.name for path in (settings.published_dir / "versions").iterdir()) == ["v1"]


def test_only_the_last_versions_are_kept(settings: Settings) -> None:
    build(settings, "a")
    for number in range(5):
        publish(settings, run_id=f"run-{number}", now=NOW, basis="b")
    assert published_versions(settings) == [3, 4, 5]
    assert names(settings) == ["a"]


def test_a_copy_that_reads_back_differently_is_not_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(settings, "good")
    publish(settings, run_id="run-1", now=NOW, basis="b")
    build(settings, "next")
    verify = publishing._verify

    def flip_a_value_then_verify(file: Path, expected: dict[str, tuple[int, int]]) -> None:
        with duckdb.connect(str(file)) as connection:
            connection.execute("update marts.accounts set name = 'damaged'")
        verify(file, expected)

    monkeypatch.setattr(publishing, "_verify", flip_a_value_then_verify)
    with pytest.raises(TweetbenchError, match="copy of accounts does not read back") as caught:
        publish(settings, run_id="run-2", now=NOW, basis="b")
    assert caught.value.exit_code == Exit.IO
    assert names(settings) == ["good"]


def test_the_format_opens_in_the_engines_of_bi_drivers(settings: Settings) -> None:
    build(settings, "a")
    publish(settings, run_id="run-1", now=NOW, basis="b")
    header = (settings.published_dir / "current" / "warehouse.duckdb").read_bytes()[:64]
    # The storage version number of the DuckDB 1.4 series, written after the checksum and the magic bytes.
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= 67


def test_nothing_to_publish_and_nothing_published_are_said_in_words(settings: Settings) -> None:
    with pytest.raises(TweetbenchError, match="nothing has been published yet"), open_published(settings):
        pass
    with warehouse.connect(settings) as connection:
        connection.execute("create schema marts")
    with pytest.raises(TweetbenchError, match="no marts to publish"):
        publish(settings, run_id="run-1", now=NOW, basis="b")
