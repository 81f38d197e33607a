"""Files of the demo world as a person would drop them: X analytics exports of the own account, and the registry.

The survey and the contact list are written by `survey_file` and `contacts_file`.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.simulate.cast import OWN
from pipeline.simulate.contacts_file import write_contacts
from pipeline.simulate.elsewhere import BRIDGE, CLOSED_HOST, Elsewhere
from pipeline.simulate.metrics import ENGAGEMENTS, METRICS, counts_at
from pipeline.simulate.posts import REPOST
from pipeline.simulate.survey_file import write_survey
from pipeline.simulate.texts import text_of
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import NEVER_MS, Integers, to_instant, to_milliseconds
from pipeline.sources import account_registry

EXPORT_DAYS = 90
# X keeps 1,000 rows of a content export.
CONTENT_LIMIT = 1_000
CONTENT_HEADER = [
    "Post id",
    "Date",
    "Post text",
    "Post Link",
    "Impressions",
    "Likes",
    "Engagements",
    "Bookmarks",
    "Shares",
    "New follows",
    "Replies",
    "Reposts",
    "Profile visits",
    "Detail Expands",
    "URL Clicks",
    "Hashtag Clicks",
    "Permalink Clicks",
]
OVERVIEW_HEADER = [
    "Date",
    "Impressions",
    "Likes",
    "Engagements",
    "Bookmarks",
    "Shares",
    "New follows",
    "Unfollows",
    "Replies",
    "Reposts",
    "Profile visits",
    "Create Post",
    "Video views",
    "Media views",
]


def write_exports(folder: Path, world: World, as_of: datetime, elsewhere: Sequence[Elsewhere] = ()) -> dict[str, Path]:
    """Write registry, both exports of the own account, survey and contact list into a folder; paths by kind."""
    folder.mkdir(parents=True, exist_ok=True)
    last = (as_of - timedelta(microseconds=1)).date()
    first = last - timedelta(days=EXPORT_DAYS - 1)
    paths = {
        "accounts": folder / "accounts.csv",
        "x_analytics_content": folder / f"account_analytics_content_{first}_{last}.csv",
        "x_analytics_overview": folder / "account_overview_analytics.csv",
        "survey": folder / "demo_survey.csv",
        "contacts": folder / "demo_contacts.csv",
        "followers": folder / "demo_followers.csv",
    }
    write_accounts(paths["accounts"], world, as_of, elsewhere)
    _write(paths["x_analytics_content"], CONTENT_HEADER, content_rows(world, first, last))
    _write(paths["x_analytics_overview"], OVERVIEW_HEADER, overview_rows(world, first, last))
    write_survey(paths["survey"], world.seed)
    write_contacts(paths["contacts"], paths["followers"], world, as_of)
    return paths


def write_accounts(path: Path, world: World, as_of: datetime, elsewhere: Sequence[Elsewhere] = ()) -> None:
    """Write the registry as of an instant; every tenth plain account lacks its id, as people leave it.

    On Mastodon there is also an account of a server that answers its own users alone, and a bridge's copy of one of
    Bluesky: both are things that people list.
    """
    rows = list(_listed("x", world, as_of))
    for row, account in zip(rows, _existing(world, as_of), strict=True):
        made = to_instant(int(world.cast.created_ms[account])).date()
        row["since"] = max(made, world.calendar.first_day).isoformat()
        if world.cast.roles[account] == "plain" and account % 10 == 9:
            row["account_id"] = ""
    for site in elsewhere:
        rows += _listed(site.platform, site.world, as_of)
        if site.platform == "mastodon":
            own = next(row for row in rows if row["platform"] == "bluesky")
            for handle in (f"demo_news@{CLOSED_HOST}", f"{own['handle']}@{BRIDGE}"):
                rows.append({"platform": "mastodon", "handle": handle, "company": own["company"], "notes": "demo"})
        if site.platform == "linkedin":
            for row in rows[-site.world.cast.size :]:
                row["account_id"] = ""
    _write(path, account_registry.COLUMNS, rows)


def _existing(world: World, as_of: datetime) -> list[int]:
    found: list[int] = np.flatnonzero(world.cast.created_ms <= to_milliseconds(as_of)).tolist()
    return found


def _listed(platform: str, world: World, as_of: datetime) -> Iterator[dict[str, str]]:
    """Lines of the registry for the accounts of a world that exist at an instant."""
    cast = world.cast
    for account in _existing(world, as_of):
        yield {
            "platform": platform,
            "handle": world.handle(account, as_of),
            "account_id": cast.account_ids[account],
            "name": cast.names[account],
            "company": cast.names[account],
            "industry": cast.industries[account],
            "company_size": cast.company_sizes[account],
            "customer_focus": cast.focus_name(account),
            "is_own": "true" if account == OWN else "false",
            "notes": "demo",
        }


def content_rows(world: World, first: date, last: date) -> Iterable[dict[str, Any]]:
    """Rows of the per-post export: own posts of the days, newest first, with what they had at the end of the last."""
    posts, end = world.posts, _midnight(last + timedelta(days=1))
    rows = _own_rows(world, _midnight(first), end)[::-1][:CONTENT_LIMIT]
    counts = counts_at(posts, world.finals, rows, end)
    handle = world.handle(OWN, to_instant(end))
    for row, column in zip(rows, counts.T, strict=True):
        values = dict(zip(METRICS, (int(count) for count in column), strict=True))
        post_id = str(posts.post_id[row])
        yield {
            "Post id": post_id,
            "Date": _long_date(to_instant(int(posts.created_ms[row])).date()),
            "Post text": text_of(world, int(row)).shown,
            "Post Link": f"https://x.com/{handle}/status/{post_id}",
            **_reactions(values),
            "New follows": values["new_follow_count"],
            "Detail Expands": values["detail_expand_count"],
            "URL Clicks": values["link_click_count"],
            "Hashtag Clicks": 0,
            "Permalink Clicks": 0,
        }


def overview_rows(world: World, first: date, last: date) -> Iterable[dict[str, Any]]:
    """Rows of the daily export, newest first: what each day added, on all own posts; follows match the follower path.

    Follows by day are the real ones, about eight times those that X ascribes to posts; those before 06:00, when hardly
    anybody is awake, count for the day before.
    """
    posts, day_count = world.posts, (last - first).days + 1
    rows = _own_rows(world, world.calendar.start_ms, _midnight(last + timedelta(days=1)))
    edges = [_midnight(first + timedelta(days=offset)) for offset in range(day_count + 1)]
    totals = np.stack([counts_at(posts, world.finals, rows, edge).sum(axis=1) for edge in edges])
    added = np.diff(totals, axis=0)
    start = (first - world.calendar.first_day).days + 1
    days = np.arange(start, start + day_count)
    # Nothing moved before the first day of the world.
    is_inside = (days >= 1) & (days <= world.calendar.day_count)
    columns = np.where(is_inside, days, 0)
    gained, lost = (part[OWN, columns] for part in (world.growth.gained, world.growth.lost))
    for offset in range(day_count - 1, -1, -1):
        values = dict(zip(METRICS, (int(count) for count in added[offset]), strict=True))
        made = (posts.created_ms[rows] >= edges[offset]) & (posts.created_ms[rows] < edges[offset + 1])
        yield {
            "Date": _long_date(first + timedelta(days=offset)),
            **_reactions(values),
            # Some impressions come from nothing that a post export lists.
            "Impressions": int(values["impression_count"] * 1.04),
            "New follows": int(gained[offset]),
            "Unfollows": int(lost[offset]),
            "Create Post": int(made.sum()),
            "Video views": 0,
            "Media views": 0,
        }


def _own_rows(world: World, start_ms: int, end_ms: int) -> Integers:
    """Own posts made in a stretch that are there at its end, latest versions, without reposts; oldest first."""
    posts, part = world.posts, world.posts.rows_of(OWN)
    rows: Integers = np.arange(part.start, part.stop)
    keep = (posts.created_ms[part] >= start_ms) & (posts.created_ms[part] < end_ms) & (posts.kind[part] != REPOST)
    keep &= (posts.superseded_ms[part] == NEVER_MS) & (posts.removed_ms[part] > end_ms)
    chosen: Integers = rows[keep]
    return chosen


def _reactions(values: Mapping[str, int]) -> dict[str, int]:
    return {
        "Impressions": values["impression_count"],
        "Likes": values["like_count"],
        "Engagements": sum(values[name] for name in ENGAGEMENTS),
        "Bookmarks": values["bookmark_count"],
        "Shares": 0,
        "Replies": values["reply_count"],
        "Reposts": values["repost_count"],
        "Profile visits": values["profile_click_count"],
    }


def _midnight(day: date) -> int:
    return to_milliseconds(datetime.combine(day, time(), UTC))


def _long_date(day: date) -> str:
    """Sun, Jan 4, 2026: no zero before the day."""
    return f"{day:%a, %b} {day.day}, {day.year}"


def _write(path: Path, header: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header)
        writer.writeheader()
        writer.writerows(rows)
