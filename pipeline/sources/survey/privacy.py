"""The last look before a survey is read: no column may carry personal data that nobody declared.

Decides with `personal_data` what a column holds; shows column names and counts, never a cell.
"""

from collections.abc import Iterator

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cells import counted
from pipeline.sources.files.personal_data import count_kinds, mask, suspicious_name
from pipeline.sources.survey.binding import Binding, listed_columns
from pipeline.sources.survey.layout import Column, Layout


def refuse_personal_data(binding: Binding, layout: Layout, file_name: str) -> None:
    """Stop if a column that would be stored, or that nobody declared, holds personal data.

    Raises:
        TweetbenchError: names the columns, the kinds and the numbers of cells; shows no value.
    """
    cleared = set(listed_columns(binding.mapping.not_personal, layout, set()))
    verbatim = set(_stored_as_they_are(binding))
    checked = {column for question in binding.questions for column in question.columns}
    checked |= {column for segment in binding.segments for column in segment.columns} | set(binding.unmapped)
    found = []
    for column in sorted(checked - cleared, key=lambda each: each.position):
        cells = layout.cells(column, layout.records)
        kinds = [f"{kind} in {counted(count, 'cell')}" for kind, count in count_kinds(cells).items()]
        announced = suspicious_name(column.name) if column in verbatim else None
        filled = sum(bool(cell.strip()) for cell in cells)
        if not kinds and announced and filled:
            kinds = [f"{announced} by its name, {counted(filled, 'cell')}"]
        if kinds:
            found.append(f"{mask(column.name)!r} ({', '.join(kinds)})")
    if found:
        raise TweetbenchError(
            f"personal data in columns that do not declare it: {'; '.join(found[:10])}"
            + (f"; and {len(found) - 10} more columns" if len(found) > 10 else ""),
            where=f"{file_name}, mapping {binding.mapping_name}",
            why="personal data must not reach the lake; nothing of this file was stored",
            next_step=f"list the column under personal: or ignore: in {binding.mapping_name} (under not_personal: if a "
            "person has checked that it is a false alarm), then run: tweetbench ingest FILE",
        )


def _stored_as_they_are(binding: Binding) -> Iterator[Column]:
    for segment in binding.segments:
        if segment.rules.column and segment.rules.labels is None:
            yield from segment.columns
    for question in binding.questions:
        rules = question.rules
        if rules.type == "number" or (rules.type != "scale" and rules.column and rules.options is None):
            yield from question.columns
