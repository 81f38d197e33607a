"""The former Twitter's export by day (daily_tweet_activity_metrics_*.csv, 2014 to 2023), in any language.

The export names no account: it is told, or X's own file name says it, or it is the only own one.
"""

from pipeline.sources.analytics.columns import is_count, most_rows_fit, sheet_or_none
from pipeline.sources.analytics.days import read_days
from pipeline.sources.protocol import InputFile, Reading, Request
from pipeline.sources.tabular import Sheet
from pipeline.sources.twitter_analytics_by_tweet import METRICS, metric_layout
from pipeline.sources.values import is_rewritten_date, parse_day

NAME = "twitter_analytics_by_day"
DESCRIPTION = "analytics.twitter.com, by day: one row per day with the figures of all posts"
TABLES: tuple[str, ...] = ("account_daily", "issues")

DAY_FIELDS = {"date": "day", "tweets published": "post_count"}
WIDTH, OLDER_WIDTH = 38, 36


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for a header with `Date` and `Tweets published`, or rows of its shape."""
    sheet = sheet_or_none(file)
    return sheet is not None and (_has_english_header(sheet) or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of account_daily and issues.

    Raises:
        TweetbenchError: no row can be used, or nothing tells whose file it is.
    """
    return read_days(file, request, metric_layout(file.sheet, DAY_FIELDS, WIDTH))


def _has_english_header(sheet: Sheet) -> bool:
    names = set(sheet.normalised_header())
    return DAY_FIELDS.keys() <= names and not names.isdisjoint(METRICS)


def _has_its_shape(sheet: Sheet) -> bool:
    # The day, then posts, impressions and engagements; the rate after them is the only fraction.
    checks = {0: _is_day, **dict.fromkeys((1, 2, 3, 5, 6, 7), is_count)}
    return len(sheet.header) in (WIDTH, OLDER_WIDTH) and most_rows_fit(sheet, checks)


def _is_day(cell: str) -> bool:
    try:
        return is_rewritten_date(cell) or parse_day(cell) is not None
    except ValueError:
        return False
