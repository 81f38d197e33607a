"""Which source reads a file, and reading it: the only step that looks into what people dropped.

Runs in a child process for all but small text files (see `pipeline.reading.sandbox`); commits nothing.
"""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import Exit, TweetbenchError
from pipeline.reading.privacy_check import without_personal_data
from pipeline.reading.sheets import read_sheets
from pipeline.reading.unknown_files import explain_unknown
from pipeline.sources import SOURCES, account_registry, contacts, link_clicks, profile_snapshots, survey, x_archive
from pipeline.sources.contacts import followers
from pipeline.sources.files.claims import Claim, choose_claim, other_readings
from pipeline.sources.files.personal_data import mask, mask_within
from pipeline.sources.files.protocol import InputFile, Reading, Request, Source, issue_row
from pipeline.sources.files.workbook import sheet_names
from pipeline.sources.lake_source import Row
from pipeline.sources.linkedin.export import PAGE_EXPORTS
from pipeline.sources.survey.claim import claims as survey_claims
from pipeline.sources.survey.inspection import Options, inspect_survey

ENOUGH = 0.5  # share of a file's columns with which a mapping that cannot be read counts as the file's own
ReadFile = tuple[str, Reading]  # name of the source, what it read
Task = Literal["read", "recognise", "inspect"]
# Readers of tables that people made: what each explains of a file decides between them. The others are programs'
# own files, which their headers prove.
CLAIMS: Mapping[str, Callable[[InputFile, Request], list[Claim]]] = {
    survey.NAME: survey_claims,
    contacts.NAME: contacts.claims,
    followers.NAME: followers.claims,
    link_clicks.NAME: link_clicks.claims,
    account_registry.NAME: account_registry.claims,
    profile_snapshots.NAME: profile_snapshots.claims,
}
# A survey's second sheet is most often the same answers again, as codes.
ONE_SHEET = {survey.NAME, x_archive.NAME}
# These look at all sheets by themselves, and say which they left aside.
WHOLE_FILES = {source.NAME for source in PAGE_EXPORTS}


@dataclass(frozen=True)
class Recognised:
    """Who reads a file, on which sheets, and what a person should know who meant another reading."""

    source: Source
    files: tuple[InputFile, ...]
    note: str = ""


def recognise(file: InputFile, request: Request, kind: str | None = None) -> Recognised:
    """The source that reads this file, and the file on each sheet that it reads.

    Of the sheets of a workbook the first that anybody recognises decides, and the same source reads the others that
    it recognises.

    Raises:
        TweetbenchError: no source knows the content, two explain it equally well, or the named kind does not exist.
    """
    candidates = list(_sheets(file))
    if kind is None:
        _refuse_if_broken(candidates, request, ENOUGH)
    for number, candidate in enumerate(candidates):
        found = _choose(candidate, request, kind)
        if found is None:
            continue
        source, note = found
        more = [] if source.NAME in ONE_SHEET | WHOLE_FILES else candidates[number + 1 :]
        others = [each for each in more if _is_read_by(source, each, request, kind)]
        return Recognised(source, (candidate, *others), note)
    # A mapping that names few of a file's columns is only asked about where nobody else reads the file.
    _refuse_if_broken(candidates, request, 0 if kind is None else ENOUGH)
    if kind:
        return Recognised(_named(kind), (candidates[0],))
    raise explain_unknown(file, candidates, request)


def _choose(file: InputFile, request: Request, kind: str | None) -> tuple[Source, str] | None:
    """The source for one table, with a note about other readings; None where nobody recognises it.

    Raises:
        TweetbenchError: two sources explain it about equally well.
    """
    if kind is not None:
        source = _named(kind)
        return (source, "") if source.recognises(file, request) else None
    found: list[Claim] = []
    for source in SOURCES:
        if source.NAME not in CLAIMS:
            if source.recognises(file, request):
                return source, ""
        elif source.recognises(file, request):
            found += CLAIMS[source.NAME](file, request)
    if not found:
        return None
    width = len(file.sheet.header)
    chosen = choose_claim(found, file_name=file.shown_name, width=width)
    return (_named(chosen.kind), other_readings(found, chosen, width)) if chosen else None


def _is_read_by(source: Source, file: InputFile, request: Request, kind: str | None) -> bool:
    try:
        found = _choose(file, request, kind)
    except TweetbenchError:
        return False
    return found is not None and found[0] is source


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
                    next_step="correct the line named here, then put the file into the inbox again",
                )


def do_task(task: Task, file: InputFile, request: Request, option: str | Options | None = None) -> tuple[str, Any]:
    """Look into a file: name of its source with its reading, without, or with a draft of a survey's mapping.

    Whatever goes wrong is an error with a message.

    Args:
        task: read, recognise or inspect.
        file: what a person dropped.
        request: what is known besides the file.
        option: the kind to read it as; for a draft what the person knows better than the guess.

    Raises:
        TweetbenchError: nothing of the file can be used. A fault of ours is named by its place, never by a cell.
    """
    with _in_words(file):
        if task == "inspect":
            options = option if isinstance(option, Options) else Options()
            return survey.NAME, inspect_survey(_sheet_to_inspect(file, options), options)
        kind = option if isinstance(option, str) else None
        found = recognise(file, request, kind)
        if task == "recognise":
            return found.source.NAME, None
        return found.source.NAME, _read(found, file, request)


def _read(found: Recognised, file: InputFile, request: Request) -> Reading:
    try:
        reading = read_sheets(found.source, found.files, file, request)
    except TweetbenchError as error:
        error.next_step = "; or: ".join(filter(None, (error.next_step, found.note)))
        raise
    notes = (*reading.notes, found.note) if found.note else reading.notes
    sheets = () if file.is_zip else tuple(each.sheet for each in found.files)
    reading = without_personal_data(replace(reading, notes=notes), file.shown_name, sheets, request)
    flags = [] if found.source.NAME in WHOLE_FILES else _flags(found.files, file, reading, request)
    if not flags:
        return reading
    return replace(reading, tables={**reading.tables, "issues": [*reading.tables.get("issues", ()), *flags]})


@contextmanager
def _in_words(file: InputFile) -> Iterator[None]:
    try:
        yield
    except TweetbenchError:
        raise
    except MemoryError as error:
        raise TweetbenchError(
            "reading the file needs more memory than is allowed",
            where=file.shown_name,
            next_step="export a shorter period, or raise TWEETBENCH_MAX_READING_MB",
        ) from error
    except Exception as error:  # a bad file never harms the good next to it
        raise TweetbenchError(
            "the file could not be read",
            where=file.shown_name,
            why=f"{type(error).__name__} at {_place(error)}: a damaged file, or a bug in tweetbench",
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


def _sheet_to_inspect(file: InputFile, options: Options) -> InputFile:
    """The file on the sheet that a draft is made of: the named one, else the first with rows.

    Raises:
        TweetbenchError: the workbook has no sheet of that name.
    """
    if options.sheet is None:
        return next(_sheets(file))
    names = sheet_names(file.path, file.shown_name) if file.is_workbook else []
    if options.sheet not in names:
        raise TweetbenchError(
            f"there is no sheet {options.sheet!r}",
            where=file.shown_name,
            why=f"its sheets are: {', '.join(names)}" if names else "only workbooks (.xlsx) have sheets",
            next_step="give one of its sheets with --sheet NAME, or omit the option",
            exit_code=Exit.USAGE,
        )
    return replace(file, sheet_name=options.sheet)


def _has_rows(file: InputFile) -> bool:
    try:
        return bool(file.sheet.records)
    except TweetbenchError:
        return False


def _flags(chosen: tuple[InputFile, ...], file: InputFile, reading: Reading, request: Request) -> list[Row]:
    """Rows of `issues` about single cells and other sheets, which the readers of tables cannot know."""
    if file.is_zip:
        return []
    flags = [(flag.problem, flag.detail, flag.next_step) for each in chosen for flag in each.sheet.flags]
    if file.is_workbook:
        read = [each.sheet_name for each in chosen]
        others = [each.sheet_name for each in _sheets(file) if each.sheet_name not in read]
        if others:
            shown = ", ".join(repr(name) for name in read)
            what = f"the sheet {shown} was read" if len(read) == 1 else f"the sheets {shown} were read"
            detail = f"{what}; not read: {', '.join(mask(str(name)) for name in others)}"
            flags.append(("sheet_not_read", detail, "save a sheet that belongs to it as a workbook of its own"))
    platform = "survey" if "survey_respondents" in reading.tables else "x"
    return [
        issue_row(
            mask_within(file.shown_name)[0],
            problem,
            detail=detail,
            next_step=advice,
            request=request,
            platform=platform,
        )
        for problem, detail, advice in flags
    ]


def _place(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
