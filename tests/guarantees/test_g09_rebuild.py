"""G9, I7, I8: the warehouse is a cache. Deleted, torn or with another file's log it is made again, without network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline import warehouse
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import build_request, ingest_file
from pipeline.lake import Lake
from pipeline.maintain.rebuild import differing, read_contents
from pipeline.settings import Settings
from tests.command import Said, Tweetbench
from tests.conftest import NOW
from tests.forking import clean_environment
from tests.guarantees.stand import FILLED, fill_lake, flip_byte, load_all, make_settings, raw_contents

PROFILES = "platform,account_id,handle,captured_at,follower_count,following_count,post_count\n" + "".join(
    f"x,{1000 + number},firm{number},2026-11-{day:02d},{900 + 10 * number + day},{50 + number},{20 + day}\n"
    for number in range(12)
    for day in range(1, 21)
)


@pytest.mark.parametrize("hurt", ["deleted", "flipped", "cut", "emptied", "foreign_log", "lonely_log"])
def test_g09_a_warehouse_that_cannot_be_opened_is_loaded_again_once_and_loudly(
    settings: Settings, hurt: str, caplog: pytest.LogCaptureFixture
) -> None:
    fill_lake(settings)
    load_all(settings)
    before, file = raw_contents(settings), settings.warehouse_file
    log = file.with_name("build.duckdb.wal")
    if hurt == "flipped":
        flip_byte(file, 0.0001)
    elif hurt == "cut":
        file.write_bytes(file.read_bytes()[:10_000])
    elif hurt == "emptied":
        file.write_bytes(b"")
    elif hurt == "foreign_log":
        shutil.copy(foreign_log(settings.data_dir), log)
    else:
        file.unlink()
        if hurt == "lonely_log":
            shutil.copy(foreign_log(settings.data_dir), log)
    loads = [warehouse.load_table(settings, Lake(settings.lake_dir), table) for table in FILLED]
    assert raw_contents(settings) == before
    is_damage = hurt not in {"deleted", "lonely_log"}
    assert [bool(load.healed) for load in loads] == [is_damage, False, False, False]
    assert ("is loaded again from the lake" in caplog.text) is is_damage


def foreign_log(folder: Path) -> Path:
    """A write-ahead log of another database, as a copy tool leaves it behind."""
    other = folder / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("pragma disable_checkpoint_on_shutdown")
        connection.execute("create schema raw")
        connection.execute("create table raw.posts as select 1 as post_id")
        return Path(shutil.copy(other.with_name("other.duckdb.wal"), folder / "foreign.wal"))


def test_g09_a_warehouse_that_another_program_holds_is_no_damage(settings: Settings) -> None:
    fill_lake(settings)
    load_all(settings)
    code = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, settings.warehouse_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(TweetbenchError) as caught:
            warehouse.heal(settings)
        assert caught.value.exit_code is Exit.BUSY
        holder.communicate("")
    assert warehouse.heal(settings) is None


def test_g09_marts_are_compared_row_by_row_and_by_name() -> None:
    before = {"posts": (2, 77), "accounts": (1, 5), "old": (1, 1)}
    assert differing(before, {"posts": (2, 77), "accounts": (1, 6), "new": (1, 1)}) == {"accounts", "old", "new"}


def test_g09_g40_rebuild_without_network_gives_the_identical_marts(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "data")
    file = tmp_path / "profiles.csv"
    file.write_text(PROFILES)
    ingest_file(file, Lake(settings.lake_dir), settings, build_request(settings, now=NOW), run_id="run-1")
    first = Tweetbench(settings.data_dir)("rebuild", "--json").json()
    assert (first["compared_with"], first["damaged"]) == (None, [])
    before = read_contents(settings.published_file)
    assert before is not None
    assert before["accounts"][0] == 12
    assert before["account_days"][0] == 240
    flip_byte(settings.warehouse_file)
    settings.warehouse_file.with_name("build.duckdb.wal").write_bytes(foreign_log(tmp_path).read_bytes())
    second = rebuild_offline(settings.data_dir)
    assert (second["compared_with"], second["changed"], second["is_identical"]) == (1, [], True)
    assert second["published"]["version"] == 2
    assert read_contents(settings.published_file) == before


def rebuild_offline(data_dir: Path) -> dict[str, object]:
    """`tweetbench rebuild` where no network exists: a namespace of its own, or a guard on every socket."""
    said = offline(data_dir, "rebuild", "--json")
    assert said.code == 0, said.err
    answer: dict[str, object] = said.json()
    return answer


def offline(data_dir: Path, *arguments: str) -> Said:
    environment = {**clean_environment(), "TWEETBENCH_DATA_DIR": str(data_dir)}
    command = [str(Path(sys.executable).with_name("tweetbench")), *arguments]
    if shutil.which("unshare") and subprocess.run(["unshare", "-n", "true"], check=False).returncode == 0:
        command = ["unshare", "-n", *command]
    else:
        guard = Path(__file__).parent / "no_network"
        environment["PYTHONPATH"] = str(guard)
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=data_dir.parent, timeout=300
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_g40_the_socket_guard_lets_loopback_through_and_nothing_else() -> None:
    code = (
        "import socket\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname()).close()\n"
        "try: socket.create_connection(('192.0.2.1', 80), timeout=5)\n"
        "except OSError as error: print(error)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent / "no_network")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "no network in this test" in done.stdout


def test_rebuild_on_an_empty_folder_says_what_there_is_to_do(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    said = tweetbench("verify")
    assert said.code == 0, said.err
    assert "0 damaged" in said.out
