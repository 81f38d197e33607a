"""The former Twitter's export by tweet (tweet_activity_metrics_*.csv, 2014 to 2023), in any language.

The columns that both of its exports share are listed here; rows by day belong to `twitter_analytics_by_day`.
"""

from pipeline.sources.analytics.layout import Export, find_layout, most_rows_fit, sheet_or_none
from pipeline.sources.analytics.posts import read_posts
from pipeline.sources.protocol import InputFile, Reading, Request
from pipeline.sources.tabular import Sheet
from pipeline.sources.values import is_rewritten_date, parse_status_link, parse_time

NAME = "twitter_analytics_by_tweet"
DESCRIPTION = "analytics.twitter.com, by tweet: one row per post with its figures over a month"
TABLES: tuple[str, ...] = ("posts", "post_metrics", "issues")

# In the order of the file. Each follows once more as "promoted ...", almost always "-".
METRICS = (
    *("impression_count", "engagement_count", "engagement_rate", "repost_count", "reply_count", "like_count"),
    *("profile_click_count", "link_click_count", "hashtag_click_count", "detail_expand_count", "permalink_click_count"),
    *("app_opens", "app_installs", "new_follow_count", "emailed_tweets", "dialled_phones", "media_view_count"),
    "media_engagements",
)
# Columns up to here stood in the same place in all years; those of apps and media after them came and went.
LASTING_METRICS = 11
FIRST = ("post_id", "link", "text", "time")


def orders(first: tuple[str, ...]) -> dict[int, tuple[str | None, ...]]:
    """The order of the columns by their number, in the newest version and in the one with a metric less.

    Args:
        first: fields before the metrics.
    """
    whole = (*first, *METRICS, *[None] * len(METRICS))
    lasting = (*first, *METRICS[:LASTING_METRICS])
    return {len(whole): whole, len(whole) - 2: (*lasting, *[None] * (len(whole) - 2 - len(lasting)))}


EXPORT = Export("twitter", orders(FIRST))


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for the names of this export in a language that is known, or rows of its shape below other names."""
    sheet = sheet_or_none(file)
    return sheet is not None and (_is_named(sheet) or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of posts, post_metrics and issues.

    Raises:
        TweetbenchError: no row can be used, the file is another account's, or its columns are not where they belong.
    """
    width = len(file.sheet.header)
    layout = find_layout(file, EXPORT, dialect=lambda language: f"{language}, {width} columns")
    return read_posts(file, request, layout)


def _is_named(sheet: Sheet) -> bool:
    named = EXPORT.names(sheet)
    if not named.has_most(EXPORT.fields):
        return False
    links = [position for position, field in named.fields.items() if field == "link"]
    return "post_id" in named or (bool(links) and most_rows_fit(sheet, {links[0]: _is_link}))


def _has_its_shape(sheet: Sheet) -> bool:
    return len(sheet.header) in EXPORT.orders and most_rows_fit(sheet, {1: _is_link, 3: _is_time})


def _is_link(cell: str) -> bool:
    return parse_status_link(cell) is not None


def _is_time(cell: str) -> bool:
    try:
        return is_rewritten_date(cell) or parse_time(cell) is not None
    except ValueError:
        return False
