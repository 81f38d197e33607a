"""One extraction from Bluesky: snapshots, then new posts, then metrics at fixed ages; one request at a time.

The order is the order of value: where the time ends, refreshes are missed first and snapshots last.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.api.due_posts import due_posts
from pipeline.sources.api.journal import recover
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.shortfall import find_shortfalls
from pipeline.sources.api.source import ApiResult
from pipeline.sources.api.targets import Target
from pipeline.sources.bluesky import NAME, PLATFORM_NAME
from pipeline.sources.bluesky.accounts import account_id_of, capture_accounts, read_targets, refusal_issue
from pipeline.sources.bluesky.bookmarks import read_bookmark
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.feed import read_feed
from pipeline.sources.bluesky.normalise import issue
from pipeline.sources.bluesky.refresh import refresh_posts
from pipeline.sources.bluesky.session import JOURNALS, Session, open_session


def extract(
    config: BlueskyConfig,
    lake: Lake,
    registry_rows: Iterable[Mapping[str, Any]],
    run: ApiRun,
) -> ApiResult:
    """Read what is new of every registered account into the lake; the arguments are those of `ApiSource.extract`.

    Raises:
        TweetbenchError: the disk is full; what was read is kept.
    """
    recovered = recover(lake, JOURNALS, now=run.now)
    targets, issues = read_targets(registry_rows, at=run.now)
    if not targets and not issues:
        return ApiResult(recovered_segment_count=recovered)
    session = open_session(config, lake, run)
    landing, ended = session.landing, None
    landing.append({"issues": issues})
    try:
        captured = capture_accounts(session, targets)
        _read_feeds(session, targets, captured)
        landing.commit()
        refresh_posts(session, due_posts(lake, NAME, now=session.clock(), ages_days=config.refresh_ages_days))
    except PartialRun as end:
        ended = end
        row = issue("Bluesky run", end.problem, detail=end.reason, next_step=end.next_step, at=session.clock())
        landing.append({"issues": [row]})
    partial, request_count = ended.reason if ended else None, session.adapter.request_count
    # `backfill` tells from this that a quiet account, whose reading leaves no trace of its own, was read.
    landing.commit({"request_count": request_count, "partial_reason": partial, "unread": sorted(session.unread)})
    missing = find_shortfalls(
        landing.issues, ended, page_count=session.governor.page_count, platform_name=PLATFORM_NAME
    )
    counts = dict(landing.row_counts)
    read_count = counts.get("accounts", 0) + counts.get("posts", 0)
    return ApiResult(counts, request_count, read_count, 0.0, partial, recovered, missing)


def _read_feeds(session: Session, targets: Sequence[Target], captured: Mapping[str, int | None]) -> None:
    """Feeds of all accounts that are there: open windows first, then whoever waited longest."""
    state, queue = session.landing.state, {}
    for target in targets:
        account_id = account_id_of(target, state)
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
            bookmark = read_bookmark(state.get(key), key=key, now=session.clock())
            read_feed(session, account_id, bookmark, key=key, first=first, post_count=captured.get(account_id))
        except RequestRefused as refusal:
            session.unread.add(account_id)
            session.landing.append({"issues": [refusal_issue(f"account {account_id}", refusal, session.clock())]})
        except TweetbenchError as error:
            if error.exit_code is not Exit.BAD_DATA:
                raise
            session.unread.add(account_id)
            detail = f"{error.what} ({error.where}): {error.why}"
            row = issue(
                f"account {account_id}",
                "bookmark_unusable",
                detail=detail,
                next_step=error.next_step,
                at=session.clock(),
            )
            session.landing.append({"issues": [row]})
