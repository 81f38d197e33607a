"""Counts of a profile table: what a column says about its cells, and why a cell is no count. Knows nothing of lines."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.sources.files.numbers import Mark, choose_mark, decimal_marks, parse_count
from pipeline.sources.files.tabular import Sheet
from pipeline.sources.profile_snapshots.totals import is_summary_word

# 1.2K, 3,4 Tsd., 1.5M+, ~12000, 2.1 mil, 3,4万: what platforms and people show instead of the count.
_ROUNDED = re.compile(
    r"(?P<about>[~≈]|ca\.?|about|over)?\s*\d[\d.,' \u00a0\u202f]*\s*"
    r"(?P<unit>k|m|b|mn|mm|bn|t|tsd|tausend|mio|mrd|mill|mil|mille|mln|mld|md|mi|tys|тыс|млн|bin|rb|jt|"
    r"thousand|million|billion|lakh|crore|万|萬|億|亿|千|만|천)?\.?\s*(?P<more>\+)?",
    re.IGNORECASE,
)
# followers (k), Follower in Tsd., followers_in_thousands
_UNIT_IN_NAME = re.compile(
    r"(\(|\bin[ _]|,\s*)(k|tsd\.?|tausend|thousands?|milliers|miles|mio\.?|mln|millions?|millionen|1[.,']?000)\)?\s*$",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"\d{1,3}[.,](?!0+$)\d{1,2}")


@dataclass(frozen=True)
class CountColumn:
    """What a column of counts says as a whole."""

    mark: Mark | None = None  # the decimal mark, where the column or the file tells it
    fraction: str | None = None  # a cell such as 1.25: thousands that a spreadsheet program took for a fraction
    is_scaled: bool = False  # its name says that it holds thousands or millions

    def read(self, cell: str) -> int | None:
        """A whole number, or None where nothing was reported.

        Raises:
            ValueError: the cell is rounded, a change, negative, no whole number, or can be read in two ways.
        """
        text = cell.strip()
        match = _ROUNDED.fullmatch(text)
        if match and (match["about"] or match["unit"] or match["more"] or self.is_scaled):
            raise ValueError(f"{text!r} is a rounded figure, and the exact count is not in the file")
        if text.startswith("+"):
            raise ValueError(f"{text!r} is a change and not a level")
        value = parse_count(cell, self.mark)
        if value and value < 1000 and self.fraction:
            raise ValueError(
                f"{text!r} may be what a spreadsheet program left of {value},000, as {self.fraction!r} in the same "
                "column is no count"
            )
        return value


def count_columns(sheet: Sheet, positions: Iterable[int]) -> Mapping[int, CountColumn]:
    """Each count column; its decimal mark by its own cells, else by those of all count columns together."""
    cells = {position: [record.cells[position] for record in sheet.records] for position in positions}
    of_file = decimal_marks((cell for column in cells.values() for cell in column), whole=True)
    return {
        position: CountColumn(
            choose_mark(decimal_marks(column, whole=True), of_file),
            _lost_thousands(sheet, position),
            _UNIT_IN_NAME.search(sheet.header[position]) is not None,
        )
        for position, column in cells.items()
    }


def count_remedy(problem: str) -> str:
    """What to do about a cell that is no count, from the words of the refusal."""
    if "rounded" in problem:
        return "export exact counts: a change of a rounded figure says nothing about growth"
    if "nothing in the file shows" in problem:
        return "write the counts of that column without marks of thousands, then ingest the file again"
    if "spreadsheet program" in problem:
        return "export the table again and do not open it in a spreadsheet program, or enter the counts of that column"
    return "correct the number in that line, or leave the cell empty where nothing is known"


def _lost_thousands(sheet: Sheet, position: int) -> str | None:
    """A cell that only a spreadsheet program can have made of a count: 1.25 of 1.250.

    Not where the column writes thousands without a mark (1250), and not the average below a table.
    """
    cells = [record.cells[position].strip() for record in sheet.records]
    if any(cell.isdecimal() and len(cell) > 3 for cell in cells):
        return None
    for cell, record in zip(cells, sheet.records, strict=True):
        if _FRACTION.fullmatch(cell) and not any(is_summary_word(each) for each in record.cells):
            return cell
    return None
