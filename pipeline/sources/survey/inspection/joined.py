"""Choices that a tool joined in one cell: the separator, and the options even where they contain it."""

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

SEPARATORS = ("; ", ";", "\n", "|", ", ", ",")
MOST_PIECES = 40
MOST_CELLS = 20_000


def find_separator(counts: Mapping[str, int]) -> str | None:
    """The separator if the cells are combinations of recurring pieces; None for single choices that contain commas."""
    if len(counts) < 3 or sum(counts.values()) < 5:
        return None
    for separator in SEPARATORS:
        cells = [text for text in list(counts)[:MOST_CELLS] if separator in text]
        if len(cells) < 3 or (separator == "," and any(_between_digits(text) for text in cells)):
            continue
        options = find_options(counts, separator)
        if 2 <= len(options) <= MOST_PIECES and _are_recombined(counts, separator, options):
            return separator.strip() or separator
    return None


def find_options(counts: Mapping[str, int], separator: str) -> list[str]:
    """The options, most frequent first; pieces that only ever follow each other are one option with a separator."""
    rows = [
        ([piece.strip() for piece in text.split(separator) if piece.strip()], times)
        for text, times in list(counts.items())[:MOST_CELLS]
    ]
    joint = separator if separator.endswith(" ") else f"{separator} " if separator == "," else separator
    while True:
        pair = _inseparable(rows)
        if pair is None:
            break
        rows = [(_merge(pieces, pair, joint), times) for pieces, times in rows]
    found: Counter[str] = Counter()
    for pieces, times in rows:
        for piece in set(pieces):
            found[piece] += times
    return [piece for piece, _ in found.most_common()]


def _inseparable(rows: list[tuple[list[str], int]]) -> tuple[str, str] | None:
    """A piece and its constant successor, if neither ever stands alone and the second goes on a sentence."""
    single: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    for pieces, _ in rows:
        single.update(pieces)
        together.update(pairwise(pieces))
    for (first, second), times in together.most_common():
        if times == single[first] == single[second] and times > 1 and second[:1].islower():
            return first, second
    return None


def _merge(pieces: list[str], pair: tuple[str, str], joint: str) -> list[str]:
    merged: list[str] = []
    for piece in pieces:
        if merged and (merged[-1], piece) == pair:
            merged[-1] = joint.join(pair)
        else:
            merged.append(piece)
    return merged


def _are_recombined(counts: Mapping[str, int], separator: str, options: list[str]) -> bool:
    """Options recur in different cells, and there are more combinations than a question with one choice has."""
    cells = list(counts)[:MOST_CELLS]
    in_cells = {option: sum(_holds(text, option, separator) for text in cells) for option in options}
    recurring = sum(number >= 2 for number in in_cells.values())
    return recurring >= 2 and recurring >= 0.6 * len(options) and len(cells) >= len(options)


def _holds(text: str, option: str, separator: str) -> bool:
    mark = separator.strip() or separator
    return f"{mark}{_tight(option, mark)}{mark}" in f"{mark}{_tight(text, mark)}{mark}"


def _tight(text: str, mark: str) -> str:
    return mark.join(piece.strip() for piece in text.split(mark)).strip(mark)


def _between_digits(text: str) -> bool:
    return any(text[at - 1].isdigit() and text[at + 1].isdigit() for at in range(1, len(text) - 1) if text[at] == ",")
