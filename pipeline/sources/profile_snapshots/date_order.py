"""Which dates of an otherwise sorted list break its order: how a mistyped date shows itself. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

# In a shorter list, or one that is less sorted than this, order says nothing about single dates.
FEWEST_ROWS = 10
SORTED_SHARE = 0.9


def find_out_of_order(moments: Sequence[datetime]) -> list[int]:
    """Positions of the moments that break an otherwise ascending or descending order; empty if there is no order.

    A position is kept only if every longest sorted run holds it: where two neighbours contradict each other and
    nothing tells which one is wrong, both are returned.
    """
    if len(moments) < FEWEST_ROWS:
        return []
    rank_of = {moment: rank for rank, moment in enumerate(sorted(set(moments)))}
    ranks = [rank_of[moment] for moment in moments]
    ascending, descending = _through(ranks), _through([-rank for rank in ranks])
    longest, kept = max(ascending, descending, key=lambda found: found[0])
    if longest < SORTED_SHARE * len(moments):
        return []
    return [position for position in range(len(moments)) if position not in kept]


def _through(ranks: list[int]) -> tuple[int, set[int]]:
    """Length of the longest ascending run (equal neighbours allowed), and the positions that all such runs share."""
    ending = _run_lengths(ranks)
    starting = _run_lengths([-rank for rank in reversed(ranks)])[::-1]
    longest = max(ending)
    at_step: dict[int, list[int]] = {}
    for position, (before, after) in enumerate(zip(ending, starting, strict=True)):
        if before + after - 1 == longest:
            at_step.setdefault(before, []).append(position)
    return longest, {positions[0] for positions in at_step.values() if len(positions) == 1}


def _run_lengths(ranks: list[int]) -> list[int]:
    """For each position the length of the longest ascending run that ends there; O(n log n)."""
    lowest_end: list[int] = []
    lengths = []
    for rank in ranks:
        place = bisect_right(lowest_end, rank)
        lowest_end[place : place + 1] = [rank]
        lengths.append(place + 1)
    return lengths
