"""X's export by post (account_analytics_content_*.csv), in both spellings of its header and in other languages.

Rows of the export by day belong to `x_analytics_overview`.
"""

from dataclasses import replace

from pipeline.sources.analytics.columns import (
    Layout,
    is_count,
    layout_by_name,
    layout_by_position,
    most_rows_fit,
    sheet_or_none,
)
from pipeline.sources.analytics.posts import read_posts
from pipeline.sources.protocol import InputFile, Reading, Request, Row, issue_row
from pipeline.sources.tabular import Sheet
from pipeline.sources.values import parse_status_link

NAME = "x_analytics_content"
DESCRIPTION = "X Analytics, Content: one row per post with its figures over a period of at most 90 days"
TABLES: tuple[str, ...] = ("posts", "post_metrics", "post_daily", "issues")

MOST_ROWS = 1_000  # X asks its server for at most so many posts and does not say when there were more
FIELDS = {
    "post id": "post_id",
    "date": "day",
    "post text": "text",
    "link": "link",  # until 2025
    "post link": "link",
    "impressions": "impression_count",
    "likes": "like_count",
    "engagements": "engagement_count",
    "bookmarks": "bookmark_count",
    "share": "share_count",  # until 2025
    "shares": "share_count",
    "new follows": "new_follow_count",
    "replies": "reply_count",
    "reposts": "repost_count",
    "profile visits": "profile_click_count",
    "detail expands": "detail_expand_count",
    "url clicks": "link_click_count",
    "hashtag clicks": "hashtag_click_count",
    "permalink clicks": "permalink_click_count",
}
POSITIONS = tuple(dict.fromkeys(FIELDS.values()))
RECOGNISED_COLUMNS = 4  # the id and three more


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for a header with `Post id` and other columns of this export, or rows of its shape below another header."""
    sheet = sheet_or_none(file)
    return sheet is not None and (_has_english_header(sheet) or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of posts, post_metrics, post_daily and issues.

    Raises:
        TweetbenchError: no row can be used, or the file is another account's.
    """
    reading = read_posts(file, request, _layout(file.sheet))
    posts, metrics = reading.tables["posts"], reading.tables["post_metrics"]
    daily = [_daily_row(post, metric) for post, metric in zip(posts, metrics, strict=True)]
    issues, notes = list(reading.tables["issues"]), reading.notes
    if reading.row_count == MOST_ROWS:
        issues.append(_truncation(file, request))
        notes = (f"exactly {MOST_ROWS:,} rows: X cuts exports there, posts may be missing", *notes)
    return replace(reading, tables={**reading.tables, "post_daily": daily, "issues": issues}, notes=notes)


def _has_english_header(sheet: Sheet) -> bool:
    known = FIELDS.keys() & set(sheet.normalised_header())
    return "post id" in known and len(known) >= RECOGNISED_COLUMNS


def _has_its_shape(sheet: Sheet) -> bool:
    link = POSITIONS.index("link")
    counts = dict.fromkeys(range(link + 1, len(POSITIONS)), is_count)
    is_link = {link: lambda cell: parse_status_link(cell) is not None}
    return len(sheet.header) == len(POSITIONS) and most_rows_fit(sheet, {**is_link, **counts})


def _layout(sheet: Sheet) -> Layout:
    if not _has_english_header(sheet):
        return layout_by_position("localised", POSITIONS)
    is_older = {"link", "share"} & set(sheet.normalised_header())
    return layout_by_name(sheet, "Link, Share" if is_older else "Post Link, Shares", FIELDS)


def _daily_row(post: Row, metric: Row) -> Row:
    kept = {name: value for name, value in metric.items() if name != "metric_scope"}
    return {**kept, "date": post["created_date"], "utc_offset_minutes": post["utc_offset_minutes"]}


def _truncation(file: InputFile, request: Request) -> Row:
    return issue_row(
        file.shown_name,
        "truncated_export",
        detail=f"the file has exactly {MOST_ROWS:,} rows, where X cuts exports off without a word",
        next_step="export shorter periods with fewer posts each, then run: tweetbench ingest FILE...",
        request=request,
    )
