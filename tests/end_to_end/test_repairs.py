"""doctor --fix, verify --quarantine and comply as a person types them, on a folder that has been through something."""

import json
from pathlib import Path

import dagster as dg
import pytest

from pipeline.lake import Lake
from pipeline.orchestration.instance.home import prepare_dagster_home
from pipeline.settings import Settings
from tests.command import Tweetbench
from tests.guarantees.stand import (
    GONE_POST,
    KEPT_POST,
    SENTINEL,
    fill_lake,
    flip_byte,
    load_all,
    make_settings,
    places_of,
    raw_contents,
)
from tests.guarantees.test_g38_comply import make_version
from tests.orchestration.test_lost_runs import STATUS, add_run, dead_mark, status

LATER, EARLIER = "2026-11-23T06:00:00Z", "2026-11-20T06:00:00Z"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings(tmp_path / "data")
    fill_lake(made)
    return made


@pytest.fixture
def tweetbench(settings: Settings) -> Tweetbench:
    return Tweetbench(settings.data_dir)


def test_g13_g41_doctor_fix_repairs_a_stale_log_a_lost_run_a_half_file_and_loose_modes(
    settings: Settings, tweetbench: Tweetbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "TWEETBENCH_DATA_DIR", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # what is set below is taken back
    make_version(settings)
    with dg.DagsterInstance.from_config(str(prepare_dagster_home(settings))) as instance:
        lost = add_run(instance, STATUS.STARTED, dead_mark())
    log = settings.published_dir / "versions" / "v1" / "warehouse.duckdb.wal"
    half, loose = settings.lake_dir / "posts" / "half.tmp", settings.lake_dir / "_manifest" / "0000000001.json"
    for path in (log, half):
        path.write_bytes(b"half")
    (settings.data_dir / ".lease").write_text('{"token": 7, "pid": 999999, "host": "gone", "boot_id": "gone"}')
    loose.chmod(0o644)
    mapping = settings.mappings_dir / "brand.yml"
    mapping.write_text("kind: survey\nkind: survey\n")
    before = raw_contents(settings)
    wrong = tweetbench("doctor", TWEETBENCH_NOW=EARLIER)
    assert wrong.code == 78
    for words in ("FIX  clock", "FIX  stale WAL", "FIX  file modes", "mappings/brand.yml, line 1: a mapping is not"):
        assert words in wrong.out
    mapping.unlink()
    repaired = tweetbench("doctor", "--fix", "--json", TWEETBENCH_NOW=LATER)
    assert repaired.code == 0, repaired.out
    done = " ".join(repaired.json()["repaired"])
    for words in ("half.tmp", "warehouse.duckdb.wal", f"ended run {lost}, which was", "0000000001.json private"):
        assert words in done
    assert not any(path.exists() for path in (log, half))
    with dg.DagsterInstance.from_config(str(settings.dagster_dir)) as instance:
        assert status(instance, lost) == STATUS.FAILURE
    assert raw_contents(settings) == before


def test_g07_verify_quarantine_names_damage_brings_rows_back_and_then_finds_nothing(
    settings: Settings, tweetbench: Tweetbench
) -> None:
    load_all(settings)
    before = Lake(settings.lake_dir).read("posts").to_pylist()
    (file,) = [file for commit, file in Lake(settings.lake_dir).files("posts") if commit.sequence == 1]
    flip_byte(settings.lake_dir / file.path)
    found = tweetbench("verify", TWEETBENCH_NOW=LATER)
    assert (found.code, "tweetbench verify --quarantine" in found.out + found.err) == (65, True)
    repaired = tweetbench("verify", "--quarantine", "--json", TWEETBENCH_NOW=LATER)
    assert repaired.code == 0, repaired.err
    (repair,) = repaired.json()["repairs"]
    assert file.path in repair["where"]
    assert repaired.json()["is_whole"] is True
    assert Lake(settings.lake_dir).read("posts").to_pylist() == before
    assert len(list(settings.quarantine_dir.glob("lake-*"))) >= 1


def test_g38_comply_shows_then_erases_and_names_lines_that_say_nothing(
    settings: Settings, tweetbench: Tweetbench
) -> None:
    (settings.data_dir.parent / "ids.txt").write_text(f"{GONE_POST}\nnonsense\n")
    checked = tweetbench("comply", "--check", "--post-id", GONE_POST, "--json", TWEETBENCH_NOW=LATER)
    assert checked.json() == {"posts": 1, "accounts": 0, "rows_by_table": {"issues": 1, "post_metrics": 1, "posts": 2}}
    assert places_of(settings.lake_dir, SENTINEL) != []
    said = tweetbench("comply", "--file", "ids.txt", "--json", TWEETBENCH_NOW=LATER)
    assert (said.code, "line 2" in said.err) == (65, True)
    receipt = json.loads(said.out)
    assert receipt["posts"] == {GONE_POST: "deleted"}
    assert (receipt["proof"]["found_in"], receipt["proof"]["needle_count"] > 0) == ([], True)
    assert receipt["proof"]["searched_byte_count"] > receipt["proof"]["byte_count"] > 0
    assert places_of(settings.data_dir, SENTINEL) == []
    assert KEPT_POST in Lake(settings.lake_dir).read("posts").column("post_id").to_pylist()
