"""The versions that were tried are in one table, and whatever else names versions agrees with it."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from pipeline.settings import PROJECT_DIR

PROJECT = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SERVER = (PROJECT_DIR / "docs" / "server.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (3\.\d+) \| (\d+\.\d+\.\d+)\b.*\| (.+) \|$", SERVER, flags=re.MULTILINE)


def pythons(words: list[str]) -> set[str]:
    return {match[1] for word in words if (match := re.search(r"(3\.\d+)$", word))}


def test_the_pythons_that_were_tried_are_those_that_the_package_and_its_checks_name() -> None:
    tried = {python for python, _, _ in ROWS}
    assert "3.11" in tried
    assert pythons(PROJECT["classifiers"]) == tried
    assert all(python in SpecifierSet(PROJECT["requires-python"]) for python in tried)
    checks = yaml.safe_load((PROJECT_DIR / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    assert set(checks["check"]["strategy"]["matrix"]["python"]) == tried


def test_the_duckdbs_that_were_tried_are_those_that_may_be_installed() -> None:
    tried = {duckdb for _, duckdb, _ in ROWS}
    (allowed,) = [Requirement(each) for each in PROJECT["dependencies"] if Requirement(each).name == "duckdb"]
    assert {version for version in tried if version not in allowed.specifier} == set()
    assert "2.1.0" not in allowed.specifier, "nobody tried it"
    lock = (PROJECT_DIR / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^duckdb==(\S+)", lock, flags=re.MULTILINE)[1] in tried
    workflow = (PROJECT_DIR / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert re.findall(r"'duckdb(<\S+)'", workflow) == [str(each) for each in allowed.specifier if each.operator == "<"]


def test_no_other_page_names_a_python_that_was_tried() -> None:
    readme = (PROJECT_DIR / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"Python (3\.\d+)", readme)) == {"3.11"}, "the oldest one; the others are in docs/server.md"
