"""Metrics of posts at fixed ages, in batches of 25; posts that Bluesky no longer shows get a tombstone.

`getPosts` leaves out in silence what it does not show. What is left out twice is gone; a batch of which nothing at all
comes back is taken for a fault of the view.
"""

from collections.abc import Mapping
from datetime import datetime

import pyarrow as pa

from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.bluesky.accounts import refusal_issue
from pipeline.sources.bluesky.feed import tables_of
from pipeline.sources.bluesky.normalise import PLATFORM, Page, issue
from pipeline.sources.bluesky.session import BATCH, Session
from pipeline.sources.lake_source import Row

# As many posts of one batch are not all deleted between two readings.
SUSPICIOUS_FROM = 5


def refresh_posts(session: Session, due: pa.Table) -> None:
    """Read the due posts (post_id, account_id, created_at) again; every page lands before the next is asked for.

    Raises:
        PartialRun: the run cannot continue; what was read has landed.
    """
    for start in range(0, due.num_rows, BATCH):
        part = due.slice(start, BATCH)
        owners = dict(zip(part["post_id"].to_pylist(), part["account_id"].to_pylist(), strict=True))
        created = dict(zip(part["post_id"].to_pylist(), part["created_at"].to_pylist(), strict=True))
        try:
            page, gone = ask_twice(session, owners)
        except RequestRefused as refusal:
            subject = f"{len(owners)} posts from {next(iter(owners))}"
            session.landing.append({"issues": [refusal_issue(subject, refusal, session.clock())]})
            continue
        tables = tables_of(page.items)
        tables["posts"] += [_tombstone(session, post_id, owners[post_id], created[post_id]) for post_id in gone]
        session.landing.append({**tables, "issues": page.issues})


def ask_twice(session: Session, owners: Mapping[str, str | None]) -> tuple[Page, list[str]]:
    """Up to 25 posts, and those of them that two answers left out.

    Raises:
        PartialRun, RequestRefused: as the session's requests.
    """
    page = session.posts(list(owners))
    unreadable = page.entry_count - len(page.items)
    lost = _left_out(page, owners)
    if lost:
        again = session.posts(lost)
        unreadable += again.entry_count - len(again.items)
        page.items += again.items
        page.issues += again.issues
        lost = _left_out(page, owners)
    page.items = [item for item in page.items if item.post["post_id"] in owners]
    # An item that could not be read may be any of the posts.
    if lost and (unreadable or (len(lost) == len(owners) and len(lost) >= SUSPICIOUS_FROM)):
        detail = f"{len(lost)} of {len(owners)} posts are not in the answer for no sure cause: {', '.join(lost[:5])}"
        step = "nothing to do: they are asked for again in the next run"
        row = issue("app.bsky.feed.getPosts", "missing_from_answer", detail=detail, next_step=step, at=session.clock())
        page.issues.append(row)
        lost = []
    return page, lost


def _left_out(page: Page, owners: Mapping[str, str | None]) -> list[str]:
    answered = {item.post["post_id"] for item in page.items}
    return [post_id for post_id in owners if post_id not in answered]


def _tombstone(session: Session, post_id: str, account_id: str | None, created_at: datetime) -> Row:
    """A post that is not shown any more; of an account that is not shown itself it may come back."""
    return {
        "platform": PLATFORM,
        "captured_at": session.clock(),
        "account_id": account_id,
        "handle": session.handles.get(account_id or ""),
        "post_id": post_id,
        "created_at": created_at,
        "availability": "unknown" if account_id in session.unavailable else "removed",
    }
