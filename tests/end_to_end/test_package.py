"""The wheel alone, in an environment and a folder of its own: no checkout, no HOME, no rights, odd names."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.settings import PROJECT_DIR

AS_NOBODY = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
STRANGER = 'raise RuntimeError("somebody else\'s pipeline was imported")\n'


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and an empty folder to work in."""

    environment: Path
    folder: Path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [*_without_rights(), str(self.environment / "bin" / arguments[0]), *arguments[1:]]
        given = {"LANG": "C", "PATH": os.defpath, **environment}
        return subprocess.run(command, cwd=self.folder, env=given, capture_output=True, text=True, check=False)


def _without_rights() -> list[str]:
    """What turns root into a user whom the modes of files hold for; nothing where the tests are no root's."""
    if os.getuid() or shutil.which("unshare") is None:
        return []
    return AS_NOBODY if subprocess.run([*AS_NOBODY, "true"], capture_output=True, check=False).returncode == 0 else []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PROJECT_DIR, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    place = tmp_path_factory.mktemp("Büro und Haus")
    environment = place / "env"
    venv.create(environment, with_pip=False)
    site = next(environment.glob("lib/python3*/site-packages"))
    # The locked packages lie here already; a path in a .pth file brings no .pth file of theirs, so not the checkout.
    (site / "locked.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [sys.executable, "-m", "pip", "--python", str(environment / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", str(wheel)], check=True, capture_output=True)
    # Another package of the name, and a file of the name in the folder: neither is touched, neither is in the way.
    (site / "pipeline").mkdir()
    (site / "pipeline" / "__init__.py").write_text(STRANGER)
    folder = place / "mein Ordner"
    folder.mkdir()
    (folder / "pipeline.py").write_text(STRANGER)
    ours = site / "tweetbench"
    subprocess.run(["chmod", "-R", "a-w", str(ours)], check=True)
    yield Installed(environment, folder)
    subprocess.run(["chmod", "-R", "u+w", str(place)], check=True)


def test_the_wheel_holds_one_package_and_all_that_it_runs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0] for name in names} == {"tweetbench", f"tweetbench-{__version__}.dist-info"}
    tracked = subprocess.run(
        ["git", "ls-files", "pipeline", "dbt_project"], cwd=PROJECT_DIR, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if not tracked:
        pytest.skip("this is no git checkout: what belongs into the wheel is not known")
    present = {f"tweetbench/{name}" for name in tracked if (PROJECT_DIR / name).exists()}
    assert present - names == set()
    assert {name for name in names if "__pycache__" in name or "/target/" in name or name.endswith(".log")} == set()


def test_the_wheel_alone_runs_the_demo_and_answers_questions_about_it(installed: Installed) -> None:
    said = installed.run("tweetbench", "demo")
    assert said.returncode == 0, said.stderr[-3000:]
    assert "DEMO: all data is synthetic" in said.stdout
    assert "could not be used" not in said.stdout.replace("of your files could not be used, or only in part", "")
    assert re.search(r"^\d+ requests \(.*\d+ suspended.*\) for an account or a post brought no data", said.stdout, re.M)
    data = installed.folder / "data" / "demo"
    page = data / "published" / "current" / "report" / "index.html"
    assert said.stdout.endswith(f"the report is one page that opens in any browser:\n  {page}\n")
    assert "<html" in page.read_text(encoding="utf-8")
    state = installed.run("tweetbench", "status", TWEETBENCH_DATA_DIR="data/demo")
    assert "published version 1" in state.stdout
    assert "the lake is ahead" not in state.stdout
    asked = installed.run("tweetbench", "demo", "--folder", ".")
    assert asked.returncode == 65
    assert "this folder holds something else than a demo" in asked.stderr
    assert (installed.folder / "pipeline.py").exists()


def test_the_wheel_alone_makes_a_data_folder_of_ones_own_and_builds_from_a_file(installed: Installed) -> None:
    made = installed.run("tweetbench", "init")
    assert made.returncode == 0, made.stderr
    assert (installed.folder / ".env").exists()
    table = installed.folder / "followers.csv"
    table.write_text(
        "platform,handle,date,followers,following\nx,acme,2026-01-05,6000,5900\nx,acme,2026-01-12,6100,5950\n"
    )
    read = installed.run("python", "-m", "tweetbench", "ingest", "followers.csv", "--run")
    assert read.returncode == 0, read.stdout + read.stderr
    assert "published version 1" in read.stdout
    refused = installed.run("tweetbench", "ingest", "followers.csv", "--run", "--check")
    assert (refused.returncode, "leave out --check and --json" in refused.stderr) == (2, True)
    asked = installed.run("tweetbench", "sql", "select handle, follower_count from accounts", "--json")
    assert json.loads(asked.stdout) == [{"handle": "acme", "follower_count": 6100}]


def test_dagsters_own_servers_find_the_definitions_by_a_name_that_is_ours(installed: Installed) -> None:
    found = installed.run("python", "-P", "-c", "from tweetbench.definitions import defs; print(type(defs).__name__)")
    assert found.stdout == "LazyDefinitions\n", found.stderr
    # They open the history first, without our command: its settings must not need a name that only the checkout has.
    home = installed.folder / "server" / "home"
    home.mkdir(parents=True)
    (package,) = installed.environment.glob("lib/python3*/site-packages/tweetbench")
    (home / "dagster.yaml").write_bytes((package / "dagster.yaml").read_bytes())
    # Data of its own: the folder above already has the runs of other tests.
    opening = (
        "import os, dagster as dg; os.chdir('server'); print(len(dg.DagsterInstance.from_config('home').get_runs()))"
    )
    opened = installed.run("python", "-P", "-c", opening)
    assert opened.stdout == "0\n", opened.stderr
