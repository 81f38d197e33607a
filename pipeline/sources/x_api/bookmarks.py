"""How far an account's timeline has been read: the committed mark and the window that is still open. Pure values.

The mark moves only when a window is complete. A window is resumed by post id, because ids do not expire and page
tokens do.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.sources import snowflake
from pipeline.sources.api.json_values import count_of, id_of, time_of
from pipeline.sources.api.source import unusable_bookmark
from pipeline.sources.x_api import PLATFORM_NAME

# X serves the 3,200 newest posts of an account, removed ones included, so fewer than that may come back.
CAP_SUSPECTED_FROM = 3_000
EPOCH_SHIFT = 22
CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A stretch of a timeline being read from new to old; `low` is the oldest id that has landed."""

    since: str | None
    opened_at: str
    is_overlapped: bool
    high: str | None = None
    low: str | None = None
    fetched: int = 0
    post_count: int | None = None

    def after(self, ids: Iterable[str]) -> "Window":
        """The window once a page with these ids has landed."""
        found = list(ids)
        # A post that says it is of the future would make a mark beyond which nothing was ever read.
        opened_at = time_of(self.opened_at)
        latest = id_at(opened_at + CLOCKS_DIFFER) if opened_at else None
        past = [post_id for post_id in found if latest is None or int(post_id) <= int(latest)]
        high = max((*past, *([self.high] if self.high else [])), key=int, default=None)
        low = min((*found, *([self.low] if self.low else [])), key=int, default=None)
        return replace(self, high=high, low=low, fetched=self.fetched + len(found))

    def reached(self, ids: Iterable[str]) -> bool:
        """True if a page went down to the start of the window."""
        return self.since is not None and any(int(post_id) <= int(self.since) for post_id in ids)


@dataclass(frozen=True)
class Bookmark:
    """`high`: newest id below which nothing is missing but late posts. `settled_at`: last reading with overlap."""

    high: str | None = None
    settled_at: str | None = None
    window: Window | None = None

    def to_state(self) -> dict[str, Any]:
        """The bookmark as JSON values, empty fields left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def closed(self, window: Window) -> "Bookmark":
        """The bookmark once the window is complete."""
        settled_at = window.opened_at if window.is_overlapped else self.settled_at
        return Bookmark(max((self.high, window.high), key=lambda post_id: int(post_id or 0)), settled_at)


def read_bookmark(state: Any, *, key: str, now: datetime) -> Bookmark:
    """The bookmark of a stored state; an absent state is a fresh bookmark.

    Raises:
        TweetbenchError: the state is damaged, or ahead of the clock by more than two days.
    """
    if state is None:
        return Bookmark()
    try:
        window = Window(**state["window"]) if state.get("window") else None
        bookmark = Bookmark(state.get("high"), state.get("settled_at"), window)
        ids = [bookmark.high, *((window.high, window.low, window.since) if window else ())]
        moments = [bookmark.settled_at, *([window.opened_at] if window else ())]
        if any(value is not None and id_of(value) is None for value in ids):
            raise ValueError("an id is no number")
        if any(value is not None and time_of(value) is None for value in moments):
            raise ValueError("a time is no time")
        if window and count_of(window.fetched) is None:
            raise ValueError("a count is no count")
    except (TypeError, ValueError, AttributeError) as error:
        raise unusable_bookmark(key, f"{type(error).__name__}: {error}", PLATFORM_NAME) from error
    reached = snowflake.created_at(bookmark.high) if bookmark.high else None
    if reached and reached > now + timedelta(days=2):
        raise unusable_bookmark(
            key, f"it says that posts up to {reached:%Y-%m-%d} are read, but today is {now:%Y-%m-%d}", PLATFORM_NAME
        )
    return bookmark


def open_window(
    bookmark: Bookmark,
    *,
    now: datetime,
    first: datetime,
    overlap: timedelta,
    revisit: timedelta,
    post_count: int | None,
) -> Window:
    """The stretch to read next.

    With overlap it starts that long before the last such reading, so that posts which showed up late are found; for an
    account that was quiet ever since it starts at the mark and costs nothing. Without one, at the mark.
    """
    if bookmark.high is None:
        return Window(id_at(first), now.isoformat(), is_overlapped=True, post_count=post_count)
    settled = time_of(bookmark.settled_at)
    # A clock may go back a little, or be another machine's: what was just read is not bought again.
    if settled and -CLOCKS_DIFFER <= now - settled < revisit:
        return Window(bookmark.high, now.isoformat(), is_overlapped=False, post_count=post_count)
    start = id_at(settled - overlap) if settled else None
    since = min(bookmark.high, start or bookmark.high, key=int)
    return Window(since, now.isoformat(), is_overlapped=True, post_count=post_count)


def find_gap(bookmark: Bookmark, window: Window, *, post_count: int | None) -> tuple[str | None, str | None] | None:
    """Ids between which the 3,200 cap may have hidden posts (after, before), or None where nothing is hidden."""
    newer = max(0, post_count - window.post_count) if post_count is not None and window.post_count is not None else 0
    if window.low is None or window.fetched + newer < CAP_SUSPECTED_FROM:
        return None
    if bookmark.high and int(window.low) <= int(bookmark.high):
        return None
    if bookmark.high is None and post_count is not None and window.fetched >= post_count:
        return None
    return bookmark.high or window.since, window.low


def id_at(moment: datetime) -> str | None:
    """The smallest id that a post of this time could have; None before ids carried a time."""
    milliseconds = int(moment.timestamp() * 1000) - snowflake.EPOCH_MS
    return str(milliseconds << EPOCH_SHIFT) if milliseconds > 0 else None
