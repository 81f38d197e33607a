"""X's export by day (account_overview_analytics.csv). The export names no account: it is told, or the only own one.

X's video overview, of the same place and name pattern, is recognised here only to be refused in words.
"""

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.columns import (
    Layout,
    is_count,
    layout_by_name,
    layout_by_position,
    most_rows_fit,
    sheet_or_none,
)
from pipeline.sources.analytics.days import read_days
from pipeline.sources.protocol import InputFile, Reading, Request
from pipeline.sources.tabular import Sheet
from pipeline.sources.values import parse_day

NAME = "x_analytics_overview"
DESCRIPTION = "X Analytics, Overview: one row per day with the figures of the account"
TABLES: tuple[str, ...] = ("account_daily", "issues")

FIELDS = {
    "date": "day",
    "impressions": "impression_count",
    "likes": "like_count",
    "engagements": "engagement_count",
    "bookmarks": "bookmark_count",
    "shares": "share_count",
    "new follows": "new_follow_count",
    "unfollows": "unfollow_count",
    "replies": "reply_count",
    "reposts": "repost_count",
    "profile visits": "profile_click_count",
    "create post": "post_count",
    "video views": "video_view_count",
    "media views": "media_view_count",
}
POSITIONS = tuple(FIELDS.values())
# Two of these tell the export from other tables with a date and impressions.
TELLING_COLUMNS = {"new follows", "unfollows", "profile visits", "create post", "media views", "reposts", "bookmarks"}
VIDEO_TITLE, VIDEO_COLUMN = "video overview", "watch time (ms)"


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for a header with `Date`, `Impressions` and two telling columns, rows of its shape, or a video overview."""
    sheet = sheet_or_none(file)
    return sheet is not None and (_is_video(sheet) or _has_english_header(sheet) or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of account_daily and issues.

    Raises:
        TweetbenchError: a video overview, no row that can be used, or nothing tells whose file it is.
    """
    if _is_video(file.sheet):
        raise TweetbenchError(
            "this is X's video overview, a kind of file that is not supported",
            where=file.shown_name,
            why="it counts views of videos and nothing about posts or followers",
            next_step="export the account overview or the content from X, then run: tweetbench ingest FILE",
        )
    return read_days(file, request, _layout(file.sheet))


def _is_video(sheet: Sheet) -> bool:
    names = sheet.normalised_header()
    return names[0] == VIDEO_TITLE or (VIDEO_COLUMN in names and "impressions" not in names)


def _has_english_header(sheet: Sheet) -> bool:
    names = set(sheet.normalised_header())
    return {"date", "impressions"} <= names and "post id" not in names and len(TELLING_COLUMNS & names) > 1


def _has_its_shape(sheet: Sheet) -> bool:
    counts = dict.fromkeys(range(1, len(POSITIONS)), is_count)
    return len(sheet.header) == len(POSITIONS) and most_rows_fit(sheet, {0: _is_day_in_words, **counts})


def _is_day_in_words(cell: str) -> bool:
    try:
        return parse_day(cell) is not None and cell.strip()[0].isalpha()
    except ValueError:
        return False


def _layout(sheet: Sheet) -> Layout:
    if _has_english_header(sheet):
        return layout_by_name(sheet, "overview", FIELDS)
    return layout_by_position("overview, localised", POSITIONS)
