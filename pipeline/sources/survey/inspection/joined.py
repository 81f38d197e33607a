"""Choices that a tool joined in one cell: the separator, and the options even where they contain it.

What decides is the share of answers that are made of recurring pieces: what people typed is varied and rare.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.sources.files.numbers import is_number
from pipeline.sources.survey.inspection.words import OTHER_OPTION

TIGHT = ",\\S"  # a comma that no blank follows: options that hold commas keep them
SEPARATORS = ("; ", ";", "\n", "|", TIGHT, ", ", ",")
STRONG = (";", "|", "")  # the last is a line break
CODE_SEPARATORS = (",", " ", "/", "-")  # between codes only
MOST_PIECES = 60
MOST_CELLS = 20_000
ENOUGH = 0.6
SHORT = 5  # answers of so few people are options as they are
LONG = 20  # in a column with fewer answers, a piece needs to occur twice only
_CODE = re.compile(r"\d{1,2}")


@dataclass(frozen=True)
class Joined:
    """How a column's choices are joined."""

    separator: str
    options: tuple[str, ...]  # most frequent first
    typed_count: int = 0  # answers with a piece that is no option
    kept_together: tuple[str, ...] = ()  # options that contain the separator


def find_joined(counts: Mapping[str, int], *, is_closed: bool = False) -> Joined | None:
    """The separator and the options if the cells are combinations of recurring pieces; None for single choices.

    Args:
        counts: how often each cell occurs.
        is_closed: nobody typed anything, so that every piece is an option.
    """
    found = _find(counts)
    if found is None or not is_closed:
        return found
    separator = TIGHT if found.separator == "," and any(map(re.compile(TIGHT).search, counts)) else found.separator
    return replace(found, options=tuple(find_options(counts, separator)), typed_count=0)


def _find(counts: Mapping[str, int]) -> Joined | None:
    if ended := _ended(counts):
        return ended
    if len(counts) < 3 or sum(counts.values()) < 5:
        return None
    if codes := _joined_codes(counts):
        return codes
    if all(map(is_number, counts)):
        return None
    for separator in SEPARATORS:
        found = _judge(counts, separator)
        if found:
            return found
    return None


def find_options(counts: Mapping[str, int], separator: str) -> list[str]:
    """The pieces, most frequent first; those that only ever stand side by side are one option with a separator."""
    return [piece for piece, _ in _weigh(_merged(counts, separator)).most_common()]


def _ended(counts: Mapping[str, int]) -> Joined | None:
    """Choices that each end with a semicolon, as Microsoft Forms writes them: nothing else does."""
    total = sum(counts.values())
    if sum(times for text, times in counts.items() if text.endswith(";")) < max(0.8 * total, 2):
        return None
    weight = _weigh([(_pieces(text, ";"), times) for text, times in counts.items()])
    least = 1 if total < SHORT else 2 if total < LONG else 3
    options = tuple(piece for piece, times in weight.most_common() if times >= least)
    typed = sum(times for text, times in counts.items() if not set(_pieces(text, ";")) <= set(options))
    return Joined(";", options, typed) if options else None


Rows = list[tuple[list[str], int]]


def _judge(counts: Mapping[str, int], separator: str) -> Joined | None:
    several = [text for text in list(counts)[:MOST_CELLS] if len(_pieces(text, separator)) > 1]
    if (sum(counts[text] for text in several) if separator.strip() in STRONG else len(several)) < 2:
        return None
    rows = _merged(counts, separator)
    if not any(len(pieces) > 1 for pieces, _ in rows):
        return None
    weight, texts = _weigh(rows), _texts_with(rows)
    least = 3 if sum(counts.values()) >= LONG else 2
    is_plain = separator.strip() in STRONG  # prose seldom holds such a mark
    recurring = {piece for piece in texts if weight[piece] >= least and (texts[piece] >= 2 or is_plain)}
    alone = {pieces[0] for pieces, _ in rows if len(pieces) == 1}
    made, other = 0, 0
    for pieces, times in rows:
        if len(pieces) < 2:
            continue
        strange = [piece for piece in pieces if piece not in recurring]
        if not strange:
            made += times
        elif len(strange) == len(pieces) or not (
            all(weight[piece] <= 2 for piece in strange) or is_plain or set(pieces) - set(strange) <= alone
        ):
            other += times
    if len(recurring) < 2 or made < 2 or made < ENOUGH * (made + other):
        return None
    # Neighbours that recur in one order only are parts of sentences (`Employed, part-time`), not choices.
    combinations = {frozenset(pieces) for pieces, _ in rows if len(pieces) > 1 and set(pieces) <= recurring}
    if len(combinations) < 2 and not alone & recurring:
        return None
    options = [
        piece
        for piece, times in weight.most_common()
        if piece in recurring or times >= max(least, 3) or OTHER_OPTION.match(piece)
    ]
    if len(options) > MOST_PIECES:
        return None
    known = set(options)
    typed = sum(times for pieces, times in rows if not set(pieces) <= known)
    mark = "," if separator == TIGHT else separator.strip() or separator
    together = tuple(option for option in options if mark in option)
    return Joined(mark, tuple(options), typed, together)


def _merged(counts: Mapping[str, int], separator: str) -> Rows:
    rows = [(_pieces(text, separator), times) for text, times in list(counts.items())[:MOST_CELLS]]
    if separator == TIGHT:  # what holds a comma is one piece already
        return rows
    joint = separator if separator.endswith(" ") else f"{separator} " if separator == "," else separator
    while pair := _inseparable(rows):
        rows = [(_merge(pieces, pair, joint), times) for pieces, times in rows]
    return rows


def _pieces(text: str, separator: str) -> list[str]:
    parts = re.split(r",(?=\S)", text) if separator == TIGHT else text.split(separator)
    return [piece.strip() for piece in parts if piece.strip()]


def _weigh(rows: Rows) -> Counter[str]:
    """How many answers hold each piece."""
    found: Counter[str] = Counter()
    for pieces, times in rows:
        for piece in dict.fromkeys(pieces):
            found[piece] += times
    return found


def _texts_with(rows: Rows) -> Counter[str]:
    """In how many different cells each piece stands."""
    return Counter(piece for pieces, _ in rows for piece in set(pieces))


def _inseparable(rows: Rows) -> tuple[str, str] | None:
    """A piece and its constant successor, where neither ever stands without the other.

    Two choices may be made together by chance, so that the pair has to occur in different company, or so often that
    chance does not explain it, unless the second begins like the rest of a sentence.
    """
    single: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    company: defaultdict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for pieces, times in rows:
        for piece in pieces:
            single[piece] += times
        for pair in pairwise(pieces):
            together[pair] += times
            company[pair].add(tuple(pieces))
    for (first, second), times in together.most_common():
        if not times == single[first] == single[second] or times < 2:
            continue
        if second[:1].islower() or times >= 5 or (times >= 3 and len(company[first, second]) >= 2):
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


def _joined_codes(counts: Mapping[str, int]) -> Joined | None:
    """Codes of choices: `1,3,4`. Two codes in every cell may be a number with a decimal comma, a date or a range."""
    for separator in CODE_SEPARATORS:
        cells = [text.split(separator) for text in counts]
        if not all(_CODE.fullmatch(piece.strip()) for pieces in cells for piece in pieces):
            continue
        numbers = [[int(piece) for piece in pieces] for pieces in cells]
        if max(map(len, numbers)) < 3 or not all(each == sorted(set(each)) for each in numbers):
            continue
        weight: Counter[str] = Counter()
        for text, times in counts.items():
            weight.update({piece.strip(): times for piece in text.split(separator)})
        if separator in "/-" and max(map(int, weight)) > 12:
            continue  # 1-5-20 may be a date
        return Joined(separator, tuple(sorted(weight, key=int)))
    return None


def may_be_joined(texts: Iterable[str]) -> str:
    """The mark that may stand between several choices in cells that were taken for one choice each; "" if none does."""
    known = list(texts)
    for separator in (";", "|", "\n", ", ", ","):
        pieces = [_pieces(text, separator) for text in known if separator in text]
        if not pieces:
            continue
        times = Counter(piece for each in pieces for piece in each)
        whole = {text for text in known if separator not in text}
        if any(piece in whole for each in pieces for piece in each) or sum(n > 1 for n in times.values()) > 1:
            return repr(separator.strip()) if separator.strip() else "a line break"
    cells = [text.split(" ") for text in known]
    alone = {pieces[0] for pieces in cells if len(pieces) == 1}
    return "a blank" if any(len(pieces) > 1 and set(pieces) <= alone for pieces in cells) else ""
