"""The parts of a report, as values: figures, their results and drawings. Their words are in the catalogue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.report.catalogue import say, say_if_known

Row = dict[str, Any]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Panel:
    """One chart of a drawing: a Vega-Lite specification without width, theme or title."""

    title: str
    spec: dict[str, Any]
    # Survey or account that it is about, by which the page filters; empty for everything else.
    about: str = ""


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
    # As for a panel.
    about: str = ""


def draw_nothing(rows: Rows) -> list[Drawing]:
    """For figures that are a table only."""
    del rows
    return []


def open_with_first(rows: Rows) -> list[str]:
    """For figures whose first sentence stands above the picture alone."""
    del rows
    return []


@dataclass(frozen=True)
class Figure:
    """One question: the SQL that is shown is the SQL that runs, and everything below it comes from its rows."""

    name: str
    sql: str
    # Form of each column of the table; see `pipeline.report.writing.FORMS`.
    columns: Mapping[str, str]
    read: Callable[[Rows], list[str]]
    draw: Callable[[Rows], list[Drawing]] = draw_nothing
    # Sentences above the picture where one is not enough, such as one for each account; `read` gives the others.
    open: Callable[[Rows], list[str]] = open_with_first
    # Whose reason is given where every account is on a platform that cannot answer; its own without a name.
    empty_on: str = ""
    # No row is an answer too, and a good one, where the warehouse has any account.
    is_answered_by_none: bool = False

    @property
    def title(self) -> str:
        """The question."""
        return say(f"figure.{self.name}.title")

    @property
    def note(self) -> str:
        """How to read the drawing."""
        return say_if_known(f"figure.{self.name}.note") or ""

    @property
    def if_empty(self) -> str:
        """What to do where the warehouse has no answer."""
        return say(f"figure.{self.name}.empty")

    def if_empty_on(self, platform: str) -> str | None:
        """Why there is no answer where every account is on the platform, in place of what to do."""
        return say_if_known(f"empty_on.{self.empty_on or self.name}.{platform}")

    def label(self, column: str) -> str:
        """The heading of a column: that of this figure, else the common one; limits are named as limits."""
        for key in (f"figure.{self.name}.column.{column}", f"column.{column}"):
            if known := say_if_known(key):
                return known
        return say("column.low" if column.endswith("_low") else "column.high")


@dataclass(frozen=True)
class Section:
    """Figures that belong together, under one heading."""

    name: str
    figures: tuple[Figure, ...]
    # Without rows for the first figure the section is the sentence that says so.
    needs_first: bool = False
    # Where the warehouse has no account at all there is nothing to say, not even that there are too few.
    needs_accounts: bool = True

    @property
    def title(self) -> str:
        """The heading."""
        return say(f"section.{self.name}.title")

    @property
    def lead(self) -> str:
        """One sentence on what the section answers."""
        return say(f"section.{self.name}.lead")


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
    # How many of the sentences stand above the picture; the others say how sure it is.
    opening_count: int = 1
