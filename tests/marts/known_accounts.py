"""Raw snapshot rows of accounts whose right class is known beforehand: pressed against the follow limit, and broken."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from pipeline.sources.bluesky.labels import COPY

FIRST_DAY = date(2026, 5, 4)  # a Monday
WEEKS = 8
PINNED_COUNT = 20
Row = dict[str, object]


def reading(name: str, day: date, followers: int | None, following: int | None, **more: object) -> Row:
    """One snapshot at 06:00 UTC of the account whose id is the name."""
    captured_at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    row = {"platform": "x", "account_id": name, "handle": name, "captured_at": captured_at, "status": "active"}
    return row | {"follower_count": followers, "following_count": following} | more


def limit_rows() -> Iterator[Row]:
    """Accounts held at 5,000 or at 1.1 times their followers, and as many of the same ratio that are not held there.

    `pinned`: half of them with 4,200 to 4,960 followers at the limit of 5,000, half beyond it at a ratio of 1.1.
    `free`: half of them with 4,500 to 4,880 followed, half beyond 5,000 with 1 to 5 per cent more followed than
    followers. Followers grow by a few a day, and the pinned follow as many more as they are let.
    """
    for number in range(PINNED_COUNT):
        is_beyond = number % 2 == 1
        for week in range(WEEKS):
            day = FIRST_DAY + timedelta(weeks=week, days=6)
            followers = (6000 + 1500 * number if is_beyond else 4200 + 40 * number) + 7 * week
            pinned = int(followers * 1.1) if is_beyond else 5000 - number % 4 * 20
            yield reading(f"pinned{number}", day, followers, pinned)
            free = int(followers * (1.01 + 0.002 * number)) if is_beyond else 4500 + 20 * number
            yield reading(f"free{number}", day, followers, free)


def _daily(name: str, days: Sequence[int], followers: Sequence[int], following: Sequence[int]) -> Iterator[Row]:
    for day, follower_count, following_count in zip(days, followers, following, strict=True):
        yield reading(name, FIRST_DAY + timedelta(days=day), follower_count, following_count)


def broken_rows() -> Iterator[Row]:
    """Accounts with everything that real data get wrong; the name says what."""
    days = range(120)
    yield from _daily("bad_falling", days, [9000 - 60 * day for day in days], [800 - 5 * day for day in days])
    yield from _daily("bad_to_zero", days, [max(0, 3000 - 50 * day) for day in days], [600] * 120)
    purged = [6000 if day < 60 else 5500 for day in days]
    yield from _daily("bad_purged", days, purged, [5900 if day < 60 else 5300 for day in days])
    # Readings in four of forty weeks.
    gaps = [*range(3), *range(60, 63), *range(150, 153), *range(270, 273)]
    yield from _daily("bad_gaps", gaps, [2000 + day for day in gaps], [2000] * len(gaps))
    yield reading("bad_single", FIRST_DAY, 900, 300)
    yield reading("bad_nobody", FIRST_DAY, 0, 0)
    yield reading("bad_no_followers", FIRST_DAY, 0, 7000)
    yield reading("bad_no_following", FIRST_DAY, 7000, 0)
    yield reading("bad_half", FIRST_DAY, 5000, None)
    yield reading("bad_future", FIRST_DAY, 800, 100, created_at=datetime(2031, 1, 1, tzinfo=UTC))
    handles = {"bad_bridged": "Acme.mastodon.social.ap.brid.gy", "bad_alone": "acme.brid.gy.example"}
    for name, handle in handles.items():
        yield reading(name, FIRST_DAY, 700, 70, platform="bluesky", handle=handle)
    marked = {"source": "bluesky", "platform": "bluesky"}
    copy = {**marked, "status_detail": f"{COPY} an account on Mastodon or its like"}
    yield reading("bad_domain", FIRST_DAY, 700, 70, handle="acme.example", **copy)
    # A table that somebody made later does not say it; a profile that does not say it any more does.
    yield reading("bad_tabled", FIRST_DAY, 700, 70, handle="tabled.example", **copy)
    later = FIRST_DAY + timedelta(days=1)
    yield reading("bad_tabled", later, 700, 70, handle="tabled.example", platform="bluesky", source="profile_snapshots")
    yield reading("bad_left", FIRST_DAY, 700, 70, handle="left.example", **copy)
    yield reading("bad_left", later, 700, 70, handle="left.example", **marked)
    yield reading("bad_threads", FIRST_DAY, 700, 70, platform="mastodon", handle="acme@threads.net")
    yield reading("bad_huge", FIRST_DAY, 2**62, 1)
    # The same reading twice, a second one of the same day that says otherwise, and the same under another source.
    for day in range(100):
        row = reading("bad_doubled", FIRST_DAY + timedelta(days=day), 4000, 1000)
        yield row
        yield row
        later = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=20)
        yield row | {"captured_at": later, "follower_count": 4100 + day}
        yield row | {"captured_at": later, "follower_count": 4100 + day, "source": "profile_snapshots"}
    # Suspended half of the time: no counts, which are no zeros.
    for day in range(100):
        is_gone = 30 <= day < 70
        yield reading(
            "bad_suspended",
            FIRST_DAY + timedelta(days=day),
            None if is_gone else 5200,
            None if is_gone else 5100,
            status="suspended" if is_gone else "active",
        )
