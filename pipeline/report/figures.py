"""The parts of a report, as values: figures, their results and drawings. No logic."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Panel:
    """One chart of a drawing: a Vega-Lite specification without width, theme or title."""

    title: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """One chart, or small multiples with shared scales; `alt` describes what it shows."""

    panels: tuple[Panel, ...]
    alt: str
    title: str = ""
    # Colour token and label, in reading order: a key for marks that are not labelled directly.
    key: tuple[tuple[str, str], ...] = ()
    # Collapsed until the reader opens it; for breakdowns that would bury the rest.
    folded: bool = False


def draw_nothing(rows: Rows) -> list[Drawing]:
    """For figures that are a table only."""
    del rows
    return []


@dataclass(frozen=True)
class Figure:
    """One question: the SQL that is shown is the SQL that runs, and everything below it comes from its rows."""

    name: str
    title: str
    sql: str
    # Label and form of each column of the table; see `pipeline.report.writing.FORMS`.
    columns: Mapping[str, tuple[str, str]]
    read: Callable[[Rows], list[str]]
    # What to do where the warehouse has no answer.
    if_empty: str
    draw: Callable[[Rows], list[Drawing]] = draw_nothing
    note: str = ""
    # Why there is no answer where every account is on the platform, in place of what to do.
    if_empty_on: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """Figures that belong together, under one heading."""

    name: str
    title: str
    lead: str
    figures: tuple[Figure, ...]
    # Without rows for the first figure the section is the sentence that says so.
    needs_first: bool = False


@dataclass(frozen=True)
class FigureResult:
    """Rows, sentences and drawings of one figure; `missing` says why there are none."""

    figure: Figure
    rows: Rows = ()
    words: tuple[str, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    missing: str = ""
    # A fault of the report itself, not of the data.
    problem: str = ""
