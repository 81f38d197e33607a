"""Numbers of a column, and whether its name says that they are amounts, ratings or dates."""

import re
from collections.abc import Iterable

from pipeline.sources.numbers import choose_mark, decimal_marks, parse_number
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.facts import Facts

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


def find_filler(values: Iterable[float]) -> float | None:
    """A code for no answer among numbers, such as 9, 99, 998 or 9999: more than twice as large as all others."""
    largest, *others = sorted(set(values), reverse=True) or [0.0]
    is_filler = largest == int(largest) and re.fullmatch(r"9+8?|8{2,}", f"{largest:.0f}") is not None
    below = max((value for value in others if not re.fullmatch(r"9{2,}|9+8|8{2,}", f"{value:.0f}")), default=0.0)
    return largest if is_filler and below > 0 and largest > 2 * below else None


def asks_amount(text: str) -> bool:
    return not known.NO_AMOUNT.match(text) and known.AMOUNT_NAME.search(known.SPAN.sub("", text)) is not None


def is_rating(told: Iterable[str]) -> bool:
    return any(known.RATING_NAME.search(text) for text in told)
