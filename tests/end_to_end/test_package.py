"""The wheel alone, in an environment and a folder of its own: no checkout, no HOME, no rights, odd names."""

import json
import re
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import __version__
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.runtime.failpoints import PLAN_VARIABLE
from pipeline.settings import PROJECT_DIR
from tests.conftest import NOW
from tests.end_to_end.installed import Installed, build_wheel, make_environment
from tests.sources.x_api.stand import TOKEN, tiny_world

STRANGER = 'raise RuntimeError("somebody else\'s pipeline was imported")\n'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    place = tmp_path_factory.mktemp("Büro und Haus")
    made = make_environment(place)
    made.install(wheel)
    # Another package of the name, and a file of the name in the folder: neither is touched, neither is in the way.
    (made.site / "pipeline").mkdir()
    (made.site / "pipeline" / "__init__.py").write_text(STRANGER)
    (made.folder / "pipeline.py").write_text(STRANGER)
    subprocess.run(["chmod", "-R", "a-w", str(made.site / "tweetbench")], check=True)
    yield made
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


def test_the_service_of_the_wheel_repeats_a_killed_run_once_and_buys_nothing_twice(installed: Installed) -> None:
    """By cron's line, as `service install` prints it where there is no systemd."""
    data = installed.folder / "serviced"
    data.mkdir()
    (data / "accounts.csv").write_text("platform,handle,account_id\nx,firm1,1001\n")
    made = installed.run("tweetbench", "service", "install", TWEETBENCH_DATA_DIR=str(data))
    daily, _ = [line for line in made.stdout.splitlines() if " * * * umask 077; cd " in line]
    with tiny_world(post_count=250) as tiny:
        given = {
            "TWEETBENCH_X_BEARER_TOKEN": TOKEN,
            "TWEETBENCH_X_API_BASE_URL": tiny.base_url,
            "TWEETBENCH_MAX_USD_PER_RUN": "9",
            NOW_VARIABLE: NOW.isoformat(),
            PLAN_VARIABLE: "landing.appended:crash:3",
        }
        command = installed.as_user("/bin/sh", "-c", daily.split(maxsplit=5)[5].replace(r"\%", "%"))
        assert subprocess.run(command, env=given, check=False, cwd="/").returncode == 0
        bought = Counter(tiny.served)
    log = (data / "dagster" / "service_refresh.log").read_text()
    assert (log.count("Killed"), log.count("published version 1 ")) == (1, 1), log
    assert (len(bought), set(bought.values())) == (251, {1})
