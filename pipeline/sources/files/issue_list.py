"""Collecting what one file holds that cannot be used, with the place in the file. Decides nothing about rows.

Equal problems of one column become one issue with the lines and their count: a fault that a thousand lines share is
one thing to correct.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import Request, issue_row
from pipeline.sources.issue_summary import line_count
from pipeline.sources.lake_source import Row

SHOWN_DETAILS = 3
SHOWN_LINES = 10
# Rejected records are kept in the payload up to this number; beyond it the file itself has to be looked at.
KEPT_ORIGINALS = 1_000


@dataclass(frozen=True)
class _Entry:
    """One thing that was read and not used."""

    place: str
    problem: str
    detail: str
    next_step: str
    original: object
    line: int | None  # None where the place is no line; such entries are never put together
    column: str


@dataclass(frozen=True)
class IssueList:
    """Rows of `issues` for one file, in the order in which they were found, one for each cause."""

    file_name: str
    request: Request
    platform: str = "x"
    _entries: list[_Entry] = field(default_factory=list)

    def add(
        self,
        place: str,
        problem: str,
        detail: str,
        next_step: str,
        original: object = None,
        *,
        line: int | None = None,
        column: str = "",
    ) -> None:
        """Add one issue.

        Args:
            place: a line, column or member of the file, empty for the whole file.
            problem: short name of what is wrong.
            detail: what is wrong, for people.
            next_step: the remedy.
            original: the record as it is in the file.
            line: the line, where the place is one (`line 12` says it as well); issues of lines with the same problem,
                remedy and column are put together.
            column: the column, where the problem is one of a single column.
        """
        if line is None and place.startswith("line ") and place[5:].isdecimal():
            line = int(place[5:])
        self._entries.append(_Entry(place, problem, detail, next_step, original, line, column))

    @property
    def rows(self) -> list[Row]:
        """The issues as rows: those of single lines that share a cause as one, at the place of the first."""
        groups: dict[tuple[object, ...], list[_Entry]] = {}
        for number, entry in enumerate(self._entries):
            cause = (entry.problem, entry.next_step, entry.column)
            groups.setdefault(cause if entry.line is not None else (number,), []).append(entry)
        return [self._row(entries) for entries in groups.values()]

    def nothing_usable(self, what: str) -> TweetbenchError:
        """The error for a file of which nothing can be used, with the most frequent issue as the reason."""
        rows = sorted(self.rows, key=line_count, reverse=True)
        first = rows[0] if rows else None
        return TweetbenchError(
            what,
            where=first["subject"] if first else self.file_name,
            why=first["detail"] if first else "",
            next_step=first["next_step"] if first else "export it again, then run: tweetbench ingest FILE",
        )

    def _row(self, entries: Sequence[_Entry]) -> Row:
        first = entries[0]
        if len(entries) == 1:
            place, detail, original = first.place, first.detail, first.original
        else:
            lines = [entry.line for entry in entries if entry.line is not None]
            place = f"lines {_listed(lines)}"
            detail = f"{len(entries):,} lines: {_details(entries)}"
            originals = [entry.original for entry in entries[:KEPT_ORIGINALS]]
            original = {"line_count": len(entries), "lines": lines[:KEPT_ORIGINALS], "originals": originals}
        subject = f"{self.file_name}, {place}" if place else self.file_name
        return issue_row(
            subject,
            first.problem,
            detail=detail,
            next_step=first.next_step,
            request=self.request,
            original=original,
            platform=self.platform,
        )


def _listed(lines: Iterable[int]) -> str:
    """`3, 4, 9 and 12 more`."""
    numbers = list(lines)
    more = len(numbers) - SHOWN_LINES
    return ", ".join(map(str, numbers[:SHOWN_LINES])) + (f" and {more:,} more" if more > 0 else "")


def _details(entries: Sequence[_Entry]) -> str:
    """What is wrong, said once where it is the same, else for the first few lines."""
    if len({entry.detail for entry in entries}) == 1:
        return entries[0].detail
    shown = "; ".join(f"line {entry.line}: {entry.detail}" for entry in entries[:SHOWN_DETAILS])
    more = len(entries) - SHOWN_DETAILS
    return shown + (f"; and {more:,} more" if more > 0 else "")
