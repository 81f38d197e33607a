"""One odd file in a folder that a person can reach never stops a run, and is said: files that may not be read, that
vanish, that lie on another disk, whose names or times are odd; mappings that are no files or never end.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import Exit, TweetbenchError, chain
from pipeline.ingest import Outcome, build_request, ingest_registry
from pipeline.ingest.inbox import ingest_inbox, ready_files
from pipeline.ingest.mappings import parse_mapping_text, read_mappings
from pipeline.lake import Lake
from pipeline.orchestration.assets.extract import notes_in_words
from pipeline.orchestration.automation import inbox_digest
from pipeline.orchestration.running import _in_words
from pipeline.runtime.failures import explain
from pipeline.runtime.lease import hold_lease
from pipeline.runtime.redaction import redact_exception
from pipeline.settings import Settings
from pipeline.sources.files.opening import open_input
from tests.conftest import NOW
from tests.guarantees.strangers import as_nobody, open_folder

PROFILES = "platform,account_id,handle,captured_at,follower_count,following_count\nx,7,brand,2026-11-01,100,10\n"
USELESS = "colour,size\nred,3\n"


@pytest.fixture
def settings() -> Iterator[Settings]:
    with open_folder() as folder, as_nobody():
        made = Settings(_env_file=None, data_dir=folder / "data", settle_seconds=0)
        made.make_folders()
        yield made


def read_all(settings: Settings) -> list[Outcome]:
    lake = Lake(settings.lake_dir)
    return list(ingest_inbox(lake, settings, build_request(settings, now=NOW), run_id="run-1"))


def put(settings: Settings, name: str, text: str = USELESS) -> Path:
    path = settings.inbox_dir / name
    path.write_text(text)
    return path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() or path.is_symlink())


def test_a_file_that_may_not_be_read_is_set_aside_and_the_next_one_is_read(settings: Settings) -> None:
    put(settings, "a.csv", PROFILES).chmod(0)
    put(settings, "b.csv", PROFILES)
    refused, added = sorted(read_all(settings), key=lambda outcome: outcome.file)
    assert (refused.status, added.status) == ("refused", "added")
    assert "Permission denied" in str(refused.error)
    assert "chmod u+r a.csv" in str(refused.error)
    assert left(settings.inbox_dir) == []
    assert inbox_digest(settings) is None


def test_a_file_that_cannot_be_moved_stays_and_is_said_and_the_next_one_is_read(settings: Settings) -> None:
    put(settings, "a.csv")
    put(settings, "b.csv", PROFILES)
    settings.quarantine_dir.chmod(0o500)
    outcomes = read_all(settings)
    assert [(outcome.file, outcome.status) for outcome in outcomes] == [
        ("a.csv", "refused"),
        ("a.csv", "refused"),
        ("b.csv", "added"),
    ]
    assert "cannot be moved out of the inbox" in str(outcomes[1].error)
    assert left(settings.inbox_dir) == ["a.csv"]


def test_a_file_that_vanishes_while_another_is_read_is_said_and_stops_nothing(settings: Settings) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        put(settings, name, PROFILES.replace("brand", f"brand{name[0]}"))
    found = []
    lake = Lake(settings.lake_dir)
    for outcome in ingest_inbox(lake, settings, build_request(settings, now=NOW), run_id="run-1"):
        found.append((outcome.file, outcome.status))
        (settings.inbox_dir / "b.csv").unlink(missing_ok=True)
    assert found == [("a.csv", "added"), ("b.csv", "refused"), ("c.csv", "added")]
    assert left(settings.quarantine_dir) == []


@pytest.mark.parametrize("letter", ["ü", "a", "漢", "🦆"])
def test_the_longest_names_are_set_aside_with_their_notes(settings: Settings, letter: str) -> None:
    size = len(letter.encode())
    for text in (USELESS, PROFILES):
        name = letter * ((255 - 4) // size) + ".csv"
        put(settings, name, text)
        (outcome,) = read_all(settings)
        assert outcome.status == ("refused" if text == USELESS else "added")
    assert left(settings.inbox_dir) == []
    assert len(left(settings.inbox_dir / "done")) == 1
    assert len(left(settings.quarantine_dir)) == 2
    assert "not loaded" in notes_in_words(settings)[0]


def test_a_note_about_a_file_is_text_on_a_page_and_fetches_no_picture(settings: Settings) -> None:
    name = "<img src=x onerror=alert(1)>![a](http:\\\\evil.example).csv"
    put(settings, name)
    read_all(settings)
    (note,) = notes_in_words(settings)
    assert "<img" not in note
    assert "![" not in note
    assert "&#60;img" in note


def test_a_name_that_is_no_text_is_shown_and_moved(settings: Settings) -> None:
    path = os.fsencode(settings.inbox_dir) + b"/\xff\xfe\n.csv"
    Path(os.fsdecode(path)).write_text(USELESS)
    (outcome,) = read_all(settings)
    outcome.file.encode()
    assert left(settings.inbox_dir) == []


@pytest.mark.skipif(
    not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == Path("/tmp").stat().st_dev,  # noqa: S108
    reason="this machine has no second file system that everybody may write to",
)
def test_an_inbox_on_another_file_system_is_emptied_all_the_same(settings: Settings) -> None:
    away = Path("/dev/shm") / f"inbox-{os.getpid()}-{time.monotonic_ns()}"  # noqa: S108
    away.mkdir(mode=0o700)
    settings.inbox_dir.joinpath("done").rmdir()
    settings.inbox_dir.rmdir()
    settings.inbox_dir.symlink_to(away)
    try:
        put(settings, "a.csv")
        put(settings, "b.csv", PROFILES)
        (away / "c.csv").symlink_to("/etc/passwd")
        statuses = {outcome.file: outcome.status for outcome in read_all(settings)}
        assert statuses == {"a.csv": "refused", "b.csv": "added", "c.csv": "refused"}
        assert left(away) == []
        names = {name.partition("-")[2] for name in left(settings.quarantine_dir)}
        assert names == {"a.csv", "a.csv.why.md", "c.csv", "c.csv.why.md"}
        kept = next(path for path in settings.quarantine_dir.iterdir() if path.name.endswith("a.csv"))
        assert (kept.read_text(), kept.stat().st_mode & 0o777) == (USELESS, 0o600)
    finally:
        for path in sorted(away.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        away.rmdir()


def test_a_time_in_the_future_is_no_sign_that_a_file_is_still_written(settings: Settings) -> None:
    waiting = Settings(_env_file=None, data_dir=settings.data_dir, settle_seconds=0.2)
    path = put(settings, "new.csv", PROFILES)
    os.utime(path, (time.time() + 10**8, time.time() + 10**8))
    assert ready_files(waiting) == [], "it was put there this moment"
    time.sleep(0.3)
    assert ready_files(waiting) == [path]
    assert [outcome.status for outcome in read_all(settings)] == ["added"]


def test_after_the_clock_was_set_back_a_file_is_looked_at_twice(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Settings(_env_file=None, data_dir=settings.data_dir, settle_seconds=2.0)
    path = put(settings, "new.csv", PROFILES)
    a_day_before = time.time() - 86_400
    monkeypatch.setattr("pipeline.runtime.clock.time.time", lambda: a_day_before)
    monkeypatch.setattr("pipeline.runtime.clock.time.sleep", lambda _: path.write_text(PROFILES * 2))
    assert ready_files(waiting) == [], "it has grown meanwhile"
    monkeypatch.setattr("pipeline.runtime.clock.time.sleep", lambda _: None)
    assert ready_files(waiting) == [path]


def test_a_hard_link_is_read_and_the_mode_of_its_other_name_stays(settings: Settings) -> None:
    original = settings.data_dir.parent / "mine.csv"
    original.write_text(PROFILES)
    original.chmod(0o644)
    os.link(original, settings.inbox_dir / "a.csv")
    assert [outcome.status for outcome in read_all(settings)] == ["added"]
    assert original.stat().st_mode & 0o777 == 0o644


def test_what_is_read_is_what_was_opened_though_the_name_leads_elsewhere_by_then(settings: Settings) -> None:
    path, outside = put(settings, "a.csv", PROFILES), settings.data_dir.parent / "outside.csv"
    outside.write_text("a secret of somebody else\n")
    opened = open_input(path, 1)
    path.unlink()
    path.symlink_to(outside)
    assert opened.path.read_text() == PROFILES
    assert opened.start == PROFILES.encode()[:8]
    handles = len(list(Path("/proc/self/fd").iterdir()))
    del opened
    assert len(list(Path("/proc/self/fd").iterdir())) == handles - 1


def test_a_link_that_takes_the_place_of_a_looked_at_file_is_not_followed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, outside = put(settings, "a.csv", PROFILES), settings.data_dir.parent / "outside.csv"
    outside.write_text(PROFILES)

    def swap(*_: object) -> None:
        path.unlink()
        path.symlink_to(outside)

    monkeypatch.setattr("pipeline.sources.files.opening._refuse_link", swap)
    with pytest.raises(TweetbenchError, match="cannot be opened"):
        open_input(path, 1)


def test_an_accounts_file_with_nothing_in_it_yet_stops_nothing(settings: Settings) -> None:
    settings.accounts_file.write_text("")
    put(settings, "b.csv", PROFILES)
    assert [outcome.status for outcome in read_all(settings)] == ["added"]
    said = ingest_registry(Lake(settings.lake_dir), settings, build_request(settings, now=NOW), run_id="r")
    assert said is not None
    assert str(said.error).startswith("accounts.csv is empty")


@pytest.mark.parametrize("what", ["link", "pipe"])
def test_a_lease_that_is_no_file_is_refused_and_makes_no_file_elsewhere(settings: Settings, what: str) -> None:
    lease, elsewhere = settings.data_dir / ".lease", settings.data_dir.parent / "elsewhere"
    lease.symlink_to(elsewhere) if what == "link" else os.mkfifo(lease)
    with pytest.raises((TweetbenchError, OSError)) as refused, hold_lease(settings, purpose="test", now=NOW):
        pass
    assert explain(refused.value).exit_code == Exit.IO
    assert not elsewhere.exists()


def make_odd(path: Path, what: str) -> None:
    if what == "folder":
        path.mkdir()
    elif what == "dangling link":
        path.symlink_to("user@host.1234:5678")
    elif what == "link to itself":
        path.symlink_to(path.name)
    elif what == "endless device":
        path.symlink_to("/dev/zero")
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "unreadable":
        path.write_text("kind: followers\n")
        path.chmod(0)
    elif what == "endless file":
        with path.open("wb") as stream:
            stream.truncate(10**12)
    else:
        path.write_bytes(b"kind: \xff\xfe\n")


ODD = ["folder", "dangling link", "link to itself", "endless device", "pipe", "unreadable", "endless file", "no UTF-8"]


@pytest.mark.parametrize("what", ODD)
def test_a_mapping_that_is_no_readable_file_is_named_and_stops_nothing(settings: Settings, what: str) -> None:
    make_odd(settings.mappings_dir / "odd.yml", what)
    make_odd(settings.surveys_dir / ".#plans.yml", "dangling link")  # what Emacs leaves while a file is edited
    read, broken = read_mappings(settings)
    assert read == ()
    assert [one.where for one in broken] == ["mappings/odd.yml"]
    assert broken[0].why
    put(settings, "b.csv", PROFILES)
    assert [outcome.status for outcome in read_all(settings)] == ["added"]


BOMBS = {
    "an alias of its own parent": "&a\nkind: *a\ncolumns: &b {handle: *b}\n",
    "an alias of its own entry": "a: &a {b: *a}\n",
    "an alias in a list of itself": "a: &a [1, *a]\n",
    "a key that holds itself": "? &a {*a : 1}\n: 2\n",
    "anchors that double": "a0: &a0 [1, 1]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(40)),
    "merges that double": "a0: &a0 {x: 1}\n"
    + "".join(f"a{n + 1}: &a{n + 1} {{<<: [*a{n}, *a{n}]}}\n" for n in range(40)),
    "a long key over many entries": f"? {'k' * 1_000}\n: [{'1,' * 150_000}]\n",
    "many keys": "".join(f"k{n}: 1\n" for n in range(150_000)),
    "a number to the base of sixty": f"a: 1{':59' * 500_000}\n",
    "a fraction to the base of sixty": f"a: 1{':59' * 200}.5\n",
    "a number of a million digits": f"a: {'9' * 1_000_000}\n",
    "brackets in brackets": "a: " + "[" * 100_000 + "\n",
    "a tag without a value": 'a: !!int ""\n',
    "a tag on the wrong value": "a: !!bool perhaps\n",
    "a time that is none": "a: !!timestamp never\n",
    "a list as a key": "? [1, 2]\n: 3\n",
    "code": "a: !!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_g27_a_mapping_that_never_ends_is_refused_with_a_reason_within_seconds(name: str) -> None:
    started = time.process_time()
    try:
        mapping = parse_mapping_text(BOMBS[name], "bomb", "mappings/bomb.yml")
    except TweetbenchError as error:
        assert "mappings/bomb.yml" in error.where  # noqa: PT017
        assert "set_int_max_str_digits" not in error.why  # noqa: PT017
    else:
        assert name in {"many keys", "a list as a key"}, mapping
    assert time.process_time() - started < 60


def ring() -> RuntimeError:
    """An error whose chain of causes leads back to it, as libraries build them."""
    first, second = RuntimeError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    return first


def test_a_chain_of_causes_that_leads_back_to_itself_ends() -> None:
    assert [str(link) for link in chain(ring())] == ["first", "second"]
    redact_exception(ring(), ("secret words",))
    said = _in_words(ring(), "run-1")
    assert said.what == "a step failed: RuntimeError"
    assert said.exit_code == Exit.BAD_DATA
    inner = ring()
    inner.__cause__.__context__ = TweetbenchError("the reason")
    assert _in_words(inner, "run-1").what == "the reason"


def test_an_error_of_the_database_that_leads_back_to_itself_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "folder.duckdb").mkdir()
    with pytest.raises(duckdb.Error) as met:
        duckdb.connect(str(tmp_path / "folder.duckdb"))
    error = met.value
    wrapped = RuntimeError("Dagster wraps it")
    wrapped.__cause__, error.__context__ = error, wrapped
    said = _in_words(wrapped, "run-1")
    assert "folder.duckdb" in said.why or "folder.duckdb" in str(error)
    full = duckdb.IOException('IO Error: Could not write file "/data/x.duckdb": No space left on device')
    full.__context__ = wrapped
    assert explain(full).exit_code == Exit.IO
    assert (explain(full).what, explain(full).where) == ("the disk is full", "/data/x.duckdb")
