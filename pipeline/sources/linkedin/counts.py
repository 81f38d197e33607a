"""Figures of LinkedIn's exports. Negative ones are real: LinkedIn takes back what accounts it removed had done.

The decimal mark of a table is known from its rates, which are fractions, or by the figures themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.sources.files import numbers
from pipeline.sources.linkedin.tables import Line, Table

ENGAGEMENTS = ("clicks", "reactions", "comments", "reposts")
RATE_TOLERANCE = 0.002


@dataclass(frozen=True)
class BadCell:
    """A cell that is no figure."""

    column: str
    line: Line
    detail: str


@dataclass
class CountReader:
    """Reads the figures of one table and keeps what could not be read."""

    table: Table
    mark: numbers.Mark | None
    bad: list[BadCell]

    def read(self, line: Line, name: str) -> int | None:
        """The figure of a field; None where it is not reported, bad, or not in the table."""
        cell = self.table.cell(line, name).replace("\u2212", "-")
        is_negative = cell.startswith("-") and not numbers.is_not_reported(cell)
        try:
            value = numbers.parse_count(cell.removeprefix("-") if is_negative else cell, self.mark)
        except ValueError as error:
            self.bad.append(BadCell(self.table.header[self.table.columns[name]], line, str(error)))
            return None
        return -value if is_negative and value else value

    def engagements(self, line: Line, suffix: str = "") -> int | None:
        """All clicks, reactions, comments and reposts; None where one of them is not reported."""
        values = [self.read(line, f"{name}{suffix}") for name in ENGAGEMENTS]
        return None if None in values else sum(value for value in values if value is not None)


def count_reader(table: Table) -> CountReader:
    """The reader of a table's figures."""
    rates = [name for name in table.columns if name.startswith(("rate", "ctr"))]
    figures = [name for name in table.columns if name not in rates and not name.endswith(("day", "title", "link"))]
    of_rates = numbers.decimal_marks(cell for name in rates for cell in table.column(name))
    of_figures = numbers.decimal_marks((cell for name in figures for cell in table.column(name)), whole=True)
    return CountReader(table, numbers.choose_mark(of_rates, of_figures), [])


def rates_disagree(table: Table, lines: Iterable[Line], suffix: str = "") -> tuple[int, int] | None:
    """How many of the stated engagement rates are not those of the figures, if most are not; None if all is well.

    A rate is (clicks + reactions + comments + reposts) / impressions in every export seen.
    """
    reader = count_reader(table)
    checked = wrong = 0
    for line in lines:
        cell = table.cell(line, f"rate{suffix}")
        impressions, engagements = reader.read(line, f"impressions{suffix}"), reader.engagements(line, suffix)
        try:
            stated = numbers.parse_number(cell.removesuffix("%").strip(), reader.mark)
        except ValueError:
            continue
        if impressions and engagements is not None and impressions > 0:
            real = engagements / impressions * (100 if cell.endswith("%") else 1)
            checked += 1
            wrong += abs(stated - real) > RATE_TOLERANCE * max(abs(real), 1)
    return (wrong, checked) if 2 * wrong > checked else None
