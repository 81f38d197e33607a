"""Where a stranger keeps tweetbench and its data: folders with odd names, and what their names do to other programs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from pipeline.errors import Exit, TweetbenchError
from pipeline.orchestration.instance.history import working_history
from pipeline.settings import Settings
from tests.forking import clean_environment

FIGURES = "platform,handle,date,followers,following\nx,acme,2026-01-05,6000,5900\nx,acme,2026-01-12,6100,5950\n"


def call(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in that folder, which finds its data folder by itself, or by the .env there."""
    given = {name: value for name, value in clean_environment().items() if name != "TWEETBENCH_DATA_DIR"}
    command = [sys.executable, "-m", "tweetbench", *arguments]
    return subprocess.run(
        command, cwd=folder, env={**given, **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "name", ["it's", 'say "x"', "a\\nb", "\\", "100 %", "a & b; c", "$HOME", "Söhne", " ", "'x'", "=1"]
)
def test_what_init_writes_into_env_is_the_folder_that_is_used_afterwards(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    made = call(folder, "init")
    assert made.returncode == 0, made.stderr
    assert sorted(path.name for path in folder.iterdir()) == [".env", "data"]
    (folder / "deeper").mkdir()
    (folder / ".env").rename(folder / "deeper" / ".env")
    asked = call(folder / "deeper", "sql", "select 1")
    assert f"where: {folder}/data/published/current/warehouse.duckdb\n" in asked.stderr


@pytest.mark.parametrize("name", ["${HOME}", os.fsdecode(b"caf\xe9")], ids=["variable", "bytes"])
def test_a_name_that_env_cannot_hold_is_refused_before_anything_is_made(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    made = call(tmp_path / name, "init")
    assert made.returncode == 78
    assert "the name of the data folder cannot be written into .env" in made.stderr
    assert not list((tmp_path / name).iterdir())


@pytest.mark.parametrize("name", ["client #1", "what?", "a\nb", "100%20"])
def test_a_folder_whose_name_other_programs_would_cut_is_refused_before_anything_is_made(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / "figures.csv").write_text(FIGURES)
    for arguments in (("init",), ("ingest", "../figures.csv", "--run"), ("run",)):
        refused = call(tmp_path / name, *arguments)
        assert refused.returncode == 78, refused.stderr
        assert "a path with ?, #, control characters or % before two digits cannot hold a data folder" in refused.stderr
    assert not list((tmp_path / name).iterdir())


def test_a_run_leaves_nothing_in_the_temporary_folder_and_needs_none_of_a_certain_name(tmp_path: Path) -> None:
    (tmp_path / "figures.csv").write_text(FIGURES)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    done = call(tmp_path, "ingest", "figures.csv", "--run", TMPDIR=str(scratch), PYTHONDONTWRITEBYTECODE="")
    assert done.returncode == 0, done.stderr
    assert [str(path.relative_to(scratch)) for path in scratch.rglob("*")] == []


def test_a_python_without_docstrings_is_refused_in_words(tmp_path: Path) -> None:
    refused = call(tmp_path, "status", PYTHONOPTIMIZE="2")
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (
        78,
        "next: unset PYTHONOPTIMIZE, or start Python without -OO",
    )
    assert "Traceback" not in refused.stderr
    assert call(tmp_path, "status", PYTHONOPTIMIZE="1").returncode == 0


@pytest.mark.parametrize(("lacking", "named"), [(["_bz2"], "bz2"), (["_sqlite3", "_ssl"], "sqlite3, ssl")])
def test_a_python_that_was_built_in_part_is_refused_by_the_names_of_what_it_lacks(
    tmp_path: Path, lacking: list[str], named: str
) -> None:
    start = f"import sys; sys.modules.update(dict.fromkeys({lacking})); from pipeline.cli.entry import main; main()"
    command = [sys.executable, "-P", "-c", start, "status"]
    refused = subprocess.run(
        command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert (refused.returncode, refused.stdout) == (Exit.CONFIGURATION, "")
    first, place, step = refused.stderr.splitlines()
    assert first == f"error: this Python was built without {named}"
    assert place == f"where: {sys.executable}"
    assert step.startswith("next: install what it needs for them (Debian: apt-get install ")


def test_the_commands_that_backup_and_restore_say_next_can_be_pasted(tmp_path: Path) -> None:
    folder = tmp_path / "Anna's data & more"
    folder.mkdir()
    (folder / "figures.csv").write_text(FIGURES)
    assert call(folder, "init").returncode == 0
    assert call(folder, "ingest", "figures.csv").returncode == 0
    said = call(folder, "backup", "kept.tar").stdout
    line = re.search(r"^to restore it:  (.*)$", said, re.MULTILINE)[1].replace("NEW_FOLDER", "'the new one'")
    kept = {**clean_environment(), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    kept.pop("TWEETBENCH_DATA_DIR", None)
    restored = subprocess.run(["sh", "-c", line], cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert restored.returncode == 0, restored.stderr
    following = re.findall(r"^  (.*?)  +\(", restored.stdout, re.MULTILINE)
    assert [shlex.split(each)[0] for each in following] == [f"TWEETBENCH_DATA_DIR={folder / 'the new one'}"] * 2
    assert [shlex.split(each)[2] for each in following] == ["rebuild", "comply"]


def test_an_environment_whose_path_dagster_cannot_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster's migrations are files of the environment; their path is a value in which % begins a variable."""
    from alembic.config import Config

    place = Path(dg.__file__).parent
    odd = tmp_path / "100% ours" / "dagster"
    odd.parent.mkdir()
    odd.symlink_to(place)
    whole = Config.__init__
    monkeypatch.setattr(dg, "__file__", str(odd / "__init__.py"))

    def moved(self: Config, file: str, *rest: object, **named: object) -> None:
        whole(self, file.replace(str(place), str(odd)), *rest, **named)

    monkeypatch.setattr(Config, "__init__", moved)
    from dagster._core.storage.sql import get_alembic_config

    get_alembic_config.cache_clear()
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    with pytest.raises(TweetbenchError, match="cannot run from a folder whose name has a %") as refused:
        working_history(settings).__enter__()
    assert refused.value.exit_code == 78
    get_alembic_config.cache_clear()
