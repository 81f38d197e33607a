"""A table of text cells, whatever the form of its file: header, rows, rows set aside, what stands above the header.

Made by `tabular`, `workbook` and `spss`. Knows nothing about what the columns mean.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from pipeline.sources.files.records import Record, Records, RecordStore
from pipeline.sources.files.table_header import LOOKED_AT, header_depth

ABOVE_HEADER = "rows_above_header"
HOLE = "\x00\x00"  # programs write a zero byte now and then; several are what a disk or a copy has lost
Line = tuple[int, tuple[str, ...]]  # number of the line on which a row ends, its cells


@dataclass(frozen=True)
class SetAside:
    """A row that was not used, with the reason."""

    line: int
    problem: str
    detail: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Flag:
    """Something about single cells or other sheets that a person should know; every row was used all the same."""

    problem: str
    detail: str
    next_step: str


@dataclass(frozen=True)
class Sheet:
    """A table of text cells: its first row, the rows that have the same width, and those set aside."""

    header: tuple[str, ...]
    records: Records
    set_aside: tuple[SetAside, ...]
    encoding: str
    delimiter: str
    form: str = "csv"  # csv, xlsx or sav
    labels: tuple[str, ...] = ()  # per column, the longer name that SPSS keeps next to the short one
    missing: tuple[frozenset[str], ...] = ()  # per column, the cells that the file itself declares as no answer
    orders: tuple[tuple[str, ...], ...] = ()  # per column, the labels of an ordinal SPSS variable by their codes
    flags: tuple[Flag, ...] = ()
    header_line: int = 1  # line of the file on which the header ends
    above: tuple[Record, ...] = ()  # rows above the header: titles, notes

    def skipping(self, line_count: int) -> "Sheet":
        """The same table with its header on the first row below so many lines of the file, as a person says."""
        header = Record(self.header_line, self.header)
        rows = [(row.line, row.cells) for row in (*self.above, header, *self.in_order())]
        start = next((at for at, (line, _) in enumerate(rows) if line > line_count), len(rows) - 1)
        if start == len(self.above):
            return self
        return replace(
            split_at(start, rows),
            encoding=self.encoding,
            delimiter=self.delimiter,
            form=self.form,
            flags=tuple(flag for flag in self.flags if flag.problem != ABOVE_HEADER) + above_flags(rows[:start]),
        )

    def in_order(self) -> list[Record | SetAside]:
        """All rows below the first, used and set aside, in the order of the file."""
        rows: list[Record | SetAside] = [*self.records, *self.set_aside]
        return sorted(rows, key=lambda row: row.line)

    def first_rows(self, count: int) -> list[Record | SetAside]:
        """So many rows below the header, used and set aside, in the order of the file."""
        rows: list[Record | SetAside] = [*islice(self.records, count), *self.set_aside[:count]]
        return sorted(rows, key=lambda row: row.line)[:count]

    def normalised_header(self) -> tuple[str, ...]:
        """Header names in lower case with single spaces, for comparison."""
        return tuple(" ".join(name.split()).casefold() for name in self.header)


def split_at(start: int, head: Sequence[Line], rest: Iterable[Line] = ()) -> Sheet:
    """A table from its rows, the header being the row at `start`; rows of another width are set aside.

    Args:
        start: position of the header among the first rows.
        head: the first rows.
        rest: the rows after them, read once.
    """
    header_line, header = head[start]
    second = head[start + 1][1] if header_depth([cells for _, cells in head[start : start + LOOKED_AT]]) > 1 else ()
    names = [name.replace("\x00", "").replace("\ufeff", "").strip() for name in header]
    # Not every program fills up a first header row that ends in blanks.
    names += [""] * (len(second) - len(names))
    width = len(names)
    records, set_aside = RecordStore(width), []
    for line, cells in chain(islice(head, start + 1, None), rest):
        if any(HOLE in cell for cell in cells):
            detail = "zero bytes stand where text was: the file was not copied whole, or the disk is damaged"
            set_aside.append(SetAside(line, "damaged_row", detail, tuple(cell.replace("\x00", "") for cell in cells)))
            continue
        clean = tuple(cell.replace("\x00", "") for cell in cells)
        trimmed = clean[:width] if len(clean) > width and not any(clean[width:]) else clean
        if len(trimmed) != width:
            detail = f"{len(cells):,} {'cell' if len(cells) == 1 else 'cells'} where the header has {width:,}"
            set_aside.append(SetAside(line, "ragged_row", detail, clean))
            continue
        records.add(line, trimmed)
    above = tuple(Record(line, cells) for line, cells in head[:start])
    return Sheet(tuple(names), records.finish(), tuple(set_aside), "", "", header_line=header_line, above=above)


def above_flags(above: Sequence[Record | Line]) -> tuple[Flag, ...]:
    """What is said of rows above the header; their words stay out, as they may name a person."""
    if not above:
        return ()
    lines = [row.line if isinstance(row, Record) else row[0] for row in above]
    one, many = f"line {lines[0]:,} stands", f"lines {lines[0]:,} to {lines[-1]:,} stand"
    detail = f"{one if len(lines) == 1 else many} above the header, outside the table"
    return (Flag(ABOVE_HEADER, detail, "nothing, if the table begins below; for a survey skip_rows says where"),)
