"""The former Twitter's export by tweet (tweet_activity_metrics_*.csv, 2014 to 2023), in any language.

Rows by day belong to `twitter_analytics_by_day`.
"""

from pipeline.sources.analytics.exports import BY_TWEET, is_post_link, most_rows_fit, named_export, sheet_or_none
from pipeline.sources.analytics.layout import find_layout
from pipeline.sources.analytics.posts import read_posts
from pipeline.sources.files.cell_values import is_rewritten_date, parse_time
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.tabular import Sheet

NAME = "twitter_analytics_by_tweet"
DESCRIPTION = "analytics.twitter.com, by tweet: one row per post with its figures over a month"
TABLES: tuple[str, ...] = ("posts", "post_metrics", "issues")


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for the names of this export in a language that is known, or rows of its shape below other names."""
    sheet = sheet_or_none(file)
    return sheet is not None and (named_export(sheet) is BY_TWEET or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of posts, post_metrics and issues.

    Raises:
        TweetbenchError: no row can be used, the file is another account's, or its columns are not where they belong.
    """
    width = len(file.sheet.header)
    return read_posts(
        file, request, find_layout(file, BY_TWEET, dialect=lambda language: f"{language}, {width} columns")
    )


def _has_its_shape(sheet: Sheet) -> bool:
    return len(sheet.header) in BY_TWEET.orders and most_rows_fit(sheet, {1: is_post_link, 3: _is_time})


def _is_time(cell: str) -> bool:
    try:
        return is_rewritten_date(cell) or parse_time(cell) is not None
    except ValueError:
        return False
