"""What the admin of an invented LinkedIn page exports: content, followers and competitors, as LinkedIn lays them out.

Built in: a day gains followers with what its posts draw on that day, and now and then loses more than it gains; the
figures of days and of posts agree but for reposts, which LinkedIn counts otherwise by day; a few posts are advertised
and have rows of campaigns and of totals. Names of employees and audiences by place are there because real exports have
them: nothing of them may be stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter

from pipeline.simulate.words import sentence
from pipeline.simulate.world_calendar import Integers

SCOPES = ("organic", "sponsored", "total")
DAILY = ("Impressions", "Clicks", "Reactions", "Comments", "Reposts")
METRICS_HEADER = [
    "Date",
    *(f"Impressions ({scope})" for scope in SCOPES),
    "Unique impressions (organic)",
    *(f"{figure} ({scope})" for figure in (*DAILY[1:], "Engagement rate") for scope in SCOPES),
]
POSTS_HEADER = [
    *("Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Campaign start date"),
    *("Campaign end date", "Audience", "Impressions", "Views", "Offsite Views", "Clicks", "Click through rate (CTR)"),
    *("Likes", "Comments", "Reposts", "Follows", "Engagement rate", "Content Type"),
]
FOLLOWERS_HEADER = ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"]
NOTES = (
    "Aggregated engagement metrics for your organic and sponsored posts over time. All dates and times are in UTC.",
    "Engagement metrics for individual posts. All dates and times are in UTC.",
)
# Shares of a post's impressions by day of its life, and what a hundred of them draw: clicks, reactions, comments.
LIFE = np.array([0.5, 0.22, 0.12, 0.08, 0.05, 0.03])
DRAWN = np.array([0.045, 0.018, 0.0025])
ADVERTISED_EVERY = 25
FOLLOWERS_AT_START = 2_400
Cells = list[Any]


@dataclass(frozen=True)
class Page:
    """A page and who is named in its exports. `companies` are the competitors, by title."""

    slug: str
    title: str
    industry: str
    companies: tuple[str, ...]
    employee: str = "Demo Employee"
    place: str = "Demo Town"


@dataclass(frozen=True)
class PageHistory:
    """Figures of a page by day and by post: impressions, clicks, reactions, comments in this order."""

    first: date
    created: list[datetime]
    by_post: Integers  # post x figure
    by_day: Integers  # day x figure
    reposts: Integers  # by post
    gains: Integers  # by day
    salts: list[int] = field(default_factory=list)

    @property
    def days(self) -> list[date]:
        """All days, oldest first."""
        return [self.first + timedelta(days=day) for day in range(len(self.gains))]


def draw_page(seed: int, last: date, day_count: int) -> PageHistory:
    """Invent the history of a page; the same seed gives the same figures."""
    rng = np.random.default_rng([seed, 97])
    first = last - timedelta(days=day_count - 1)
    weekdays = np.array([(first + timedelta(days=day)).weekday() for day in range(day_count)])
    posted = np.flatnonzero(rng.random(day_count) < np.where(weekdays < 5, 0.7, 0.05))
    midnight = datetime.combine(first, time(), UTC)
    moments = zip(posted.tolist(), rng.integers(7 * 3_600_000, 18 * 3_600_000, len(posted)).tolist(), strict=True)
    created = [midnight + timedelta(days=day, milliseconds=clock) for day, clock in moments]
    reach = rng.lognormal(7.0, 0.6, len(posted))
    pull = rng.lognormal(0.0, 0.4, len(posted))
    by_post, by_day = np.zeros((len(posted), 4), dtype=np.int64), np.zeros((day_count, 4), dtype=np.int64)
    for post, day in enumerate(posted):
        life = LIFE[: day_count - day]
        shown = rng.poisson(reach[post] * life)
        drawn = np.stack([rng.binomial(shown, min(share * pull[post], 0.5)) for share in DRAWN])
        figures = np.vstack([shown, drawn])
        by_post[post] = figures.sum(axis=1)
        by_day[day : day + len(life)] += figures.T
    # About one follower for 30 engagements of the day, and one in a thousand leaves on a weekday.
    gains = rng.poisson(1.2 + by_day[:, 1:].sum(axis=1) / 30) - rng.poisson(1.0, day_count)
    return PageHistory(
        first, created, by_post, by_day, rng.poisson(1 + by_post[:, 2] / 12), gains,
        rng.integers(0, 2**31, len(posted)).tolist(),
    )  # fmt: skip


def write_page_exports(folder: Path, page: Page, history: PageHistory) -> list[Path]:
    """Write the three files, each under the name that LinkedIn would give it."""
    folder.mkdir(parents=True, exist_ok=True)
    last = history.days[-1]
    stamp = int(datetime.combine(last + timedelta(days=1), time(4), UTC).timestamp() * 1_000)
    audience: list[Cells] = [["Location", "Total followers"], [page.place, 3], ["Demo Village", 1]]
    sheets: dict[str, dict[str, Iterable[Cells]]] = {
        f"{page.slug}_content_{stamp}.xlsx": {
            "Metrics": [[NOTES[0]], METRICS_HEADER, *_metric_rows(history)],
            "All posts": [[NOTES[1]], POSTS_HEADER, *_post_rows(page, history)],
        },
        f"{page.slug}_followers_{stamp}.xlsx": {
            "New followers": [FOLLOWERS_HEADER, *_follower_rows(history)],
            "Location": audience,
        },
        f"{page.title}_competitor_analytics_{stamp}.xlsx": {"COMPETITORS": _competitor_rows(page, history)},
    }
    for name, tables in sheets.items():
        with xlsxwriter.Workbook(str(folder / name)) as book:
            for title, rows in tables.items():
                sheet = book.add_worksheet(title)
                for at, row in enumerate(rows):
                    sheet.write_row(at, 0, row)
    return [folder / name for name in sheets]


def _metric_rows(history: PageHistory) -> Iterable[Cells]:
    for day, figures in zip(history.days, history.by_day.tolist(), strict=True):
        shown, *drawn = figures
        # By day LinkedIn counts few of the reposts that it counts by post.
        columns = [(value, 0, value) for value in (*drawn, drawn[1] // 40)]
        rate = (sum(drawn) + drawn[1] // 40) / shown if shown else 0
        yield [
            _us(day), shown, 0, shown, shown * 7 // 10,
            *(cell for column in columns for cell in column), rate, 0, rate,
        ]  # fmt: skip


def _post_rows(page: Page, history: PageHistory) -> Iterable[Cells]:
    rows = zip(history.created, history.by_post.tolist(), history.reposts.tolist(), history.salts, strict=True)
    for number, (created, figures, reposts, salt) in reversed(list(enumerate(rows))):
        text = f"{sentence(salt, page.industry)} https://lnkd.in/d{salt % 10**8:08d}"
        link = f"https://www.linkedin.com/feed/update/urn:li:activity:{int(created.timestamp() * 1_000) << 22}"
        organic = [*figures, reposts]
        paid = [figure * 2 for figure in organic]
        scopes = [("Organic", "", organic)]
        if number % ADVERTISED_EVERY == ADVERTISED_EVERY - 1:
            total = [one + other for one, other in zip(organic, paid, strict=True)]
            scopes += [("Sponsored", "Demo campaign", paid), ("Total", "", total)]
        for scope, campaign, (shown, clicks, reactions, comments, shared) in scopes:
            rate = (clicks + reactions + comments + shared) / shown if shown else 0
            yield [
                text, link, scope, campaign, page.employee, _us(created.date()), "", "", "All followers", shown, "", "",
                clicks, clicks / shown if shown else 0, reactions, comments, shared, "", rate, "",
            ]  # fmt: skip


def _follower_rows(history: PageHistory) -> Iterable[Cells]:
    for day, gained in zip(history.days, history.gains.tolist(), strict=True):
        yield [_us(day), 0, gained, 0, gained]


def _competitor_rows(page: Page, history: PageHistory) -> Iterable[Cells]:
    gained = int(history.gains.sum())
    yield [_us(history.days[0]), _us(history.days[-1])]
    yield ["Page", "Total Followers", "New Followers", "Total post engagements", "Total posts"]
    pages: Sequence[tuple[str, int]] = [
        (page.title, FOLLOWERS_AT_START + gained),
        *((title, 900 * (place + 2)) for place, title in enumerate(page.companies)),
    ]
    for title, total in pages:
        yield [title, total, gained, int(history.by_post[:, 1:].sum()), len(history.created)]


def _us(day: date) -> str:
    return f"{day:%m/%d/%Y}"
