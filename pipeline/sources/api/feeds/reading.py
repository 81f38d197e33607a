"""Reads an account's feed to the start of its window; every page lands before the next is asked for.

A page may be short or empty and still not be the last: only an absent cursor ends a feed. Cursors may also lead
nowhere, or end too early, so the reading is bounded by pages and measured by the posts that the profile counts.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.sources.api.feeds.bookmarks import Bookmark, Window, open_window
from pipeline.sources.api.feeds.items import Item, tables_of
from pipeline.sources.api.feeds.session import FeedSession
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.lake_source import Row

BARREN_PAGES = 3
# Posts beyond the profile's count that an honest feed may hold: made since, or not counted yet.
POSTS_BEYOND_COUNT = 500
# A feed that ended too early is read again as often; after that it is taken to be whole, and nothing more is said.
SHORT_READS = 2


def read_feed(
    session: FeedSession, account_id: str, bookmark: Bookmark, *, key: str, first: datetime, post_count: int | None
) -> None:
    """Read everything new of an account; a window left open by an earlier run goes first.

    Args:
        session: requests and landing.
        account_id: whose feed.
        bookmark: how far earlier runs came.
        key: key of the bookmark in the lake's state.
        first: where the first window of a new account starts.
        post_count: posts of the account by its profile.

    Raises:
        PartialRun, RequestRefused: as the session's requests; what was read has landed.
    """
    config = session.config
    if bookmark.window is not None:
        bookmark, is_open = _read_window(session, account_id, bookmark, bookmark.window, key, post_count)
        if is_open:
            return
    window = open_window(
        bookmark,
        now=session.clock(),
        first=first,
        overlap=timedelta(hours=config.overlap_hours),
        revisit=timedelta(hours=config.revisit_hours),
    )
    _read_window(session, account_id, bookmark, window, key, post_count)


def _read_window(
    session: FeedSession, account_id: str, bookmark: Bookmark, window: Window, key: str, post_count: int | None
) -> tuple[Bookmark, bool]:
    """Read a window; the bookmark after it, and whether it had to stay open."""
    since = time_of(window.since) or session.clock()
    seen: set[str] = set()
    cursors: set[str] = set()
    cursor, barren = window.cursor, 0
    for _ in range(session.config.max_feed_pages):
        try:
            page = session.feed(account_id, cursor)
        except RequestRefused as refusal:
            # A cursor of an earlier run may not be taken any more; then the window is read from its top.
            is_old = cursor is not None and cursor not in cursors
            if not (
                is_old and refusal.outcome is Outcome.BAD_REQUEST and session.platform.is_bad_cursor(refusal.detail)
            ):
                raise
            cursor, window = None, replace(window, cursor=None, post_count=0, entry_count=0)
            continue
        by_id = {item.post_id: item for item in page.items}
        new = [item for post_id, item in by_id.items() if post_id not in seen]
        seen |= by_id.keys()
        wanted = [item for item in new if item.at is None or item.at > since]
        moments = [item.at for item in wanted if item.at and not item.is_pinned]
        # What could not be read is a post all the same.
        posts = sum(map(session.platform.is_counted, new)) + page.entry_count - len(page.items)
        window = window.after(moments, cursor=page.cursor, posts=posts, entries=len(wanted))
        tables = {**tables_of(wanted), "issues": page.issues}
        barren = 0 if new else barren + 1
        reached = _has_reached(page.items, since)
        cursor = page.cursor
        is_stuck = cursor is not None and (
            cursor in cursors or barren >= BARREN_PAGES or _is_beyond(window, post_count)
        )
        if cursor is None or reached or is_stuck:
            return _close(session, account_id, bookmark, window, tables, key, post_count, reached, is_stuck), False
        session.landing.append(tables, {key: replace(bookmark, window=window).to_state()})
        cursors.add(cursor)
    detail = f"{session.config.max_feed_pages} pages were read in this run and the feed has more"
    step = f"run again, the next run resumes: tweetbench run --only {session.platform.source}"
    subject = f"account {account_id}"
    row = session.platform.issue(subject, "feed_page_limit", detail=detail, next_step=step, at=session.clock())
    session.unread.add(account_id)
    session.landing.append({"issues": [row]})
    return replace(bookmark, window=window), True


def _has_reached(items: Sequence[Item], since: datetime) -> bool:
    """True if a page went down to the start of the window, by its last entry: a pin stands out of order."""
    last = next((item.at for item in reversed(items) if item.at and not item.is_pinned), None)
    return last is not None and last <= since


def _is_beyond(window: Window, post_count: int | None) -> bool:
    """True where the feed holds far more posts than the account has: its cursors do not end."""
    return post_count is not None and window.post_count > post_count + POSTS_BEYOND_COUNT


def _close(
    session: FeedSession,
    account_id: str,
    bookmark: Bookmark,
    window: Window,
    tables: dict[str, list[Row]],
    key: str,
    post_count: int | None,
    reached: bool,
    is_stuck: bool,
) -> Bookmark:
    at, issues = session.clock(), list(tables["issues"])
    # The whole feed was read where it ended by itself: then every post that the profile counts was in it.
    lacking = None if reached else session.platform.find_lacking(bookmark, window, post_count)
    is_short = not _is_beyond(window, post_count) and not reached if is_stuck else lacking is not None
    if is_stuck:
        issues.append(_endless_issue(session, account_id, window, at))
    elif lacking is not None and bookmark.short_reads <= SHORT_READS:
        issues.append(_short_issue(session, account_id, window, lacking, at))
    if is_short and bookmark.short_reads < SHORT_READS:
        # The mark stays, so that the next run reads the same stretch once more.
        closed = replace(bookmark, window=None, short_reads=bookmark.short_reads + 1)
    else:
        # A reading that found nothing leaves no trace: ten thousand quiet accounts must not fill the manifest.
        closed = bookmark.closed(window) if window.entry_count else replace(bookmark, window=None)
        closed = replace(closed, short_reads=SHORT_READS + 1) if is_short else closed
    state = {key: closed.to_state()} if closed != Bookmark() else None
    session.landing.append({**tables, "issues": issues}, state)
    return closed


def _short_issue(session: FeedSession, account_id: str, window: Window, lacking: str, at: datetime) -> Row:
    return session.platform.issue(
        f"account {account_id}",
        "feed_ended_early",
        detail=f"the feed ended after {window.post_count} posts, at {window.low or 'its first page'}: {lacking}",
        next_step="nothing to do: a stretch that seems incomplete is read three times in all",
        at=at,
        original={"read_count": window.post_count, "low": window.low},
    )


def _endless_issue(session: FeedSession, account_id: str, window: Window, at: datetime) -> Row:
    return session.platform.issue(
        f"account {account_id}",
        "feed_without_end",
        detail=(
            f"after {window.post_count} posts, down to {window.low}, the cursors lead nowhere; older posts may be "
            "missing"
        ),
        next_step="nothing to do: a stretch that seems incomplete is read three times in all",
        at=at,
        original={"read_count": window.post_count, "low": window.low, "cursor": window.cursor},
    )
