"""The reasons that marts give for figures that they do not have, read from the SQL and Python that make them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.settings import PROJECT_DIR

# Three words in a row are meant for a reader.
WORDS = re.compile(r"[A-Za-z’']{1,}[,:;]? [A-Za-z’']{1,}[,:;]? [A-Za-z’']{2,}")
# Stands for what is reckoned.
NUMBER = "7"
# Columns that become a status_reason, in this model or the next.
_ALIAS = re.compile(r"\bas (status_reason|reason|\w+_reason|\w+_lacking|wait_text)\b")
_QUOTED = re.compile(r"""\{\{\s*quoted\(\s*"([^"]*)"\s*\)\s*\}\}""")
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_WORD_BEFORE = re.compile(r"(case|end|select)$")


def sql_reason_parts() -> Iterator[tuple[str, str]]:
    """Each part of a reason between reckoned values, with the model that says it."""
    for path in sorted((PROJECT_DIR / "dbt_project" / "models").rglob("*.sql")):
        sql = re.sub(r"\{#.*?#\}|--[^\n]*", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        sql = _QUOTED.sub(lambda found: "'" + found[1].replace("'", "''") + "'", sql)
        masked = _LITERAL.sub(lambda found: "'" + "_" * (len(found[0]) - 2) + "'", sql)
        for alias in _ALIAS.finditer(masked):
            start = _start_of_expression(masked, alias.start())
            for literal in _LITERAL.finditer(sql[start : alias.start()]):
                for part in re.split(r"\{\{.*?\}\}|\d+", literal[1].replace("''", "'")):
                    if WORDS.search(part):
                        yield path.name, part


def _start_of_expression(masked: str, end: int) -> int:
    """Where the expression that ends there begins, after a comma or select of the same depth."""
    depth, place = 0, end
    while place > 0:
        place -= 1
        letter = masked[place]
        if letter in ")(":
            depth += 1 if letter == ")" else -1
        elif letter == "," and not depth:
            return place + 1
        if not letter.isalnum() and letter != "_":
            word = re.match(r"\w+", masked[place + 1 :])
            found = word[0] if word else ""
            if found == "select" and not depth:
                return place + 7
            depth += {"end": 1, "case": -1}.get(found, 0)
        if depth < 0:
            return place
    return 0


def python_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Each text of the modules but docstrings, with its module."""
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = None
            if id(node) not in passed and isinstance(node, ast.JoinedStr):
                passed |= {id(part) for part in ast.walk(node)}
                text = "".join(_part(part) for part in node.values)
            elif id(node) not in passed and isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            if text and WORDS.search(text):
                yield path.name, text


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.IfExp) and isinstance(value.orelse, ast.Constant):
        return str(value.orelse.value)
    return NUMBER
