"""One file of an account from a seed: drawn, written, read and compared."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from pipeline.reading.recognition import do_task
from pipeline.sources.files.protocol import FileMapping, InputFile, Request
from tests.exporters.accounts import exports, followers
from tests.exporters.accounts.exports import File
from tests.exporters.accounts.followers import Table
from tests.exporters.accounts.truth import Expected, compare
from tests.exporters.files import Form, draw_form, write_text, write_workbook
from tests.exporters.verdict import Verdict, from_error

NOW = datetime(2026, 12, 31, tzinfo=UTC)
EXPORTS: dict[str, Callable[[Random], File]] = {
    "X content": exports.content,
    "X overview": exports.overview,
    "Twitter by tweet": exports.by_tweet,
    "Twitter by day": exports.by_day,
}
TABLES: dict[str, Callable[[Random], Table]] = {
    "followers long": followers.long,
    "followers wide": followers.wide,
}
TOOLS = (*EXPORTS, *TABLES)


def run(tool: str, seed: int, folder: Path) -> Verdict:
    """Draw, write, read and compare one file; the file is removed."""
    path, request, expected, hazards = make(tool, seed, folder)
    try:
        given = InputFile(path, path.name, hashlib.sha256(path.read_bytes()).hexdigest())
        _, reading = do_task("read", given, request)
        outcome, why = compare(expected, reading)
    except Exception as error:
        outcome, words = from_error(error)
        why = (words,)
    finally:
        path.unlink()
    return Verdict(tool, seed, hazards, outcome, why)


def make(tool: str, seed: int, folder: Path) -> tuple[Path, Request, Sequence[Expected], tuple[str, ...]]:
    """The file of a tool and a seed, what a person would say next to it, its truth and its hazards."""
    rng = Random(f"{tool} {seed}")  # noqa: S311 - repeatable, not secret
    if tool in EXPORTS:
        file = EXPORTS[tool](rng)
        is_old = tool.startswith("Twitter")
        form = draw_form(rng, file.rows, Form(is_quoted=is_old, newline="\n" if is_old else "\r\n"))
        path = write_text(file.rows, folder / file.name, form)
        request = Request(NOW, own_handles=frozenset({file.handle.casefold()}))
        return path, request, file.expected, (*file.hazards, *form.hazards)
    table = TABLES[tool](rng)
    given = (FileMapping("levels", table.mapping, "mappings/levels.yml"),) if table.mapping else ()
    request = Request(NOW, captured_at=table.captured_at, mappings=given)
    if table.is_workbook:
        path = write_workbook(table.sheets, folder / f"{table.name}_{seed}.xlsx")
        return path, request, table.expected, table.hazards
    rows = table.sheets[0][1]
    form = draw_form(rng, rows, Form())
    path = write_text(rows, folder / f"{table.name}_{seed}.csv", form)
    return path, request, table.expected, (*table.hazards, *form.hazards)
