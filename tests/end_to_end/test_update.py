"""Another version of the program is installed while the old one is at work: no mixture of them, no silence."""

import errno
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from pipeline import __version__
from pipeline.errors import Exit
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.runtime.failpoints import PLAN_VARIABLE
from pipeline.settings import PROJECT_DIR, Settings
from tests.conftest import NOW
from tests.end_to_end.installed import Installed, build_wheel, make_environment
from tests.parsed import share_parsed_project
from tests.sources.x_api.stand import TOKEN, tiny_world

LATER = "99.0.0"
BUILT_BY = "select code_version, (select count(*) from posts) as posts from published"
WORDS = "tweetbench was updated or changed while this was at work"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of this version and that of a later one, whose SQL is not the same."""
    later = tmp_path_factory.mktemp("later") / "checkout"
    tracked = ["pipeline", "dbt_project", "tools", "data", "pyproject.toml", "dagster.yaml", "README.md", "LICENSE"]
    for name in tracked:
        origin = PROJECT_DIR / name
        if origin.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "demo", "target")
            shutil.copytree(origin, later / name, ignore=ignored, symlinks=True)
        else:
            shutil.copy(origin, later / name)
    version = later / "pipeline" / "__init__.py"
    version.write_text(version.read_text().replace(f'"{__version__}"', f'"{LATER}"'))
    model = next((later / "dbt_project" / "models").rglob("posts.sql"))
    model.write_text("-- another version's\n" + model.read_text())
    return {
        __version__: build_wheel(tmp_path_factory.mktemp("old")),
        LATER: build_wheel(tmp_path_factory.mktemp("new"), later),
    }


@pytest.fixture
def installed(wheels: dict[str, Path], tmp_path: Path) -> Installed:
    made = make_environment(tmp_path)
    made.install(wheels[__version__])
    share_parsed_project(made.folder / "data")
    return made


def _opened(gate: Path, running: subprocess.Popen[str]) -> TextIO:
    """The writer's end of a gate at which the command waits now.

    Raises:
        AssertionError: the command ended without having come there.
    """
    while True:
        try:
            return os.fdopen(os.open(gate, os.O_WRONLY | os.O_NONBLOCK), "w")
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads it yet
                raise
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)


@contextmanager
def updated_at(
    passage: tuple[str, int], installed: Installed, wheel: Path, *arguments: str, **environment: str
) -> Iterator[subprocess.Popen[str]]:
    """A command at work, after another version was installed while it waited at that passage of a failpoint."""
    gate = installed.folder.with_name("gate")
    os.mkfifo(gate)
    point, hit = passage
    with subprocess.Popen(
        installed.command("tweetbench", *arguments),
        cwd=installed.folder,
        env={"LANG": "C", "PATH": os.defpath, PLAN_VARIABLE: f"{point}:gate={gate}:{hit}", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        with _opened(gate, running):
            gate.unlink()  # so that the process that starts again, and counts from the first passage, is not held
            installed.install(wheel)
        yield running


def test_an_update_while_a_platform_is_read_starts_the_run_again_and_nothing_is_bought_twice(
    installed: Installed, wheels: dict[str, Path]
) -> None:
    settings = Settings(_env_file=None, data_dir=installed.folder / "data")
    settings.make_folders()
    settings.accounts_file.write_text("platform,handle,account_id\nx,firm1,1001\n")

    with tiny_world(post_count=450) as tiny:
        x = {"TWEETBENCH_X_BEARER_TOKEN": TOKEN, "TWEETBENCH_X_API_BASE_URL": tiny.base_url}
        now = {NOW_VARIABLE: NOW.isoformat(), "TWEETBENCH_MAX_USD_PER_RUN": "9"}
        third_page = ("landing.appended", 3)
        with updated_at(third_page, installed, wheels[LATER], "run", **x, **now) as running:
            output, errors = running.communicate()
        bought = Counter(tiny.served)
    assert running.returncode == 0, errors
    assert errors.count(WORDS) == 1
    assert "it starts again in 10 seconds, with what is installed then" in errors
    assert output.count("published version") == 1
    assert "published version 1 " in output
    assert len(bought) == 451
    assert set(bought.values()) == {1}
    found = installed.run("tweetbench", "sql", BUILT_BY, "--csv")
    assert found.stdout.split() == ["code_version,posts", f"{LATER},450"]


def test_an_update_while_a_version_is_published_publishes_nothing_and_the_next_command_builds_by_the_new_version(
    installed: Installed, wheels: dict[str, Path]
) -> None:
    """With `ingest --run`, which a person types: it says what to do and leaves it to them."""
    table = "platform,handle,date,followers,following\nx,acme,2026-01-05,6000,5900\nx,acme,2026-01-12,6100,5950\n"
    (installed.folder / "followers.csv").write_text(table)
    with updated_at(("publish.copied", 1), installed, wheels[LATER], "ingest", "followers.csv", "--run") as running:
        _, errors = running.communicate()
    assert running.returncode == Exit.REPLACED, errors
    assert f"{WORDS}\n" in errors
    assert "next: repeat the command" in errors
    data = installed.folder / "data"
    assert not (data / "published" / "current").exists()
    assert list((data / "published" / "versions").glob("*")) == []
    repeated = installed.run("tweetbench", "ingest", "followers.csv", "--run")
    assert repeated.returncode == 0, repeated.stderr
    assert "already in the lake, nothing added" in repeated.stdout
    found = installed.run("tweetbench", "sql", BUILT_BY, "--csv")
    assert found.stdout.split() == ["code_version,posts", f"{LATER},0"]


def test_an_open_ui_ends_and_is_opened_again_by_the_version_that_was_installed(
    installed: Installed, wheels: dict[str, Path]
) -> None:
    with subprocess.Popen(
        installed.command("tweetbench", "ui", "--port", "0"),
        cwd=installed.folder,
        env={"LANG": "C", "PATH": os.defpath, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as ui:
        assert ui.stdout is not None
        said: list[str] = []
        try:
            for line in ui.stdout:
                said.append(line)
                opened = [each for each in said if each.startswith("http://")]
                if opened and len(opened) == 1 and line == opened[0]:
                    installed.install(wheels[LATER])
                if len(opened) == 2:
                    break
        finally:
            ui.terminate()
    assert len([line for line in said if line.startswith("http://")]) == 2, said
    assert WORDS in "".join(said)
    assert "Traceback" not in "".join(said)
