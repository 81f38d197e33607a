"""Numbers of a column, and whether its name says that they are amounts, ratings or dates."""

import re
from collections.abc import Iterable

from pipeline.sources.files.numbers import choose_mark, decimal_marks, parse_number
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.facts import Facts

_FILLER = re.compile(r"9+8?|8{2,}")
_SERIAL_DATE = re.compile(r"(3[0-9]|4[0-9]|5[0-4])\d{3}([.,]\d+)?")


def are_serial_dates(facts: Facts) -> bool:
    cells = [cell for cell in facts.cells if cell]
    is_named = any(known.SERIAL_DATE_NAME.search(name) for name in facts.names)
    is_asked = any(asks_amount(name) for name in facts.names if not known.SERIAL_DATE_NAME.search(name))
    return bool(cells) and is_named and not is_asked and all(_SERIAL_DATE.fullmatch(cell) for cell in cells)


def numbers_of(cells: Iterable[str]) -> list[float] | None:
    """The numbers of a column without its blanks; None if a cell is no number or can be read in two ways."""
    filled = [cell for cell in cells if cell]
    mark = choose_mark(decimal_marks(filled))
    try:
        return [parse_number(cell, mark) for cell in filled]
    except ValueError:
        return None


def find_filler(facts: Facts) -> float | None:
    """A code for no answer among the numbers of a column, such as 9, 99, 998 or 9999; None if nothing stands apart.

    A 9 stands apart from codes without a gap (1 to 5), a longer one from numbers half as large at most; 99 among ages
    is one by its frequency.
    """
    numbers = numbers_of(facts.answers) or []
    counts = {value: facts.counts[text] for value, text in zip(numbers, facts.answers, strict=False)}
    others = sorted(value for value in counts if not _FILLER.fullmatch(f"{value:g}"))
    largest = max(counts, default=0.0)
    if not others or not _FILLER.fullmatch(f"{largest:g}"):
        return None
    if largest < 10:
        is_apart = others[0] in (0, 1) and others[-1] - others[0] == len(others) - 1 and 1 < others[-1] <= 6
    else:
        is_frequent = counts[largest] >= 3 and counts[largest] >= 2 * max(counts[value] for value in others)
        is_apart = largest > 2 * others[-1] or (is_frequent and largest > others[-1] + 5)
    return largest if is_apart else None


def asks_amount(text: str) -> bool:
    return not known.NO_AMOUNT.match(text) and known.AMOUNT_NAME.search(known.SPAN.sub("", text)) is not None


def is_rating(texts: Iterable[str]) -> bool:
    return any(known.RATING_NAME.search(text) for text in texts)
