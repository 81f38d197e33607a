"""One extraction from X: snapshots, then new posts, then metrics at fixed ages, then the owner's private metrics.

The order is the order of value: where the budget ends, refreshes are missed first and snapshots last. Requests,
parsing, money and crash safety each have a module of their own; this one only puts them in sequence.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.api.due_posts import own_due_posts
from pipeline.sources.api.journal import Journal, handles_of, recover
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.redaction import redacted_logs
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.sharing import AccountShare
from pipeline.sources.api.shortfall import find_shortfalls
from pipeline.sources.api.source import ApiResult
from pipeline.sources.api.targets import Target
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api import NAME
from pipeline.sources.x_api.accounts import account_id_of, capture_accounts, read_targets, refusal_issue
from pipeline.sources.x_api.bookmarks import read_bookmark
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.conversion import JOURNALS
from pipeline.sources.x_api.private import read_private_metrics
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.refresh import refresh_posts
from pipeline.sources.x_api.session import TIMELINE, Session, open_budget, open_session
from pipeline.sources.x_api.timeline import read_timeline

CLOCK_SKEW_SECONDS = 3_600.0


def extract(
    config: XApiConfig,
    lake: Lake,
    registry_rows: Iterable[Mapping[str, Any]],
    run: ApiRun,
) -> ApiResult:
    """Read what is new of every registered account into the lake.

    Args:
        config: tokens, limits and habits.
        lake: where rows and bookmarks are committed.
        registry_rows: rows of `account_registry`; those of other platforms are passed over.
        run: the run that writes, and its time.

    Raises:
        TweetbenchError: a token is refused, the disk is full, or a setting cannot be used; what was read is kept.
    """
    with redacted_logs(config.secrets()):
        recovered = recover(lake, JOURNALS, now=run.now)
        budget = open_budget(config, lake, at=run.now)
        landing = Journal(lake, JOURNALS, run_id=run.run_id, rows_in_memory=config.rows_in_memory, clock=run.clock)
        handles = handles_of(landing.state)
        app, app_adapter = open_session(config, run, budget, landing, handles=handles)
        user, user_adapter = open_session(config, run, budget, landing, handles=dict(handles), as_user=True)
        ended = None
        try:
            _read(app, user, registry_rows, lake, run.share)
        except PartialRun as end:
            ended = end
            landing.append({"issues": [_partial_issue(end, run.clock())]})
        except TweetbenchError as error:
            if error.exit_code is Exit.AUTHENTICATION:
                landing.append({"issues": [_refused_issue(error, run.clock())]})
                landing.commit()
            raise
        landing.append({"issues": _skew_issues(app.governor.largest_clock_skew_seconds, run.clock())})
        request_count, usd = app_adapter.request_count + user_adapter.request_count, float(budget.spent_usd)
        partial, pages = ended.reason if ended else None, app.governor.page_count + user.governor.page_count
        # `backfill` tells from this that a quiet account, whose reading leaves no trace of its own, was read.
        landing.commit(
            {"request_count": request_count, "usd": usd, "partial_reason": partial, "unread": sorted(app.unread)}
        )
        counts = dict(landing.row_counts)
        missing = find_shortfalls(landing.issues, ended, page_count=pages, platform_name="X")
        return ApiResult(counts, request_count, budget.resource_count, usd, partial, recovered, missing)


def _read(
    app: Session,
    user: Session,
    registry_rows: Iterable[Mapping[str, Any]],
    lake: Lake,
    share: AccountShare | None,
) -> None:
    config, started = app.config, app.clock()
    targets, issues = read_targets(registry_rows, at=started)
    app.landing.append({"issues": issues})
    captured = capture_accounts(app, targets)
    _read_timelines(app, targets, captured)
    app.landing.commit()
    ages, state = config.refresh_ages_days, app.landing.state
    refresh_posts(app, own_due_posts(lake, NAME, now=app.clock(), ages_days=ages, share=share, state=state))
    own = {
        account_id for target in targets if target.is_own and (account_id := account_id_of(target, app.landing.state))
    }
    if config.user_token is not None and own:
        read_private_metrics(user, own)


def _read_timelines(session: Session, targets: Sequence[Target], captured: Mapping[str, Row]) -> None:
    state = session.landing.state
    queue, forbidden = [], 0
    for target in targets:
        account_id = account_id_of(target, state)
        # An account that the snapshot did not find, or found protected, has no timeline to read.
        if account_id is None or account_id in session.unavailable:
            continue
        if captured.get(account_id, {}).get("status") != "protected":
            stored = state.get(f"timeline:{account_id}") or {}
            is_open = isinstance(stored, dict) and bool(stored.get("window"))
            settled = str(stored.get("settled_at") or "") if isinstance(stored, dict) else ""
            queue.append((not is_open, settled, account_id, target))
    # Open windows first, then whoever waited longest: a small budget reaches everyone in turn.
    for _, _, account_id, target in sorted(queue, key=lambda entry: entry[:3]):
        key, row = f"timeline:{account_id}", captured.get(account_id, {})
        first = session.clock() - timedelta(days=session.config.backfill_days)
        if target.since:
            first = datetime.combine(target.since, time(), UTC)
        try:
            bookmark = read_bookmark(state.get(key), key=key, now=session.clock())
            read_timeline(session, account_id, bookmark, key=key, first=first, post_count=row.get("post_count"))
        except RequestRefused as refusal:
            session.unread.add(account_id)
            session.landing.append({"issues": [refusal_issue(f"account {account_id}", refusal, session.clock())]})
            forbidden += refusal.outcome is Outcome.FORBIDDEN
            if forbidden == len(queue):  # nobody's posts may be read: that is no account's fault
                raise session.governor.token_refused(TIMELINE, refusal.outcome, refusal.detail) from refusal
        except TweetbenchError as error:
            if error.exit_code is not Exit.BAD_DATA:
                raise
            session.unread.add(account_id)
            session.landing.append({"issues": [_bookmark_issue(account_id, error, session.clock())]})


def _partial_issue(end: PartialRun, at: datetime) -> Row:
    return api_issue("X API run", end.problem, detail=end.reason, next_step=end.next_step, at=at)


def _refused_issue(error: TweetbenchError, at: datetime) -> Row:
    return api_issue(
        "X API run", "token_refused", detail=f"{error.what}: {error.why}", next_step=error.next_step, at=at
    )


def _bookmark_issue(account_id: str, error: TweetbenchError, at: datetime) -> Row:
    detail = f"{error.what} ({error.where}): {error.why}"
    return api_issue(f"account {account_id}", "bookmark_unusable", detail=detail, next_step=error.next_step, at=at)


def _skew_issues(seconds: float, at: datetime) -> list[Row]:
    if abs(seconds) < CLOCK_SKEW_SECONDS:
        return []
    detail = f"this machine's clock differs from the X server's by {seconds / 3600:.1f} hours"
    step = "set the clock (waits followed the server's, but captures are stamped with this one): tweetbench doctor"
    return [api_issue("X API run", "clock_skew", detail=detail, next_step=step, at=at)]
