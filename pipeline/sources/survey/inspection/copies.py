"""Columns that hold the choices of other columns once more, in one cell: a question is counted once.

Kobo, ODK and Tally write `Channels` with all choices before a column for each of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.sources.files.cells import counted, fold
from pipeline.sources.files.yes_no import NO
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.doubts import Doubt
from pipeline.sources.survey.inspection.grouping import Block
from pipeline.sources.survey.inspection.words import words

_OPENINGS = ("/", " (", " [", "___", ".")  # between a question and its option
_Options = Mapping[str, Guess]


def without_copies(guesses: Sequence[Guess], blocks: Sequence[Block]) -> tuple[list[Guess], list[Doubt]]:
    """The guesses without columns that repeat the choices of others, and what is unsure about that."""
    asked = {words(block.stem): block for block in reversed(blocks) if block.kind == "ticks" and block.stem}
    by_name = _options_by_name(guesses)
    found: list[Guess] = []
    doubts = []
    for guess in guesses:
        found.append(guess)
        options = _options_of(guess, asked, by_name) if guess.part not in ("ignore", "empty") else []
        if not options:
            continue
        different = _rows_that_differ(guess, options)
        shown = f"{guess.facts.column.name!r} holds the choices of its {len(options)} columns in one cell"
        if different * 20 > len(guess.facts.cells):
            doubts.append(Doubt(at.WRONG_COUNT, f"{shown}, by its name, and differs in {different:,} rows: keep one"))
            continue
        none = sum(not cell and any(map(_is_no, row)) for cell, row in _rows(guess, options))
        if none:
            why = f"{shown}, and is blank in {counted(none, 'row')}, which count as answered with nothing chosen"
            doubts.append(Doubt(at.WRONG_BASE, f"{why}: if they were not asked, list the joined column instead"))
        found[-1] = replace(guess, part="ignore", detail="the choices of other columns in one cell", doubt="")
    return found, doubts


def _options_by_name(guesses: Sequence[Guess]) -> dict[str, dict[str, Guess]]:
    """The ticks under each name that stands before an option: `Channels` of `Channels/Blog` and `Channels/X`."""
    found: defaultdict[str, dict[str, Guess]] = defaultdict(dict)
    for guess in guesses:
        for opening in _OPENINGS if guess.part in ("tick", "yes_no") else ():
            question, _, option = guess.facts.column.name.rpartition(opening)
            found[question][option.rstrip(")]")] = guess
    return found


def _options_of(guess: Guess, asked: Mapping[str, Block], by_name: Mapping[str, _Options]) -> list[Guess]:
    """The columns of the options of a question that is called like this column; none if it is an option itself."""
    block = asked.get(words(guess.facts.column.name))
    if block and all(each.facts.column.position != guess.facts.column.position for each in block.members):
        return list(block.members)
    # Ticks that make no question together are its options only if its cells name them.
    named = by_name.get(guess.facts.column.name, {})
    texts = [fold(option) for option in named]
    are_named = all(
        text in fold(cell)
        for cell, row in _rows(guess, list(named.values()))
        for text, mark in zip(texts, row, strict=True)
        if _is_chosen(mark)
    )
    return list(named.values()) if len(named) > 1 and are_named else []


def _rows(guess: Guess, options: Sequence[Guess]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each cell with those of the options in its row."""
    if options:
        rows = zip(*(each.facts.cells for each in options), strict=True)
        yield from zip(guess.facts.cells, rows, strict=True)


def _rows_that_differ(guess: Guess, options: Sequence[Guess]) -> int:
    """Rows in which a cell says something else than the options: in a copy one text stands for one choice of them."""
    chosen: defaultdict[str, Counter[tuple[bool, ...]]] = defaultdict(Counter)
    for cell, row in _rows(guess, options):
        marks = tuple(map(_is_chosen, row))
        if bool(cell) == any(marks):
            chosen[fold(cell)][marks] += 1
    return len(guess.facts.cells) - sum(max(times.values()) for times in chosen.values())


def _is_chosen(cell: str) -> bool:
    return bool(cell) and not _is_no(cell)


def _is_no(cell: str) -> bool:
    return bool(cell) and fold(cell) in NO
