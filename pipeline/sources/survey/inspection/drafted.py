"""A question or segment as it will be written, and which texts of a column may be its options.

What people typed is no option: texts of one or two people in a long column become `(other)`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.sources.files.cells import counted, fold
from pipeline.sources.files.personal_data import find_kind
from pipeline.sources.files.yes_no import NO, YES
from pipeline.sources.survey.inspection import doubts as at
from pipeline.sources.survey.inspection.amounts import find_filler
from pipeline.sources.survey.inspection.column_kinds import Guess
from pipeline.sources.survey.inspection.doubts import Doubt
from pipeline.sources.survey.inspection.facts import RARE, Facts, shown_name
from pipeline.sources.survey.inspection.grouping import Block
from pipeline.sources.survey.inspection.scales import is_off_scale, read_places
from pipeline.sources.survey.inspection.stems import readable
from pipeline.sources.survey.inspection.words import OTHER_OPTION, words

_NONE = re.compile(r"none|none? of (the|these|them)\b.*|not applicable|nichts davon|keine?s? (davon|der)\b.*", re.I)
Columns = tuple[tuple[Facts, str], ...]  # column and its option or item


@dataclass(frozen=True)
class Drafted:
    """One question or segment as it will be written."""

    text: str
    type: str  # single, multi, scale, number; segment
    columns: Columns
    key: str = "columns"  # column, columns, one_of
    stem: str = ""
    dimension: str = ""
    separator: str = ""
    options: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    scale: tuple[tuple[str, float], ...] = ()
    scale_note: str = ""
    selected: tuple[str, ...] = ()
    not_answered: tuple[str, ...] = ()
    blank_is_no: bool = False
    answered: int = 0
    doubts: tuple[Doubt, ...] = ()


def listed(facts: Facts, common: Counter[str]) -> tuple[list[str], list[str]]:
    """The texts of a column that are options, and those that people may have typed."""
    rare = set(facts.rare())
    typed = [text for text in facts.answers if text in rare and not _is_known(text, common)]
    typed += [text for text in facts.answers if text not in typed and find_kind(text)]
    return [text for text in facts.answers if text not in typed], typed


def _is_known(text: str, common: Counter[str]) -> bool:
    """A text that nobody needs to have typed: on a scale, yes or no, a range of numbers, or usual in other columns."""
    folded = fold(text)
    if folded in YES | NO or is_off_scale(text) or _NONE.fullmatch(text) or len(text) <= 2:
        return True
    if common[folded] or (OTHER_OPTION.match(text) and len(words(text).split()) <= 3):
        return True
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    if digits >= 0.25 * (digits + letters):
        return True
    return bool(read_places([text]))


def typed_doubts(facts: Facts, typed: Sequence[str], key: str) -> Iterable[Doubt]:
    if typed:
        cells = sum(facts.counts[text] for text in typed)
        where = "labels" if key == "segment" else "options"
        yield Doubt(
            at.WRONG_COUNT,
            f"{counted(len(typed), 'text')} of {shown_name(facts)} of at most {RARE} respondents each "
            f"({counted(cells, 'answer')} of {facts.answered_count:,}) will be (other), as people may have typed them: "
            f"add those that are options under {where}",
        )


def filler_doubts(facts: Facts) -> Iterable[Doubt]:
    """A number that stands apart; a lone 9 only where the numbers are codes of groups and no amounts."""
    filler = find_filler(facts)
    if filler is not None and (filler > 9 or len(facts.answers) <= 4):
        why = f"{filler:g} stands apart in {shown_name(facts)} and may mean no answer"
        yield Doubt(at.WRONG_COUNT, f"{why}: if so, list it under not_answered")


def wording(block: Block) -> str:
    """The text of a question."""
    first = block.members[0].facts
    if block.kind == "alone":
        return readable(first.question or first.label or first.column.name)
    if not block.stem:
        shown = ", ".join(block.labels[:4])
        return f"Which of these: {shown} ... (please write the question here)"
    question = first.question
    if question and question != block.stem and not first.is_under_question:
        if " - " in question:
            return readable(question.rsplit(" - ", 1)[0].removesuffix(" - Selected Choice"))
        if question.endswith(f"-{first.label}"):
            return readable(question.removesuffix(f"-{first.label}"))
    return readable(block.stem)


def declared_missing(columns: Iterable[Facts]) -> tuple[str, ...]:
    folded: dict[str, str] = {}
    for facts in columns:
        for text in facts.not_answered:
            folded.setdefault(fold(text), text)
    return tuple(folded.values())


def labelled(block: Block) -> list[tuple[Guess, str]]:
    return list(zip(block.members, block.labels or ("",) * len(block.members), strict=True))


def different(texts: Iterable[str]) -> tuple[str, ...]:
    folded: dict[str, str] = {}
    for text in texts:
        folded.setdefault(fold(text), text)
    return tuple(folded.values())
