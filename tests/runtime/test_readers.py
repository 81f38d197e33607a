"""Several processes read parts of the accounts at once; nobody reads an account that somebody else is reading."""

import multiprocessing
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.run_note import end_note, notes_of_parts, purpose_of, start_note
from pipeline.runtime.lease import hold_lease, hold_reader_lease, require_lease
from pipeline.runtime.shard import Shard, shard_of
from pipeline.settings import Settings
from tests.conftest import NOW


def settings_in(folder: Path, shard: str | None = None) -> Settings:
    return Settings(_env_file=None, data_dir=folder / "data", shard=shard)


def read(settings: Settings, number: int, count: int):
    return hold_reader_lease(settings, Shard(number, count), purpose=f"part {number}", now=NOW)


def test_each_account_is_in_one_part_and_stays_there_on_every_machine() -> None:
    keys = [str(number) for number in range(2_000)]
    for count in (2, 4, 7):
        parts = Counter(number for key in keys for number in range(1, count + 1) if Shard(number, count).holds(key))
        assert sum(parts.values()) == len(keys)
        assert min(parts.values()) > 0.8 * len(keys) / count
    assert [number for number in range(1, 5) if Shard(number, 4).holds("44196397")] == [2]
    assert [number for number in range(1, 5) if Shard(number, 4).holds("did:plc:ewvi7nxzyoun6zhxrhs64oiz")] == [2]
    assert not any(Shard(0, 4).holds(key) for key in keys)


def test_parts_are_read_at_once_and_next_to_the_process_that_makes_the_warehouse(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with ExitStack() as held:
        for number in (1, 2, 3):
            held.enter_context(read(settings, number, 3))
        held.enter_context(hold_lease(settings, purpose="load", now=NOW))
        require_lease(settings.data_dir)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ((2, 4), (2, 4), "another run holds the lease"),
        ((2, 4), (1, 2), "parts of 4 are being read"),
        ((2, 4), None, "a part of 4 is being read"),
        (None, (2, 4), "all accounts are being read"),
    ],
)
def test_whoever_would_read_the_same_accounts_is_refused(
    tmp_path: Path, first: tuple[int, int] | None, second: tuple[int, int] | None, words: str
) -> None:
    settings = settings_in(tmp_path)

    def hold(part: tuple[int, int] | None):
        whole = hold_lease(settings, purpose="all", now=NOW, without_readers=True)
        return read(settings, *part) if part else whole

    with hold(first), pytest.raises(TweetbenchError, match=words) as caught, hold(second):
        pass
    assert caught.value.exit_code == Exit.BUSY
    with hold(second):  # the first one is done
        pass


def test_a_count_that_has_changed_holds_once_the_last_reader_is_done(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with read(settings, 1, 2), read(settings, 2, 2):
        pass
    with read(settings, 1, 3), read(settings, 3, 3):
        pass


def _take(settings: Settings, number: int, ready, go, end) -> None:
    ready.release()
    go.wait()
    with read(settings, number, 4):
        end.wait()


def test_readers_that_start_in_the_same_moment_all_get_their_part(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, go, end = context.Semaphore(0), context.Event(), context.Barrier(4, timeout=60)
    settings = settings_in(tmp_path)
    readers = [context.Process(target=_take, args=(settings, number, ready, go, end)) for number in range(1, 5)]
    for reader in readers:
        reader.start()
    for _ in readers:
        ready.acquire()
    go.set()
    for reader in readers:
        reader.join()
    assert [reader.exitcode for reader in readers] == [0, 0, 0, 0]


def test_a_reader_whose_lease_was_removed_may_not_commit(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with read(settings, 2, 4):
        (settings.data_dir / ".lease-2-of-4").unlink()
        with pytest.raises(TweetbenchError, match="lost its lease"):
            require_lease(settings.data_dir)


def test_a_process_that_reads_a_part_does_nothing_that_needs_the_warehouse(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "2/4")
    assert shard_of(settings) == Shard(2, 4)
    with (
        pytest.raises(TweetbenchError, match="does nothing else") as caught,
        hold_lease(settings, purpose="comply", now=NOW),
    ):
        pass
    assert (caught.value.exit_code, "TWEETBENCH_SHARD=0/4" in caught.value.next_step) == (Exit.CONFIGURATION, True)
    with hold_lease(settings_in(tmp_path, "0/4"), purpose="load", now=NOW):
        pass


def test_the_last_run_of_each_part_is_known_and_after_the_number_has_changed_those_of_the_new_number(
    tmp_path: Path,
) -> None:
    def read_once(shard: str, hours: int, *, is_stopped: bool = False) -> None:
        reader = settings_in(tmp_path, shard)
        reader.make_folders()
        start_note(reader, run_id=f"run {shard}", now=NOW + timedelta(hours=hours))
        if not is_stopped:
            end_note(reader, now=NOW + timedelta(hours=hours), failure=None)

    def shown() -> dict[str, str]:
        return {part: ended for part, (_, ended) in notes_of_parts(settings_in(tmp_path)).items()}

    assert shown() == {}
    for number in range(1, 11):
        read_once(f"{number}/10", 1, is_stopped=number == 2)
    assert list(shown()) == [f"{number}/10" for number in range(1, 11)]
    assert shown()["1/10"] == "complete"
    assert shown()["2/10"] == "was stopped or killed before its end; the next run resumes: tweetbench run"
    with hold_reader_lease(settings_in(tmp_path), Shard(2, 10), purpose=purpose_of("run 2/10"), now=NOW):
        assert shown()["2/10"] == "at work"
    read_once("1/2", 2)
    assert list(shown()) == ["1/2"]
