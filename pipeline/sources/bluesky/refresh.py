"""Posts of Bluesky asked for again by their at-URI.

`getPosts` leaves out in silence what it does not show. What is left out twice is gone; a batch of which nothing at all
comes back is taken for a fault of the view.
"""

from collections.abc import Mapping

from pipeline.sources.api.feeds.items import Page
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.session import Session

# As many posts of one batch are not all deleted between two readings.
SUSPICIOUS_FROM = 5


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
    page.items = [item for item in page.items if item.post_id in owners]
    # An item that could not be read may be any of the posts.
    if lost and (unreadable or (len(lost) == len(owners) and len(lost) >= SUSPICIOUS_FROM)):
        detail = f"{len(lost)} of {len(owners)} posts are not in the answer for no sure cause: {', '.join(lost[:5])}"
        step, at = "nothing to do: they are asked for again in the next run", session.clock()
        endpoint = "app.bsky.feed.getPosts"
        page.issues.append(BLUESKY.issue(endpoint, "missing_from_answer", detail=detail, next_step=step, at=at))
        lost = []
    return page, lost


def _left_out(page: Page, owners: Mapping[str, str | None]) -> list[str]:
    answered = {item.post_id for item in page.items}
    return [post_id for post_id in owners if post_id not in answered]
