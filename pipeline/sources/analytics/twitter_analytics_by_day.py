"""The former Twitter's export by day (daily_tweet_activity_metrics_*.csv, 2014 to 2023), in any language.

The export names no account: it is given, or X's own file name says it, or it is the only own one.
"""

from dataclasses import replace

from pipeline.sources.analytics.counts import is_count
from pipeline.sources.analytics.days import read_days
from pipeline.sources.analytics.exports import BY_DAY, most_rows_fit, named_export, sheet_or_none
from pipeline.sources.analytics.layout import find_layout
from pipeline.sources.files.cell_values import is_rewritten_date, parse_day
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.tabular import Sheet

NAME = "twitter_analytics_by_day"
DESCRIPTION = "analytics.twitter.com, by day: one row per day with the figures of all posts"
TABLES: tuple[str, ...] = ("account_daily", "issues")


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for the names of this export in a language that is known, or rows of its shape below other names."""
    sheet = sheet_or_none(file)
    return sheet is not None and (named_export(sheet) is BY_DAY or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of account_daily and issues.

    Raises:
        TweetbenchError: no row can be used, nothing tells whose file it is, or its columns are not where they belong.
    """
    width = len(file.sheet.header)
    layout = find_layout(file, BY_DAY, dialect=lambda language: f"{language}, {width} columns")
    reading = read_days(file, request, layout)
    note = "follows are those that came from a post, not all of the account: kept in the payload only"
    return replace(reading, notes=(*reading.notes, note))


def _has_its_shape(sheet: Sheet) -> bool:
    # The day, then posts, impressions and engagements; the rate after them is the only fraction.
    checks = {0: _is_day, **dict.fromkeys((1, 2, 3, 5, 6, 7), is_count)}
    return len(sheet.header) in BY_DAY.orders and most_rows_fit(sheet, checks)


def _is_day(cell: str) -> bool:
    try:
        return is_rewritten_date(cell) or parse_day(cell) is not None
    except ValueError:
        return False
