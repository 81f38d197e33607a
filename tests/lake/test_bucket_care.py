"""A lake in a bucket is verified, repaired, erased from, backed up and examined like one in a folder."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.cli.doctor import examine
from pipeline.comply.request import Wanted
from pipeline.comply.sweep import erase, stock_of
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake.opening import open_lake
from pipeline.maintain.backup import back_up
from pipeline.maintain.bucket import fill_bucket
from pipeline.maintain.cleanup import clean_up
from pipeline.maintain.lake_repair import quarantine_damage
from pipeline.maintain.restore import restore
from pipeline.maintain.verify import verify
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.stand import (
    GONE_ACCOUNT,
    GONE_POST,
    KEPT_WORDS,
    PROFILE,
    SENTINEL,
    fill_lake,
    load_all,
    places_of,
    raw_contents,
)
from tests.lake.s3_server import Store

Machine = Callable[..., Settings]
WANTED = Wanted({GONE_POST: "deleted"}, {GONE_ACCOUNT: "suspended"})


def damaged(settings: Settings) -> list[tuple[str, str]]:
    return [(finding.kind, finding.where) for finding in verify(settings, now=NOW).damage]


def flip(store: Store, name: str) -> None:
    data = bytearray(store.objects[name][0])
    data[len(data) // 2] ^= 1
    store.objects[name] = (bytes(data), store.now)


def test_verify_reads_what_the_bucket_holds_and_a_whole_copy_or_the_warehouse_mends_it(
    store: Store, machine: Machine
) -> None:
    settings = machine()
    commits = fill_lake(settings)
    assert damaged(settings) == []
    posts, issues = (next(file for file in commits[0].files if file.table == table) for table in ("posts", "issues"))
    load_all(settings)
    whole = dict(store.objects)
    flip(store, f"tweetbench/{posts.path}")  # the copy here is whole
    flip(store, f"tweetbench/{issues.path}")
    (settings.lake_dir / issues.path).unlink()  # only the warehouse has its rows
    assert damaged(settings) == [("lake_file", issues.path), ("lake_file", posts.path)]
    with hold_lease(settings, purpose="verify", now=NOW):
        repairs = {repair.where: repair.outcome for repair in quarantine_damage(settings, now=NOW)}
    assert repairs == {
        posts.path: "stored again from the copy on this machine, byte for byte",
        issues.path: "restored from the build warehouse, byte for byte",
    }
    assert damaged(settings) == []
    assert {name: data for name, (data, _) in store.objects.items()} == {
        name: data for name, (data, _) in whole.items()
    }
    assert [path.name for path in settings.quarantine_dir.glob("*.parquet")] == [
        f"lake-20261122T120000-{issues.path.replace('/', '-')}"
    ]


def test_a_damaged_entry_is_moved_aside_and_written_again_from_the_warehouse(store: Store, machine: Machine) -> None:
    settings = machine()
    fill_lake(settings)
    load_all(settings)
    rows = raw_contents(settings)
    flip(store, "tweetbench/_manifest/0000000002.json")
    fresh = machine("fresh")
    assert damaged(fresh) == [("manifest", "_manifest/0000000002.json")]
    with hold_lease(settings, purpose="verify", now=NOW):
        (repair,) = quarantine_damage(settings, now=NOW)
    assert repair.outcome.startswith("rewritten from the build warehouse's ledger")
    assert damaged(fresh) == []
    load_all(fresh)
    assert raw_contents(fresh) == rows


def test_what_was_erased_is_in_no_object_of_the_bucket_and_on_no_other_machine(store: Store, machine: Machine) -> None:
    settings, other = machine(), machine("other")
    fill_lake(settings)
    load_all(other)
    # A commit of another machine that was killed: a day has not passed, but it holds what has to go.
    (half,) = [name for name in store.names() if "/posts/" in name and "run-1-" in name]
    store.objects[half.replace("run-1-", "run-7-")] = store.objects[half]
    bystander = "tweetbench/notes/source=of/our own.txt"
    store.objects[bystander] = (b"nothing of tweetbench's", store.now - timedelta(days=9))
    assert stock_of(settings, WANTED).row_counts["posts"] == 3
    with hold_lease(settings, purpose="comply", now=NOW):
        receipt = erase(settings, WANTED, run_id="r1234567", now=NOW, republish=lambda: 1)
    assert receipt.proof["found_in"] == ()
    assert receipt.proof["file_count"] > len(store.objects)
    assert any("run tweetbench comply there" in line for line in receipt.not_reached)
    with hold_lease(other, purpose="load", now=NOW):
        load_all(other)
    shutil.rmtree(other.warehouse_file.parent)  # of which the receipt says that comply has to run there, too
    copy = other.data_dir / "bucket"
    for name, (data, _) in store.objects.items():
        path = copy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for words in (SENTINEL, PROFILE):
        assert places_of(other.data_dir, words) == []
        assert places_of(settings.data_dir, words) == []
    assert places_of(copy, KEPT_WORDS)
    assert bystander in store.objects
    assert half.replace("run-1-", "run-7-") not in store.objects
    texts = open_lake(machine("third")).read("posts")["text"].to_pylist()
    assert sorted(text or "" for text in texts) == ["", "", "", "other", KEPT_WORDS]


@pytest.mark.parametrize("state", ["Enabled", "Suspended"])
def test_a_bucket_that_keeps_versions_is_refused_by_erasure_and_said_by_doctor(
    state: str, store: Store, machine: Machine
) -> None:
    store.versioning = state
    settings = machine()
    fill_lake(settings)
    before = dict(store.objects)
    with (
        hold_lease(settings, purpose="comply", now=NOW),
        pytest.raises(TweetbenchError, match="keeps earlier versions") as caught,
    ):
        erase(settings, WANTED, run_id="r1234567", now=NOW, republish=lambda: 1)
    assert caught.value.exit_code == Exit.CONFIGURATION
    assert store.objects == before
    (check,) = [check for check in examine(settings) if check.name == "bucket"]
    assert (check.is_good, "keeps earlier versions" in check.found) == (False, True)


def test_whether_a_bucket_keeps_versions_may_be_unknown_and_the_receipt_says_so(store: Store, machine: Machine) -> None:
    settings = machine()
    fill_lake(settings)
    store.faults = [lambda method, name: 403 if (method, name) == ("GET", "") and store.asks_versions else None]
    with hold_lease(settings, purpose="comply", now=NOW):
        receipt = erase(settings, WANTED, run_id="r1234567", now=NOW, republish=lambda: 1)
    assert any("may not ask" in line for line in receipt.not_reached)
    assert receipt.is_clean


def test_doctor_says_what_is_wrong_with_a_bucket_in_words(store: Store, machine: Machine) -> None:
    settings = machine()
    fill_lake(settings)

    def looks() -> dict[str, tuple[bool, str]]:
        return {check.name: (check.is_good, check.found) for check in examine(settings)}

    assert looks()["bucket"][1].endswith(
        "3 entries, heeds conditions; its clock differs from this machine's by "
        f"{looks()['bucket'][1].split()[-2]} minutes"
    )
    assert looks()["lake"] == (True, "6 files")
    (name,) = [name for name in store.names() if "/accounts/" in name]
    store.objects.pop(name)
    assert looks()["lake"][1].startswith("6 files, 1 missing, such as accounts/source=x_api")
    store.faults = [lambda *_: 403]
    assert looks()["bucket"][0] is False
    assert "refuses these credentials" in looks()["lake"][1]


def test_doctor_fix_removes_what_no_commit_names_once_it_is_a_day_old(store: Store, machine: Machine) -> None:
    settings = machine()
    fill_lake(settings)
    stray = "tweetbench/posts/source=x_api/captured_date=2026-11-22/run-9-1-aaaaaaaa.parquet"
    store.objects[stray] = (b"half", store.now)
    assert "no commit names" in str([finding.what for finding in verify(settings, now=NOW).findings])
    with hold_lease(settings, purpose="doctor --fix", now=NOW):
        clean_up(settings)
        assert stray in store.objects
        store.now += timedelta(days=1, minutes=1)
        done = clean_up(settings)
    assert stray not in store.objects
    assert any("from the bucket, where no commit named it for a day" in line for line in done)
    assert damaged(settings) == []


def test_a_backup_of_a_bucket_restores_into_a_folder_or_into_another_bucket(
    store: Store, machine: Machine, tmp_path: Path
) -> None:
    settings, target = machine(), tmp_path / "backup.tar"
    fill_lake(settings)
    shutil.rmtree(settings.lake_dir)  # only a cache
    with hold_lease(settings, purpose="backup", now=NOW):
        back_up(settings, target)
    load_all(settings)
    folder = Settings(_env_file=None, data_dir=tmp_path / "folder")
    restore(folder, target)
    load_all(folder)
    assert raw_contents(folder) == raw_contents(settings)
    assert open_lake(folder).state("x_api") == open_lake(settings).state("x_api")
    moved = Settings(_env_file=None, data_dir=tmp_path / "moved", lake_url="s3://lakes/elsewhere")
    restore(moved, target)
    assert fill_bucket(moved) is True
    ours = {name.removeprefix("elsewhere/"): data for name, (data, _) in store.objects.items() if "elsewhere/" in name}
    assert {name for name in ours if name != "_condition"} == {
        name.removeprefix("tweetbench/") for name in store.names("tweetbench/") if not name.endswith("_condition")
    }
    again = Settings(_env_file=None, data_dir=tmp_path / "again", lake_url="s3://lakes/elsewhere")
    restore(again, target)
    (again.lake_dir / "_manifest" / "0000000003.json").unlink()  # as if commits had followed the backup
    (again.lake_dir / "_manifest" / "0000000002.json").write_text("another")
    assert fill_bucket(again) is False
    load_all(again)
    assert raw_contents(again) == raw_contents(settings)


def test_an_interrupted_filling_of_a_bucket_is_resumed(store: Store, machine: Machine, tmp_path: Path) -> None:
    settings, target = machine(), tmp_path / "backup.tar"
    fill_lake(settings)
    with hold_lease(settings, purpose="backup", now=NOW):
        back_up(settings, target)
    entries = [json.loads(store.objects[name][0]) for name in store.names("tweetbench/_manifest/")]
    for attempt, fault in enumerate([503, None]):
        moved = Settings(_env_file=None, data_dir=tmp_path / f"moved-{attempt}", lake_url="s3://lakes/elsewhere")
        restore(moved, target)
        store.faults = [lambda _, name, fault=fault: fault if "elsewhere/_manifest/0000000002" in name else None]
        if fault:
            with pytest.raises(TweetbenchError, match="does not answer"):
                fill_bucket(moved)
        else:
            assert fill_bucket(moved) is True
    assert store.entries("elsewhere/") == entries
