"""How far an account's feed has been read: the committed mark and the window that is still open. Pure values.

A feed is measured by time: by when the platform first saw a post, or a repost was made. The mark moves only when a
window is complete; an open window is resumed by its cursor.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pipeline.sources.api.json_values import count_of, time_of
from pipeline.sources.api.source import unusable_bookmark

CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A stretch of a feed being read from new to old. `post_count`: posts that the profile counts,
    found in it so far."""

    since: str
    opened_at: str
    is_overlapped: bool = True
    high: str | None = None
    low: str | None = None
    cursor: str | None = None
    post_count: int = 0
    entry_count: int = 0

    def after(self, moments: Iterable[datetime], *, cursor: str | None, posts: int, entries: int) -> "Window":
        """The window once a page has landed; a time that lies in the future moves no mark."""
        opened_at = time_of(self.opened_at)
        latest = opened_at + CLOCKS_DIFFER if opened_at else None
        past = [moment for moment in moments if latest is None or moment <= latest]
        known = [moment for text in (self.high, self.low) if (moment := time_of(text))]
        every = [*past, *known]
        return replace(
            self,
            high=max(every).isoformat() if every else None,
            low=min(every).isoformat() if every else None,
            cursor=cursor,
            post_count=self.post_count + posts,
            entry_count=self.entry_count + entries,
        )


@dataclass(frozen=True)
class Bookmark:
    """`high`: time up to which the feed is read. `short_reads`: how often in a row the feed ended too early."""

    high: str | None = None
    settled_at: str | None = None
    short_reads: int = 0
    window: Window | None = None

    def to_state(self) -> dict[str, Any]:
        """The bookmark as JSON values, empty fields left out."""
        return {name: value for name, value in asdict(self).items() if value}

    def closed(self, window: Window) -> "Bookmark":
        """The bookmark once the window is complete."""
        settled_at = window.opened_at if window.is_overlapped else self.settled_at
        high = max(filter(None, (time_of(self.high), time_of(window.high))), default=None)
        return Bookmark(high.isoformat() if high else None, settled_at)


def read_bookmark(state: Any, *, key: str, now: datetime, platform_name: str) -> Bookmark:
    """The bookmark of a stored state; an absent state is a fresh bookmark.

    Raises:
        TweetbenchError: the state is damaged, or ahead of the clock by more than two days.
    """
    if state is None:
        return Bookmark()
    try:
        window = Window(**state["window"]) if state.get("window") else None
        bookmark = Bookmark(state.get("high"), state.get("settled_at"), state.get("short_reads", 0), window)
        moments = [bookmark.high, bookmark.settled_at]
        moments += [window.since, window.opened_at, window.high, window.low] if window else []
        counts = [bookmark.short_reads, *((window.post_count, window.entry_count) if window else ())]
        if any(value is not None and time_of(value) is None for value in moments):
            raise ValueError("a time is no time")
        if any(count_of(value) is None for value in counts):
            raise ValueError("a count is no count")
        if window and window.cursor is not None and not isinstance(window.cursor, str):
            raise ValueError("a cursor is no text")
    except (TypeError, ValueError, AttributeError) as error:
        raise unusable_bookmark(key, f"{type(error).__name__}: {error}", platform_name) from error
    reached = time_of(bookmark.high)
    if reached and reached > now + timedelta(days=2):
        raise unusable_bookmark(
            key, f"it says that posts up to {reached:%Y-%m-%d} are read, but today is {now:%Y-%m-%d}", platform_name
        )
    return bookmark


def open_window(
    bookmark: Bookmark, *, now: datetime, first: datetime, overlap: timedelta, revisit: timedelta
) -> Window:
    """The stretch to read next.

    With overlap it starts that long before the last such reading, so that posts which showed up late are found; for an
    account that was quiet ever since it starts at the mark. Without one, at the mark.
    """
    high, settled = time_of(bookmark.high), time_of(bookmark.settled_at)
    if high is None:
        return Window(first.isoformat(), now.isoformat())
    if settled and -CLOCKS_DIFFER <= now - settled < revisit:  # a clock may go back, or be another machine's
        return Window(high.isoformat(), now.isoformat(), is_overlapped=False)
    since = min(high, settled - overlap) if settled else high
    return Window(since.isoformat(), now.isoformat())
