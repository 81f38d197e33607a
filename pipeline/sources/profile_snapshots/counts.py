"""Counts of a profile table: the decimal mark of each column, and why a cell is no count. Knows nothing of lines."""

import re
from collections.abc import Iterable, Mapping

from pipeline.sources.numbers import Mark, choose_mark, decimal_marks, parse_count
from pipeline.sources.tabular import Sheet

# 1.2K, 3,4 Tsd., 1.5M+, ~12000, 2.1 mil, 3,4万: what platforms and people show instead of the count.
_ROUNDED = re.compile(
    r"(?P<about>[~≈]|ca\.?|about|over)?\s*\d[\d.,' \u00a0\u202f]*\s*"
    r"(?P<unit>k|m|b|mn|mm|bn|t|tsd|tausend|mio|mrd|mill|mil|mille|mln|mld|md|mi|tys|тыс|млн|bin|rb|jt|"
    r"thousand|million|billion|lakh|crore|万|萬|億|亿|千|만|천)?\.?\s*(?P<more>\+)?",
    re.IGNORECASE,
)


def count_marks(sheet: Sheet, positions: Iterable[int]) -> Mapping[int, Mark | None]:
    """The decimal mark of each count column: by its own cells, else by those of all count columns together."""
    cells = {position: [record.cells[position] for record in sheet.records] for position in positions}
    of_file = decimal_marks((cell for column in cells.values() for cell in column), whole=True)
    return {position: choose_mark(decimal_marks(column, whole=True), of_file) for position, column in cells.items()}


def read_count(cell: str, mark: Mark | None) -> int | None:
    """A whole number, or None where nothing was reported.

    Raises:
        ValueError: the cell is rounded, negative, no whole number, or two locales read it differently.
    """
    match = _ROUNDED.fullmatch(cell.strip())
    if match and (match["about"] or match["unit"] or match["more"]):
        raise ValueError(f"{cell.strip()!r} is a rounded figure, and the exact count is not in the file")
    return parse_count(cell, mark)


def count_remedy(problem: str) -> str:
    """What to do about a cell that is no count, from the words of the refusal."""
    if "rounded" in problem:
        return "export exact counts: a change of a rounded figure says nothing about growth"
    if "nothing beside it tells" in problem:
        return "write the counts of that column without marks of thousands, then ingest the file again"
    return (
        "correct the number in that line, or leave the cell empty where nothing is known; where a spreadsheet program "
        "took a point of thousands for a decimal one, check the whole column"
    )
