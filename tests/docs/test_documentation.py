"""Everything that the documentation tells a person to type runs, and everything that it points to is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.publish.reader import open_published
from pipeline.settings import PROJECT_DIR, Settings
from tests.docs.pages import PAGES, blocks, commands, links, questions
from tools.filled_marts import read_contracts

QUERIES = dict(blocks("sql"))
TYPED = dict(commands())
QUESTIONS = {name: query for name, query in QUERIES.items() if name.startswith("questions.md")}
# Tables about which the demo rightly says nothing: its survey asks no pair of importance and effectiveness, nearly all
# of its posts carry their hashtags, so there is nothing to compare with, no company's first post there is known,
# and nobody has planned an experiment.
EMPTY_IN_THE_DEMO = (
    "survey_importance_effectiveness",
    "hashtag_performance",
    "company_platform_migration",
    "experiments",
)


def test_there_are_enough_questions_and_each_has_its_query() -> None:
    assert len(questions()) >= 20
    assert len(QUESTIONS) == len(questions())


@pytest.mark.parametrize("name", QUERIES)
def test_every_sql_block_runs(filled: Settings, name: str) -> None:
    with duckdb.connect(str(filled.published_file.resolve()), read_only=True) as connection:
        for statement in connection.extract_statements(QUERIES[name]):
            columns = connection.execute(statement).description
    assert columns


@pytest.mark.parametrize("name", TYPED)
def test_every_typed_query_runs_on_the_locked_down_connection(filled: Settings, name: str) -> None:
    with open_published(filled) as connection:
        connection.execute(TYPED[name]).fetchall()


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_an_answer_in_the_demo(demo: Path, name: str) -> None:
    with duckdb.connect(str(demo), read_only=True) as connection:
        held = {table for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        missing = set(re.findall(r"\bmarts\.(\w+)", QUESTIONS[name])) - held
        if missing:
            pytest.skip(f"the demo here was made before {', '.join(missing)}: make demo")
        rows = connection.execute(QUESTIONS[name]).fetchall()
    assert bool(rows) != any(f"marts.{table}" in QUESTIONS[name] for table in EMPTY_IN_THE_DEMO)


@pytest.mark.parametrize(("name", "code"), list(blocks("python")))
def test_every_python_recipe_runs(filled: Settings, name: str, code: str) -> None:
    folder = filled.data_dir.parent
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{name}: {done.stderr}"
    assert re.match(r"\d+ account", done.stdout)


@pytest.mark.parametrize(("name", "script"), list(blocks("sh")))
def test_every_shell_recipe_runs(filled: Settings, name: str, script: str, tmp_path: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TWEETBENCH_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={**kept, "PATH": path, "TWEETBENCH_DATA_DIR": str(filled.data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{name}: {done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for file, anchor in links(page):
        target = (page.parent / file) if file else page
        assert target.exists(), f"{page.name}: {file}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, f"{page.name}: #{anchor}"


def test_every_mart_can_be_found_from_a_page_for_people() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.name != "data_dictionary.md")
    named = [contract.name for contract in read_contracts() if re.search(rf"\b{contract.name}\b", text)]
    assert [contract.name for contract in read_contracts() if contract.name not in named] == []


def test_no_page_tells_of_another_folder_than_the_settings_make() -> None:
    for page in PAGES:
        for path in re.findall(r"data/published/[\w./]+", page.read_text(encoding="utf-8")):
            assert re.match(r"data/published/(current|versions)\b", path), f"{page.name}: {path}"
    assert (PROJECT_DIR / "docs" / "index.md").exists()
