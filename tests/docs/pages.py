"""Reads the documentation as a person would use it: its blocks, its inline commands, its links."""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.settings import PROJECT_DIR

PAGES = [PROJECT_DIR / "README.md", *sorted((PROJECT_DIR / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"""tweetbench sql (["'])(.+?)\1""", flags=re.DOTALL)
QUESTION = re.compile(r"^\*\*(\d+)\. (.+?)\*\*", flags=re.MULTILINE)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Name and text of every block in a language, in all pages."""
    for page in PAGES:
        found = [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]
        yield from ((f"{page.name}-{number}", text) for number, text in enumerate(found, start=1))


def commands() -> Iterator[tuple[str, str]]:
    """Name and query of every `tweetbench sql "..."` in text or code."""
    for page in PAGES:
        found = [query for _, query in COMMAND.findall(page.read_text(encoding="utf-8"))]
        queries = [" ".join(query.split()) for query in found if query != "..."]
        yield from ((f"{page.name}-{number}", query) for number, query in enumerate(queries, start=1))


def questions() -> list[str]:
    """The questions of docs/questions.md, in order."""
    text = (PROJECT_DIR / "docs" / "questions.md").read_text(encoding="utf-8")
    found = QUESTION.findall(text)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1))
    return [question for _, question in found]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """File and anchor of every link to something in the project."""
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            file, _, anchor = target.partition("#")
            yield file, anchor
