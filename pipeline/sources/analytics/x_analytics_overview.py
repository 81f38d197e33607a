"""X's export by day (account_overview_analytics.csv). The export names no account: it is given, or the only own one.

X's exports about videos, of the same place, are recognised here only to be refused by their name.
"""

from pipeline.sources.analytics.counts import is_count
from pipeline.sources.analytics.days import read_days
from pipeline.sources.analytics.exports import OVERVIEW, OVERVIEW_ORDER, most_rows_fit, named_export, sheet_or_none
from pipeline.sources.analytics.header import ENGLISH
from pipeline.sources.analytics.layout import find_layout
from pipeline.sources.analytics.printed_days import parse_printed_day
from pipeline.sources.analytics.videos import is_video_export, refuse_video_export
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.tabular import Sheet

NAME = "x_analytics_overview"
DESCRIPTION = "X Analytics, Overview: one row per day with the figures of the account"
TABLES: tuple[str, ...] = ("account_daily", "issues")


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for the names of this export in a language that is known, rows of its shape, or an export about videos."""
    sheet = sheet_or_none(file)
    return sheet is not None and (is_video_export(file) or named_export(sheet) is OVERVIEW or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of account_daily and issues.

    Raises:
        TweetbenchError: an export about videos, no row that can be used, nothing tells whose file it is, or its columns
            are not where they belong.
    """
    if is_video_export(file):
        refuse_video_export(file)
    layout = find_layout(file, OVERVIEW, dialect=lambda language: "overview" + f", {language}" * (language != ENGLISH))
    return read_days(file, request, layout)


def _has_its_shape(sheet: Sheet) -> bool:
    counts = dict.fromkeys(range(1, len(OVERVIEW_ORDER)), is_count)
    return len(sheet.header) == len(OVERVIEW_ORDER) and most_rows_fit(sheet, {0: _is_day_in_words, **counts})


def _is_day_in_words(cell: str) -> bool:
    try:
        return parse_printed_day(cell) is not None and any(map(str.isalpha, cell))
    except ValueError:
        return False
