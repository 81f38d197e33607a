"""Asks whether stored posts of feeds are still there; every answer lands in the lake."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pipeline.sources.api.asked import Asked
from pipeline.sources.api.feeds.items import tables_of
from pipeline.sources.api.feeds.refresh import Ask
from pipeline.sources.api.feeds.session import FeedSession
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.source import Probe

Session = TypeVar("Session", bound=FeedSession)


def probe(
    session: Session,
    posts: Sequence[str],
    accounts: Sequence[str],
    *,
    is_askable: Callable[[str], bool],
    ask: Ask[Session],
    ask_accounts: Callable[[Session, Sequence[str], Asked], None],
) -> Probe:
    """Ask for stored accounts and posts; a post that is not askable counts as not asked.

    Raises:
        TweetbenchError: the disk is full; what was read is kept.
    """
    asked, partial = Asked(), None
    try:
        ask_accounts(session, accounts, asked)
        for batch in session.platform.batches(filter(is_askable, posts)):
            try:
                page, gone = ask(session, dict.fromkeys(batch))
            except RequestRefused:
                continue
            session.landing.append({**tables_of(page.items), "issues": page.issues})
            served = {item.post_id for item in page.items}
            asked.gone_posts.update(dict.fromkeys(gone, "deleted"))
            asked.served_posts |= served
            asked.count += len(served) + len(gone)
    except PartialRun as end:
        partial = end.reason
    session.landing.commit({"probe": True, "partial_reason": partial})
    return asked.as_probe(len(accounts) + len(posts), usd=0.0, partial_reason=partial)
