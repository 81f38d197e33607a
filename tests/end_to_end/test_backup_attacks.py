"""Backups that nobody of ours wrote, data folders with odd things in them, and what killed commands leave behind."""

import io
import json
import os
import platform
import shutil
import socket
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.maintain import backup
from pipeline.maintain.backup import BACKING_UP, INDEX, back_up
from pipeline.maintain.restore import RESTORING, restore
from pipeline.settings import Settings
from tests.command import Tweetbench

ACCOUNTS = b"platform,handle\nx,acme\n"
NO_PROCESS = 2**22 + 1  # more than a Linux system counts to


def settings_in(folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder)


def filled(folder: Path) -> Settings:
    settings = settings_in(folder)
    settings.make_folders()
    settings.accounts_file.write_bytes(ACCOUNTS)
    return settings


def member(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.size = kind, link, len(content)
    return entry, content


def archive(*members: tuple[tarfile.TarInfo, bytes], index: object = None, is_named: bool = True) -> bytes:
    """A tar file that ends with an index of its plain files, or of what is given."""
    plain = {entry.name: sha256(content).hexdigest() for entry, content in members if entry.isreg() and is_named}
    text = json.dumps({"tweetbench": "1", "sha256": plain} if index is None else index).encode()
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for entry, content in (*members, member(INDEX, text)):
            tar.addfile(entry, io.BytesIO(content))
    return made.getvalue()


GOOD = member("accounts.csv", ACCOUNTS)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a link to a file outside": lambda: archive(GOOD, member("lake", kind=tarfile.SYMTYPE, link="/etc")),
    "a link inside": lambda: archive(GOOD, member("inbox", kind=tarfile.SYMTYPE, link="surveys")),
    "a hard link": lambda: archive(GOOD, member("b.csv", kind=tarfile.LNKTYPE, link="accounts.csv")),
    "a device": lambda: archive(GOOD, member("inbox/zero", kind=tarfile.CHRTYPE)),
    "a pipe": lambda: archive(GOOD, member("inbox/pipe", kind=tarfile.FIFOTYPE)),
    "a file of holes": lambda: archive(GOOD, member("inbox/holes.csv", kind=tarfile.GNUTYPE_SPARSE)),
    "a name that leads upwards": lambda: archive(GOOD, member("inbox/../../evil", b"evil")),
    "an absolute name": lambda: archive(GOOD, member("/tmp/evil", b"evil")),  # noqa: S108
    "a file that the index does not name": lambda: archive(GOOD, member("surveys/x.yml", b"a"), is_named=False),
    "a file twice": lambda: archive(GOOD, member("accounts.csv", b"evil")),
    "a setting of Dagster": lambda: archive(GOOD, member("dagster/dagster.yaml", b"run_launcher: evil")),
    "a parsed dbt project": lambda: archive(GOOD, member("./dagster/dbt/partial_parse.msgpack", b"evil")),
    "a published version": lambda: archive(GOOD, member("published/versions/v1/warehouse.duckdb", b"evil")),
    "a file and a folder of one name": lambda: archive(GOOD, member("accounts.csv/x", b"evil")),
    "an index of another form": lambda: archive(GOOD, index=["accounts.csv"]),
    "an index without digests": lambda: archive(GOOD, index={"sha256": None}),
    "an index that is deep": lambda: archive(GOOD).replace(b'{"tweetbench"', b"[" * 13),
    "an index that is no file": lambda: archive(member(INDEX, kind=tarfile.DIRTYPE))[:512] + bytes(1024),
    "names within names": lambda: (member("x", b"y", b"L")[0].tobuf() + b"y".ljust(512, b"\0")) * 3_000,
    "zeros": lambda: bytes(10_240),
    "text": lambda: b"platform,handle\n" * 100,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_no_backup_holds_is_refused_before_anything_is_unpacked(name: str, tmp_path: Path) -> None:
    source = tmp_path / "evil.tar"
    source.write_bytes(HOSTILE[name]())
    with pytest.raises((TweetbenchError, NotADirectoryError)) as refused:
        restore(settings_in(tmp_path / "data"), source)
    if name != "a file and a folder of one name":  # the file system says that one
        assert "this file is no whole backup of tweetbench" in str(refused.value)
    assert list(tmp_path.iterdir()) == [source]


def test_a_source_that_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    tweetbench = Tweetbench(tmp_path / "data")
    for source in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        said = tweetbench("restore", source)
        assert (said.code, "it is no file" in said.err, "Traceback" in said.err) == (Exit.BAD_DATA, True, False)
    said = tweetbench("restore", tmp_path / "none.tar")
    assert (said.code, "Traceback" in said.err) == (Exit.IO, False)


def test_odd_things_in_a_data_folder_are_left_out_by_name_and_the_backup_can_be_restored(tmp_path: Path) -> None:
    settings = filled(tmp_path / "data")
    (settings.data_dir / INDEX).write_text("what somebody unpacked by hand")
    os.mkfifo(settings.inbox_dir / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(settings.inbox_dir)  # the path of a socket is short
        listener.bind("socket")
        os.chdir(here)
    (settings.inbox_dir / "gone").symlink_to("nowhere")
    (settings.inbox_dir / "round").symlink_to(settings.data_dir)
    (settings.inbox_dir / "holes.csv").open("wb").truncate(10_000_000)
    odd = Path(os.fsdecode(os.fsencode(settings.inbox_dir) + b"/\xff\n'\x1b.csv"))
    odd.write_text("a")
    long = settings.inbox_dir / "/".join(["ü" * 100] * 5)
    long.mkdir(parents=True)
    (long / "x.csv").write_text("b")
    done = back_up(settings, tmp_path / "kept.tar")
    assert set(done.left_out) == {INDEX, *(f"inbox/{name}" for name in ("pipe", "socket", "gone", "round"))}
    restored = settings_in(tmp_path / "restored")
    assert restore(restored, done.path).file_count == done.file_count
    assert (restored.inbox_dir / odd.name).read_text() == "a"
    assert (restored.inbox_dir / long.relative_to(settings.inbox_dir) / "x.csv").read_text() == "b"
    assert (restored.inbox_dir / "holes.csv").stat().st_size == 10_000_000


def test_a_file_that_somebody_writes_to_is_stored_as_it_was_when_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, reads = filled(tmp_path / "data"), [0]
    growing = settings.inbox_dir / "growing.csv"
    growing.write_bytes(b"a" * 100_000)
    read = backup._Hashed.read

    def write_meanwhile(self: backup._Hashed, size: int = -1) -> bytes:
        reads[0] += 1
        with growing.open("ab") as other:
            other.write(b"b")
        return read(self, size)

    monkeypatch.setattr(backup._Hashed, "read", write_meanwhile)
    done = back_up(settings, tmp_path / "kept.tar")
    assert reads[0] > 1
    restore(settings_in(tmp_path / "restored"), done.path)
    assert (tmp_path / "restored/inbox/growing.csv").read_bytes().startswith(b"a" * 100_000)

    def cut_meanwhile(self: backup._Hashed, size: int = -1) -> bytes:
        if self._stream.name == str(growing):
            growing.write_bytes(b"")
        return read(self, size)

    growing.write_bytes(b"a" * 100_000)
    monkeypatch.setattr(backup._Hashed, "read", cut_meanwhile)
    with pytest.raises(TweetbenchError, match="became shorter"):
        back_up(settings, tmp_path / "second.tar")
    assert not (tmp_path / "second.tar").exists()


def test_a_backup_into_a_folder_that_is_backed_up_through_a_link_is_refused(tmp_path: Path) -> None:
    settings, downloads = filled(tmp_path / "data"), tmp_path / "Downloads"
    downloads.mkdir()
    shutil.rmtree(settings.inbox_dir)
    settings.inbox_dir.symlink_to(downloads)
    with pytest.raises(TweetbenchError, match="does not belong into the folder"):
        back_up(settings, downloads / "kept.tar")
    assert list(downloads.iterdir()) == []


def test_a_link_to_an_empty_folder_on_another_disk_is_restored_into_and_stays(tmp_path: Path) -> None:
    done = back_up(filled(tmp_path / "data"), tmp_path / "kept.tar")
    (tmp_path / "disk" / "empty").mkdir(parents=True)
    link = tmp_path / "restored"
    link.symlink_to(tmp_path / "disk" / "empty")
    restore(settings_in(link), done.path)
    assert link.is_symlink()
    assert (tmp_path / "disk" / "empty" / "accounts.csv").read_bytes() == ACCOUNTS


def test_the_next_command_removes_what_killed_ones_left_and_nothing_else(tmp_path: Path) -> None:
    place, here = tmp_path / "place", platform.node()
    left = place / f"{RESTORING}.{here}.{NO_PROCESS}"
    (left / "lake" / "sealed").mkdir(parents=True)
    (left / ".hash_key").write_text("secret")
    (left / "lake" / "sealed").chmod(0o500)
    half = place / f"{BACKING_UP}.{here}.{NO_PROCESS}"
    kept = [place / f"{BACKING_UP}.{here}.{os.getppid()}", place / f"{BACKING_UP}.other-machine.{NO_PROCESS}"]
    kept += [place / f"{BACKING_UP}.{here}.{NO_PROCESS}.mine", place / f"{BACKING_UP}s"]
    for path in (half, *kept):
        path.write_text("half")
    done = back_up(filled(tmp_path / "data"), place / "kept.tar")
    restore(settings_in(place / "restored"), done.path)
    assert sorted(place.iterdir()) == sorted([*kept, place / "kept.tar", place / "restored"])
