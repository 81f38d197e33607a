"""Numbers as people read them: separators, one decimal for shares, a real minus sign, nothing for unknown."""

import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from pipeline.report.definitions import label, respondents

NOT_REPORTED = "–"
# A space that does not break between a number and its unit.
GAP = "\u00a0"
UNITS = (f"{GAP}%", f"{GAP}points")


def write_count(value: float | None) -> str:
    """1,234 or – if not reported."""
    return NOT_REPORTED if _is_unknown(value) else _signed(f"{value:,.0f}")


def write_number_of(value: float | None, noun: str) -> str:
    """1 account, 1,234 accounts."""
    return f"{write_count(value)} {noun}{'' if value == 1 else 's'}"


def write_decimal(value: float | None, digits: int = 2) -> str:
    """1,234.50 or – if not reported."""
    return NOT_REPORTED if _is_unknown(value) else _signed(f"{value:,.{digits}f}")


def write_share(value: float | None) -> str:
    """A share from 0 to 1 as per cent with one decimal."""
    return NOT_REPORTED if _is_unknown(value) else f"{_signed(f'{100 * float(value or 0):.1f}')}{GAP}%"


def write_points(value: float | None) -> str:
    """A difference of two shares in percentage points with one decimal."""
    return NOT_REPORTED if _is_unknown(value) else f"{_signed(f'{100 * float(value or 0):.1f}')}{GAP}points"


def write_growth(value: float | None) -> str:
    """Log growth as per cent with two decimals: weekly effects are tenths of a per cent."""
    return NOT_REPORTED if _is_unknown(value) else f"{_signed(f'{100 * float(value or 0):.2f}')}{GAP}%"


def write_growth_points(value: float | None) -> str:
    """Log growth in points of per cent, with the decimals that show it: 0.4, 0.06, 0.0 for next to nothing."""
    if value is None or _is_unknown(value):
        return NOT_REPORTED
    points = 100 * float(value)
    return _signed(f"{points:.1f}" if abs(points) >= 0.1 or abs(points) < 0.005 else f"{points:.2f}")


def write_measure(value: float | None) -> str:
    """A number of unknown unit with four significant digits."""
    if value is None or _is_unknown(value):
        return NOT_REPORTED
    return write_count(value) if abs(value) >= 1000 else _signed(f"{value:.4g}")


def write_p_value(value: float | None) -> str:
    """A p value with three decimals, or below 0.001."""
    if value is None or _is_unknown(value):
        return NOT_REPORTED
    return f"<{GAP}0.001" if value < 0.001 else f"{value:.3f}"


def write_range(low: float | None, high: float | None, form: str = "share") -> str:
    """Both limits of an interval, the unit once; – where one of them is unknown."""
    if _is_unknown(low) or _is_unknown(high):
        return NOT_REPORTED
    first = write(low, form)
    for unit in UNITS:
        first = first.removesuffix(unit)
    return f"{first} to {write(high, form)}"


def write_list(parts: Iterable[str]) -> str:
    """a, b and c."""
    words = list(parts)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def write_day(value: Any) -> str:
    """A date, or the UTC date of a time, as 2026-01-31."""
    if value is None:
        return NOT_REPORTED
    return value.strftime("%Y-%m-%d") if isinstance(value, date | datetime) else str(value)


def write_text(value: Any) -> str:
    """A text as it is; nothing for an empty one."""
    return NOT_REPORTED if value is None else {True: "yes", False: "no"}.get(value, str(value))


FORMS = {
    "count": write_count,
    "decimal": write_decimal,
    "share": write_share,
    "points": write_points,
    "growth": write_growth,
    "p_value": write_p_value,
    "measure": write_measure,
    "day": write_day,
    "text": write_text,
    "label": lambda value: NOT_REPORTED if value is None else label(value),
    "respondents": lambda value: NOT_REPORTED if value is None else respondents(value),
}
NUMBERS = {"count", "decimal", "share", "points", "growth", "p_value", "measure"}


def write(value: Any, form: str) -> str:
    """A value in one of the FORMS."""
    written: str = FORMS[form](value)  # type: ignore[operator]
    return written


def _is_unknown(value: float | None) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _signed(text: str) -> str:
    # Minus nought, which rounding leaves behind, is nought.
    if text.startswith("-") and not text.strip("-0.,"):
        return text[1:]
    return text.replace("-", "−")
