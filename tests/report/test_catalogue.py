"""The catalogue of the report's words: the same texts in every language, and no prose outside it."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.report.catalogue import ENGLISH, FOR_ANALYSTS, LANGUAGES, Text, say, speaking, texts
from pipeline.report.sections import SECTIONS, all_figures
from pipeline.settings import PROJECT_DIR

REPORT = PROJECT_DIR / "pipeline" / "report"
# Two words of letters in a row, or a capitalised word alone, are meant for a reader.
PROSE = re.compile(r"[A-Za-z]{2,}[,;:.]? +[A-Za-z“]{2,}|^[A-Z][a-z]+$")
NO_PROSE = re.compile(r"\s*(select|with|from|--|datum\.|default-src|:root|name \()")
# Errors in the terminal, names of fonts, and words that are compared with those of the marts.
LEFT_OUT = {"notify.py", "picture_worker.py", "theme.py"}
COMPARED = {FOR_ANALYSTS, "not found", "weekly log growth", "difference of a share from one half", "swing of quality"}


def placeholders(text: Text) -> set[str]:
    forms = (text,) if isinstance(text, str) else text
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_with_the_same_values(language: str) -> None:
    english, other = texts(ENGLISH), texts(language)
    assert list(other) == list(english)
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    assert {key for key, text in other.items() if isinstance(text, tuple)} == {
        key for key, text in english.items() if isinstance(text, tuple)
    }
    assert [key for key, text in other.items() if not all(form.strip() for form in _forms(text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_section_and_column_has_its_words(language: str) -> None:
    with speaking(language):
        for section in SECTIONS:
            assert section.title
            assert section.lead
        for figure in all_figures():
            assert figure.title
            assert figure.if_empty
            assert all(figure.label(column) for column in figure.columns)


def test_a_number_chooses_the_form_and_values_are_never_read_as_a_pattern() -> None:
    assert say("noun.account", 1) == "account"
    assert say("noun.account", 0) == "accounts"
    assert say("coverage.totals", handle="{evil}", by_day="1", by_post="2", rest="{0}").startswith("{evil}: 1")


@pytest.mark.parametrize("path", sorted(REPORT.rglob("*.py")), ids=lambda path: str(path.relative_to(REPORT)))
def test_no_prose_is_written_in_the_code_of_the_report(path: Path) -> None:
    if path.name not in LEFT_OUT:
        assert [text for text in _texts(path) if PROSE.search(text) and text not in COMPARED] == []


@pytest.mark.parametrize("path", sorted((REPORT / "template").glob("*.j2")), ids=lambda path: path.name)
def test_no_prose_is_written_in_a_template(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [found for found in re.findall(r">([^<>]*[A-Za-z][^<>]*)<", text) if found != "tables/.csv"] == []
    assert re.findall(r'(?:aria-label|title|alt)="([^"]*[A-Za-z][^"]*)"', text) == []


def _texts(path: Path) -> Iterator[str]:
    """Every text of a module but docstrings, SQL, what is raised, and keys."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = {
        id(node)
        for raised in ast.walk(tree)
        if isinstance(raised, ast.Raise | ast.Expr) and not _is_call_that_says(raised)
        for node in ast.walk(raised)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and id(node) not in passed:
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            passed |= {id(part) for part in node.values if isinstance(part, ast.Constant)}
            if not NO_PROSE.match(text):
                yield text
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed
        if is_text and not NO_PROSE.match(node.value):
            yield node.value


def _is_call_that_says(node: ast.AST) -> bool:
    """A call as a statement is code, a text as a statement is a docstring."""
    return isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)


def _forms(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text
