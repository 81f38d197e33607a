"""The timers that run a data folder without an open UI: what systemd and cron are given."""

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from pipeline.cli.service_units import cron_lines, units
from pipeline.errors import TweetbenchError
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.runtime.failpoints import PLAN_VARIABLE
from pipeline.settings import Settings
from tests.command import Tweetbench
from tests.conftest import NOW
from tests.forking import clean_environment
from tests.parsed import share_parsed_project
from tests.sources.x_api.stand import TOKEN, tiny_world

ODD = 'Büro & Haus, 100 % $HOME "Süd"'


def settings_in(folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
@pytest.mark.parametrize("name", ["data", ODD])
def test_systemd_accepts_the_units_and_reads_the_folder_as_it_is(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    made = units(settings_in(folder / "data"), folder)
    assert len(made) == 4
    for file, text in made.items():
        (tmp_path / file).write_text(text)
    files = [str(tmp_path / file) for file in made]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, [line for line in checked.stderr.splitlines() if "tweetbench" in line]) == (0, [])


def test_a_data_folder_has_units_of_its_own_that_repeat_a_killed_run_once(tmp_path: Path) -> None:
    one, other = (units(settings_in(tmp_path / name), tmp_path) for name in ("one", "other"))
    assert one.keys() & other.keys() == set()
    services = [text for name, text in one.items() if name.endswith(".service")]
    assert all("Restart=on-abnormal\n" in text and "StartLimitBurst=2\n" in text for text in services)
    assert all("SuccessExitStatus=3 75\n" in text for text in services)
    assert [text for text in services if '"tweetbench" "run" "--if-files"\n' in text] != []


def test_a_unit_names_the_folder_as_it_is(tmp_path: Path) -> None:
    """In a setting a dollar sign means itself, a percent sign is written twice, and quotes are escaped."""
    folder = tmp_path / ODD
    (text,) = (text for name, text in units(settings_in(folder), folder).items() if name.endswith("refresh.service"))
    written = str(folder).replace("%", "%%")
    lines = text.splitlines()
    assert f"WorkingDirectory={written}" in lines
    assert 'Environment="TWEETBENCH_DATA_DIR={}"'.format(written.replace('"', '\\"')) in lines


@pytest.mark.parametrize(
    "name", ["a\nExecStartPre=/bin/evil", "a\r", "a\0", "a\x1b[2J", "a\u2028b", "a\udcff", "a\\", "a "]
)
def test_a_folder_whose_name_would_become_a_setting_is_refused(tmp_path: Path, name: str) -> None:
    for write in (units, cron_lines):
        with pytest.raises(TweetbenchError, match="cannot be written into a timer") as refused:
            write(settings_in(tmp_path), tmp_path / name)
        assert str(refused.value).isprintable()


def run_line(line: str, **environment: str) -> int:
    """What cron does with a line: everything after the five fields goes to a shell, and \\% is a percent sign."""
    command = line.split(maxsplit=5)[5].replace(r"\%", "%")
    given = {**clean_environment(), "PATH": os.defpath, **environment}
    return subprocess.run(["/bin/sh", "-c", command], env=given, check=False, cwd="/").returncode


def test_a_killed_run_is_repeated_once_by_crons_line_and_nothing_is_bought_twice(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / ODD / "data")
    share_parsed_project(settings.data_dir)
    settings.make_folders()
    settings.accounts_file.write_text("platform,handle,account_id\nx,firm1,1001\n")
    daily, inbox = cron_lines(settings, tmp_path / ODD)
    with tiny_world(post_count=450) as tiny:
        x = {"TWEETBENCH_X_BEARER_TOKEN": TOKEN, "TWEETBENCH_X_API_BASE_URL": tiny.base_url}
        crash = {PLAN_VARIABLE: "landing.appended:crash:4", NOW_VARIABLE: NOW.isoformat()}
        assert run_line(daily, **x, **crash, TWEETBENCH_MAX_USD_PER_RUN="1000") == 0
        bought = Counter(tiny.served)
    assert len(bought) == 451
    assert set(bought.values()) == {1}
    log = (settings.dagster_dir / "service_refresh.log").read_text()
    assert "published version 1" in log
    assert "Killed" in log
    assert run_line(inbox) == 0
    assert (settings.dagster_dir / "service_inbox.log").read_text() == "no file waits in the inbox\n"


def test_without_systemd_the_lines_for_cron_are_printed_and_lost_settings_named(tmp_path: Path) -> None:
    tweetbench = Tweetbench(tmp_path / "data")
    said = tweetbench("service", "install", PATH="/nowhere", TWEETBENCH_X_BEARER_TOKEN=TOKEN)
    assert said.code == 0, said.err
    assert "17 6 * * * umask 077; cd " in said.out
    assert "set in this shell only, so the service will not see it: TWEETBENCH_X_BEARER_TOKEN" in said.out
    assert TOKEN not in said.out
    assert tweetbench("service", "status").out == "no service installed\n"
    assert "no units of this data folder" in tweetbench("service", "remove").out
