"""Readers of parts, at once, on one lake in a folder or bucket: each post bought once, each bookmark in its place."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.opening import open_lake
from pipeline.lake.reader_lease import READERS, hold_in_bucket
from pipeline.runtime.lease import Lease, hold_reader_lease
from pipeline.runtime.shard import Shard
from pipeline.settings import Settings
from pipeline.sources.api.journal import FOLDER, Journal, recover
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.sharing import AccountShare
from pipeline.sources.x_api.conversion import JOURNALS
from pipeline.sources.x_api.extraction import extract
from tests.conftest import NOW
from tests.lake.conftest import URL
from tests.lake.s3_server import Store
from tests.lake.test_bucket import add
from tests.sources.api.stand import StillTime
from tests.sources.x_api.stand import config, make_post, tiny_world

ACCOUNTS, PARTS = 9, 3
# Half of the list has ids, as a list that `watch` wrote; the others are known by their handle alone.
ROWS = [
    {"platform": "x", "handle": f"Firm{number}", "account_id": str(1_000 + number) if number % 2 else None}
    for number in range(1, ACCOUNTS + 1)
]


def lake_of(folder: Path, url: str | None, number: int) -> Lake:
    # Readers of a folder share it, those of a bucket are machines of their own.
    data = folder / "data" if url is None else folder / f"machine-{number}"
    settings = Settings(_env_file=None, data_dir=data, lake_url=url, shard=f"{number}/{PARTS}" if number else None)
    settings.make_folders()
    return open_lake(settings)


def read_parts(tiny, folder: Path, url: str | None, *, now, numbers=range(1, PARTS + 1)) -> None:
    failures: list[BaseException] = []

    def read(number: int) -> None:
        time, share = StillTime(), AccountShare(Shard(number, PARTS), ROWS)
        run = ApiRun(f"{now:%d}-{number}", now, time.sleep, time.monotonic, lambda: 0.5, share)
        try:
            extract(config(tiny.base_url, rows_in_memory=40), lake_of(folder, url, number), share.own_rows(), run)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize("url", [None, URL])
def test_each_account_and_post_is_bought_once_and_bookmarks_are_those_of_one_reader(
    url: str | None, store: Store, tmp_path: Path
) -> None:
    del store
    with tiny_world(account_count=ACCOUNTS) as tiny:
        for number in range(1, ACCOUNTS + 1):
            author = str(1_000 + number)
            tiny.posts[author] = [make_post(10 * each + number, author=author) for each in range(20)]
        read_parts(tiny, tmp_path, url, now=NOW)
        assert set(Counter(tiny.served).values()) == {1}
        assert len(tiny.served) == ACCOUNTS * 21
        tiny.served.clear()
        later = NOW + timedelta(days=8)  # every post is due again at seven days, and none is new
        read_parts(tiny, tmp_path, url, now=later)
        posts = Counter(each for each in tiny.served if len(each) > 6)
        assert (set(posts.values()), len(posts)) == ({1}, ACCOUNTS * 20)
        alone, time = Lake(tmp_path / "alone"), StillTime()
        for day in (NOW, later):
            run = ApiRun(f"alone-{day:%d}", day, time.sleep, time.monotonic, lambda: 0.5)
            extract(config(tiny.base_url), alone, ROWS, run)
    lake = lake_of(tmp_path, url, 0 if url is None else 1)
    assert lake.state("x_api") == alone.state("x_api")
    for table in ("accounts", "posts", "post_metrics"):
        key = ["account_id", *(["post_id"] if table != "accounts" else [])]
        assert sorted(lake.read(table).select(key).to_pylist(), key=str) == sorted(
            alone.read(table).select(key).to_pylist(), key=str
        )
    assert [commit.sequence for commit in lake.commits()] == list(range(1, 1 + len(list(lake.commits()))))


def journal(lake: Lake, subject: str) -> None:
    pages = Journal(lake, JOURNALS, run_id=subject.replace(" ", "-"), rows_in_memory=100, clock=lambda: NOW)
    row = {"platform": "x", "captured_at": NOW, "subject": subject, "problem": "odd"}
    pages.append({"issues": [row]})


def test_the_journal_of_a_reader_at_work_is_nobody_elses_and_one_left_behind_comes_in_once(tmp_path: Path) -> None:
    whole, first, second = (lake_of(tmp_path, None, number) for number in range(3))
    for lake, subject in ((first, "of the first"), (second, "of the second"), (Lake(first.root, "2-of-7"), "of seven")):
        journal(lake, subject)
    (first.root / FOLDER / "x_api" / "old-run-000000.jsonl").write_bytes(
        next((first.root / FOLDER).rglob("of-the-first*")).read_bytes().replace(b"of the first", b"of all")
    )
    assert recover(second, JOURNALS, now=NOW) == 1
    assert recover(first, JOURNALS, now=NOW) == 3  # its own, that of a run over all, and that of an earlier count
    journal(second, "later")
    assert recover(first, JOURNALS, now=NOW) == 0
    assert recover(whole, JOURNALS, now=NOW) == 1  # it reads all accounts, so no reader of a part is at work
    subjects = whole.read("issues")["subject"].to_pylist()
    assert sorted(subjects) == ["later", "of all", "of seven", "of the first", "of the second"]


def lease_of(host: str = "another-machine", token: str = "theirs") -> Lease:  # noqa: S107 - of a lease
    return Lease(1, host, NOW.isoformat(), "run r", "", 1, token)


def note(store: Store, part: Shard, lease: Lease) -> None:
    fields = {"count": part.count, "holders": {part.name: {**asdict(lease), "renewed_at": store.now.isoformat()}}}
    store.objects[f"tweetbench/{READERS}"] = (json.dumps(fields).encode(), store.now)


@pytest.mark.parametrize(
    ("theirs", "ours", "is_refused"),
    [
        (Shard(2, 4), Shard(2, 4), True),
        (Shard(2, 4), Shard(3, 4), False),
        (Shard(2, 4), Shard(2, 3), True),
        (Shard(2, 4), None, True),
        (Shard(1, 1), Shard(1, 4), True),
        (Shard(1, 1), Shard(0, 4), False),
    ],
)
def test_two_machines_never_read_the_same_accounts(
    theirs: Shard, ours: Shard | None, is_refused: bool, store: Store, machine: Callable[..., Settings]
) -> None:
    note(store, theirs, lease_of())
    settings = machine("ours")
    mine = lease_of("ours", "mine")
    if is_refused:
        with (
            pytest.raises(TweetbenchError, match="being read by others") as caught,
            hold_in_bucket(settings, ours, mine),
        ):
            pass
        assert caught.value.exit_code == Exit.BUSY
        assert "another-machine" in caught.value.where
        store.now += timedelta(minutes=16)  # by the store's clock; the other machine is gone
    with hold_in_bucket(settings, ours, mine):
        add(open_lake(settings), "one")
    holders = json.loads(store.objects[f"tweetbench/{READERS}"][0])["holders"]
    assert set(holders) == (set() if is_refused else {theirs.name})


def test_the_first_reader_of_an_empty_bucket_is_seen_by_the_second(
    store: Store, machine: Callable[..., Settings]
) -> None:
    with (
        hold_in_bucket(machine("first"), Shard(1, 2), lease_of("first", "one")),
        hold_in_bucket(machine("second"), Shard(2, 2), lease_of("second", "two")),
    ):
        assert json.loads(store.objects[f"tweetbench/{READERS}"][0])["holders"].keys() == {"1-of-2", "2-of-2"}


def test_a_reader_that_was_overtaken_may_not_commit_and_one_at_work_stays_alive(
    store: Store, machine: Callable[..., Settings]
) -> None:
    settings, part = machine("ours"), Shard(2, 4)
    with (
        hold_reader_lease(settings, part, purpose="run", now=NOW) as lease,
        hold_in_bucket(settings, part, lease, renewal_seconds=0.02),
    ):
        lake = open_lake(settings)
        add(lake, "one")
        store.now += timedelta(hours=3)
        deadline = threading.Event()
        for _ in range(500):
            if f"{store.now:%Y-%m-%dT%H}" in store.objects[f"tweetbench/{READERS}"][0].decode():
                break
            deadline.wait(0.02)
        with (
            pytest.raises(TweetbenchError, match="being read by others"),
            hold_in_bucket(machine("theirs"), part, lease_of()),
        ):
            pass
        note(store, part, lease_of())  # it was stopped for an hour, and another one took over
        with pytest.raises(TweetbenchError, match="lost its lease") as caught:
            add(lake, "two")
        assert caught.value.exit_code == Exit.BUSY
    assert json.loads(store.objects[f"tweetbench/{READERS}"][0])["holders"].keys() == {"2-of-4"}
    assert open_lake(machine("third")).read("issues")["subject"].to_pylist() == ["one"]
