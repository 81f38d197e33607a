"""One extraction from Bitly: the own links, then the unread days of each that are over, the longest unread first."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.api.journal import Journal, JournalOwner, recover
from pipeline.sources.api.json_values import payload_of
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.responses import Converted, api_issue
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.shortfall import find_shortfalls
from pipeline.sources.api.source import ApiResult
from pipeline.sources.bitly import NAME, PLATFORM, PLATFORM_NAME
from pipeline.sources.bitly.bookmarks import QUIET_AFTER_DAYS, LinkBookmark, days_due, read_bookmark
from pipeline.sources.bitly.config import BitlyConfig
from pipeline.sources.bitly.session import BitlySession, DayClicks, OwnLink
from pipeline.sources.files.links import link_id_of
from pipeline.sources.files.personal_data import find_kind
from pipeline.sources.lake_source import Row

JOURNALS = JournalOwner(NAME, PLATFORM, lambda _answers: Converted())
DAY = timedelta(days=1)
# Shown by every plan; asked for where a longer history is refused.
SHORT_HISTORY_DAYS = 30
LONG_HISTORY_REFUSED = {Outcome.NOT_ENROLLED, Outcome.BAD_REQUEST}
NEXT_STEPS = {
    Outcome.MISSING: "nothing to do if the link was deleted",
    Outcome.NOT_ENROLLED: "load an export of the clicks instead: tweetbench ingest FILE",
    Outcome.FORBIDDEN: "check in Bitly that the token's user may see the link's group",
}


def extract(config: BitlyConfig, lake: Lake, run: ApiRun) -> ApiResult:
    """Read the days that are over, of every own link, into the lake.

    Raises:
        TweetbenchError: the token is refused, or the disk is full; what was read is kept.
    """
    recovered = recover(lake, JOURNALS, now=run.now)
    session = BitlySession(config, run)
    landing = Journal(lake, JOURNALS, run_id=run.run_id, rows_in_memory=config.rows_in_memory, clock=run.clock)
    ended = None
    try:
        _read_all(session, landing, run, backfill_days=config.backfill_days)
    except PartialRun as end:
        ended = end
        landing.append({"issues": [_issue("Bitly run", end.problem, end.reason, end.next_step, run.clock())]})
    except RequestRefused as refusal:
        # Groups or links could not be listed: there is nothing to go through.
        landing.append({"issues": [_refused("Bitly's list of your links", refusal, run.clock())]})
    partial = ended.reason if ended else None
    landing.commit({"request_count": session.request_count, "partial_reason": partial})
    missing = find_shortfalls(landing.issues, ended, page_count=session.page_count, platform_name=PLATFORM_NAME)
    counts = dict(landing.row_counts)
    clicks = counts.get("link_clicks", 0)
    return ApiResult(counts, session.request_count, clicks, 0.0, partial, recovered, missing)


def _read_all(session: BitlySession, landing: Journal, run: ApiRun, *, backfill_days: int) -> None:
    links = {link.bitlink: link for group in session.groups() for page in session.links(group) for link in page}
    # A day begins while a long run reads: what the run began with stays its day.
    yesterday = run.now.date() - DAY
    due: list[tuple[date, OwnLink]] = []
    for link in links.values():
        key = f"timeline:{link.bitlink}"
        try:
            bookmark = read_bookmark(landing.state.get(key), key=key, now=run.now)
        except TweetbenchError as error:
            if error.exit_code is not Exit.BAD_DATA:
                raise
            why = f"{error.what} ({error.where}): {error.why}"
            landing.append({"issues": [_issue(link.bitlink, "bookmark_unusable", why, error.next_step, run.clock())]})
            continue
        first = days_due(bookmark, link.created, yesterday=yesterday, backfill_days=backfill_days)
        if first is not None:
            due.append((first, link))
    left = session.clicks_left() if due else None
    before = session.request_count
    for first, link in sorted(due, key=lambda each: (each[0], each[1].bitlink)):
        if left is not None and session.request_count - before >= left:
            raise PartialRun(
                f"the plan allows {left:,} more requests for clicks, and {len(due):,} links were due",
                problem=str(Outcome.USAGE_CAP),
                next_step="nothing to do: the next runs read the others, each from where it was left",
            )
        try:
            _read_link(session, landing, run, link, first, yesterday)
        except RequestRefused as refusal:
            landing.append({"issues": [_refused(f"link {link.bitlink}", refusal, run.clock())]})


def _read_link(
    session: BitlySession, landing: Journal, run: ApiRun, link: OwnLink, first: date, yesterday: date
) -> None:
    issues = []
    try:
        found = session.clicks(link, first, now=run.now)
    except RequestRefused as refusal:
        shorter = run.now.date() - (SHORT_HISTORY_DAYS - 1) * DAY
        if refusal.outcome not in LONG_HISTORY_REFUSED or first >= shorter:
            raise
        found = session.clicks(link, shorter, now=run.now)
    at = run.clock()
    if found.shown_from > first:
        detail = f"asked from {first} on; Bitly shows {found.shown_from} and later, and the days before are not known"
        step = "nothing to do; a plan with a longer history, or an export of the clicks, fills the gap"
        issues.append(_issue(f"link {link.bitlink}", "history_cut_by_plan", detail, step, at))
    if found.odd:
        detail = f"{len(found.odd)} days of the answer cannot be read; they are not taken for days without clicks"
        step = "nothing to do: the next run asks again"
        issues.append(_issue(f"link {link.bitlink}", "unreadable_days", detail, step, at, found.odd[:10]))
    rows = _rows(link, found, at)
    clicks = sum(row["click_count"] for row in rows)
    is_old = link.created is None or (yesterday - link.created).days >= QUIET_AFTER_DAYS
    state: Mapping[str, Any] = {}
    if not found.odd:
        state = {f"timeline:{link.bitlink}": LinkBookmark(yesterday, is_old and not clicks).as_state()}
    landing.append({"link_clicks": rows, "issues": issues}, state)


def _rows(link: OwnLink, found: DayClicks, at: datetime) -> list[Row]:
    target = None if link.long_url is None or find_kind(link.long_url) else link.long_url
    return [
        {
            "platform": PLATFORM,
            "captured_at": at,
            "link_id": link_id_of(link.bitlink),
            "bucket_start_at": datetime.combine(day, time(), UTC),
            "bucket_unit": "day",
            "long_url": target,
            "click_count": count,
            "payload": payload_of({"date": day.isoformat(), "clicks": count}) if day in found.listed else None,
        }
        for day, count in found.counts.items()
    ]


def _issue(subject: str, problem: str, detail: str, next_step: str, at: datetime, original: object = None) -> Row:
    return api_issue(subject, problem, detail=detail, next_step=next_step, at=at, platform=PLATFORM, original=original)


def _refused(subject: str, refusal: RequestRefused, at: datetime) -> Row:
    step = NEXT_STEPS.get(refusal.outcome, "nothing to do: the next run tries again")
    return _issue(subject, f"api_{refusal.outcome}", refusal.detail, step, at)
