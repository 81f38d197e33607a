"""How the cells of one column look, besides its name: ticks, times, row numbers, amounts with a unit, typed words."""

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.sources.files.cells import fold, is_time
from pipeline.sources.files.numbers import is_number
from pipeline.sources.files.yes_no import YES
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.amounts import numbers_of
from pipeline.sources.survey.inspection.facts import Facts, shown_name
from pipeline.sources.survey.inspection.stems import split_names

ENOUGH_ROWS = 5  # fewer numbers may rise by one by chance
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_WITH_UNIT = re.compile(
    r"([$€£¥₹]|[A-Z]{3} ?)\s*\d[\d.,' ]*k?|\d[\d.,' ]*k?\s*([%$€£¥₹]|[A-Za-z]{1,4}\.?)", re.IGNORECASE
)


def answers_to_meta(facts: Facts, names: set[str]) -> str:
    """A doubt where a column is called as tools call theirs, and its cells look like choices of people."""
    choices = [text for text in facts.answers if len(text) > 3 and not is_number(text)]
    if not names & known.META_OR_QUESTION or len(choices) < 2 or facts.answered_count < 2 * len(facts.answers):
        return ""
    return f"{shown_name(facts)}: left out, as tools call a column of their own so; if it is a question, list it"


def is_moment(cell: str) -> bool:
    return is_time(cell) or _CLOCK.fullmatch(cell) is not None


def may_be_option(facts: Facts) -> bool:
    """A column of ticks or of yes and no: `Email` is an option there, and nobody's address."""
    if facts.is_own_text or (facts.is_yes_no and facts.answered_count >= 5):
        return True
    return (
        len(facts.answers) == 1
        and facts.has_blanks
        and bool(split_names(facts))
        and facts.counts[facts.answers[0]] >= 2
        and len(facts.answers[0]) <= 12
    )


def is_typed_alike(facts: Facts) -> bool:
    """One text only, without a mark of a tick, in a column whose name asks for a person's own words."""
    is_open = any(known.FREE_TEXT.search(text) for text in (facts.column.name, facts.label))
    is_lone = len(facts.answers) == 1 and facts.has_blanks and not facts.is_own_text
    return is_open and is_lone and fold(facts.answers[0]) not in YES


def are_row_numbers(facts: Facts, values: list[float]) -> bool:
    """Each row one more than the row above."""
    filled = numbers_of(facts.cells) or []
    steps = {after - before for before, after in pairwise(filled)}
    return len(values) == len(filled) == len(facts.cells) > ENOUGH_ROWS and steps == {1.0}


def is_tick(facts: Facts) -> bool:
    """One text only next to blanks and words for no: its own option, or the same in some rows and not in others."""
    if facts.tick is None:
        return False
    if facts.is_own_text:
        return True
    is_repeated = 3 <= facts.counts[facts.tick] < len(facts.cells) and facts.has_blanks
    return is_repeated or len(facts.answers) == 2


def are_asked_apart(columns: Sequence[Facts], stem: str) -> bool:
    """Yes/no questions of a group of a form (`group/question`): each with blanks of its own, as options never are."""
    is_path = all(facts.column.name.startswith(f"{stem}/") and facts.has_both for facts in columns)
    return is_path and any(any(row) and not all(row) for row in zip(*(facts.cells for facts in columns), strict=True))


def has_units(answers: Sequence[str]) -> bool:
    """True where most texts are a number with a currency, % or another unit: `$1,200`, `35 %`, `12 h`."""
    return 5 * sum(_WITH_UNIT.fullmatch(text) is not None for text in answers) >= 4 * len(answers)
