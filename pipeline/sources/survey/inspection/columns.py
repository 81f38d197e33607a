"""What a single column of an unknown survey is: id, time, weight, personal, free text, ticks, choices, numbers.

Looks at one column at a time; which columns belong together is decided in `grouping`.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from pipeline.sources.personal_data import count_kinds, suspicious_name
from pipeline.sources.survey.answers import LONGEST_OPTION, MOST_OPTIONS
from pipeline.sources.survey.cells import is_time, parse_number, tidy
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.joined import find_separator
from pipeline.sources.survey.inspection.scales import find_order
from pipeline.sources.survey.layout import Column, Layout

MOST_LISTED = 40
TYPED = "typed"
NUMBER_SIGNS = {"#", "X."}  # Typeform's, and what R makes of it
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
PLAIN = str.maketrans("", "", " .,;:!?'\"()/+-_&’")


@dataclass(frozen=True)
class Facts:
    """One column with what its cells look like."""

    column: Column
    question: str  # the wording, as far as the header rows give it
    label: str  # the option or item, where the header names one
    import_id: str
    cells: tuple[str, ...]  # tidied
    declared_missing: frozenset[str]
    order: tuple[str, ...] = ()  # the labels of an ordinal SPSS variable by their codes

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text occurs, blanks left out."""
        return Counter(cell for cell in self.cells if cell)

    @cached_property
    def answers(self) -> list[str]:
        """The distinct texts that are answers, most frequent first."""
        missing = {text.casefold() for text in self.declared_missing}
        return [
            text
            for text, _ in self.counts.most_common()
            if text.casefold() not in known.NOT_ANSWERED and text.casefold() not in missing
        ]

    @property
    def not_answered(self) -> list[str]:
        """The texts that stand for no answer."""
        return [text for text in self.counts if text.casefold() in known.NOT_ANSWERED]

    @property
    def names(self) -> tuple[str, ...]:
        """Name and wording as plain words."""
        return tuple(dict.fromkeys(known.words(text) for text in (self.column.name, self.label, self.question) if text))


@dataclass(frozen=True)
class Guess:
    """What a column is taken for."""

    facts: Facts
    part: str  # respondent_id, started_at, ..., segment, or the shape of a question: tick, flag, scale, single, ...
    detail: str = ""  # dimension of a segment, separator of joined choices, kind of personal data
    order: tuple[str, ...] = ()  # options of a scale from least to most


def gather(
    layout: Layout, questions: list[str], import_ids: list[str], orders: tuple[tuple[str, ...], ...] = ()
) -> list[Facts]:
    """The columns of a survey with their cells."""
    found = []
    for column in layout.columns:
        cells = tuple(tidy(cell) for cell in layout.cells(column, layout.records))
        missing = frozenset(layout.missing_texts(column))
        at = column.position
        order = orders[at] if orders else ()
        found.append(Facts(column, questions[at], column.label, import_ids[at], cells, missing, order))
    return found


def guess_part(facts: Facts) -> Guess:
    """The part of one column by itself."""
    role = _role(facts)
    if role:
        return role
    if not facts.counts:
        is_nameless = facts.column.name == f"column {facts.column.position + 1}"
        return Guess(facts, "empty") if is_nameless else Guess(facts, "ignore", "holds nothing")
    if facts.import_id.startswith("QID") and "_TEXT" in facts.import_id:
        return Guess(facts, "free_text")
    return _segment(facts) or _shape(facts)


def _role(facts: Facts) -> Guess | None:
    names, filled = set(facts.names), facts.counts.total()
    kinds = count_kinds(facts.cells)
    announced = suspicious_name(facts.column.name) or suspicious_name(facts.label)
    is_mostly_time = filled > 0 and sum(_is_moment(cell) for cell in facts.cells if cell) >= 0.8 * filled
    if names & known.STARTED and (is_mostly_time or not filled):
        return Guess(facts, "started_at")
    if names & known.SUBMITTED and (is_mostly_time or not filled):
        return Guess(facts, "submitted_at")
    if (names & known.RESPONDENT_ID or facts.column.name in NUMBER_SIGNS) and filled == len(facts.counts) > 0:
        return Guess(facts, "respondent_id")
    if _is_weight(facts):
        return Guess(facts, "weight")
    if names & known.COMPLETE and any(text.casefold() in known.FINISHED for text in facts.answers):
        return Guess(facts, "complete")
    if kinds or ((announced or names & known.PERSONAL) and not _is_choice_of(facts)):
        return Guess(facts, "personal", next(iter(kinds), announced or "by its name"))
    if names & known.META:
        return Guess(facts, "ignore", "about the response, not an answer")
    if is_mostly_time:
        return Guess(facts, "ignore", "dates and times are not analysed")
    is_first = facts.column.position == 0
    is_id = facts.column.name == "column 1" or facts.column.name.casefold().endswith("id")
    if is_first and is_id and filled == len(facts.counts) > 1:
        return Guess(facts, "respondent_id")
    return None


def _is_moment(cell: str) -> bool:
    return is_time(cell) or _CLOCK.fullmatch(cell) is not None


def _is_choice_of(facts: Facts) -> bool:
    """A column of ticks or of yes and no: `Email` is an option there, and nobody's address."""
    lowered = {text.casefold() for text in facts.answers}
    names = {squeeze(each) for each in (facts.column.name, facts.label)}
    is_option = len(lowered) == 1 and squeeze(next(iter(lowered))) in names
    return is_option or (lowered <= known.YES | known.NO and facts.counts.total() >= 5)


def _is_weight(facts: Facts) -> bool:
    names = [name for name in facts.names if len(name.split()) <= 2]
    if not any(name in known.WEIGHT or name.endswith("weight") for name in names):
        return False
    try:
        values = [parse_number(cell) for cell in facts.cells if cell]
    except ValueError:
        return False
    return bool(values) and min(values) >= 0 and sum(values) > 0


def _segment(facts: Facts) -> Guess | None:
    if not 2 <= len(facts.answers) <= MOST_LISTED or max(map(len, facts.answers)) > LONGEST_OPTION:
        return None
    if facts.counts.total() > 20 and len(facts.answers) > facts.counts.total() / 2:
        return None
    for dimension, pattern in known.SEGMENTS:
        if any(pattern.search(name) for name in facts.names):
            return Guess(facts, "segment", dimension)
    return None


def _shape(facts: Facts) -> Guess:
    answers, total = facts.answers, facts.counts.total()
    if not answers:
        return Guess(facts, "single")
    separator = find_separator(facts.counts)
    if separator:
        return Guess(facts, "joined", separator)
    if _is_tick(facts):
        return Guess(facts, "tick")
    if known.OTHER_TYPED.search(facts.label) and not {text.casefold() for text in answers} <= known.YES | known.NO:
        return Guess(facts, "tick", TYPED)  # whatever was typed is a tick; the words stay out
    lowered = {text.casefold() for text in answers}
    if lowered <= known.YES | known.NO:
        return Guess(facts, "flag")
    order = find_order(answers) or [text for text in facts.order if text in answers]
    if len(order) == len([text for text in answers if text.casefold() not in known.OFF_SCALE]):
        return Guess(facts, "scale", order=tuple(order))
    if _is_number(answers):
        # Qualtrics gives numbers that people typed a _TEXT in their id; other numbers are codes of choices.
        return Guess(facts, "single" if facts.import_id.startswith("QID") else "number")
    if known.FREE_TEXT.search(facts.column.name) or known.FREE_TEXT.search(facts.label):
        return Guess(facts, "free_text")
    is_long = max(map(len, answers)) > LONGEST_OPTION
    is_varied = len(answers) > MOST_OPTIONS or (len(answers) > 5 and len(answers) > 0.5 * total)
    return Guess(facts, "free_text") if is_long or is_varied else Guess(facts, "single")


def _is_tick(facts: Facts) -> bool:
    """One text only beside blanks and `Not selected`: its own option, or the same in some rows and not in others."""
    ticked = [text for text in facts.answers if text.casefold() not in known.NO]
    if len(ticked) != 1:
        return False
    (text,) = ticked
    names = {squeeze(each) for each in (facts.column.name, facts.label)}
    if squeeze(text) in names:
        return True
    is_repeated = 3 <= facts.counts[text] < len(facts.cells)  # what one person typed is no option
    return is_repeated and text.casefold() not in {"yes", "true"}


def _is_number(answers: list[str]) -> bool:
    good = 0
    for text in answers:
        try:
            parse_number(text)
        except ValueError:
            continue
        good += 1
    return good >= 0.95 * len(answers)


def squeeze(text: str) -> str:
    """A text without blanks and marks, for comparing an option with a header that a program has rewritten."""
    plain = text.casefold().translate(PLAIN)
    return plain.rstrip("0123456789") or plain
