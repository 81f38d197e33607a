"""One extraction over feeds: snapshots, then new posts, then metrics at fixed ages; one request at a time.

The order is the order of value: where the time ends, refreshes are missed first and snapshots last.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.api.due_posts import own_due_posts
from pipeline.sources.api.feeds.bookmarks import read_bookmark
from pipeline.sources.api.feeds.reading import read_feed
from pipeline.sources.api.feeds.refresh import Ask, refresh_posts
from pipeline.sources.api.feeds.session import FeedPlatform, FeedSession
from pipeline.sources.api.journal import recover
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.shortfall import find_shortfalls
from pipeline.sources.api.source import ApiResult
from pipeline.sources.api.targets import Target
from pipeline.sources.lake_source import Row

Session = TypeVar("Session", bound=FeedSession)


def extract(
    platform: FeedPlatform,
    lake: Lake,
    run: ApiRun,
    registered: tuple[Sequence[Target], list[Row]],
    *,
    open_session: Callable[[], Session],
    capture: Callable[[Session, Sequence[Target]], Mapping[str, int | None]],
    ask: Ask[Session],
) -> ApiResult:
    """Read what is new of every registered account into the lake.

    Args:
        platform: whose feeds.
        lake: where rows and bookmarks are committed.
        run: the run that writes, and its time.
        registered: the accounts to watch, and issues of the registry.
        open_session: begins the run's requests.
        capture: snapshots every account; posts by account id, as the profile counts them, of those that exist.
        ask: reads posts again.

    Raises:
        TweetbenchError: the disk is full; what was read is kept.
    """
    recovered = recover(lake, platform.journals, now=run.now)
    targets, issues = registered
    if not targets and not issues:
        return ApiResult(recovered_segment_count=recovered)
    session = open_session()
    landing, ended = session.landing, None
    landing.append({"issues": issues})
    try:
        captured = capture(session, targets)
        _read_feeds(session, targets, captured)
        landing.commit()
        ages = session.config.refresh_ages_days
        now, state = session.clock(), landing.state
        due = own_due_posts(lake, platform.source, now=now, ages_days=ages, share=run.share, state=state)
        refresh_posts(session, due, ask)
    except PartialRun as end:
        ended = end
        subject = f"{platform.platform_name} run"
        row = platform.issue(subject, end.problem, detail=end.reason, next_step=end.next_step, at=session.clock())
        landing.append({"issues": [row]})
    partial, request_count = ended.reason if ended else None, session.request_count
    # `backfill` tells from this that a quiet account, whose reading leaves no trace of its own, was read.
    landing.commit({"request_count": request_count, "partial_reason": partial, "unread": sorted(session.unread)})
    missing = find_shortfalls(
        landing.issues, ended, page_count=session.page_count, platform_name=platform.platform_name
    )
    counts = dict(landing.row_counts)
    read_count = counts.get("accounts", 0) + counts.get("posts", 0)
    return ApiResult(counts, request_count, read_count, 0.0, partial, recovered, missing)


def _read_feeds(session: FeedSession, targets: Sequence[Target], captured: Mapping[str, int | None]) -> None:
    """Feeds of all accounts that are there: open windows first, then whoever waited longest."""
    state, platform, queue = session.landing.state, session.platform, {}
    for target in targets:
        account_id = platform.account_id_of(target, state)
        if account_id is None or account_id in session.unavailable:
            continue
        stored = state.get(f"timeline:{account_id}")
        fields = stored if isinstance(stored, dict) else {}
        queue[account_id] = (not fields.get("window"), str(fields.get("settled_at") or ""), target)
    for account_id, (_, _, target) in sorted(queue.items(), key=lambda entry: (*entry[1][:2], entry[0])):
        key = f"timeline:{account_id}"
        first = session.clock() - timedelta(days=session.config.backfill_days)
        if target.since:
            first = datetime.combine(target.since, time(), UTC)
        try:
            bookmark = read_bookmark(state.get(key), key=key, now=session.clock(), platform_name=platform.platform_name)
            read_feed(session, account_id, bookmark, key=key, first=first, post_count=captured.get(account_id))
        except RequestRefused as refusal:
            session.unread.add(account_id)
            row = platform.refusal_issue(f"account {account_id}", refusal, session.clock())
            session.landing.append({"issues": [row]})
        except TweetbenchError as error:
            if error.exit_code is not Exit.BAD_DATA:
                raise
            session.unread.add(account_id)
            row = platform.issue(
                f"account {account_id}",
                "bookmark_unusable",
                detail=f"{error.what} ({error.where}): {error.why}",
                next_step=error.next_step,
                at=session.clock(),
            )
            session.landing.append({"issues": [row]})
