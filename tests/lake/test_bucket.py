"""A lake in a bucket: what one machine commits all others read, whatever the store answers or does not answer."""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.bucket import Bucket
from pipeline.lake.mirror import BucketLake
from pipeline.lake.opening import open_lake
from pipeline.lake.tombstones import Tombstone, Tombstones
from pipeline.settings import PROJECT_DIR, Settings
from pipeline.warehouse import load_table
from tests.conftest import NOW
from tests.guarantees.stand import (
    FILLED,
    GONE_POST,
    SENTINEL,
    fill_lake,
    issue,
    load_all,
    make_settings,
    post,
    raw_contents,
)
from tests.lake.conftest import URL
from tests.lake.s3_server import BUCKET, CUT, KEY, LOST, SECRET, Store
from tests.lake.turns import interleave

Machine = Callable[..., Settings]
Open = Callable[..., BucketLake]


def add(lake: Lake, *subjects: str, run_id: str = "run-1", **options: object) -> object:
    rows = [issue(subject, "words") for subject in subjects]
    return lake.commit({"issues": rows} if rows else {}, source="inbox", run_id=run_id, now=NOW, **options)


def subjects(lake: Lake) -> list[str]:
    return lake.read("issues")["subject"].to_pylist()


def data_files(store: Store) -> list[str]:
    return [name for name in store.names() if name.endswith(".parquet")]


def test_what_one_machine_commits_another_reads_and_an_engine_finds_it_at_the_promised_path(
    store: Store, open_on: Open
) -> None:
    here, there = open_on("here"), open_on("there")
    first = add(here, "one", "two", state={"timeline:1": "100"})
    assert first.files[0].path.startswith("issues/source=inbox/captured_date=2026-11-22/run-1-1-")
    assert list(there.commits()) == []
    there.refresh()
    assert (subjects(there), there.state("inbox")) == (["one", "two"], {"timeline:1": "100"})
    add(there, "three")
    assert subjects(open_on("third")) == ["one", "two", "three"]
    bucket = pyarrow.fs.S3FileSystem(
        access_key=KEY, secret_key=SECRET, scheme="http", endpoint_override=store.address.removeprefix("http://")
    )
    straight = pq.read_table(f"{BUCKET}/tweetbench/{first.files[0].path}", filesystem=bucket)
    assert straight["subject"].to_pylist() == ["one", "two"]


def test_many_bookmarks_and_more_entries_than_a_page_of_a_listing_come_back(store: Store, open_on: Open) -> None:
    store.page = 3
    lake = open_on()
    for number in range(8):
        add(lake, state={f"timeline:{number}-{key}": number for key in range(150 if number == 5 else 1)})
    there = open_on("there")
    assert [commit.sequence for commit in there.commits()] == list(range(1, 9))
    assert len(there.state("inbox")) == 157
    assert there.state("inbox")["timeline:5-149"] == 5


def test_the_warehouse_loads_the_same_rows_from_a_bucket_as_from_a_folder(machine: Machine, tmp_path: Path) -> None:
    local, far = make_settings(tmp_path / "local"), machine("far")
    fill_lake(local)
    fill_lake(machine("writer"))
    load_all(local), load_all(far)
    assert raw_contents(far) == raw_contents(local)


@pytest.mark.parametrize("seed", range(4))
def test_two_committers_at_once_lose_no_entry_and_double_none(seed: int, store: Store, open_on: Open) -> None:
    lakes = [open_on(name) for name in ("a", "b")]
    for lake in lakes:
        lake.require_conditions()
    drawn = random.Random(seed)  # noqa: S311 - an order of requests
    orders = set[str]()
    for number in range(10):
        works = [partial(add, lake, run_id=f"run-{number}", state={str(i): number}) for i, lake in enumerate(lakes)]
        orders.add(interleave(lakes[0].bucket._client, drawn, works))
    assert len(orders) > 5
    entries = store.entries("tweetbench/")
    assert [entry["sequence"] for entry in entries] == list(range(1, 21))
    assert Counter((key, value) for entry in entries for key, value in entry["state"].items()) == Counter(
        {(str(i), number): 1 for i in range(2) for number in range(10)}
    )


@pytest.mark.parametrize("attempts", ["1", "2"])
def test_an_entry_whose_answer_was_lost_is_neither_lost_nor_doubled(
    attempts: str, store: Store, open_on: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", attempts)
    lake, lost = open_on(), iter([LOST])
    add(lake, "before")
    store.faults = [lambda method, name: next(lost, None) if method == "PUT" and "_manifest" in name else None]
    if attempts == "1":  # nobody asks again: it is not known whether it is there, and the repeated command finds out
        with pytest.raises(TweetbenchError) as caught:
            add(lake, "one", input_key="a file")
        assert (caught.value.exit_code, caught.value.what) == (Exit.UNAVAILABLE, "the lake's bucket does not answer")
        lake = open_on()
        assert lake.find_input("a file").sequence == 2
    else:
        assert add(lake, "one", input_key="a file").sequence == 2
    assert subjects(open_on("there")) == ["before", "one"]
    assert len(store.entries("tweetbench/")) == 2


def test_an_input_that_two_machines_add_at_once_is_added_once(store: Store, open_on: Open) -> None:
    here, there = open_on("here"), open_on("there")
    first, second = add(here, "one", input_key="a file"), add(there, "one", input_key="a file")
    assert (first.sequence, second.sequence) == (1, 1)
    late = open_on("late")
    late.refresh = lambda: None  # it looked before the other came
    add(here, "two", input_key="another file")
    del late.refresh
    assert subjects(late) == ["one"]
    assert add(late, "two", input_key="another file").sequence == 2
    assert len(data_files(store)) == 2


@pytest.mark.parametrize("point", ["bucket.file_put", "lake.entry_written"])
def test_a_kill_between_file_and_entry_leaves_no_row_and_a_file_that_goes_after_a_day(
    point: str, store: Store, machine: Machine, open_on: Open
) -> None:
    add(open_on("there"), "kept")
    code = (
        "import sys; from pathlib import Path; from tests.lake.test_bucket import *;"
        "add(open_lake(Settings(_env_file=None, data_dir=Path(sys.argv[1]), lake_url=URL)), 'half')"
    )
    machine("killed")
    done = subprocess.run(
        [sys.executable, "-c", code, str(machine("killed").data_dir)],
        cwd=PROJECT_DIR,
        env={**os.environ, "TWEETBENCH_FAULT_PLAN": f"{point}:crash"},
        check=False,
    )
    assert done.returncode == -9
    lake = open_on("killed")
    assert subjects(lake) == ["kept"]
    assert len(lake.leftovers()) == 1
    store.now += timedelta(hours=23)
    assert lake.remove_leftovers() == []
    store.now += timedelta(hours=2)
    assert len(lake.remove_leftovers()) == 1
    assert len(data_files(store)) == 1
    add(lake, "next")
    assert subjects(open_on("there")) == ["kept", "next"]


FAULTS = [
    (403, Exit.AUTHENTICATION, "refuses these credentials"),
    ((403, "RequestTimeTooSkewed"), Exit.CONFIGURATION, "cannot be used"),
    (404, Exit.CONFIGURATION, "cannot be used"),
    (503, Exit.UNAVAILABLE, "does not answer"),
    (500, Exit.UNAVAILABLE, "does not answer"),
    ((507, "XMinioStorageFull"), Exit.IO, "is full"),
    ((501, "NotImplemented"), Exit.CONFIGURATION, "cannot be used"),
    ((400, "AuthorizationHeaderMalformed"), Exit.CONFIGURATION, "cannot be used"),
    (409, Exit.UNAVAILABLE, "does not answer"),
    (LOST, Exit.UNAVAILABLE, "does not answer"),
]


@pytest.mark.parametrize(("fault", "code", "words"), FAULTS)
def test_a_fault_of_the_store_is_a_refusal_with_its_exit_code_and_no_secret(
    fault: object, code: Exit, words: str, store: Store, open_on: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = open_on()
    add(lake, "one")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    lake = open_on()
    store.faults = [lambda method, _: fault if method == "PUT" else None]
    with pytest.raises(TweetbenchError, match=words) as caught:
        add(lake, "two")
    assert caught.value.exit_code == code
    assert not {KEY, SECRET} & set(str(caught.value).replace(";", " ").split())
    assert KEY not in str(caught.value)
    assert caught.value.next_step
    store.faults = []
    assert subjects(open_on("there")) == ["one"]


def test_a_store_that_is_gone_or_slow_is_unavailable(store: Store, machine: Machine) -> None:
    Bucket(URL).put("x", b"1")
    os.environ["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:9"
    with pytest.raises(TweetbenchError, match="does not answer") as caught:
        open_lake(machine())
    assert caught.value.exit_code == Exit.UNAVAILABLE
    os.environ["AWS_ENDPOINT_URL_S3"] = store.address
    store.wait = lambda: threading.Event().wait(0.6)
    with pytest.raises(TweetbenchError, match="ReadTimeoutError"):
        Bucket(URL, read_seconds=0.2).get("x")
    store.wait = None


@pytest.mark.parametrize("address", ["http://store.example.test", "http://127.0.0.1.example.test:9000"])
def test_an_address_that_is_neither_https_nor_this_machine_is_refused(
    address: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", address)
    with pytest.raises(TweetbenchError, match="cannot be used") as caught:
        open_lake(machine())
    assert caught.value.exit_code == Exit.CONFIGURATION


def test_a_body_that_is_cut_off_is_asked_for_again_and_a_damaged_object_is_named(store: Store, open_on: Open) -> None:
    (file,) = add(open_on(), "one").files
    cuts = iter([CUT, CUT])
    store.faults = [lambda method, name: next(cuts, None) if method == "GET" and name.endswith(".parquet") else None]
    there = open_on("there")
    assert subjects(there) == ["one"]
    name = f"tweetbench/{file.path}"
    store.objects[name] = (store.objects[name][0][:-1] + b"?", NOW)
    third = open_on("third")
    assert third.check(file) == "the bytes differ from the manifest"
    with pytest.raises(TweetbenchError, match="damaged"):
        third.read("issues")
    assert subjects(there) == ["one"]  # from its cache
    store.objects.pop(name)
    assert (third.missing(), open_on("fourth").check(file)) == ([file.path], "the file is missing")


def test_damage_in_the_cache_alone_is_fetched_again(open_on: Open) -> None:
    lake = open_on()
    (file,) = add(lake, "one").files
    (lake.root / file.path).write_bytes(b"x" * file.byte_count)
    assert subjects(lake) == ["one"]
    (lake.root / file.path).unlink()
    assert lake.check(file) is None


def test_a_store_that_ignores_conditions_is_refused_before_anything_is_put(store: Store, open_on: Open) -> None:
    store.heeds_conditions = False
    with pytest.raises(TweetbenchError, match="overwrites what it was asked to keep") as caught:
        add(open_on(), "one")
    assert caught.value.exit_code == Exit.CONFIGURATION
    assert store.names("tweetbench/_manifest") == []
    assert data_files(store) == []


def test_a_folder_is_never_taken_for_a_bucket_or_for_another_bucket(machine: Machine, tmp_path: Path) -> None:
    local, far = make_settings(tmp_path / "local"), machine("far")
    add(open_lake(local), "mine")
    add(open_lake(far), "theirs")
    for settings, words in (
        (local.model_copy(update={"lake_url": URL}), "has a lake of its own"),
        (far.model_copy(update={"lake_url": None}), "is the mirror of a bucket"),
        (far.model_copy(update={"lake_url": f"{URL}-2"}), "is the mirror of a bucket"),
    ):
        with pytest.raises(TweetbenchError, match=words) as caught:
            open_lake(settings)
        assert caught.value.exit_code == Exit.CONFIGURATION


GONE = Tombstones({GONE_POST: Tombstone("deleted", NOW.isoformat(), "receipt")})


def add_post(lake: Lake, text: str) -> object:
    rows = {"posts": [post(GONE_POST, text), post("1990000000000000007", "stays")]}
    return lake.commit(rows, source="x_api", run_id="run-2", now=NOW, state={f"k{n}": n for n in range(101)})


def test_a_commit_that_began_before_an_erasure_ends_without_the_erased_words(store: Store, open_on: Open) -> None:
    slow, eraser = open_on("slow"), open_on("eraser")
    slow.require_conditions()

    def erase_meanwhile(method: str, name: str) -> None:
        if method == "PUT" and "_manifest" in name and not store.names("tweetbench/_tombstones"):
            store.lock.release()  # the eraser asks the same server
            eraser.keep_tombstones(GONE)
            eraser.tell_writers(run_id="comply-1", now=NOW)
            assert [kept for kept in eraser.remove_leftovers(GONE) if "posts" in kept]
            store.lock.acquire()

    store.faults = [erase_meanwhile]
    commit = add_post(slow, SENTINEL)
    assert commit.sequence == 2
    texts = open_on("there").read("posts")["text"].to_pylist()
    assert texts == [None, "stays"]
    assert data_files(store) == [f"tweetbench/{commit.files[0].path}"]
    assert open_on("there").state("x_api") == {f"k{n}": n for n in range(101)}
    # From then on nothing of it comes in.
    assert add_post(open_on("slow"), SENTINEL).sequence == 3
    assert open_on("there").read("posts")["text"].to_pylist() == [None, "stays", None, "stays"]


def test_two_machines_that_rewrite_one_entry_do_not_overwrite_each_other(open_on: Open) -> None:
    here, there = open_on("here"), open_on("there")
    add(here, "one")
    there.refresh()
    (commit,) = there.commits()
    assert here.rewrite(replace(commit, found={"a": 1})).revision == 1
    with pytest.raises(TweetbenchError, match="somebody else has changed") as caught:
        there.rewrite(replace(commit, found={"b": 1}))
    assert caught.value.exit_code == Exit.BUSY
    here.keep_tombstones(GONE)
    with pytest.raises(TweetbenchError, match="somebody else has changed"):
        there.keep_tombstones(Tombstones())
    assert open_on("third").tombstones() == GONE


def test_what_another_machine_erased_leaves_the_cache_and_the_warehouse_at_the_next_look(
    store: Store, machine: Machine, open_on: Open
) -> None:
    here, there = open_on("here"), open_on("there")
    (file,) = add(here, "one").files
    there.refresh()
    assert load_table(machine("there"), there, "issues").rows_total == 1
    (commit,) = here.commits()
    cleaned = here.write_file(
        "issues", [here.read_file(file).slice(0, 0)], file.path.replace(".parquet", ".e1.parquet")
    )
    here.rewrite(replace(commit, files=(cleaned,)))
    here.remove(file.path)
    there = open_on("there")
    assert not (there.root / file.path).exists()
    assert load_table(machine("there"), there, "issues").rows_total == 0
    assert [name.rpartition(".e1")[1] for name in data_files(store)] == [".e1"]


def test_every_table_that_the_stand_fills_is_in_the_bucket(store: Store, machine: Machine) -> None:
    fill_lake(machine())
    assert {name.split("/")[1] for name in data_files(store)} == set(FILLED)
