"""Cells that say yes or no, in the words of many languages. What a column means belongs to the sources."""

from pipeline.sources.files.cells import fold
from pipeline.sources.files.numbers import is_not_reported
from pipeline.sources.files.yes_no import NO, YES


def parse_yes_no(cell: str) -> bool | None:
    """True or false; None where nothing is given.

    Raises:
        ValueError: any other word.
    """
    text = fold(cell)
    if is_not_reported(cell):
        return None
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError(f"{cell!r} is neither yes nor no")
