"""Which source reads a file, and reading it: the only step that looks into what people dropped.

Runs in a child process for all but small text files (see `pipeline.reading`); commits nothing.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources import SOURCES, survey
from pipeline.sources.personal_data import mask
from pipeline.sources.privacy_check import without_personal_data
from pipeline.sources.protocol import InputFile, Reading, Request, Row, Source, issue_row
from pipeline.sources.survey.inspection import inspect_survey
from pipeline.sources.workbook import sheet_names

ENOUGH = 0.5  # share of a file's columns with which a mapping that cannot be read counts as the file's own
ReadFile = tuple[str, Reading]  # name of the source, what it read
Task = Literal["read", "recognise", "inspect"]


def recognise(file: InputFile, request: Request, kind: str | None = None) -> tuple[Source, InputFile]:
    """The source that reads this file, and the file on the sheet that it reads: the first that anybody recognises.

    Raises:
        TweetbenchError: no source knows the content, or the named kind does not exist.
    """
    candidates = list(_sheets(file))
    if kind is None:
        _refuse_if_broken(candidates, request, ENOUGH)
    for candidate in candidates:
        for source in SOURCES if kind is None else (_named(kind),):
            if source.recognises(candidate, request):
                return source, candidate
    # A mapping that names few of a file's columns is only asked about where nobody else reads the file.
    _refuse_if_broken(candidates, request, 0 if kind is None else ENOUGH)
    if kind:
        return _named(kind), candidates[0]
    # Cells may be a contact list's: what looks personal is masked.
    columns = "" if file.is_zip else ", ".join(mask(name) for name in candidates[0].sheet.header[:8])
    raise TweetbenchError(
        "this kind of file is not known",
        where=file.shown_name,
        why=f"it begins with the columns {columns}"
        if columns
        else "a damaged or incomplete ZIP, or one of another kind",
        next_step="for a survey run: tweetbench survey inspect FILE; otherwise name the kind with --as KIND, or write "
        "a mapping in mappings/ (see data/README.md)",
    )


def _refuse_if_broken(candidates: list[InputFile], request: Request, least: float) -> None:
    """Refuse a table of which a mapping that cannot be read mentions at least so many columns, as a share."""
    for candidate in () if not request.broken_mappings or candidates[0].is_zip else candidates:
        header = {" ".join(name.split()).casefold() for name in candidate.sheet.header if name.strip()}
        for broken in request.broken_mappings:
            if len(header & broken.columns) >= least * len(header):
                raise TweetbenchError(
                    "the mapping that this file may need cannot be read",
                    where=f"{candidate.shown_name}, mapping {broken.where}",
                    why=broken.why,
                    next_step="correct the line that is named, then put the file into the inbox again",
                )


def do_task(task: Task, file: InputFile, request: Request, option: str | None = None) -> tuple[str, Any]:
    """Look into a file: name of its source with its reading, without, or with a draft of a survey's mapping.

    Whatever goes wrong is an error in words.

    Args:
        task: read, recognise or inspect.
        file: what a person dropped.
        request: what is known beside the file.
        option: the kind to read it as, or the survey id of the draft.

    Raises:
        TweetbenchError: nothing of the file can be used. A fault of ours is named by its place, never by a cell.
    """
    with _in_words(file):
        if task == "inspect":
            return survey.NAME, inspect_survey(next(_sheets(file)), option)
        source, chosen = recognise(file, request, option)
        if task == "recognise":
            return source.NAME, None
        reading = source.read(chosen, request)
        reading = without_personal_data(reading, file.shown_name, () if chosen.is_zip else chosen.sheet.header, request)
        return source.NAME, _with_issues(reading, _flags(chosen, file, reading, request))


@contextmanager
def _in_words(file: InputFile) -> Iterator[None]:
    try:
        yield
    except TweetbenchError:
        raise
    except MemoryError as error:
        raise TweetbenchError(
            "reading the file needs more memory than it may take",
            where=file.shown_name,
            next_step="export a shorter period, or raise TWEETBENCH_MAX_READING_MB",
        ) from error
    except Exception as error:  # a bad file never harms the good beside it
        raise TweetbenchError(
            "the file could not be read",
            where=file.shown_name,
            why=f"{type(error).__name__} at {_place(error)}: a damaged file, or a fault of tweetbench",
            next_step="export it again; if that does not help, report the place named here",
        ) from error


def _named(kind: str) -> Source:
    named = next((source for source in SOURCES if kind == source.NAME), None)
    if named is None:
        kinds = ", ".join(source.NAME for source in SOURCES)
        raise TweetbenchError(f"there is no kind {kind!r}", next_step=f"use one of: {kinds}", exit_code=Exit.USAGE)
    return named


def _sheets(file: InputFile) -> Iterator[InputFile]:
    if not file.is_workbook:
        yield file
        return
    candidates = [replace(file, sheet_name=name) for name in sheet_names(file.path, file.shown_name)]
    filled = [candidate for candidate in candidates if _has_rows(candidate)]
    yield from filled or [file]


def _has_rows(file: InputFile) -> bool:
    try:
        return bool(file.sheet.records)
    except TweetbenchError:
        return False


def _flags(chosen: InputFile, file: InputFile, reading: Reading, request: Request) -> list[Row]:
    """Rows of `issues` about single cells and other sheets, which the readers of tables cannot know."""
    if chosen.is_zip:
        return []
    flags = [(flag.problem, flag.detail, flag.next_step) for flag in chosen.sheet.flags]
    if chosen.is_workbook:
        others = [each.sheet_name for each in _sheets(file) if each.sheet_name != chosen.sheet_name]
        if others:
            detail = (
                f"the sheet {chosen.sheet_name!r} was read; not read: {', '.join(mask(str(name)) for name in others)}"
            )
            flags.append(("sheet_not_read", detail, "save a sheet that belongs to it as a workbook of its own"))
    platform = "survey" if "survey_respondents" in reading.tables else "x"
    return [
        issue_row(file.shown_name, problem, detail=detail, next_step=advice, request=request, platform=platform)
        for problem, detail, advice in flags
    ]


def _with_issues(reading: Reading, rows: list[Row]) -> Reading:
    if not rows:
        return reading
    tables = {**reading.tables, "issues": [*reading.tables.get("issues", []), *rows]}
    return replace(reading, tables=tables)


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
