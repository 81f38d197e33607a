"""Companies on several platforms, as raw records of a few and as the models' inputs of many with known truth."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = 12
MODELS = [
    "int_company_growth_weeks",
    "int_company_engagement_weeks",
    "int_company_figures",
    "int_company_readiness",
    "company_platforms",
    "int_company_platform_pairs",
    "int_company_growth_differences",
    "int_company_engagement_ratios",
    "company_platform_differences",
]
Row = dict[str, object]


def registered(platform: str, handle: str, company: str | None, **more: object) -> Row:
    """A line of accounts.csv as it was read."""
    row = {"platform": platform, "account_id": handle, "handle": handle, "captured_at": MONDAY, "is_own": False}
    return {**row, "source": "accounts_csv", "payload": json.dumps({"company": company}), **more}


def watched(platform: str, handle: str, counts: dict[int, int | None], **more: object) -> Iterator[Row]:
    """A reading at 06:00 on each of the days since the first Monday."""
    for day, count in counts.items():
        yield {
            "platform": platform,
            "account_id": handle,
            "handle": handle,
            "status": "active",
            "captured_at": MONDAY + timedelta(days=day, hours=6),
            "follower_count": count,
            "following_count": 100,
            **more,
        }


def posted(platform: str, handle: str, number: int, at: datetime, reactions: int) -> Iterator[tuple[str, Row]]:
    """A post, and its likes a week later; other reactions are not reported by the invented source."""
    base = {"platform": platform, "post_id": f"{handle}-{number}", "account_id": handle, "handle": handle}
    kinds = {"created_at": at, "post_kind": "original", "availability": "available"}
    yield "posts", {**base, **kinds, "captured_at": at + timedelta(minutes=1)}
    read = {"captured_at": at + timedelta(days=7), "metric_scope": "public", "like_count": reactions}
    yield "post_metrics", {**base, **read}


def draw_companies(
    count: int, *, spread: float, week_spread: float, posts: int, growth: float, more_growth: float, ratio: float
) -> dict[str, pa.Table]:
    """Inputs of MODELS for `count` companies on bluesky and x.

    Growth of a week is `growth` on x and `growth + more_growth` on bluesky, with heavy tails of their own and a shock
    in common. A post on x draws 5 reactions per 1,000 of 2,000 followers on average, on bluesky `ratio` times as many;
    its log spreads by `spread` and that of its week, in common, by `week_spread`.
    """
    rng = np.random.default_rng(count + posts)
    platforms, weeks, posted_rows = [], [], []
    for company in range(count):
        shock = 0.004 * rng.standard_normal(WEEKS)
        mood = rng.normal(-(week_spread**2) / 2, week_spread, WEEKS)
        for platform in ("bluesky", "x"):
            key = f"{platform}:{company}"
            platforms.append(
                {
                    "company_key": f"c{company}",
                    "company": f"C{company}",
                    "platform": platform,
                    "account_key": key,
                    "is_own": True,
                    "account_count": 1,
                    "follower_count": 2000,
                    "first_captured_at": MONDAY,
                    "last_captured_at": MONDAY + timedelta(weeks=WEEKS),
                    "platform_count": 2,
                }
            )
            rates = growth + (more_growth if platform == "bluesky" else 0) + shock + 0.006 * rng.standard_t(4, WEEKS)
            for week, rate in enumerate(rates):
                start = MONDAY + timedelta(weeks=week)
                weeks.append(
                    {
                        "account_key": key,
                        "week_start_date": start.date(),
                        "reading_start_at": start,
                        "reading_end_at": start + timedelta(weeks=1),
                        "follower_count_start": 2000,
                        "follower_count_end": round(2000 * math.exp(rate)),
                        "growth_rate": float(rate),
                    }
                )
            mean = 10 * (ratio if platform == "bluesky" else 1)
            for number in range(posts):
                week = number * WEEKS // posts
                strength = math.exp(rng.normal(-(spread**2) / 2, spread) + mood[week])
                posted_rows.append(
                    {
                        "post_key": f"{key}-{number}",
                        "account_key": key,
                        "date": (MONDAY + timedelta(weeks=week, days=number % 7)).date(),
                        "age_basis": "fixed_age",
                        "reaction_count": int(rng.poisson(mean * strength)),
                        "follower_count": 2000,
                    }
                )
    empty = {"account_key": pa.string(), "date": pa.date32(), "follower_count": pa.int64()}
    return {
        "int_company_platforms": pa.Table.from_pylist(platforms),
        "int_account_week_intervals": pa.Table.from_pylist(weeks),
        "int_engagement_posts": pa.Table.from_pylist(posted_rows),
        "int_account_followers_derived": pa.schema(empty).empty_table(),
        "int_account_snapshots_daily": pa.schema(empty).empty_table(),
        "int_benchmark_posting": pa.schema({"account_key": pa.string(), "posts_per_day": pa.float64()}).empty_table(),
    }


def sunday(week: int) -> date:
    """Last day of a week since the first Monday."""
    return (MONDAY + timedelta(weeks=week, days=6)).date()
