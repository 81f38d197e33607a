"""A random account: what it posted when, and its figures by post and by day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

EPOCH_MS = 1_288_834_974_657  # of the ids
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo", "Asia/Kolkata")
HANDLES = ("OurBrand", "brand_br", "Shop24", "acme", "LongestHandle15")
METRICS = (
    *("impression_count", "like_count", "engagement_count", "bookmark_count", "share_count", "new_follow_count"),
    *("reply_count", "repost_count", "profile_click_count", "detail_expand_count", "link_click_count"),
    *("hashtag_click_count", "permalink_click_count", "media_view_count"),
)
PARTS = (
    *("like_count", "new_follow_count", "reply_count", "repost_count", "profile_click_count", "detail_expand_count"),
    *("link_click_count", "hashtag_click_count", "permalink_click_count"),
)
TEXTS = (
    "Our new report is out: https://t.co/a1B2c3D4e5",
    '"Quality" beats volume, and here is why',
    "Three things we learned:\n1. listen\n2. answer\n3. repeat",
    "@friend thanks; that made our day 🎉",
    "Größe zählt nicht, oder doch? #frage",
    "新製品のお知らせです",
    "A &amp; B, 50% off, today only",
    "=SUM(A1:A3) is not a formula",
)


@dataclass(frozen=True)
class Post:
    """One post with its figures; the id carries the time of creation."""

    post_id: str
    created_at: datetime
    text: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Day:
    """One day of the account, in the exporter's zone."""

    date: date
    counts: Mapping[str, int]


@dataclass(frozen=True)
class World:
    """An account with what it did in a period."""

    handle: str
    zone: ZoneInfo
    first: date
    last: date
    posts: tuple[Post, ...]
    days: tuple[Day, ...]


def draw_world(rng: Random, *, year: int, most_days: int = 90, posts_from: int = 1, posts_to: int = 60) -> World:
    """An account over 2 to `most_days` days of a year, busy or not, now and then over a change of clocks."""
    start = rng.choice([date(year, 1, 3), date(year, 3, 20), date(year, 6, 1), date(year, 10, 18)])
    start += timedelta(days=rng.randint(0, 12))
    length = rng.randint(2, most_days)
    zone = ZoneInfo(rng.choice(ZONES))
    size = rng.choice([1, 1, 1, 12, 900, 250_000])
    opening = datetime(start.year, start.month, start.day, tzinfo=zone)
    seconds = length * 86_400 - 60
    moments = sorted({rng.randrange(seconds) for _ in range(rng.randint(posts_from, posts_to))})
    posts = tuple(_post(rng, opening.astimezone(UTC) + timedelta(seconds=at), size) for at in moments)
    days = tuple(Day(start + timedelta(days=at), _day(rng, size)) for at in range(length))
    return World(rng.choice(HANDLES), zone, start, days[-1].date, posts, days)


def _post(rng: Random, moment: datetime, size: int) -> Post:
    created_ms = int(moment.timestamp()) * 1_000 + rng.randrange(1_000)
    post_id = str(((created_ms - EPOCH_MS) << 22) | rng.randrange(1 << 22))
    created_at = datetime.fromtimestamp(created_ms // 1_000, UTC) + timedelta(milliseconds=created_ms % 1_000)
    return Post(post_id, created_at, rng.choice(TEXTS), _counts(rng, size))


def _counts(rng: Random, size: int) -> dict[str, int]:
    """Figures as X adds them up: engagements are the sum of their parts and never more than the impressions."""
    impressions = round(rng.lognormvariate(4, 1.5) * size)
    counts = dict.fromkeys(METRICS, 0)
    for name in PARTS:
        counts[name] = rng.randint(0, max(0, impressions // rng.choice([10, 30, 90, 300])))
    counts["bookmark_count"] = counts["like_count"] // 7
    counts["share_count"] = counts["repost_count"] // 3
    counts["media_view_count"] = rng.randint(0, impressions)
    return {**counts, "engagement_count": sum(counts[name] for name in PARTS), "impression_count": impressions}


def _day(rng: Random, size: int) -> dict[str, int]:
    counts = _counts(rng, size * 4)
    return {**counts, "unfollow_count": rng.randint(0, 4), "post_count": rng.randint(0, 9), "video_view_count": 0}
