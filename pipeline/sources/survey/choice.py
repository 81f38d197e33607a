"""Which mapping a survey file belongs to, recognised by its columns. What it makes of them is decided elsewhere."""

import fnmatch
from collections.abc import Iterator

from pipeline.errors import TweetbenchError
from pipeline.settings import SURVEY_EXAMPLE
from pipeline.sources.files.cells import tidy
from pipeline.sources.files.protocol import FileMapping, InputFile, Request
from pipeline.sources.survey.binding import named_columns
from pipeline.sources.survey.layout import lay_out_header, wrong_header_rows
from pipeline.sources.survey.mapping import SurveyMapping, is_survey_mapping, parse_mapping

ANY_HEADER_ROWS = (1, 2, 3)
ENOUGH = 0.5  # a mapping fits a file that has at least this share of the columns it names


def fitting_mappings(file: InputFile, request: Request) -> list[FileMapping]:
    """The survey mapping that fits a file best; several if they fit equally well, none if none fits.

    A mapping that cannot be parsed counts if it mentions half of the file's columns and no other fits, so that the
    person learns what is wrong with it.
    """
    ranked: dict[tuple[bool, float, int], list[FileMapping]] = {}
    for candidate in filter(is_survey_mapping, request.mappings):
        rank = _rank(candidate, file)
        if rank[1] >= ENOUGH:
            ranked.setdefault(rank, []).append(candidate)
    return ranked[max(ranked)] if ranked else []


def choose_mapping(file: InputFile, request: Request) -> FileMapping:
    """The one mapping that fits a file best.

    Raises:
        TweetbenchError: no mapping fits, or two fit equally well.
    """
    fitting = fitting_mappings(file, request)
    if len(fitting) == 1:
        return fitting[0]
    names = [mapping.shown_name for mapping in fitting or filter(is_survey_mapping, request.mappings)]
    if fitting:
        raise TweetbenchError(
            "several survey mappings fit this file equally well",
            where=file.shown_name,
            why=", ".join(names),
            next_step="add file_name: PATTERN to each mapping, then run: tweetbench ingest FILE",
        )
    raise TweetbenchError(
        "no survey mapping names half of the columns of this file",
        where=file.shown_name,
        why=f"looked at {', '.join(names)}" if names else "the folder surveys/ holds no mapping",
        next_step=f"copy {SURVEY_EXAMPLE} to surveys/ in the data folder, name the columns of your file there, "
        "then run: tweetbench ingest FILE --check",
    )


def _rank(candidate: FileMapping, file: InputFile) -> tuple[bool, float, int]:
    """Well formed or not, the share of named columns that the file has, and their number."""
    try:
        mapping = parse_mapping(candidate)
    except TweetbenchError:
        rows = candidate.fields.get("header_rows")
        layout, _ = lay_out_header(file.sheet, rows if rows in (2, 3) else 1)
        mentioned = {tidy(text) for text in _texts(candidate.fields)}
        count = sum(column.name in mentioned for column in layout.columns)
        return False, count / len(layout.columns), count
    if mapping.file_name and not fnmatch.fnmatchcase(file.shown_name, mapping.file_name):
        return True, 0, 0
    if mapping.sheet and file.sheet_name and mapping.sheet != tidy(file.sheet_name):
        return True, 0, 0
    names = [name for _, name in named_columns(mapping) if "*" not in name]
    # With another number of header rows than it says, a mapping fits as well: the person learns which number is right.
    tried = ((rows, mapping.skip_rows) for rows in (mapping.header_rows, *ANY_HEADER_ROWS))
    counts = (_count(names, file, *each) for each in (*tried, (mapping.header_rows, None)))
    count = next((count for count in counts if count >= ENOUGH * len(names)), 0)
    return True, count / max(len(names), 1), count


def _count(names: list[str], file: InputFile, header_rows: int, skip_rows: int | None) -> int:
    layout, _ = lay_out_header(file.sheet, header_rows, skip_rows)
    return sum(layout.find(name) is not None for name in names)


def refuse_other_header_rows(mapping: SurveyMapping, file: InputFile, mapping_name: str) -> None:
    """Stop where a mapping fits only with another number of header rows or skipped lines than it says.

    Raises:
        TweetbenchError: says with which number its columns are found.
    """
    names = [name for _, name in named_columns(mapping) if "*" not in name]
    if _count(names, file, mapping.header_rows, mapping.skip_rows) >= ENOUGH * len(names):
        return
    if mapping.skip_rows is not None and _count(names, file, mapping.header_rows, None) >= ENOUGH * len(names):
        raise TweetbenchError(
            f"skip_rows: {mapping.skip_rows} does not fit this file",
            where=f"{file.shown_name}, mapping {mapping_name}",
            why=f"the columns that the mapping names are on line {file.sheet.header_line:,}",
            next_step=f"remove skip_rows from {mapping_name}, then run: tweetbench ingest FILE --check",
        )
    counts = {rows: _count(names, file, rows, mapping.skip_rows) for rows in ANY_HEADER_ROWS}
    best = max(counts, key=lambda rows: counts[rows])
    if best != mapping.header_rows and counts[best] >= ENOUGH * len(names):
        why = f"with header_rows: {best} the file has {counts[best]:,} of the {len(names):,} columns that it names"
        raise wrong_header_rows(mapping.header_rows, best, why, file.shown_name, mapping_name)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from (*_texts(key), *_texts(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
