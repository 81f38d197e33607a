"""Output of commands: plain lines, colours on a terminal, JSON on request, errors in four lines."""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.errors import TweetbenchError
from pipeline.settings import Settings

# Without emoji: `:x:` in a path or in a post is no name of a picture.
out = Console(soft_wrap=True, highlight=False, emoji=False)
# Texts of files and posts may hold what moves a terminal's cursor or renames its window.
# All of C0 but tab and line feed, C1, other ends of lines, and the characters that turn the direction of a line around.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_NO_TABS = str.maketrans("\t\n", "  ")
err = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def say(text: str = "") -> None:
    """One line for a person."""
    out.print(escape(harmless(text)))


def harmless(text: str) -> str:
    """A text without what a terminal obeys: data may hold sequences that recolour, move or retype what is shown."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def say_json(value: object) -> None:
    """The result for a machine."""
    sys.stdout.write(_json_text(value) + "\n")


def say_json_list(values: Iterable[object]) -> None:
    """The same for a list that may not fit into memory: one value at a time."""
    sys.stdout.write("[")
    for number, value in enumerate(values):
        sys.stdout.write(("," if number else "") + _json_text([value])[1:-2])
    sys.stdout.write("\n]\n")


def _json_text(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    # JSON itself writes the lowest of them as escapes, and these are escapes of the same form.
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say_error(error: TweetbenchError, title: str = "error") -> None:
    """What happened, where, why, and the next command, on standard error."""
    for label, text in error.lines():
        colour = {"what": "bold red", "next": "bold"}.get(label, "dim")
        err.print(f"[{colour}]{title if label == 'what' else label}:[/] {escape(harmless(text))}")


def say_table(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """A table; tab-separated lines when standard output is not a terminal."""
    if not out.is_terminal:
        for row in (columns, *rows):
            # `print` would turn the tabs into blanks.
            out.file.write("\t".join(harmless(_text(value)).translate(_NO_TABS) for value in row) + "\n")
        return
    table = Table(title=escape(harmless(title)), title_justify="left", title_style="bold", header_style="bold")
    for column in columns:
        table.add_column(escape(harmless(column)), overflow="fold")
    for row in rows:
        table.add_row(*(escape(harmless(_text(value))) for value in row))
    out.print(table)


def say_facts(facts: Mapping[str, Any], indent: str = "  ") -> None:
    """Labelled facts, one a line; what is not known is left out."""
    width = max((len(label) for label in facts), default=0)
    for label, value in facts.items():
        if value not in (None, "", [], {}):
            say(f"{indent}{label:<{width}}  {_text(value)}")


def typed_command(settings: Settings) -> str:
    """`tweetbench` as a person in this shell has to type it to reach this data folder."""
    command = (
        "tweetbench"
        if shutil.which("tweetbench")
        else shlex.quote(os.path.relpath(Path(sys.executable).with_name("tweetbench")))
    )
    if not settings.is_demo:  # the person's own settings already name the folder
        return command
    return f"TWEETBENCH_DATA_DIR={shlex.quote(os.path.relpath(settings.data_dir))} {command}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
