"""A disk that is really full, and folders that may not be written, under every command: words, the promised exit code,
nothing half-made left in a temporary folder.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.orchestration.automation import automation_states
from pipeline.orchestration.instance.home import prepare_dagster_home
from pipeline.settings import Settings
from tests.command import Said, Tweetbench
from tests.forking import clean_environment
from tests.guarantees.stand import fill_lake, make_settings
from tests.guarantees.strangers import NOBODY, command_of_nobody, open_folder
from tests.guarantees.test_g38_comply import make_version
from tests.orchestration.ui.stand import make_folder, survey_export
from tests.parsed import share_parsed_project

IO_ERROR = 74
# Room for a run and what it keeps; `fill` takes away what is not to be used.
DISK_MB = 400


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own; unmounted at the end."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    done = subprocess.run(options, check=False, capture_output=True, text=True) if os.geteuid() == 0 else None
    if done is None or done.returncode:
        pytest.skip("nobody but root may mount a small disk, and some containers let nobody")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path, *, leave: int = 0) -> None:
    """Take the disk's space but for so many bytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    free = shutil.disk_usage(disk).free - leave
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(free // 4096, 1) * 4096)


def refused_in_words(said: Said, what: object) -> None:
    assert said.code == IO_ERROR, (what, said.code, said.err)
    assert "Traceback" not in said.err, (what, said.err)
    assert "error: " in said.err, (what, said.err)
    assert "\nnext: " in said.err, (what, said.err)


def test_every_command_on_a_full_disk_ends_with_74_and_words_and_leaves_no_parts(disk: Path, tmp_path: Path) -> None:
    folder, parts = disk / "data", tmp_path / "parts"
    parts.mkdir()
    settings = make_settings(folder)
    fill_lake(settings)
    make_version(settings)
    make_folder(disk / "more")
    share_parsed_project(folder)
    export = tmp_path / "survey.csv"
    export.write_text(survey_export())
    profiles = disk / "more" / "inbox" / "profiles.csv"
    tweetbench = Tweetbench(folder)
    fill(disk)
    before = sorted(path for path in folder.rglob("*"))
    for command in (
        ["survey", "inspect", export],
        ["ingest", profiles],
        ["export", "--to", disk / "book.xlsx"],
        ["export", "--format", "csv", "--to", disk / "csv"],
        ["report", "--out", disk / "page"],
        ["run"],
        ["rebuild"],
    ):
        refused_in_words(tweetbench(*command, TMPDIR=str(parts)), command)
    for command in (["sql", "from published"], ["comply", "--check"], ["doctor"], ["verify"]):
        said = tweetbench(*command, TMPDIR=str(parts))
        assert said.code in {0, IO_ERROR, 65, 69, 78}, (command, said.err)
        assert "Traceback" not in said.err, (command, said.err)
    assert list(parts.iterdir()) == []
    assert [path for path in folder.rglob("*") if path.name.endswith(".tmp")] == []
    assert {path.name for path in disk.iterdir()} <= {"data", "more", "ballast", "page"}
    (disk / "ballast").unlink()
    assert {path for path in before if path.is_file()} <= set(folder.rglob("*"))
    assert tweetbench("export", "--to", disk / "book.xlsx").code == 0


def test_a_run_that_fills_the_disk_ends_with_74_and_the_next_one_works(disk: Path) -> None:
    folder = disk / "data"
    make_folder(folder)
    tweetbench = Tweetbench(folder)
    # At the start, and late in the build; the soak fills the disk at every other stage.
    for leave in (200_000, 24_000_000):
        fill(disk, leave=leave)
        refused_in_words(tweetbench("run", TWEETBENCH_SETTLE_SECONDS="0"), leave)
        (disk / "ballast").unlink()
    assert tweetbench("run", TWEETBENCH_SETTLE_SECONDS="0").code == 0
    assert tweetbench("verify").code == 0


def test_output_that_cannot_be_written_is_said_and_a_terminal_of_ascii_is_no_reason_to_end(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data", is_installed=True)
    command = [str(Path(sys.executable).with_name("tweetbench")), "--version"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()[0]) == (IO_ERROR, "error: the disk is full")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    (tmp_path / "täst_漢.csv").write_text("a,b\n1,2\n")
    said = tweetbench("ingest", "--check", "täst_漢.csv", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert "Traceback" not in said.err


def as_stranger(folder: Path, *arguments: str) -> Said:
    command, opened = command_of_nobody([str(Path(sys.executable).with_name("tweetbench")), *arguments])
    own = {"TWEETBENCH_DATA_DIR": str(folder), "HOME": str(folder.parent)}
    environment = {**clean_environment(), **opened, **own}
    done = subprocess.run(
        command, cwd=folder.parent, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this container lets nobody change what a command sees of its files")
    return Said(done.returncode, done.stdout, done.stderr)


def give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def test_a_folder_that_may_not_be_written_is_said_and_can_be_looked_at() -> None:
    with open_folder() as place:
        folder = place / "data"
        settings = make_settings(folder)
        fill_lake(settings)
        make_version(settings)
        give_away(folder)
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o500)
        (folder / "accounts.csv").unlink(missing_ok=True)
        for command in (["run"], ["rebuild"], ["doctor", "--fix"], ["comply"], ["report"]):
            refused_in_words(as_stranger(folder, *command), command)
        assert as_stranger(folder, "sql", "from published").code == 0
        said = as_stranger(folder, "doctor")
        assert said.code == 78
        assert "not writable" in said.out
        assert "published " in said.out, "every line is there"
        assert "Traceback" not in said.err


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody but root can make a folder that belongs to somebody else")
def test_the_folder_of_somebody_else_is_refused_with_a_reason() -> None:
    with open_folder() as place:
        folder = place / "data"
        make_settings(folder)  # root's, with mode 0700
        for command in (["status"], ["run"], ["doctor"], ["sql", "from published"], ["ingest", "a.csv"], ["init"]):
            refused_in_words(as_stranger(folder, *command), command)


def test_a_copied_folder_is_looked_at_where_it_lies_and_its_origin_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "TWEETBENCH_DATA_DIR", "OPENBLAS_NUM_THREADS", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "1")  # what is set below is taken back
    origin, copy = make_settings(tmp_path / "origin"), tmp_path / "copy"
    prepare_dagster_home(origin)
    import dagster as dg

    with dg.DagsterInstance.from_config(str(origin.dagster_dir)):
        pass  # makes the history
    shutil.copytree(origin.data_dir, copy, symlinks=True)
    origin.data_dir.rename(tmp_path / "elsewhere")
    states = automation_states(Settings(_env_file=None, data_dir=copy))
    assert states == {"daily_refresh": False, "inbox_files": False}
    said = Tweetbench(copy)("doctor", "--fix")
    assert "Traceback" not in said.err
    assert not (tmp_path / "origin").exists()
