"""What the container is made from fits together; building it is `make container-check`."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from pipeline.settings import PROJECT_DIR, Settings
from tests.command import Tweetbench

COMPOSE = yaml.safe_load((PROJECT_DIR / "compose.yaml").read_text(encoding="utf-8"))
OURS = [name for name, service in COMPOSE["services"].items() if service["image"] == "tweetbench"]


@pytest.mark.parametrize("name", OURS)
def test_each_service_starts_a_command_that_exists_with_settings_that_exist(name: str, tmp_path: Path) -> None:
    service = COMPOSE["services"][name]
    command, *options = service["command"]
    helped = Tweetbench(tmp_path / "data")(command, "--help", COLUMNS="200")
    assert helped.code == 0, helped.err
    assert [option for option in options if option.startswith("--") and option not in helped.out] == []
    known = {f"TWEETBENCH_{field}".upper() for field in Settings.model_fields}
    assert set(service["environment"]) <= known
    assert service["volumes"] == ["data:/data"]


def test_only_one_service_has_the_daemon_and_all_share_one_history() -> None:
    commands = [COMPOSE["services"][name]["command"] for name in OURS]
    assert sorted(command[0] for command in commands) == ["daemon", "ui"]
    assert all("--no-daemon" in command for command in commands if command[0] == "ui")
    addresses = {COMPOSE["services"][name]["environment"]["TWEETBENCH_DAGSTER_POSTGRES_URL"] for name in OURS}
    assert len(addresses) == 1
    assert "@history/dagster" in addresses.pop()


def test_the_image_gets_every_file_it_copies_and_pins_what_the_locks_pin() -> None:
    dockerfile = (PROJECT_DIR / "Dockerfile").read_text(encoding="utf-8")
    copied = " ".join(re.findall(r"^COPY (.*) /tmp/\w+/$", dockerfile, re.MULTILINE)).split()
    let_in = {line[1:] for line in (PROJECT_DIR / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert set(copied) == let_in
    locks = [name for name in copied if name.endswith(".lock")]
    whole = (PROJECT_DIR / "requirements-dev.lock").read_text(encoding="utf-8")
    for lock in locks:
        pins = re.findall(r"^[\w.\[\]-]+==\S+", (PROJECT_DIR / lock).read_text(encoding="utf-8"), re.MULTILINE)
        assert pins
        assert [pin for pin in pins if pin not in whole] == []
        assert f"-r /tmp/locks/{lock}" in dockerfile


def test_what_the_container_check_asks_is_what_the_services_are_asked() -> None:
    smoke = (PROJECT_DIR / "tools" / "container_smoke.sh").read_text(encoding="utf-8")
    check = (PROJECT_DIR / "tools" / "container_check.sh").read_text(encoding="utf-8")
    assert " ".join(COMPOSE["services"]["daemon"]["healthcheck"]["test"][1:]) in smoke
    assert set(re.findall(r"^  +inside (\w+)", check, re.MULTILINE)) == set(
        re.findall(r"^(\w+)\)$", smoke, re.MULTILINE)
    )
    for script in ("container_check.sh", "container_smoke.sh"):
        shell = "bash" if script == "container_check.sh" else "sh"
        subprocess.run([shell, "-n", str(PROJECT_DIR / "tools" / script)], check=True)
