"""Written numbers, and which mark is the decimal one: `12.000` is twelve in one locale and twelve thousand in another.

The cells of a column decide, then those of its file; a delimiter never does. What nothing decides is refused: a caller
gets a ValueError for that cell and no number. What a column holds belongs to the sources.
"""

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

Mark = Literal[".", ","]
Marks = frozenset[Mark]

BIGINT_MAX = 2**63 - 1
NOT_REPORTED = {"", "-", "–", "—", "na", "n/a", "nan", "null", "none"}
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'"})
_SIGNED = re.compile(r"[+-]?(?=[\d.,])[\d.,' ]*\d[.,]?")
_GROUPED_BY_BLANKS = re.compile(r"\d{1,3}(?P<mark>[' ])\d{3}((?P=mark)\d{3})*([.,]\d+)?")
_ONE_MARK = re.compile(r"(?P<before>\d*)(?P<mark>[.,])(?P<after>\d*)")
_GROUPS = re.compile(r"\d{1,3}(?P<mark>[.,])\d{3}((?P=mark)\d{3})+")
_INDIAN_GROUPS = re.compile(r"\d{1,2}(,\d{2})+,\d{3}")  # 12,34,567
_BOTH_MARKS = re.compile(r"\d{1,3}(?P<mark>[.,])\d{3}((?P=mark)\d{3})*(?P<decimal>(?!(?P=mark))[.,])\d*")
_EXPONENT = re.compile(r"(?P<sign>[+-]?)(?P<first>\d)(?:[.,](?P<fraction>\d+))?(?P<power>[eE]\+?\d{1,2})")
# Java writes doubles in as many digits as tell them from their neighbours, so a whole number is exact in this form.
_JAVA_POWER = re.compile(r"E[1-9]\d?")


def decimal_marks(cells: Iterable[str], *, whole: bool = False) -> Marks:
    """The decimal marks that a column's cells prove: none (they do not tell), one, or both (they contradict).

    Args:
        cells: the cells of one column, or of several that one program wrote.
        whole: the numbers can only be whole, as counts are: `1.250` is then 1,250, and where numbers below a thousand
            stand without a mark, marks before three digits are those of thousands.
    """
    proved: set[Mark] = set()
    unsure: set[Mark] = set()
    plain_digits = 0
    has_plain = False
    for cell in set(cells):
        text = _bare(cell)
        if text.isdecimal():
            has_plain = True
            plain_digits = max(plain_digits, len(text))
            continue
        mark, is_sure = _decimal_in(text, whole=whole)
        if mark:
            (proved if is_sure else unsure).add(mark)
    if whole and not proved and len(unsure) == 1 and has_plain and plain_digits <= 3:
        proved = {_other(mark) for mark in unsure}
    return frozenset(proved)


def choose_mark(*evidence: Marks) -> Mark | None:
    """The decimal mark by the first evidence that says anything; None where it contradicts itself or none does."""
    first = next((marks for marks in evidence if marks), frozenset())
    return next(iter(first)) if len(first) == 1 else None


@lru_cache(maxsize=1 << 16)  # the cells of a long table recur: zeros, small counts, `-`
def parse_count(cell: str, mark: Mark | None = None) -> int | None:
    """A whole number, or None where nothing was reported: `1203.0`, `1,203`, `1 203`, `1203,0`, `1.2729541E7`, `-`.

    Args:
        cell: as it is in the file.
        mark: the decimal mark of its column (see `choose_mark`); it decides what `12.000` means.

    Raises:
        ValueError: the cell is not a whole number, is negative or too large, or can be read in two ways.
    """
    if is_not_reported(cell):
        return None
    text = _bare(cell)
    if match := _EXPONENT.fullmatch(text):
        value = _from_exponent(match, cell)
    else:
        plain = _plain(text, mark, whole=True, cell=cell)
        whole, _, fraction = plain.partition(".")
        if plain.strip("+-.").replace(".", "") == "" or fraction.strip("0"):
            raise ValueError(f"{cell!r} is not a whole number")
        if len(whole) > 20:
            raise ValueError(f"{cell!r} is too large for a count")
        value = int(whole or "0")
    if value < 0 or text.startswith("-"):
        if value:
            raise ValueError(f"{cell!r} is negative, which no count can be")
        value = 0
    if value > BIGINT_MAX:
        raise ValueError(f"{cell!r} is too large for a count")
    return value


def parse_number(cell: str, mark: Mark | None = None) -> float:
    """A finite number, with or without thousands marks.

    Args:
        cell: as it is in the file.
        mark: the decimal mark of its column (see `choose_mark`); it decides what `1.250` means.

    Raises:
        ValueError: empty, not a number, with a unit such as %, or to be read in two ways.
    """
    text = _bare(cell)
    if re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,3}", text):
        value = float(text.replace(",", "."))
    else:
        value = float(_plain(text, mark, whole=False, cell=cell))
    if not math.isfinite(value):
        raise ValueError("out of range")
    return value


def is_not_reported(cell: str) -> bool:
    """True for an empty cell and the marks by which people and programs say that there is no figure."""
    return cell.translate(_BLANKS).strip().casefold() in NOT_REPORTED


def is_number(cell: str) -> bool:
    """True for a cell that is a number in some locale."""
    for mark in (".", ","):
        try:
            parse_number(cell, mark)
        except ValueError:
            continue
        return True
    return False


def _bare(cell: str) -> str:
    return cell.translate(_BLANKS).strip()


def _other(mark: Mark) -> Mark:
    return "," if mark == "." else "."


def _decimal_in(text: str, *, whole: bool) -> tuple[Mark | None, bool]:
    """The decimal mark of one written number and whether nothing else is possible; None where it has no such mark."""
    digits = text.lstrip("+-")
    if match := re.fullmatch(r"\d+([.,])\d+[eE][+-]?\d{1,3}", digits):
        return _as_mark(match[1]), True
    if match := _GROUPED_BY_BLANKS.fullmatch(digits):
        fraction = match[3]
        return (_as_mark(fraction[0]), True) if fraction else (None, False)
    if match := _BOTH_MARKS.fullmatch(digits):
        return _as_mark(match["decimal"]), True
    if match := _GROUPS.fullmatch(digits):
        return _other(_as_mark(match["mark"])), True
    if _INDIAN_GROUPS.fullmatch(digits):
        return ".", True
    if not (match := _ONE_MARK.fullmatch(digits)):
        return None, False
    mark, before, after = _as_mark(match["mark"]), match["before"], match["after"]
    is_grouped = len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0"
    if not is_grouped:
        return mark, True
    if whole and after != "000":
        return _other(mark), True
    return mark, False


def _plain(text: str, mark: Mark | None, *, whole: bool, cell: str) -> str:
    """The number with a point for its decimal mark and without marks of thousands.

    Raises:
        ValueError: no number, or one that two locales read differently where the decimal mark is not known.
    """
    digits = text.lstrip("+-")
    sign = "-" if text.startswith("-") else ""
    if len(text) - len(digits) > 1 or not _SIGNED.fullmatch(text):
        raise ValueError(f"{cell!r} is not a {'whole ' if whole else ''}number")
    if digits.isdecimal():
        return sign + digits
    own, is_sure = _decimal_in(digits, whole=whole)
    if own is None:
        if not _GROUPED_BY_BLANKS.fullmatch(digits):
            raise ValueError(f"{cell!r} is not a {'whole ' if whole else ''}number")
        return sign + digits.replace(" ", "").replace("'", "")
    if not is_sure:
        if mark is None:
            short, long = digits.split(own)[0], digits.replace(own, "")
            raise ValueError(
                f"{cell!r} can be {short}{'' if whole else f'.{digits.split(own)[1]}'} or {int(long):,}, and nothing "
                "in the file shows which"
            )
        own = mark
    cleaned = digits.replace(" ", "").replace("'", "").replace(_other(own), "")
    return sign + cleaned.replace(own, ".")


def _from_exponent(match: re.Match[str], cell: str) -> int:
    """The whole number that an exponent form gives exactly.

    Raises:
        ValueError: it has fewer digits than the number, as a spreadsheet program shows it, or a fraction.
    """
    fraction, power = match["fraction"] or "", match["power"]
    size = int(power.lstrip("eE+"))
    if len(fraction.rstrip("0")) > size:
        raise ValueError(f"{cell!r} is not a whole number")
    if len(fraction) < size and not (fraction and _JAVA_POWER.fullmatch(power)):
        raise ValueError(f"{cell!r} is a rounded number and not a whole number: its last digits are lost")
    value = int(match["first"] + fraction.rstrip("0").ljust(size, "0"))
    return -value if match["sign"] == "-" else value


def _as_mark(text: str) -> Mark:
    return "." if text == "." else ","
