"""How charts write numbers and dates in each language; the forms of Vega, which the library that draws pictures has."""

from functools import cache
from typing import Any

import vl_convert

from pipeline.report.catalogue import GERMAN


@cache
def vega_locale(language: str) -> dict[str, Any]:
    """Locale of numbers and times for the page; empty for English, which is how Vega writes by itself."""
    if language != GERMAN:
        return {}
    return {
        "formatLocale": vl_convert.get_format_locale("de-DE"),
        "timeFormatLocale": vl_convert.get_time_format_locale("de-DE"),
    }
