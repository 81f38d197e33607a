"""The world's past as rows of the lake, for landing in bulk what a year of daily runs would have captured.

All three row makers go by the day of capture, so that the rows of consecutive stretches add up to the rows of the
whole. `source` and `run_id` are the lake's to fill in; `payload` stays empty, since there was no response to keep.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np

from pipeline.simulate.cast import OWN
from pipeline.simulate.metrics import METRICS, counts_at
from pipeline.simulate.posts import KINDS, ORIGINAL, REPLY, REPOST, SELF_REPLY
from pipeline.simulate.texts import entities_of, text_of
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import (
    DAY_MS,
    HOUR_MS,
    KNOT_HOUR,
    NEVER_MS,
    Floats,
    Integers,
    to_instant,
)

Row = dict[str, Any]
AGES_IN_DAYS = (1, 3, 7, 30)
_PUBLIC = METRICS[:6]
_PRIVATE = ("impression_count", "link_click_count", "profile_click_count")


def history_rows(
    world: World, first_day: date, last_day: date, *, counted_kinds: Sequence[int] = tuple(range(len(KINDS)))
) -> Iterator[Row]:
    """Rows of `accounts`: every account that was ever made, at 06:00 UTC, first to last day inclusive.

    Most are read daily, some once a week on a weekday of their own. A suspended or vanished account has its status
    and no counts. `counted_kinds`: the kinds of posts that the platform counts.
    """
    followers = np.exp(world.growth.log_followers)
    post_counts = _daily_post_counts(world, counted_kinds)
    first, count = (first_day - world.calendar.first_day).days, (last_day - first_day).days + 1
    for day in range(max(first, 0), min(first + count, world.calendar.day_count)):
        captured_at = to_instant(_capture_ms(world, day))
        for account in range(world.cast.size):
            weekday = world.cast.reading_weekday[account]
            is_read = weekday < 0 or weekday == captured_at.weekday()
            if is_read and world.cast.created_ms[account] <= _capture_ms(world, day):
                yield _account_row(world, account, day, captured_at, followers, post_counts)


def _account_row(
    world: World, account: int, day: int, captured_at: datetime, followers: Floats, post_counts: Integers
) -> Row:
    cast = world.cast
    status = world.status(account, captured_at)
    row: Row = {
        "platform": "x",
        "captured_at": captured_at,
        "account_id": cast.account_ids[account],
        "handle": world.handle(account, captured_at),
        "status": status,
    }
    if status == "suspended":
        return row | {"status_detail": f"User has been suspended: [{row['account_id']}]."}
    if status == "not_found":
        return row | {"status_detail": f"Could not find user with ids: [{row['account_id']}]."}
    follower_count, post_count = int(followers[account, day]), int(post_counts[account, day])
    return row | {
        "name": cast.names[account],
        "created_at": to_instant(int(cast.created_ms[account])),
        "description": f"Invented {cast.industries[account]} business of the demo world #demo",
        "location": "Demo City",
        "is_verified": account % 5 == 0,
        "verified_type": "business" if account % 5 == 0 else "none",
        "is_protected": status == "protected",
        "follower_count": follower_count,
        "following_count": int(world.growth.following[account, day]),
        "post_count": post_count,
        "listed_count": follower_count // 90,
        "liked_count": 3 * post_count,
        "media_count": post_count // 4,
    }


def post_rows(world: World, first_day: date, last_day: date) -> Iterator[Row]:
    """Rows of `posts`: each a day after it was made, and again as removed at the next age at which it is missed."""
    posts = world.posts
    for row, age, captured_ms in _captures(world, first_day, last_day):
        captured_at = to_instant(captured_ms)
        if posts.removed_ms[row] <= captured_ms:
            yield _identity(world, row, captured_at) | {"created_at": _made_at(world, row), "availability": "removed"}
        elif age == AGES_IN_DAYS[0]:
            yield _identity(world, row, captured_at) | _content(world, row)


def newest_landed_ids(world: World, last_day: date) -> dict[str, str]:
    """Newest post id by account id that `post_rows` up to a day holds: where a live extraction may resume from."""
    newest: dict[str, int] = {}
    for row, age, _ in _captures(world, world.calendar.first_day, last_day):
        if age == AGES_IN_DAYS[0]:
            account_id = world.cast.account_ids[int(world.posts.account[row])]
            newest[account_id] = max(newest.get(account_id, 0), int(world.posts.post_id[row]))
    return {account_id: str(post_id) for account_id, post_id in newest.items()}


def metric_rows(world: World, first_day: date, last_day: date) -> Iterator[Row]:
    """Rows of `post_metrics` at ages of 1, 3, 7 and 30 days: public ones, and private ones of the own account.

    None for reposts: they show the counts of the original, whose author earned them.
    """
    posts = world.posts
    captures = [
        (row, age, moment)
        for row, age, moment in _captures(world, first_day, last_day)
        if posts.removed_ms[row] > moment and posts.kind[row] != REPOST
    ]
    if not captures:
        return
    rows, _, moments = (np.array(part, np.int64) for part in zip(*captures, strict=True))
    counts = counts_at(posts, world.finals, rows, moments)
    for (row, _, captured_ms), values in zip(captures, counts.T.tolist(), strict=True):
        identity = _identity(world, row, to_instant(captured_ms))
        # The public counts are the first of METRICS.
        yield {**identity, "metric_scope": "public", **dict(zip(_PUBLIC, values, strict=False))}
        if posts.account[row] == OWN:
            private = {name: values[METRICS.index(name)] for name in _PRIVATE}
            yield {**identity, "metric_scope": "non_public", **private, "engagement_count": sum(values[1:9])}


def _captures(world: World, first_day: date, last_day: date) -> list[tuple[int, int, int]]:
    """Row, age in days and time of every capture in the stretch, in order of time.

    Latest versions only. A post that is missed once as removed is not asked for again; posts of accounts that are
    suspended, protected or gone at the time are not captured then.
    """
    posts = world.posts
    calendar = world.calendar
    start, end = (
        calendar.start_ms + offset * DAY_MS
        for offset in ((first_day - calendar.first_day).days, (last_day - calendar.first_day).days + 1)
    )
    latest = np.flatnonzero(posts.superseded_ms == NEVER_MS)
    found: list[tuple[int, int, int]] = []
    missed_since = np.zeros(posts.size, bool)
    is_steady = ~np.isin(posts.account, [spell.account for spell in world.cast.spells])
    for age in AGES_IN_DAYS:
        moments = posts.created_ms[latest] + age * DAY_MS
        wanted = (moments >= start) & (moments < end) & ~missed_since[latest]
        if age == AGES_IN_DAYS[0]:
            wanted &= posts.removed_ms[latest] > moments
        found += [
            (int(row), age, int(moment))
            for row, moment in zip(latest[wanted], moments[wanted], strict=True)
            if is_steady[row] or world.status(int(posts.account[row]), to_instant(int(moment))) == "active"
        ]
        missed_since[latest] |= posts.removed_ms[latest] <= moments
    return sorted(found, key=lambda capture: (capture[2], capture[0]))


def _identity(world: World, row: int, captured_at: datetime) -> Row:
    account = int(world.posts.account[row])
    return {
        "platform": "x",
        "captured_at": captured_at,
        "account_id": world.cast.account_ids[account],
        "handle": world.handle(account, captured_at),
        "post_id": str(world.posts.post_id[row]),
    }


def _made_at(world: World, row: int) -> datetime:
    return to_instant(int(world.posts.created_ms[row]))


def _content(world: World, row: int) -> Row:
    posts = world.posts
    text, kind = text_of(world, row), int(posts.kind[row])
    full = text.full or text.shown
    entities = entities_of(world, full, text.targets, row)
    source = int(posts.referenced[row])
    is_answer = kind in {REPLY, SELF_REPLY}
    root = posts.post_id[source if is_answer else int(posts.root[row])]
    is_withheld = row == world.withheld_row
    return {
        "created_at": _made_at(world, row),
        "text": full,
        "lang": "en",
        "post_kind": KINDS[kind],
        "conversation_id": str(root),
        "in_reply_to_account_id": world.cast.account_ids[int(posts.account[source])] if is_answer else None,
        "referenced_post_id": None if kind == ORIGINAL else str(posts.post_id[source]),
        "edit_root_id": str(posts.post_id[int(posts.root[row])]),
        "edit_history_ids": world.versions(row, _made_at(world, row)),
        "link_urls": [link["expanded_url"] for link in entities.get("urls", [])],
        "hashtags": [tag["tag"] for tag in entities.get("hashtags", [])],
        "mentioned_handles": [mention["username"] for mention in entities.get("mentions", [])],
        "media_types": [],
        "availability": "withheld" if is_withheld else "available",
        "withheld_countries": ["DE"] if is_withheld else [],
    }


def _capture_ms(world: World, day: int) -> int:
    return world.calendar.start_ms + day * DAY_MS + KNOT_HOUR * HOUR_MS


def _daily_post_counts(world: World, kinds: Sequence[int]) -> Integers:
    """Posts on each account at each capture, shape (accounts, days)."""
    posts = world.posts
    moments = np.array([_capture_ms(world, day) for day in range(world.calendar.day_count)])
    counts = np.empty((world.cast.size, len(moments)), np.int64)
    for account in range(world.cast.size):
        part = posts.rows_of(account)
        is_root = (posts.root[part] == np.arange(part.start, part.stop)) & np.isin(posts.kind[part], kinds)
        made = np.searchsorted(posts.created_ms[part][is_root], moments, side="right")
        removed = np.searchsorted(np.sort(posts.removed_ms[part][is_root]), moments, side="right")
        counts[account] = world.cast.earlier_post_count[account] + made - removed
    return counts
