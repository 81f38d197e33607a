"""G7: damage is found, named, moved aside, and made good from the nearest trustworthy copy; the rest still loads."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import build_request, ingest_file
from pipeline.lake import Lake
from pipeline.lake.manifest import MANIFEST
from pipeline.maintain.lake_repair import Repair, quarantine_damage
from pipeline.maintain.verify import verify
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings
from tests.conftest import NOW
from tests.guarantees.stand import fill_lake, flip_byte, load_all, raw_contents


def damage(settings: Settings) -> list[tuple[str, str]]:
    return [(finding.kind, finding.where) for finding in verify(settings, now=NOW).damage]


def repair(settings: Settings) -> list[Repair]:
    with hold_lease(settings, purpose="test", now=NOW):
        return quarantine_damage(settings, now=NOW)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def test_g07_a_whole_folder_has_no_findings(settings: Settings) -> None:
    fill_lake(settings)
    load_all(settings)
    found = verify(settings, now=NOW)
    assert found.findings == ()
    assert (found.file_count, found.row_count) == (6, 12)


@pytest.mark.parametrize("hurt", [flip_byte, truncate, empty, Path.unlink], ids=["flip", "cut", "empty", "gone"])
def test_g07_every_damaged_lake_file_is_named_and_only_it(settings: Settings, hurt: Callable[[Path], None]) -> None:
    for commit in fill_lake(settings):
        for file in commit.files:
            path = settings.lake_dir / file.path
            good = path.read_bytes()
            hurt(path)
            assert damage(settings) == [("lake_file", file.path)]
            path.write_bytes(good)
    assert damage(settings) == []


def test_g07_a_bit_anywhere_in_a_manifest_entry_is_noticed(settings: Settings) -> None:
    fill_lake(settings)
    entry = settings.lake_dir / MANIFEST / "0000000001.json"
    good = entry.read_bytes()
    unnoticed = []
    for place in range(0, len(good), 7):
        entry.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        if damage(settings) != [("manifest", f"{MANIFEST}/{entry.name}")]:
            unnoticed.append(good[place : place + 1])
    # A changed blank between two values changes nothing that the entry says.
    assert all(byte.isspace() for byte in unnoticed)


def test_g07_a_manifest_entry_that_is_gone_leaves_a_gap_that_is_seen(settings: Settings) -> None:
    fill_lake(settings)
    (settings.lake_dir / MANIFEST / "0000000002.json").unlink()
    assert damage(settings) == [("manifest", f"{MANIFEST}/0000000002.json")]


def test_g07_a_damaged_file_is_made_again_from_the_warehouse_byte_for_byte(settings: Settings) -> None:
    (first, *_) = fill_lake(settings)
    load_all(settings)
    before = raw_contents(settings)
    files = [settings.lake_dir / file.path for file in first.files]
    good = [path.read_bytes() for path in files]
    for path in files:
        flip_byte(path)
    repairs = repair(settings)
    assert [each.outcome for each in repairs] == ["restored from the build warehouse, byte for byte"] * 4
    assert [path.read_bytes() for path in files] == good
    assert all((settings.data_dir / str(each.moved_to)).exists() for each in repairs)
    assert all((settings.data_dir / f"{each.moved_to}.why.md").exists() for each in repairs)
    assert damage(settings) == []
    load_all(settings)
    assert raw_contents(settings) == before


def test_g07_without_a_warehouse_the_persons_own_file_goes_back_into_the_inbox(settings: Settings) -> None:
    source = settings.data_dir / "profiles.csv"
    source.write_text("platform,handle,captured_at,follower_count,following_count\nx,firm1,2026-11-20,10,5\n")
    lake = Lake(settings.lake_dir)
    done = ingest_file(source, lake, settings, build_request(settings, now=NOW), run_id="run-1")
    assert done.commit is not None
    shutil.copy(source, settings.inbox_dir / "done" / "20261120-profiles.csv")
    flip_byte(settings.lake_dir / done.commit.files[0].path)
    (each,) = repair(settings)
    assert "went back into the inbox" in each.outcome
    again = settings.inbox_dir / "20261120-profiles.csv"
    taken = ingest_file(again, lake, settings, build_request(settings, now=NOW), run_id="run-2")
    assert taken.status == "added"
    load_all(settings)
    assert lake.read("accounts").column("follower_count").to_pylist() == [10]
    assert damage(settings) == []


def test_g07_what_x_delivered_is_read_again_from_before_the_loss(settings: Settings) -> None:
    lake = Lake(settings.lake_dir)
    for number in (1, 2):
        state = {"timeline:1": {"high": str(number)}}
        rows = {"issues": [{"platform": "x", "captured_at": NOW, "subject": f"s{number}", "problem": "p"}]}
        commit = lake.commit(rows, source="x_api", run_id=f"run-{number}", now=NOW, state=state)
    (settings.lake_dir / commit.files[0].path).unlink()
    (each,) = repair(settings)
    assert "1 accounts are read again" in each.outcome
    assert lake.state("x_api") == {"timeline:1": {"high": "1"}}
    assert lake.read("issues").column("subject").to_pylist() == ["s1"]
    (known,) = verify(settings, now=NOW).findings
    assert (known.kind, known.is_damage) == ("lost", False)


def test_g07_a_damaged_entry_is_written_again_from_the_warehouse_ledger(settings: Settings) -> None:
    fill_lake(settings)
    load_all(settings)
    before = raw_contents(settings)
    entry = settings.lake_dir / MANIFEST / "0000000002.json"
    entry.write_text("{")
    with pytest.raises(TweetbenchError, match="manifest entry"):
        load_all(settings)
    (each,) = repair(settings)
    assert "ledger" in each.outcome
    assert damage(settings) == []
    load_all(settings)
    assert raw_contents(settings) == before


def test_g07_damage_that_nothing_can_repair_is_named_and_the_rest_loads(settings: Settings) -> None:
    _, second, _ = fill_lake(settings)
    (settings.lake_dir / second.files[0].path).write_bytes(b"torn")
    loads = {load.table: load for load in load_all(settings)}
    assert loads["posts"].damaged == (f"{second.files[0].path}: the bytes differ from the manifest",)
    assert (loads["posts"].rows_added, loads["accounts"].rows_added) == (4, 2)
    error = verify(settings, now=NOW).error()
    assert error is not None
    assert error.exit_code is Exit.BAD_DATA
    assert "tweetbench verify --quarantine" in error.next_step


def test_g07_reading_a_damaged_file_is_an_error_in_words_not_wrong_rows(settings: Settings) -> None:
    _, _, third = fill_lake(settings)
    flip_byte(settings.lake_dir / third.files[0].path)
    with pytest.raises(TweetbenchError, match="a file of the lake is damaged") as caught:
        Lake(settings.lake_dir).read("issues")
    assert caught.value.where == third.files[0].path


def test_g07_journals_orphans_and_tombstones_are_looked_at(settings: Settings) -> None:
    fill_lake(settings)
    journals = settings.lake_dir / "_landing"
    journals.mkdir()
    (journals / "run-aaaa-000000.jsonl").write_bytes(b'{"tables": {}, "state": {}}\n{"torn')
    (journals / "run-bbbb-000000.jsonl").write_bytes(b"not json\n")
    (settings.lake_dir / "posts" / "stray.parquet").write_bytes(b"stray")
    (settings.lake_dir / "_tombstones.json").write_text("[")
    found = {finding.where: finding.is_damage for finding in verify(settings, now=NOW).findings}
    assert found == {
        "_landing/run-aaaa-000000.jsonl": False,
        "_landing/run-bbbb-000000.jsonl": True,
        "posts/stray.parquet": False,
        "_tombstones.json": True,
    }
