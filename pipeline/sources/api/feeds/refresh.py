"""Metrics of posts at fixed ages, in batches; posts that the platform no longer shows get a tombstone."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import pyarrow as pa

from pipeline.sources.api.feeds.items import Page, tables_of
from pipeline.sources.api.feeds.session import FeedSession
from pipeline.sources.api.rate_limits import RequestRefused

Session = TypeVar("Session", bound=FeedSession)
# A page of the posts asked for, given with their accounts, and those of them that are gone for sure.
Ask = Callable[[Session, Mapping[str, str | None]], tuple[Page, list[str]]]


def refresh_posts(session: Session, due: pa.Table, ask: Ask[Session]) -> None:
    """Read the due posts (post_id, account_id, created_at) again; every page lands before the next is asked for.

    Raises:
        PartialRun: the run cannot continue; what was read has landed.
    """
    platform = session.platform
    places = {post_id: place for place, post_id in enumerate(due["post_id"].to_pylist())}
    for batch in platform.batches(places):
        rows = due.take([places[post_id] for post_id in batch]).to_pylist()
        owners = {row["post_id"]: row["account_id"] for row in rows}
        try:
            page, gone = ask(session, owners)
        except RequestRefused as refusal:
            subject = f"{len(owners)} posts from {batch[0]}"
            session.landing.append({"issues": [platform.refusal_issue(subject, refusal, session.clock())]})
            continue
        tables = tables_of(page.items)
        # A post of an account that is not shown itself may come back with it.
        tables["posts"] = [
            {
                "platform": platform.platform,
                "captured_at": session.clock(),
                "account_id": row["account_id"],
                "handle": session.handles.get(row["account_id"] or ""),
                "post_id": row["post_id"],
                "created_at": row["created_at"],
                "availability": "unknown" if row["account_id"] in session.unavailable else "removed",
            }
            for row in rows
            if row["post_id"] in gone
        ]
        session.landing.append({**tables, "issues": page.issues})
