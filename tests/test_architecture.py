"""The boundaries of the code, checked on its text and its imports."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from pipeline.schemas import TABLES
from pipeline.settings import PROJECT_DIR

MODULES = sorted((PROJECT_DIR / "pipeline").rglob("*.py"))


def shown(path: Path) -> str:
    return path.relative_to(PROJECT_DIR).as_posix()


def test_modules_stay_small_and_say_what_they_hold() -> None:
    # Most lie under 250; a subject is not cut in two for a few lines more.
    long = {shown(path): count for path in MODULES if (count := len(path.read_text().splitlines())) > 400}
    # Beyond 250 lines a module smells, beyond 400 it is two.
    assert {name: count for name, count in long.items() if count > 400} == {}
    assert len(long) <= 10, long
    silent = [shown(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []
    assert [shown(path) for path in MODULES if path.stem in {"utils", "helpers", "common", "misc"}] == []


def test_texts_point_to_modules_and_commands_that_exist() -> None:
    models = [*(PROJECT_DIR / "dbt_project").rglob("*.sql"), *(PROJECT_DIR / "dbt_project").rglob("*.csv")]
    texts = {path: path.read_text(encoding="utf-8") for path in MODULES}
    known = {name for path in [*MODULES, *models] for name in (path.stem, path.parent.name)} | set(TABLES)
    known |= {name for text in texts.values() for name in re.findall(r"^ *(?:def|class) (\w+)", text, re.MULTILINE)}
    pointers = re.compile(r"(?:to|[Ss]ee|in|of|by) `([a-z_]{4,})`")
    wrong = []
    for path, text in texts.items():
        docstring = text.split('"""')[1]
        wrong += [f"{shown(path)}: {name}" for name in pointers.findall(docstring) if name not in known]
        commands = re.findall(r"python -m ((?:pipeline|tests)[\w.]*\w)", text)
        wrong += [f"{shown(path)}: python -m {name}" for name in commands if "__main__" not in find_module(name)]
    assert wrong == []


def find_module(name: str) -> str:
    """The text of a module by its dotted name, empty where there is none."""
    place = PROJECT_DIR / name.rstrip(".").replace(".", "/")
    found = [path for path in (place.with_suffix(".py"), place / "__main__.py") if path.exists()]
    return found[0].read_text(encoding="utf-8") if found else ""


def test_few_modules_lie_loose_and_half_are_short() -> None:
    loose = [path.name for path in MODULES if path.parent.name == "pipeline"]
    assert len(loose) <= 5, loose
    sizes = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES)
    assert sizes[len(sizes) // 2] <= 110


def test_every_package_opens_with_its_charter() -> None:
    faces = [path for path in MODULES if path.name == "__init__.py"]
    short = [shown(path) for path in faces if len(ast.get_docstring(ast.parse(path.read_text())) or "") < 40]
    assert short == []


def test_the_clock_is_read_in_one_place() -> None:
    readers = [
        shown(path)
        for path in MODULES
        if re.search(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(", path.read_text(encoding="utf-8"))
    ]
    assert readers == ["pipeline/runtime/clock.py"]


def test_every_module_loads_without_any_setting(tmp_path: Path) -> None:
    names = [shown(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__") for path in MODULES]
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
    done = subprocess.run(
        [sys.executable, "-c", code, *names],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == [], "importing a module must not write anything"


def test_no_file_names_a_registry_or_a_machine_path() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: the list of the project's files is not known")
    hosts = re.compile(rb"(pypi|pythonhosted|npmjs|debian)\." + rb"(org|com)")
    wrong = [
        name
        for name in listed.stdout.splitlines()
        if (PROJECT_DIR / name).is_file() and hosts.search((PROJECT_DIR / name).read_bytes())
    ]
    assert wrong == []


def test_locks_pin_every_package_with_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (PROJECT_DIR / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9][^\s;]*==[^\s;\\]+", text, flags=re.MULTILINE)
        assert len(pins) > 50
        for block in re.split(r"\n(?=[a-z0-9])", text.strip()):
            assert "--hash=sha256:" in block, block.splitlines()[0]
    assert re.search(r"^dbt-core==1\.11\.", (PROJECT_DIR / "requirements.lock").read_text(), flags=re.MULTILINE)


def test_workspace_file_and_project_block_name_the_same_location() -> None:
    block = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (entry,) = yaml.safe_load((PROJECT_DIR / "workspace.yaml").read_text())["load_from"]
    assert entry["python_module"] == {
        "module_name": block["code_location_target_module"],
        "location_name": block["code_location_name"],
    }


def test_every_setting_is_in_the_example_or_is_explained_by_its_description() -> None:
    from pipeline.settings import Settings

    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    example = (PROJECT_DIR / ".env.example").read_text()
    known = {f"TWEETBENCH_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"^(TWEETBENCH_\w+)=", example, flags=re.MULTILINE)) <= known
