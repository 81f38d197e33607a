"""Names, dates and small builders that the made-up world of the report is put together from. Some attack the page."""

from datetime import date
from typing import Any

HOSTILE = "</script><img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://127.0.0.1/","x")'
STYLES = ("mass_communication", "transitional", "interpersonal", "net_follower")
RATIOS = {"mass_communication": 9.0, "transitional": 2.0, "interpersonal": 1.0, "net_follower": 0.5}
OK = {"status": "ok", "status_reason": None}
LAST_DAY = date(2026, 11, 20)

Rows = dict[str, list[dict[str, Any]]]


def key(number: int) -> str:
    return f"x:90071992547409{number:02d}"


def handle(number: int) -> str:
    return {1: HOSTILE, 2: FORMULA, 3: "@cmd"}.get(number, f"account_{number}")


def interval(name: str, value: float, low: float, high: float) -> dict[str, float]:
    return {name: value, f"{name}_low": low, f"{name}_high": high}
