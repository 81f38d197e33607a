"""Ticks: which cells of the columns of a question say that their option was chosen, not chosen, or nothing.

An explicit no is an answer and only a blank is none. A text is a tick where it is declared, repeats its option, is a
word for yes, or is the only text of its column; of two other texts nobody can say which one is the tick.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.sources.files.cells import CellIssue, counted, fold
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.yes_no import NO, YES

ZEROS = {"0", "0.0"}
DASHES = {"-", "–", "—"}  # as good as a blank
# The column for what people type next to the options, as the tools call it: any text in it is a tick.
_TYPED = re.compile(
    r"(^|[\[/(:–-]\s*)(other|others|sonstiges?|sonstige[rs]?|andere[rs]?|autres?|otros?|otras?|outros?|outras?|altro|altra|altri"
    r"|anders|overig|inne|jiné|jiná|iné|другое|інше|diğer|その他|其他|기타|annat|annet|andet|muu|egyéb|alt(ul|a)|άλλο)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TickRules:
    """What a mapping declares about the columns of one question, texts folded."""

    selected: frozenset[str]
    not_selected: frozenset[str]
    not_answered: frozenset[str]
    blank_is_no: bool  # nothing ticked at all means that no option was chosen

    @classmethod
    def of(
        cls, selected: Sequence[str], not_selected: Sequence[str], not_answered: Sequence[str], *, blank_is_no: bool
    ) -> "TickRules":
        """Rules from the texts of a mapping."""
        chosen, others = frozenset(map(fold, selected)), frozenset(map(fold, not_selected))
        return cls(chosen, others, frozenset(map(fold, not_answered)) - {""}, blank_is_no)


def takes_typed_text(*names: str) -> bool:
    """True for a column in which people type what is none of the options: `Other (please specify)`."""
    return any(_TYPED.search(name) for name in names)


def tick_rows(
    cells: Sequence[Sequence[str]], labels: Sequence[str], names: Sequence[str], rules: TickRules
) -> tuple[Iterator[tuple[bool | None, ...]], list[CellIssue]]:
    """Per respondent, for each column whether its option was chosen; and the columns with indistinguishable texts.

    Args:
        cells: one sequence per column, in respondents' order.
        labels: the option of each column.
        names: the name of each column.
        rules: what the mapping declares.
    """
    counts = [Counter(column) for column in cells]
    zero_is_a_code = _zero_is_a_code(cells, counts)
    states: list[Mapping[str, bool | None]] = []
    findings: list[CellIssue] = []
    for count, label, name in zip(counts, labels, names, strict=True):
        state, unclear = _states(count, label, name, rules, zero_is_a_code=zero_is_a_code)
        states.append(state)
        findings += _unclear(name, count, unclear)
    # A blank says nothing by itself: where the respondent gave an answer to the question, it is an option not chosen,
    # unless its column knows an explicit no.
    blanks = [
        False if rules.blank_is_no or False not in state.values() or takes_typed_text(*own) else None
        for state, own in zip(states, zip(labels, names, strict=True), strict=True)
    ]
    return _rows(cells, states, blanks, nothing=False if rules.blank_is_no else None), findings


def _rows(
    cells: Sequence[Sequence[str]],
    states: Sequence[Mapping[str, bool | None]],
    blanks: Sequence[bool | None],
    *,
    nothing: bool | None,
) -> Iterator[tuple[bool | None, ...]]:
    for row in zip(*cells, strict=True):
        known = [state.get(text, _BLANK) for state, text in zip(states, row, strict=True)]
        is_answered = any(each is True or each is False for each in known)
        is_unasked = not is_answered and any(each is None for each in known)
        missing = None if is_unasked else nothing
        yield tuple(
            (blank if is_answered else missing) if each is _BLANK else None if each is None else bool(each)
            for each, blank in zip(known, blanks, strict=True)
        )


_BLANK = object()


def _states(
    count: Mapping[str, int], label: str, name: str, rules: TickRules, *, zero_is_a_code: bool
) -> tuple[dict[str, bool | None], list[str]]:
    """Chosen, not chosen or not asked by the text of a cell, blanks left out; and the texts that are none of these."""
    folded = {text: fold(text) for text in count}
    own = {fold(label), fold(name), fold(name.rsplit(" / ", 1)[-1])} - {""}
    states: dict[str, bool | None] = {}
    others = []
    for text, plain in folded.items():
        if not plain or (plain in DASHES and plain not in rules.selected | rules.not_selected):
            continue
        if plain in rules.selected:
            states[text] = True
        elif plain in rules.not_answered:
            states[text] = None
        elif plain in rules.not_selected:
            states[text] = False
        elif plain in own or (zero_is_a_code and plain in ZEROS):
            states[text] = True
        elif plain in NO:
            states[text] = False
        elif plain in YES:
            states[text] = True
        else:
            others.append(text)
    is_only = len({folded[text] for text in others}) == 1 and True not in states.values()
    if is_only or takes_typed_text(label, name):
        return states | dict.fromkeys(others, True), []
    if others and False not in states.values():
        states = dict.fromkeys(states, None)  # one of the others may be the no, without which every share is 100 %
    return states | dict.fromkeys(others, None), others


def _zero_is_a_code(cells: Sequence[Sequence[str]], counts: Sequence[Mapping[str, int]]) -> bool:
    """True where every column holds blanks and one number of its own: 0 is then the code of the first option.

    With zeros for a no every column is filled wherever the question was answered.
    """
    codes = [{text.strip() for text in count} - {""} for count in counts]
    if len(codes) < 2 or not all(len(each) <= 1 for each in codes):
        return False
    numbers = [next(iter(each)) for each in codes if each]
    has_zero = any(number in ZEROS for number in numbers)
    if not has_zero or len(set(numbers)) < len(numbers) or not all(_is_code(number) for number in numbers):
        return False
    places = [at for at, each in enumerate(codes) if each]
    return any(len({bool(cells[at][row].strip()) for at in places}) == 2 for row in range(len(cells[0])))


def _is_code(text: str) -> bool:
    return text.removesuffix(".0").isdecimal()


def _unclear(name: str, count: Mapping[str, int], texts: Sequence[str]) -> list[CellIssue]:
    if not texts:
        return []
    number = sum(count[text] for text in texts)
    kinds = len({fold(text) for text in texts})
    verb = "is" if kinds == 1 else "are"
    detail = (
        f"{counted(number, 'cell')} of the column {mask(name)!r} with {counted(kinds, 'text')} that {verb} neither its "
        "option nor a word for yes or no; stored as not answered, and so is the whole column if no text of it says no"
    )
    return [
        CellIssue(
            "unclear_tick", detail, "list the texts under selected or not_selected of the question in the mapping"
        )
    ]
