"""One column of an unknown survey with what its cells look like; what it is taken for is decided in `column_kinds`."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from pipeline.sources.files.cells import fold
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.yes_no import NO, YES
from pipeline.sources.survey.inspection import words as known
from pipeline.sources.survey.inspection.scales import is_off_scale
from pipeline.sources.survey.layout import Column

_EXPLAINED = re.compile(r"(?<![\w.])(-?\d{1,5})\s*=\s*([^,;/|)\]\d=]+)")  # `1 = male, 2 = female, 9 = no answer`
PLAIN = str.maketrans("", "", " .,;:!?'\"()/+-_&’`´")
# Codes of no answer that stand below the codes of answers in exports of Unipark, SPSS and others.
_BELOW_CODES = frozenset(f"-{digit * times}" for digit in "6789" for times in (2, 3, 4)) | {
    "-97",
    "-98",
    "-997",
    "-998",
}
RARE = 2  # texts of so few people may be what they typed
LONG, SHORT = 25, 6  # answers from which on a text of two people, of one person, is no option


@dataclass(frozen=True)
class Facts:
    """One column with its header texts and its cells."""

    column: Column
    question: str  # the wording, as far as the header rows give it
    label: str  # the option or item, where the header names one
    import_id: str
    cells: tuple[str, ...]  # tidied
    declared_missing: frozenset[str]
    order: tuple[str, ...] = ()  # the labels of an ordinal SPSS variable by their codes
    is_under_question: bool = False  # the header has a row for questions and one for options
    is_carried: bool = False  # its question stands over a column to its left
    is_closed: bool = False  # the tool writes what people typed elsewhere: every text is an option

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text occurs, blanks left out; texts that differ in letter case count as the most usual one."""
        spelled = Counter(cell for cell in self.cells if cell)
        usual: dict[str, str] = {}
        for text, _ in spelled.most_common():
            usual.setdefault(fold(text), text)
        counted: Counter[str] = Counter()
        for text, times in spelled.items():
            counted[usual[fold(text)]] += times
        return counted

    @cached_property
    def answers(self) -> list[str]:
        """The distinct texts that are answers, most frequent first."""
        lacking = {fold(text) for text in self.declared_missing} | known.NOT_ANSWERED | self._lacking_codes
        return [text for text, _ in self.counts.most_common() if fold(text) not in lacking]

    @cached_property
    def not_answered(self) -> list[str]:
        """The texts that stand for no answer, but for those that the file itself declares."""
        lacking = {fold(text) for text in self.declared_missing}
        return [
            text
            for text in self.counts
            if fold(text) in known.NOT_ANSWERED | self._lacking_codes and fold(text) not in lacking
        ]

    def has_no_degree(self, text: str) -> bool:
        """True for an answer without a place on a scale, by its words or by what the header says of its code."""
        return is_off_scale(text) or (text in self._explained and is_off_scale(self._explained[text]))

    @cached_property
    def _explained(self) -> dict[str, str]:
        """What the header says of codes."""
        joined = " | ".join(dict.fromkeys((self.column.name, self.question, self.label)))
        return {code: label.strip() for code, label in _EXPLAINED.findall(joined)}

    @cached_property
    def _lacking_codes(self) -> frozenset[str]:
        explained = {code for code, label in self._explained.items() if fold(label) in known.NOT_ANSWERED}
        below = {text for text in self.counts if text.startswith("-") and text[1:].isdigit()}
        are_codes = below <= _BELOW_CODES and all(text.isdigit() for text in self.counts if text not in below)
        return frozenset(explained | (below if are_codes else set()))

    @cached_property
    def answered_count(self) -> int:
        """Cells with an answer."""
        return sum(self.counts[text] for text in self.answers)

    @cached_property
    def has_blanks(self) -> bool:
        """True if a cell is empty or says that nothing was answered."""
        return self.answered_count < len(self.cells)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name and wording as plain words."""
        return tuple(dict.fromkeys(known.words(text) for text in (self.column.name, self.label, self.question) if text))

    @cached_property
    def is_yes_no(self) -> bool:
        """True if all answers are words for yes and no, one of each or a single one."""
        return 1 <= len(self.answers) <= 2 and all(fold(text) in YES | NO for text in self.answers)

    @cached_property
    def has_both(self) -> bool:
        """True if a yes and a no occur."""
        folded = {fold(text) for text in self.answers}
        return self.is_yes_no and bool(folded & YES) and bool(folded & NO)

    @cached_property
    def tick(self) -> str | None:
        """The only text next to words for no, which are none if they stand alone."""
        if len(self.answers) == 1:
            return self.answers[0]
        others = [text for text in self.answers if fold(text) not in NO]
        return others[0] if len(others) == 1 else None

    @cached_property
    def is_own_text(self) -> bool:
        """True if every cell repeats the option that the header names."""
        names = {squeeze(each) for each in (self.column.name, self.label)}
        return len(self.answers) == 1 and squeeze(self.answers[0]) in names

    @cached_property
    def takes_typed(self) -> bool:
        """True for the column next to the options of a question into which people typed."""
        is_named = any(known.OTHER_TYPED.search(text) for text in (self.label, self.column.name) if len(text) <= 80)
        return is_named and not self.is_yes_no and not self.is_own_text

    def rare(self) -> list[str]:
        """In a long column, the texts of one or two people; in a shorter one those of one person."""
        if self.is_closed:
            return []
        most = RARE if self.answered_count >= LONG else 1 if self.answered_count >= SHORT else 0
        return [text for text in self.answers if self.counts[text] <= most]


def squeeze(text: str) -> str:
    """A text without blanks and marks, for comparing an option with a header that a program has rewritten."""
    plain = text.casefold().translate(PLAIN)
    return plain.rstrip("0123456789") or plain


def shown_name(facts: Facts) -> str:
    """A column for a sentence: its name, and the wording behind a name that is only a code."""
    name, question = facts.column.name, facts.question
    if not question or question in name or known.words(question) == known.words(name):
        return repr(mask(name))
    return f"{mask(name)!r} ({mask(question)})"
