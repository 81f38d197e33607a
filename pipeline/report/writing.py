"""Numbers as people read them: separators of the language, one decimal for shares, a real minus sign, nothing for
unknown.
"""

import math
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from pipeline.report.catalogue import localise, say, say_reason
from pipeline.report.definitions import label, respondents

NOT_REPORTED = "–"
# A space that does not break between a number and its unit.
GAP = "\u00a0"


def write_count(value: float | None) -> str:
    """1,234 or – if not reported."""
    return NOT_REPORTED if _is_unknown(value) else _written(f"{value:,.0f}")


def write_number_of(value: float | None, noun: str) -> str:
    """1 account, 1,234 accounts; the noun is one of the catalogue."""
    return f"{write_count(value)} {say(f'noun.{noun}', value)}"


def write_decimal(value: float | None, digits: int = 2) -> str:
    """1,234.50 or – if not reported."""
    return NOT_REPORTED if _is_unknown(value) else _written(f"{value:,.{digits}f}")


def write_share(value: float | None) -> str:
    """A share from 0 to 1 as per cent with one decimal."""
    return NOT_REPORTED if _is_unknown(value) else f"{_written(f'{100 * float(value or 0):.1f}')}{GAP}%"


def write_points(value: float | None) -> str:
    """A difference of two shares in percentage points with one decimal."""
    return NOT_REPORTED if _is_unknown(value) else f"{_written(f'{100 * float(value or 0):.1f}')}{_points()}"


def write_growth(value: float | None) -> str:
    """Log growth as per cent with two decimals: weekly effects are tenths of a per cent."""
    return NOT_REPORTED if _is_unknown(value) else f"{_written(f'{100 * float(value or 0):.2f}')}{GAP}%"


def write_growth_points(value: float | None) -> str:
    """Log growth in points of per cent, with two decimals as its limits have: one would lie outside narrow ones."""
    return NOT_REPORTED if _is_unknown(value) else _written(f"{100 * float(value or 0):.2f}")


def write_measure(value: float | None) -> str:
    """A number of unknown unit with four significant digits."""
    if value is None or _is_unknown(value):
        return NOT_REPORTED
    return write_count(value) if abs(value) >= 1000 else _written(f"{value:.4g}")


def write_p_value(value: float | None) -> str:
    """A p value with three decimals, or below 0.001."""
    if value is None or _is_unknown(value):
        return NOT_REPORTED
    return f"<{GAP}{_written('0.001')}" if value < 0.001 else _written(f"{value:.3f}")


def write_range(low: float | None, high: float | None, form: str = "share") -> str:
    """Both limits of an interval, the unit once; – where one of them is unknown."""
    if _is_unknown(low) or _is_unknown(high):
        return NOT_REPORTED
    first = write(low, form)
    for unit in (f"{GAP}%", _points()):
        first = first.removesuffix(unit)
    return say("write.range", low=first, high=write(high, form))


def write_list(parts: Iterable[str]) -> str:
    """a, b and c."""
    words = list(parts)
    if len(words) < 2:
        return "".join(words)
    return say("write.list", first=", ".join(words[:-1]), last=words[-1])


def write_day(value: Any) -> str:
    """A date, or the UTC date of a time: 2026-01-31, or as the language has it."""
    if value is None:
        return NOT_REPORTED
    return value.strftime(say("write.day")) if isinstance(value, date | datetime) else str(value)


def write_text(value: Any) -> str:
    """A text as it is; nothing for an empty one."""
    if isinstance(value, bool):
        return say("write.yes" if value else "write.no")
    return NOT_REPORTED if value is None else str(value)


def start_sentence(text: str) -> str:
    """The text with a capital letter in front."""
    return text[:1].upper() + text[1:]


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
    "reason": lambda value: NOT_REPORTED if value is None else say_reason(value),
    "label": lambda value: NOT_REPORTED if value is None else label(value),
    "rule": lambda value: say(f"rule.{value}"),
    "reading": lambda value: say(f"reading.{value}"),
    "next_step": lambda value: say(f"next_step.{value}"),
    # A word of posts is quoted, every other factor is one of the vocabulary.
    "factor": lambda value: value if str(value).startswith("“") else label(f"factor_{value}"),
    "respondents": lambda value: NOT_REPORTED if value is None else respondents(value),
}
NUMBERS = {"count", "decimal", "share", "points", "growth", "p_value", "measure"}


def write(value: Any, form: str) -> str:
    """A value in one of the FORMS."""
    written: str = FORMS[form](value)  # type: ignore[operator]
    return written


def _is_unknown(value: float | None) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _points() -> str:
    return GAP + say("write.points")


def _written(text: str) -> str:
    # Minus nought, which rounding leaves behind, is nought.
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    return localise(text.replace("-", "−"))
