"""What is true of each column that a tool wrote, in the tool's own texts: what the judge compares a reading with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.exporters.surveys.world import Question

OTHER = "(other)"  # how tweetbench's contract names what people typed next to the options


@dataclass(frozen=True)
class Column:
    """One column of an export. Of the fields below the kind, those that the kind needs are filled.

    choice: `counts` by the texts in the cells, `base`; `order` from least to most where it is a scale.
    tick:   `text` in the cells of those who chose `option`, `chosen` of `base` people.
    joined: `counts` by option, `base`.
    number: `values`.    typed: must not be stored.    started, submitted: `times` in UTC.
    weight: `values`.    id, complete, personal, leave: as they say.
    """

    kind: str
    name: str
    question: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    base: int = 0
    order: tuple[str, ...] = ()
    option: str = ""
    text: str = ""
    chosen: int = 0
    values: tuple[float, ...] = ()
    times: tuple[datetime, ...] = ()
    also: tuple[datetime, ...] = ()  # other moments at which the clocks showed the same


@dataclass(frozen=True)
class Export:
    """A file's table with the truth of each of its columns."""

    tool: str
    rows: list[list[object]]
    columns: tuple[Column, ...]
    respondent_count: int
    typed_texts: frozenset[str]
    hazards: tuple[str, ...] = ()
    header_rows: int = 1
    form: str = "csv"  # csv, xlsx, sav
    extras: Mapping[str, object] = field(default_factory=dict)


def choice(
    at: int, name: str, question: Question, texts: Sequence[str], *, other: str | None = None, is_scale: bool = False
) -> Column:
    """A column with one option per cell. `other`: the text of a cell where people typed their own; `(other)`: that."""
    counts = {text: question.count(option) for option, text in enumerate(texts)}
    if question.typed_count:
        counts[other or OTHER] = question.typed_count
    return Column("choice", name, at, counts=counts, base=question.base, order=tuple(texts) if is_scale else ())


def tick(at: int, name: str, question: Question, option: int, text: str, *, base: int | None = None) -> Column:
    """A column of its own for one option."""
    return Column(
        "tick",
        name,
        at,
        option=question.options[option],
        text=text,
        chosen=question.count(option),
        base=question.base if base is None else base,
    )


def joined(at: int, name: str, question: Question) -> Column:
    """A column in which the tool joined all choices; what people typed is a piece of its own."""
    counts = {text: question.count(option) for option, text in enumerate(question.options)}
    if question.typed_count:
        counts[OTHER] = question.typed_count
    return Column("joined", name, at, counts=counts, base=question.base)


def numbers(at: int, name: str, question: Question) -> Column:
    """A column of numbers."""
    return Column("number", name, at, values=tuple(sorted(a for a in question.answers if isinstance(a, float | int))))


def typed(name: str, at: int | None = None) -> Column:
    """A column of what people typed: never stored."""
    return Column("typed", name, at)


def other(name: str, at: int, question: Question, *, base: int | None = None) -> Column:
    """A column of what people typed next to the options: its texts are never stored, that they typed may be counted."""
    return Column("other", name, at, chosen=question.typed_count, base=question.base if base is None else base)


Cells = Callable[[int], object]  # the cell of a person, by place
