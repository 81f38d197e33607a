"""Posts of Mastodon asked for again by their ids.

`statuses?id[]=` came with Mastodon 4.3 and leaves out in silence what it does not show; other servers are asked for
each post. A post is gone where the question for it alone says so.
"""

from collections.abc import Mapping

from pipeline.sources.api.feeds.items import Page
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.mastodon.names import split
from pipeline.sources.mastodon.session import Session

# How a server says that it has no such request: Mastodon before 4.3, and others.
NO_BATCHES = {Outcome.MISSING, Outcome.BAD_REQUEST, Outcome.UNAUTHORISED}


def ask(session: Session, owners: Mapping[str, str | None]) -> tuple[Page, list[str]]:
    """Posts of one server, and those of them that it says are gone.

    Raises:
        PartialRun, RequestRefused: as the session's requests.
    """
    post_ids = list(owners)
    host = split(post_ids[0])[0]
    page, gone = Page(), []
    if len(post_ids) > 1 and host not in session.without_batches:
        try:
            page = session.posts(post_ids)
        except RequestRefused as refusal:
            if refusal.outcome not in NO_BATCHES:
                raise
            session.without_batches.add(host)
    answered = _answered(page)
    for post_id in post_ids:
        if post_id in answered:
            continue
        try:
            single = session.post(post_id)
        except RequestRefused as refusal:
            if refusal.outcome is not Outcome.MISSING:
                raise
            gone.append(post_id)
            continue
        page.items += single.items
        page.issues += single.issues
    found = _answered(page)
    if len(post_ids) > 1 and found and not answered:
        session.without_batches.add(host)  # it answers, and knows nobody: another API's meaning of the same words
    wanted = {item.post_id: item for item in page.items if item.post_id in owners}
    page.items = list(wanted.values())
    return page, gone


def _answered(page: Page) -> set[str]:
    return {item.post_id for item in page.items}
