"""Reads an account's timeline window by window until it is complete; every page lands before the next is asked for.

Window arithmetic belongs to `bookmarks`, the requests to `session`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.sources import snowflake
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.bookmarks import Bookmark, Window, find_gap, open_window
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.session import Session

BARREN_PAGES = 3
# X serves the 3,200 newest posts of an account. What sends twice as many has no end, and every page is paid for.
MOST_POSTS = 6_400


def read_timeline(
    session: Session, account_id: str, bookmark: Bookmark, *, key: str, first: datetime, post_count: int | None
) -> Bookmark:
    """Read everything new of an account and return the bookmark; a window left open by an earlier run goes first.

    Args:
        session: credential, budget and landing.
        account_id: whose timeline.
        bookmark: how far earlier runs came.
        key: key of the bookmark in the lake's state.
        first: where the first window of a new account starts.
        post_count: posts of the account by its latest snapshot, to tell whether the 3,200 cap hides any.

    Raises:
        PartialRun, RequestRefused, TweetbenchError: as the session's requests; what was read has landed.
    """
    config = session.config
    if bookmark.window is not None:
        bookmark = _read_window(session, account_id, bookmark, bookmark.window, key, post_count)
    window = open_window(
        bookmark,
        now=session.clock(),
        first=first,
        overlap=timedelta(hours=config.overlap_hours),
        revisit=timedelta(hours=config.revisit_hours),
        post_count=post_count,
    )
    return _read_window(session, account_id, bookmark, window, key, post_count)


def _read_window(
    session: Session, account_id: str, bookmark: Bookmark, window: Window, key: str, post_count: int | None
) -> Bookmark:
    seen: set[str] = set()
    tokens: set[str] = set()
    token: str | None = None
    until, barren = window.low, 0
    is_probe = until is not None
    while True:
        page = session.timeline(account_id, since_id=window.since, until_id=until, pagination_token=token)
        new = [post_id for post_id in page.ids if post_id not in seen]
        seen.update(new)
        window = window.after(new)
        barren, is_probe = (0, False) if new else (barren + 1, is_probe)
        following = page.next_token
        is_stuck = following is not None and (following in tokens or barren >= BARREN_PAGES)
        is_at_end = window.reached(page.ids) or window.fetched > MOST_POSTS
        if following is None or is_at_end or (is_stuck and (is_probe or window.low is None)):
            return _close(session, account_id, bookmark, window, page.tables, key, post_count)
        session.landing.append(page.tables, {key: replace(bookmark, window=window).to_state()} if window.low else None)
        if is_stuck:
            # Tokens lead nowhere; ask once by id whether anything older is left.
            until, token, barren, is_probe = window.low, None, 0, True
            tokens.clear()
        else:
            token = following
            tokens.add(following)


def _close(
    session: Session,
    account_id: str,
    bookmark: Bookmark,
    window: Window,
    tables: dict[str, list[Row]],
    key: str,
    post_count: int | None,
) -> Bookmark:
    gap, found = find_gap(bookmark, window, post_count=post_count), list[Row]()
    if window.fetched > MOST_POSTS:
        found.append(_endless_issue(account_id, window, session.clock()))
    elif gap is not None:
        found.append(_gap_issue(account_id, gap, window, session.clock()))
    if found:
        tables = {**tables, "issues": [*tables.get("issues", []), *found]}
    # A reading that found nothing leaves no trace: ten thousand quiet accounts must not fill the manifest.
    closed = bookmark.closed(window) if window.fetched else replace(bookmark, window=None)
    state = {key: closed.to_state()} if closed != Bookmark() else None
    session.landing.append(tables, state)
    return closed


def _gap_issue(account_id: str, gap: tuple[str | None, str | None], window: Window, at: datetime) -> Row:
    after, before = (snowflake.created_at(post_id) if post_id else None for post_id in gap)
    return api_issue(
        f"account {account_id}",
        "timeline_gap",
        detail=(
            f"X serves the 3,200 newest posts only; {window.fetched} were read; posts between {after or 'the first'} "
            f"and {before or 'the oldest read'} (ids {gap[0]} to {gap[1]}) may be missing"
        ),
        next_step="run more often; for your own account ingest its X archive: tweetbench ingest FILE",
        at=at,
        original={"after_id": gap[0], "before_id": gap[1], "read_count": window.fetched},
    )


def _endless_issue(account_id: str, window: Window, at: datetime) -> Row:
    return api_issue(
        f"account {account_id}",
        "timeline_without_end",
        detail=f"X serves the 3,200 newest posts only, and {window.fetched:,} new ones came with no end in sight: the "
        "reading was ended, and what came is kept",
        next_step="compare its posts with its page on X; if TWEETBENCH_X_API_BASE_URL is set, check what answers there",
        at=at,
        original={"read_count": window.fetched, "oldest_id": window.low},
    )
