"""The catalogue of the report's words: the same texts in every language, and no prose outside it."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.report.catalogue import ENGLISH, FOR_ANALYSTS, GERMAN, LANGUAGES, Text, say, say_reason, speaking, texts
from pipeline.report.sections import SECTIONS, all_figures
from pipeline.settings import PROJECT_DIR
from tests.report.mart_reasons import python_texts, sql_reason_parts

ANALYSIS = PROJECT_DIR / "pipeline" / "analysis"
REPORT = PROJECT_DIR / "pipeline" / "report"
# Two words of letters in a row, or a capitalised word alone, are meant for a reader.
PROSE = re.compile(r"[A-Za-z]{2,}[,;:.]? +[A-Za-z“]{2,}|^[A-Z][a-z]+$")
NO_PROSE = re.compile(r"\s*(select|with|from|--|datum\.|default-src|:root|name \()")
# Errors in the terminal, names of fonts, and words that are compared with those of the marts.
LEFT_OUT = {"notify.py", "picture_worker.py", "theme.py"}
COMPARED = {FOR_ANALYSTS, "not found", "weekly log growth", "difference of a share from one half", "swing of quality"}


# Modules that refuse what a programmer passes, sum up, or describe surveys in tables that no report shows.
NOT_IN_REPORTS = {
    "blocks.py", "data.py", "design.py", "multimodality.py", "proportions.py", "raking.py", "ratio_distribution.py",
    "relative_importance.py", "respondent_columns.py", "shares.py", "statement.py", "survey_input.py",
    "survival.py", "tables.py",
}  # fmt: skip
# Parts of reasons, names, and what is wrong with a call.
NO_REASONS = {
    "7 pairs; a test at 5 % needs 7", "posts a week", "7 7 in 7 days", "net new followers", "no term 7 in the model",
    "a contrast needs finite weights", "leave it out of the model", "7 does not vary beyond the effects of unit and",
    "column 7 holds negative counts", "Respondents were not drawn at random",
}  # fmt: skip


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


def test_every_reason_that_a_mart_can_give_has_its_words() -> None:
    pieces = [
        piece
        for key, text in texts(ENGLISH).items()
        if key.startswith("reason.")
        for piece in re.split(r"\{\w+\}", str(text))
    ]
    parts = [*sql_reason_parts()]
    assert len(parts) >= 60
    # A count comes with its noun: "4 weeks" of "4 weeks of posts" is one value.
    assert [
        (model, part)
        for model, part in parts
        if not any(part.strip() in piece or part.lstrip().partition(" ")[2].strip() in piece for piece in pieces)
    ] == []


def test_every_reason_of_the_analysis_has_its_words_in_german() -> None:
    said = {(path, text) for path, text in python_texts(ANALYSIS) if path not in NOT_IN_REPORTS}
    assert len(said) > 60
    with speaking(GERMAN):
        # A reason inside a reason is one that is known.
        whole = {re.sub(r"^7(?=; )|(?<=computed: )7$", "the effect has no error", text) for _, text in said}
        unknown = {text for text in whole if say_reason(text) == say("gap.other_reason")}
    assert {text for text in unknown if not any(text.startswith(start) for start in NO_REASONS)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_that_nobody_has_translated_never_reaches_a_page_in_another_language(language: str) -> None:
    with speaking(language):
        said = say_reason("a reason that was added yesterday")
    assert said == ("a reason that was added yesterday" if language == ENGLISH else "die Zahlen reichen dafür nicht")


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
