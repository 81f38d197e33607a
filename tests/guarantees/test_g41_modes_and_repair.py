"""G41, and what `doctor --fix` repairs: files are their owner's alone, leftovers of stopped runs go, data never."""

import os
import shutil
from pathlib import Path

import pytest

from pipeline import warehouse
from pipeline.lake import Lake
from pipeline.maintain.cleanup import clean_up, half_files, loose_modes
from pipeline.publish import publish
from pipeline.runtime.failpoints import forget_passages
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.stand import fill_lake, issue, load_all, raw_contents


def make_version(settings: Settings) -> None:
    load_all(settings)
    with warehouse.connect(settings) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.posts as from raw.posts")
    publish(settings, run_id="run", now=NOW, basis="b")


def test_g41_everything_that_a_run_makes_is_the_owners_alone(settings: Settings) -> None:
    earlier = os.umask(0o022)
    try:
        with hold_lease(settings, purpose="run", now=NOW):
            fill_lake(settings)
            make_version(settings)
        assert list(loose_modes(settings)) == []
        modes = {path.stat().st_mode & 0o777 for path in settings.lake_dir.rglob("*") if path.is_file()}
        assert modes == {0o600}
        sealed = {path.stat().st_mode & 0o777 for path in (settings.published_dir / "versions").rglob("*.duckdb")}
        assert sealed == {0o444}
    finally:
        os.umask(earlier)


def test_g41_loose_modes_are_tightened_and_what_people_put_there_is_left_alone(settings: Settings) -> None:
    fill_lake(settings)
    entry = next((settings.lake_dir / "_manifest").glob("*.json"))
    dropped = settings.inbox_dir / "export.csv"
    dropped.write_text("a,b\n")
    settings.accounts_file.write_text("handle\n")
    for path in (entry, dropped, settings.accounts_file):
        path.chmod(0o644)
    settings.lake_dir.chmod(0o755)
    with hold_lease(settings, purpose="doctor --fix", now=NOW):
        done = clean_up(settings)
    assert "made lake private" in done
    assert f"made lake/_manifest/{entry.name} private" in done
    assert [path.stat().st_mode & 0o777 for path in (entry, dropped, settings.accounts_file)] == [0o600, 0o644, 0o644]


def test_doctor_fix_removes_leftovers_and_stale_logs_and_keeps_every_row(settings: Settings) -> None:
    fill_lake(settings)
    make_version(settings)
    before = raw_contents(settings)
    version = settings.published_dir / "versions" / "v1"
    leftovers = [
        settings.lake_dir / "posts" / "half.tmp",
        settings.lake_dir / "_manifest" / ".run-9.tmp",
        settings.lake_dir / "posts" / "uncommitted.parquet",
        settings.receipts_dir / ".pending.json.tmp",
        version / "warehouse.duckdb.wal",
    ]
    for path in leftovers:
        path.write_bytes(b"half")
    (settings.published_dir / "versions" / ".v2.tmp" / "parquet").mkdir(parents=True)
    with hold_lease(settings, purpose="doctor --fix", now=NOW):
        done = clean_up(settings)
    assert sum(line.startswith("removed ") for line in done) == 6
    assert not any(path.exists() for path in leftovers)
    assert raw_contents(settings) == before
    with hold_lease(settings, purpose="doctor --fix", now=NOW):
        assert clean_up(settings) == []


def test_doctor_fix_removes_no_lake_file_while_an_entry_cannot_be_read(settings: Settings) -> None:
    fill_lake(settings)
    (settings.lake_dir / "_manifest" / "0000000002.json").write_text("{")
    assert half_files(settings) == []


def test_doctor_fix_makes_missing_folders_and_throws_away_a_broken_warehouse(settings: Settings) -> None:
    fill_lake(settings)
    shutil.rmtree(settings.quarantine_dir)
    settings.warehouse_file.write_bytes(b"no database")
    with hold_lease(settings, purpose="doctor --fix", now=NOW):
        done = clean_up(settings)
    assert settings.quarantine_dir.is_dir()
    assert any("is loaded again from the lake" in line for line in done)


@pytest.mark.parametrize("point", ["lake.file_written", "lake.file_named", "lake.entry_written", "lake.entry_linked"])
def test_g06_a_full_disk_at_any_write_of_a_commit_leaves_all_or_nothing(
    settings: Settings, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(settings.lake_dir)
    forget_passages()
    monkeypatch.setenv("TWEETBENCH_FAULT_PLAN", f"{point}:enospc")
    with pytest.raises(Exception, match="could not be written: No space left"):
        lake.commit({"issues": [issue("s", "d")]}, source="inbox", run_id="r", now=NOW)
    monkeypatch.delenv("TWEETBENCH_FAULT_PLAN")
    # Once the entry is there the commit is there, whatever fails after it.
    assert len(list(lake.commits())) == (1 if point == "lake.entry_linked" else 0)
    lake.commit({"issues": [issue("again", "d")]}, source="inbox", run_id="r", now=NOW)
    assert lake.read("issues").column("subject").to_pylist()[-1] == "again"


def test_fault_points_are_traced_and_count_their_passages(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_passages()
    monkeypatch.setenv("TWEETBENCH_FAULT_TRACE", str(tmp_path / "trace"))
    monkeypatch.setenv("TWEETBENCH_FAULT_PLAN", "lake.entry_written:eio:2")
    lake = Lake(settings.lake_dir)
    lake.commit({"issues": [issue("one", "d")]}, source="inbox", run_id="r", now=NOW)
    with pytest.raises(Exception, match="Input/output error"):
        lake.commit({"issues": [issue("two", "d")]}, source="inbox", run_id="r", now=NOW)
    points = (tmp_path / "trace").read_text().split()
    assert points[:4] == ["lake.file_written", "lake.file_named", "lake.entry_written", "lake.entry_linked"]
    assert points.count("lake.entry_written") == 2
