"""The four analytics exports: their fields, the order in which the platform writes them, and which of them a sheet is.

Each is known by its names in one of the languages of `header_words`, or by what is in its rows. Of several that
know names of a sheet, the one that knows most of them reads it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.header import NamedColumns, read_names
from pipeline.sources.files.cell_values import parse_status_link
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.files.tabular import Sheet

SAMPLE_ROWS = 20
MOST_COLUMNS = 100  # of an export with columns that people added; a survey of thousands is not looked through
KEYS = {"post_id", "link", "text", "time", "day"}


@dataclass(frozen=True)
class Export:
    """One kind of analytics export.

    Attributes:
        words: `x` or `twitter`: whose names its columns have.
        orders: fields in the order of the file by its width; None: a column whose field is not certain.
        needed: fields without whose names no sheet is this export; of posts, a link will do for the id.
        telling: fields that other exports lack or call otherwise, and how many of them must be named.
        left_out: counts that stay in the payload because they are not what the lake's column of that name holds.
    """

    words: str
    orders: Mapping[int, Sequence[str | None]]
    needed: frozenset[str]
    telling: frozenset[str] = frozenset()
    telling_count: int = 0
    left_out: frozenset[str] = field(default_factory=frozenset)

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that the export can have, in the order of its widest version."""
        return tuple(name for name in self.orders[max(self.orders)] if name)

    def names(self, sheet: Sheet) -> NamedColumns:
        """What the names of the sheet's columns say."""
        return read_names(sheet.header, self.words, self.fields)


def _orders(*first: str) -> dict[int, tuple[str | None, ...]]:
    """Orders of exports of analytics.twitter.com by width: with all metrics, and with one less, until about 2015."""
    whole = (*first, *TWITTER_METRICS, *[None] * len(TWITTER_METRICS))
    lasting = (*first, *TWITTER_METRICS[:LASTING_METRICS])
    return {len(whole): whole, len(whole) - 2: (*lasting, *[None] * (len(whole) - 2 - len(lasting)))}


CONTENT_ORDER = (
    *("post_id", "day", "text", "link", "impression_count", "like_count", "engagement_count", "bookmark_count"),
    *("share_count", "new_follow_count", "reply_count", "repost_count", "profile_click_count", "detail_expand_count"),
    *("link_click_count", "hashtag_click_count", "permalink_click_count"),
)
OVERVIEW_ORDER = (
    *("day", "impression_count", "like_count", "engagement_count", "bookmark_count", "share_count", "new_follow_count"),
    *("unfollow_count", "reply_count", "repost_count", "profile_click_count", "post_count", "video_view_count"),
    "media_view_count",
)
# Each follows once more as "promoted ...", almost always "-".
TWITTER_METRICS = (
    *("impression_count", "engagement_count", "engagement_rate", "repost_count", "reply_count", "like_count"),
    *("profile_click_count", "link_click_count", "hashtag_click_count", "detail_expand_count", "permalink_click_count"),
    *("app_opens", "app_installs", "new_follow_count", "emailed_tweets", "dialled_phones", "media_view_count"),
    "media_engagements",
)
# Columns up to here were in the same place in all years; those of apps and media after them came and went.
LASTING_METRICS = 11

CONTENT = Export("x", {len(CONTENT_ORDER): CONTENT_ORDER}, frozenset({"post_id"}))
OVERVIEW = Export(
    "x",
    {len(OVERVIEW_ORDER): OVERVIEW_ORDER},
    frozenset({"day", "impression_count"}),
    frozenset({"new_follow_count", "unfollow_count", "profile_click_count", "post_count", "media_view_count"})
    | {"repost_count", "bookmark_count"},
    2,
)
BY_TWEET = Export("twitter", _orders("post_id", "link", "text", "time"), frozenset({"post_id"}))
# Follows are those that came from a post, summed over the day's posts: another quantity than the new follows of the
# account, which only X Analytics' overview states.
BY_DAY = Export(
    "twitter",
    _orders("day", "post_count"),
    frozenset({"day"}),
    frozenset({"post_count", "engagement_rate", "repost_count", "link_click_count", "hashtag_click_count"})
    | {"permalink_click_count", "profile_click_count", "detail_expand_count", "new_follow_count"},
    4,
    left_out=frozenset({"new_follow_count"}),
)
EXPORTS = (CONTENT, OVERVIEW, BY_TWEET, BY_DAY)


def sheet_or_none(file: InputFile) -> Sheet | None:
    """The file as a table, or None where it is none; another source may know it."""
    try:
        return None if file.is_zip else file.sheet
    except TweetbenchError:
        return None


def named_export(sheet: Sheet) -> Export | None:
    """The export that the names of the columns tell, None where they tell none."""
    if len(sheet.header) > MOST_COLUMNS:
        return None
    found = {number: named for number, export in enumerate(EXPORTS) if (named := _recognise(export, sheet))}
    best = max(found, key=lambda number: len(found[number].fields), default=None)
    return None if best is None else EXPORTS[best]


def most_rows_fit(sheet: Sheet, checks: Mapping[int, Callable[[str], bool]]) -> bool:
    """True if more than half of the first rows pass the check of each position."""
    sample = sheet.records[:SAMPLE_ROWS]
    fitting = sum(all(check(record.cells[position]) for position, check in checks.items()) for record in sample)
    return fitting * 2 > len(sample)


def is_post_link(cell: str) -> bool:
    """True for a link to a post on X."""
    return parse_status_link(cell) is not None


def _recognise(export: Export, sheet: Sheet) -> NamedColumns | None:
    named = export.names(sheet)
    fields = set(named.fields.values())
    if not named.is_decisive or len(export.telling & fields) < export.telling_count:
        return None
    if export.needed <= fields:
        return named
    links = [position for position, name in named.fields.items() if name == "link"]
    # Tables of other programs have a few of these names and a link as well.
    is_of_posts = "post_id" in export.needed and named.has_most_names and bool(links)
    return named if is_of_posts and most_rows_fit(sheet, {links[0]: is_post_link}) else None
