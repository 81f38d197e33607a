"""A data folder becomes one file and comes back: the same rows, the same key, nobody else's eyes; or words."""

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipeline.runtime.lease import LEASE_FILE, hold_lease
from pipeline.settings import Settings
from tests.command import Tweetbench
from tests.conftest import NOW

FOLLOWERS = "platform,handle,date,followers,following\nx,acme,2026-01-05,6000,5900\nx,acme,2026-01-12,6100,5950\n"
BAD_DATA, BUSY, USAGE = 65, 75, 2


@dataclass(frozen=True)
class Kept:
    """A data folder after a run, and its backup."""

    tweetbench: Tweetbench
    file: Path
    said: str


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    place = tmp_path_factory.mktemp("backup")
    tweetbench = Tweetbench(place / "data")
    elsewhere = place / "other disk"
    elsewhere.mkdir()
    tweetbench.data_dir.mkdir(mode=0o700)
    (tweetbench.data_dir / "lake").symlink_to(elsewhere)
    table = place / "followers.csv"
    table.write_text(FOLLOWERS)
    assert tweetbench("ingest", table).code == 0
    assert tweetbench("run").code == 0
    (tweetbench.data_dir / ".hash_key").write_text("ab" * 32 + "\n")
    (tweetbench.data_dir / "inbox" / "link").symlink_to("/etc/hostname")
    (tweetbench.data_dir / "surveys" / "Umfrage für März.yml").write_text("# not finished\n")
    said = tweetbench("backup", place / "kept.tar")
    assert said.code == 0, said.err
    return Kept(tweetbench, place / "kept.tar", said.out)


@pytest.fixture
def empty(tmp_path: Path) -> Tweetbench:
    return Tweetbench(tmp_path / "restored")


def marts(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(settings.published_file), read_only=True) as connection:
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()]
        # The version's own number and time are its own.
        return {
            name: connection.execute(f"from marts.{name} order by all").fetchall()
            for name in names
            if name != "published"
        }


def test_a_restored_folder_gives_the_same_marts_row_for_row_and_keeps_the_key(kept: Kept, empty: Tweetbench) -> None:
    assert kept.file.stat().st_mode & 0o777 == 0o600
    assert "left out: inbox/link" in kept.said
    said = empty("restore", kept.file)
    assert said.code == 0, said.err
    assert "comply --probe" in said.out
    assert (empty.data_dir / ".hash_key").read_text() == "ab" * 32 + "\n"
    assert (empty.data_dir / "surveys" / "Umfrage für März.yml").exists()
    assert {path.stat().st_mode & 0o077 for path in [empty.data_dir, *empty.data_dir.rglob("*")]} == {0}
    assert empty("rebuild").code == 0
    before, after = (marts(Settings(_env_file=None, data_dir=one.data_dir)) for one in (kept.tweetbench, empty))
    assert len(before["account_days"]) == 8
    assert after == before


def cut(data: bytes, members: list[tarfile.TarInfo]) -> bytes:
    """Between two files, where a tar file looks whole."""
    return data[: members[-1].offset]


def half(data: bytes, members: list[tarfile.TarInfo]) -> bytes:  # noqa: ARG001
    return data[: len(data) // 2]


def flipped(data: bytes, members: list[tarfile.TarInfo]) -> bytes:
    at = next(member.offset_data for member in members if member.name.endswith(".parquet")) + 100
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def nothing(data: bytes, members: list[tarfile.TarInfo]) -> bytes:  # noqa: ARG001
    return b""


def other(data: bytes, members: list[tarfile.TarInfo]) -> bytes:  # noqa: ARG001
    return tar_of(("holiday.jpg", b"..."))


def escaping(data: bytes, members: list[tarfile.TarInfo]) -> bytes:  # noqa: ARG001
    return tar_of(("../../evil", b"..."))


def tar_of(*files: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()


@pytest.mark.parametrize("damage", [cut, half, flipped, nothing, other, escaping])
def test_a_damaged_or_foreign_file_is_refused_in_words_and_leaves_nothing(
    kept: Kept, empty: Tweetbench, tmp_path: Path, damage: object
) -> None:
    with tarfile.open(kept.file) as tar:
        members = tar.getmembers()
    bad = tmp_path / "bad.tar"
    bad.write_bytes(damage(kept.file.read_bytes(), members))  # type: ignore[operator]
    said = empty("restore", bad)
    assert said.code == BAD_DATA, said
    assert "this file is no whole backup of tweetbench" in said.err
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == [bad]


def test_nothing_is_ever_replaced_and_nothing_is_backed_up_while_a_run_is_at_work(kept: Kept, tmp_path: Path) -> None:
    again = kept.tweetbench("restore", kept.file)
    assert (again.code, "the data folder holds something already" in again.err) == (BAD_DATA, True)
    twice = kept.tweetbench("backup", kept.file)
    assert (twice.code, "there is a file of this name already" in twice.err) == (USAGE, True)
    inside = kept.tweetbench("backup", kept.tweetbench.data_dir / "inbox" / "kept.tar")
    assert (inside.code, "does not belong into the folder" in inside.err) == (USAGE, True)
    settings = Settings(_env_file=None, data_dir=kept.tweetbench.data_dir)
    with hold_lease(settings, purpose="a test", now=NOW):
        busy = kept.tweetbench("backup", tmp_path / "second.tar")
    assert busy.code == BUSY
    assert list(tmp_path.iterdir()) == []
    assert (settings.data_dir / LEASE_FILE).exists()


def test_the_key_that_lies_in_the_settings_is_said_to_be_missing(kept: Kept, tmp_path: Path) -> None:
    (kept.tweetbench.data_dir / ".hash_key").unlink()
    said = kept.tweetbench("backup", tmp_path / "kept.tar", TWEETBENCH_HASH_KEY="a key of more than sixteen")
    assert said.code == 0, said.err
    assert "not in it: the pseudonym key, which is in TWEETBENCH_HASH_KEY" in said.out
