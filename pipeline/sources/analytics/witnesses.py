"""Two witnesses of a post's id: its cell and its link. Where a program damaged one, the other tells.

Spreadsheet programs keep 15 digits of a number, and programs that read JSON 53 bits; a link is text and stays whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from pipeline.sources.analytics.cells import UnusableRowError
from pipeline.sources.files.cell_values import NO_ACCOUNT, parse_id, parse_status_link
from pipeline.sources.lake_source import BIGINT_MAX

KEPT_DIGITS = 15  # of a number in a spreadsheet
# One id in ten thousand has zeros behind its fifteenth digit; a file in which most have them was rounded.
FEWEST_ROUNDED = 3
Damage = Literal["id", "link"]


@dataclass(frozen=True)
class PostId:
    """The id of a row's post, the account that its link names, and the witness that was passed over."""

    post_id: str
    handle: str | None
    damaged: Damage | None = None


def find_post_id(cell: str, link_cell: str, *, ids_are_rounded: bool = False) -> PostId:
    """The id of a post by its cell and its link.

    Args:
        ids_are_rounded: most ids of the file end where a spreadsheet program stops; only links tell them then.

    Raises:
        UnusableRowError: neither tells it, or both are whole and differ.
    """
    named, ending = parse_status_link(link_cell) or (None, None)
    handle = named if named and named.casefold() != NO_ACCOUNT else None
    linked = ending if ending and _is_whole(ending) else None
    try:
        own, reason = _checked(parse_id(cell)), ""
    except ValueError as error:
        own, reason = None, str(error)
    if own and ids_are_rounded and _may_be_rounded(own):
        own, reason = None, f"{own} ends in zeros like most ids of this file: a spreadsheet program has rounded them"
    if own and (linked is None or linked == own):
        return PostId(own, handle, "link" if ending and linked is None else None)
    if linked and (not cell.strip() or is_rounding_of(cell, linked)):
        return PostId(linked, handle, "id")
    if own and linked and is_rounding_of(linked, own):
        return PostId(own, handle, "link")
    if linked:
        detail = f"the id {cell.strip()} differs from the id {linked} in the link"
        raise UnusableRowError("damaged_post_id", detail)
    if not cell.strip():
        raise UnusableRowError("missing_post_id", "the row has no post id")
    raise UnusableRowError("damaged_post_id", reason)


def are_rounded(cells: Sequence[str]) -> bool:
    """True if a spreadsheet program has rounded the ids of a file: most long ones end in zeros behind 15 digits."""
    long = [cell for cell in map(str.strip, cells) if cell.isascii() and cell.isdigit() and len(cell) > KEPT_DIGITS + 1]
    rounded = sum(map(_may_be_rounded, long))
    return rounded >= FEWEST_ROUNDED and 2 * rounded > len(long)


def is_rounding_of(cell: str, whole: str) -> bool:
    """True for a whole id as a program with fewer digits writes it: 1.47689E+18, 1476892873422340000."""
    try:
        rounded = Decimal(cell.strip().removeprefix("=").strip("'\"").replace(",", "."))
    except InvalidOperation:
        return False
    if not rounded.is_finite() or rounded == 0:
        return False
    digits = "".join(map(str, rounded.as_tuple().digits))
    # Zeros that an exponent form writes are digits of the number; those of a whole number fill the lost places.
    digits = digits if "e" in cell.casefold() else digits.rstrip("0")
    double = int(float(whole))
    if int(rounded) == double:
        return True
    unit = Decimal(1).scaleb(Decimal(whole).adjusted() - len(digits) + 1)
    # Programs round the number that they hold, which is not always the one that was in the file.
    shown = {
        Decimal(held).quantize(unit, rounding)
        for held in (int(whole), double)
        for rounding in (ROUND_HALF_UP, ROUND_DOWN)
    }
    return 1 < len(digits) < len(whole) and rounded in shown


def _may_be_rounded(post_id: str) -> bool:
    return len(post_id) > KEPT_DIGITS + 1 and not post_id[KEPT_DIGITS:].strip("0")


def _is_whole(linked: str) -> bool:
    try:
        return bool(_checked(parse_id(linked)))
    except ValueError:
        return False


def _checked(post_id: str) -> str:
    if int(post_id) > BIGINT_MAX:
        raise ValueError(f"{post_id} is larger than any id of X")
    return post_id
