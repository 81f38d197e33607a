"""The exporter's offset from UTC, from ids that carry a time and the days that X printed next to them.

Often several offsets fit: then they are a range, and no row gets one of them. Where clocks changed inside the file, two
offsets an hour apart fit all rows and no single one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

HALVES = ("-0930", "-0330", "-0230", "+0330", "+0430", "+0530", "+0545", "+0630", "+0845", "+0930", "+1030", "+1245")
# In minutes, the offsets that some clock on earth shows.
OFFSETS = tuple(
    sorted(
        {60 * hour for hour in range(-12, 15)}
        | {int(each[0] + "1") * (60 * int(each[1:3]) + int(each[3:])) for each in (*HALVES, "+1345")}
    )
)
SUMMER = 60
FEW_MISSES = 0.05  # share of rows with a damaged date at which an offset still counts as known
DAYS_BETWEEN_CHANGES = 120  # clocks change twice a year, at least so many days apart

Dated = tuple[datetime, date]  # UTC time of a post by its id, day as printed


@dataclass(frozen=True)
class Offset:
    """What the rows tell about the offset.

    Attributes:
        candidates: offsets in minutes that fit equally well, one or, where clocks changed, two for each candidate.
        missed: rows that no candidate fits.
        minutes: the offset of each row, None where the rows do not tell it.
        changes: where clocks changed, the days of the last row before and of the first after.
    """

    candidates: tuple[tuple[int, ...], ...]
    missed: int
    minutes: tuple[int | None, ...]
    changes: tuple[tuple[date, date], ...] = ()

    def note(self) -> str:
        """What to tell about the printed days."""
        first, last = self.candidates[0], self.candidates[-1]
        if first == last:
            shown = " and ".join(map(format_offset, first)) + ", inferred from the ids"
        else:
            shown = f"an offset from {format_offset(first[0])} to {format_offset(last[-1])}: the ids do not tell which"
        if self.changes:
            shown += "; clocks changed between " + ", ".join(f"{before} and {after}" for before, after in self.changes)
        return f"dates are printed at {shown}" + (f"; {self.missed:,} rows contradict it" if self.missed else "")


def infer_offset(rows: Sequence[Dated]) -> Offset | None:
    """The offset at which days are printed, as far as the rows tell it; None without rows."""
    if not rows:
        return None
    misses = {minutes: sum(not _fits(row, minutes) for row in rows) for minutes in OFFSETS}
    fewest = min(misses.values())
    changed = _infer_change(rows) if fewest else None
    if changed and changed.missed < fewest:
        return changed
    best = tuple((minutes,) for minutes in OFFSETS if misses[minutes] == fewest)
    only = best[0][0] if len(best) == 1 and fewest <= FEW_MISSES * len(rows) else None
    return Offset(best, fewest, tuple(only if only is not None and _fits(row, only) else None for row in rows))


def format_offset(minutes: int) -> str:
    """An offset as people write it: UTC+01:00."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _infer_change(rows: Sequence[Dated]) -> Offset | None:
    """Two offsets an hour apart, changing no oftener than clocks do, that fit the most rows; None where no two do."""
    order = sorted(range(len(rows)), key=lambda number: rows[number][0])
    days = (rows[order[-1]][0] - rows[order[0]][0]).days
    found = []
    for minutes in OFFSETS:
        if minutes + SUMMER not in OFFSETS:
            continue
        missed, forced = _forced(rows, order, minutes)
        labels = [label for label in forced if label is not None]
        changes = sum(before != after for before, after in pairwise(labels))
        if 0 < changes <= 1 + days // DAYS_BETWEEN_CHANGES:
            found.append((missed, minutes, forced))
    if not found:
        return None
    fewest = min(missed for missed, _, _ in found)
    best = [(minutes, forced) for missed, minutes, forced in found if missed == fewest]
    filled: list[int | None] = [None] * len(rows)
    if len(best) == 1 and fewest <= FEW_MISSES * len(rows):
        for number, label in zip(order, _between(best[0][1]), strict=True):
            filled[number] = label if label is not None and _fits(rows[number], label) else None
    candidates = tuple((minutes, minutes + SUMMER) for minutes, _ in best)
    return Offset(candidates, fewest, tuple(filled), _changes(rows, order, best[0][1]))


def _forced(rows: Sequence[Dated], order: Sequence[int], minutes: int) -> tuple[int, list[int | None]]:
    """Rows that neither offset fits; and for each row in time order the only one that does, None where both do."""
    forced: list[int | None] = []
    missed = 0
    for number in order:
        low, high = _fits(rows[number], minutes), _fits(rows[number], minutes + SUMMER)
        missed += not (low or high)
        forced.append(None if low == high else minutes if low else minutes + SUMMER)
    return missed, forced


def _between(forced: Sequence[int | None]) -> list[int | None]:
    """Labels filled in where the nearest labelled rows before and after agree."""
    after: list[int | None] = []
    label = None
    for each in reversed(forced):
        label = each if each is not None else label
        after.append(label)
    after.reverse()
    filled: list[int | None] = []
    label = None
    for each, later in zip(forced, after, strict=True):
        label = each if each is not None else label
        filled.append(label if label == later else None)
    return filled


def _changes(
    rows: Sequence[Dated], order: Sequence[int], forced: Sequence[int | None]
) -> tuple[tuple[date, date], ...]:
    labelled = [(rows[number][1], label) for number, label in zip(order, forced, strict=True) if label is not None]
    return tuple((day, later) for (day, before), (later, after) in pairwise(labelled) if before != after)


def _fits(row: Dated, minutes: int) -> bool:
    moment, day = row
    return (moment + timedelta(minutes=minutes)).date() == day
