"""X's export by day (account_overview_analytics.csv). The export names no account: it is given, or the only own one.

X's exports about videos, of the same place, are recognised here only to be refused by their name.
"""

from pipeline.sources.analytics.counts import is_count
from pipeline.sources.analytics.days import read_days
from pipeline.sources.analytics.header import ENGLISH
from pipeline.sources.analytics.layout import Export, find_layout, most_rows_fit, sheet_or_none
from pipeline.sources.analytics.videos import is_video_export, refuse_video_export
from pipeline.sources.protocol import InputFile, Reading, Request
from pipeline.sources.tabular import Sheet
from pipeline.sources.values import parse_day

NAME = "x_analytics_overview"
DESCRIPTION = "X Analytics, Overview: one row per day with the figures of the account"
TABLES: tuple[str, ...] = ("account_daily", "issues")

ORDER = (
    *("day", "impression_count", "like_count", "engagement_count", "bookmark_count", "share_count", "new_follow_count"),
    *("unfollow_count", "reply_count", "repost_count", "profile_click_count", "post_count", "video_view_count"),
    "media_view_count",
)
EXPORT = Export("x", {len(ORDER): ORDER})
# Two of these tell the export from other tables with a date and impressions.
TELLING = {"new_follow_count", "unfollow_count", "profile_click_count", "post_count", "media_view_count"}
TELLING |= {"repost_count", "bookmark_count"}
OF_POSTS = {"post id", "tweet id", "post text", "tweet text"}


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for the names of this export in a language that is known, rows of its shape, or an export about videos."""
    sheet = sheet_or_none(file)
    return sheet is not None and (is_video_export(file) or _is_named(sheet) or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of account_daily and issues.

    Raises:
        TweetbenchError: an export about videos, no row that can be used, nothing tells whose file it is, or its columns
            are not where they belong.
    """
    if is_video_export(file):
        refuse_video_export(file)
    layout = find_layout(file, EXPORT, dialect=lambda language: "overview" + f", {language}" * (language != ENGLISH))
    return read_days(file, request, layout)


def _is_named(sheet: Sheet) -> bool:
    named = EXPORT.names(sheet)
    told = set(named.fields.values())
    if OF_POSTS & set(sheet.normalised_header()) or not {"day", "impression_count"} <= told:
        return False
    return named.has_most(ORDER) and len(TELLING & told) > 1


def _has_its_shape(sheet: Sheet) -> bool:
    counts = dict.fromkeys(range(1, len(ORDER)), is_count)
    return len(sheet.header) == len(ORDER) and most_rows_fit(sheet, {0: _is_day_in_words, **counts})


def _is_day_in_words(cell: str) -> bool:
    try:
        return parse_day(cell) is not None and cell.strip()[0].isalpha()
    except ValueError:
        return False
