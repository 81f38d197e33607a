"""The former Twitter's export by tweet (tweet_activity_metrics_*.csv, 2014 to 2023), in any language.

The columns that both of its exports share are listed here; rows by day belong to `twitter_analytics_by_day`.
"""

from pipeline.sources.analytics.columns import Layout, layout_by_name, layout_by_position, most_rows_fit, sheet_or_none
from pipeline.sources.analytics.posts import read_posts
from pipeline.sources.protocol import InputFile, Reading, Request
from pipeline.sources.tabular import Sheet
from pipeline.sources.values import is_rewritten_date, parse_status_link, parse_time

NAME = "twitter_analytics_by_tweet"
DESCRIPTION = "analytics.twitter.com, by tweet: one row per post with its figures over a month"
TABLES: tuple[str, ...] = ("posts", "post_metrics", "issues")

TWEET_FIELDS = {"tweet id": "post_id", "tweet permalink": "link", "tweet text": "text", "time": "time"}
# In the order of the file; None: kept in the payload only. Each follows once more as "promoted ...", almost always "-".
METRICS: dict[str, str | None] = {
    "impressions": "impression_count",
    "engagements": "engagement_count",
    "engagement rate": None,
    "retweets": "repost_count",
    "replies": "reply_count",
    "likes": "like_count",  # "favorites" until 2015
    "user profile clicks": "profile_click_count",
    "url clicks": "link_click_count",
    "hashtag clicks": "hashtag_click_count",
    "detail expands": "detail_expand_count",
    "permalink clicks": "permalink_click_count",
    "app opens": None,
    "app installs": None,
    "follows": "new_follow_count",
    "email tweet": None,
    "dial phone": None,
    "media views": "media_view_count",
    "media engagements": None,
}
OLDER_NAMES = {"favorites": "like_count"}
# Columns up to here stood in the same place in all years; those of apps and media after them came and went.
LASTING_METRICS = 11
WIDTH, OLDER_WIDTH = 40, 38


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for a header with `Tweet id` and `Tweet permalink`, or rows of its shape."""
    sheet = sheet_or_none(file)
    return sheet is not None and (_has_english_header(sheet) or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of posts, post_metrics and issues.

    Raises:
        TweetbenchError: no row can be used, or the file is another account's.
    """
    return read_posts(file, request, _layout(file.sheet))


def metric_layout(sheet: Sheet, first_fields: dict[str, str], full_width: int) -> Layout:
    """Where the columns are, for both exports: by name if the names are English, else by position.

    Args:
        first_fields: fields by the names of the columns before the metrics, in order.
        full_width: number of columns of the newest version.
    """
    names = set(sheet.normalised_header())
    wanted = {name: field for name, field in METRICS.items() if field}
    width = len(sheet.header)
    if names & wanted.keys():
        older = {name: field for name, field in OLDER_NAMES.items() if name in names}
        unused = {name for name, field in METRICS.items() if field is None}
        unused |= {f"promoted {name}" for name in [*METRICS, *OLDER_NAMES]}
        return layout_by_name(sheet, f"English, {width} columns", {**first_fields, **wanted, **older}, unused=unused)
    placed = list(METRICS.values())[: None if width == full_width else LASTING_METRICS]
    left_out = [field for field in wanted.values() if field not in placed]
    return layout_by_position(f"localised, {width} columns", [*first_fields.values(), *placed], left_out=left_out)


def _has_english_header(sheet: Sheet) -> bool:
    return {"tweet id", "tweet permalink"} <= set(sheet.normalised_header())


def _has_its_shape(sheet: Sheet) -> bool:
    checks = {1: lambda cell: parse_status_link(cell) is not None, 3: _is_time}
    return len(sheet.header) in (WIDTH, OLDER_WIDTH) and most_rows_fit(sheet, checks)


def _is_time(cell: str) -> bool:
    try:
        return is_rewritten_date(cell) or parse_time(cell) is not None
    except ValueError:
        return False


def _layout(sheet: Sheet) -> Layout:
    return metric_layout(sheet, TWEET_FIELDS, WIDTH)
