"""Pipes, sockets and devices in a data folder end a command at once; in the folders of people their readers decide."""

import os
import shlex
import socket
from pathlib import Path

import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.special_files import refuse_special_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("warehouse", "lake/accounts/source=x_api", "inbox", "mappings", "dagster"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "warehouse/build.duckdb").write_bytes(b"")
    (tmp_path / "dagster/other").symlink_to("nowhere")
    (tmp_path / "dagster/whole").symlink_to(tmp_path / "warehouse/build.duckdb")
    refuse_special_files(tmp_path)
    return tmp_path


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listening_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize("make", [pipe, link_to_a_device, listening_socket])
@pytest.mark.parametrize("place", ["build.wal", "lake/accounts/source=x_api/a.parquet", "dagster/dagster.yaml"])
def test_it_is_named_with_the_command_that_removes_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: object, place: str
) -> None:
    monkeypatch.chdir(folder)  # the path of a socket has 107 bytes at most
    assert callable(make)
    make(Path(place))
    with pytest.raises(TweetbenchError, match="a pipe, socket or device lies in the data folder") as refusal:
        refuse_special_files(folder)
    assert refusal.value.exit_code is Exit.IO
    assert refusal.value.where == str(folder / place)
    assert refusal.value.next_step.startswith(f"rm {shlex.quote(str(folder / place))} ")


@pytest.mark.parametrize("place", ["inbox/a.csv", "mappings/a.yml", "accounts.csv"])
def test_where_people_put_files_the_readers_decide(folder: Path, place: str) -> None:
    os.mkfifo(folder / place)
    refuse_special_files(folder)


def test_a_folder_that_is_not_there_is_left_to_the_command(tmp_path: Path) -> None:
    refuse_special_files(tmp_path / "none")
