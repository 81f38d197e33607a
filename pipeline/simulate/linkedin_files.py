"""LinkedIn exports of the own page in the demo: content, followers and competitors, as an admin would download them.

LinkedIn writes `.xls`; these are `.xlsx`, as when somebody has saved them again. The page has a world of its own, from
`elsewhere.draw_page`. Days run as in `exports.overview_rows`; the totals of competitors are those after the last day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import xlsxwriter

from pipeline.simulate.cast import OWN
from pipeline.simulate.elsewhere import Elsewhere
from pipeline.simulate.metrics import METRICS, counts_at
from pipeline.simulate.posts import ORIGINAL
from pipeline.simulate.texts import text_of
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import NEVER_MS, Integers, to_instant, to_milliseconds

MOST_DAYS = 365  # in one export
POSTED_BY = "Dana Demo"
FIGURES = ("Clicks", "Reactions", "Comments", "Reposts")
SCOPES = ("organic", "sponsored", "total")
METRICS_NOTE = "Aggregated engagement metrics for your organic and sponsored posts over time."
POSTS_NOTE = "Engagement metrics for individual posts."
METRICS_HEADER = (
    *("Date", *(f"Impressions ({scope})" for scope in SCOPES), "Unique impressions (organic)"),
    *(f"{figure} ({scope})" for figure in (*FIGURES, "Engagement rate") for scope in SCOPES),
)
POSTS_HEADER = (
    *("Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Campaign start date"),
    *("Campaign end date", "Audience", "Impressions", "Views", "Offsite Views", "Clicks", "Click through rate (CTR)"),
    *("Likes", "Comments", "Reposts", "Follows", "Engagement rate", "Content Type"),
)
GAINS_HEADER = (*("Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"),)
COMPETITORS_HEADER = ("Page", "Total Followers", "New Followers", "Total post engagements", "Total posts")
Row = Sequence[object]


def write_page_exports(folder: Path, page: Elsewhere, as_of: datetime) -> list[Path]:
    """Write the three exports of the days before an instant, with the names that LinkedIn gives."""
    world = page.world
    last = (as_of - timedelta(microseconds=1)).date() - timedelta(days=1)
    first = max(last - timedelta(days=MOST_DAYS - 1), world.calendar.first_day)
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    slug, stamp = world.handle(OWN, as_of), to_milliseconds(as_of)
    rows = _originals(world, OWN, _midnight(last + timedelta(days=1)))
    files: dict[str, Mapping[str, Iterable[Row]]] = {
        f"{slug}_content_{stamp}.xlsx": {
            "Metrics": [[METRICS_NOTE], METRICS_HEADER, *_metrics(world, rows, days)],
            "All posts": [[POSTS_NOTE], POSTS_HEADER, *_posts(world, rows, days)],
        },
        f"{slug}_followers_{stamp}.xlsx": {
            "New followers": [GAINS_HEADER, *_gains(world, days)],
            "Location": [["Location", "Total followers"], ["Demo Town", 3]],
        },
        f"{world.cast.names[OWN]}_competitor_analytics_{stamp}.xlsx": {
            "COMPETITORS": [[_written(first), _written(last)], COMPETITORS_HEADER, *_competitors(world, days, as_of)]
        },
    }
    return [_save(folder / name, sheets, as_of) for name, sheets in files.items()]


def _metrics(world: World, rows: Integers, days: Sequence[date]) -> Iterator[Row]:
    """What each day added on all posts of the page; nothing is advertised."""
    edges = [_midnight(day) for day in (*days, days[-1] + timedelta(days=1))]
    totals = np.stack([counts_at(world.posts, world.finals, rows, edge).sum(axis=1) for edge in edges])
    for day, counts in zip(days, np.diff(totals, axis=0), strict=True):
        impressions, figures, rate = _figures(counts)
        unique = int(impressions * 0.6)
        each = [value for figure in (*figures, rate) for value in (figure, 0, figure)]
        yield [_written(day), impressions, 0, impressions, unique, *each]


def _posts(world: World, rows: Integers, days: Sequence[date]) -> Iterator[Row]:
    """Posts of the days, newest first, with what they had at the end of the last."""
    posts, end = world.posts, _midnight(days[-1] + timedelta(days=1))
    listed = rows[posts.created_ms[rows] >= _midnight(days[0])][::-1]
    for row, counts in zip(listed, counts_at(posts, world.finals, listed, end).T, strict=True):
        made = int(posts.created_ms[row])
        impressions, figures, rate = _figures(counts)
        text = text_of(world, int(row))
        title = (text.full or text.shown).replace("https://t.co/", "https://lnkd.in/")
        yield [
            *(title, f"https://www.linkedin.com/feed/update/urn:li:activity:{activity_id(made, int(row))}"),
            *(
                "Organic",
                "",
                POSTED_BY,
                _written(to_instant(made).date()),
                "",
                "",
                "All followers",
                impressions,
                "",
                "",
            ),
            *(figures[0], figures[0] / impressions if impressions else 0, *figures[1:], "", rate, ""),
        ]


def activity_id(milliseconds: int, number: int) -> int:
    """The id of a post, which holds its time above 22 bits."""
    return (milliseconds << 22) + number % (1 << 22)


def _gains(world: World, days: Sequence[date]) -> Iterator[Row]:
    """The net gain of each day; a tenth of new followers were invited."""
    start = (days[0] - world.calendar.first_day).days + 1
    for offset, day in enumerate(days):
        gained, lost = (int(part[OWN, start + offset]) for part in (world.growth.gained, world.growth.lost))
        invited = gained // 10
        yield [_written(day), 0, gained - invited - lost, invited, gained - lost]


def _competitors(world: World, days: Sequence[date], as_of: datetime) -> Iterator[Row]:
    start = (days[0] - world.calendar.first_day).days + 1
    moved = slice(start, start + len(days))
    for account, name in enumerate(world.cast.names):
        rows = _originals(world, account, _midnight(days[-1] + timedelta(days=1)))
        rows = rows[world.posts.created_ms[rows] >= _midnight(days[0])]
        counts = counts_at(world.posts, world.finals, rows, to_milliseconds(as_of)).sum(axis=1)
        gained = world.growth.gained[account, moved].sum() - world.growth.lost[account, moved].sum()
        total = world.account_state(account, as_of).follower_count
        yield [name, total, int(gained), sum(_figures(counts)[1]), len(rows)]


def _figures(counts: Integers) -> tuple[int, list[int], float]:
    """Impressions; clicks of all kinds, reactions, comments and reposts; and their share of the impressions."""
    by_name = dict(zip(METRICS, (int(count) for count in counts), strict=True))
    clicks = sum(by_name[f"{name}_count"] for name in ("link_click", "profile_click", "detail_expand"))
    figures = [clicks, by_name["like_count"], by_name["reply_count"], by_name["repost_count"]]
    impressions = by_name["impression_count"]
    return impressions, figures, sum(figures) / impressions if impressions else 0.0


def _originals(world: World, account: int, end_ms: int) -> Integers:
    """Posts of a page there at an instant, latest versions, oldest first; a page neither answers nor quotes."""
    posts, part = world.posts, world.posts.rows_of(account)
    rows: Integers = np.arange(part.start, part.stop)
    keep = (posts.created_ms[part] < end_ms) & (posts.kind[part] == ORIGINAL)
    keep &= (posts.superseded_ms[part] == NEVER_MS) & (posts.removed_ms[part] > end_ms)
    chosen: Integers = rows[keep]
    return chosen


def _midnight(day: date) -> int:
    return to_milliseconds(datetime.combine(day, time(), UTC))


def _written(day: date) -> str:
    return f"{day:%m/%d/%Y}"


def _save(path: Path, sheets: Mapping[str, Iterable[Row]], made: datetime) -> Path:
    """The same rows give the same bytes: the time inside the file is that of the world."""
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": made.replace(tzinfo=None)})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path
