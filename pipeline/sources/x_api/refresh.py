"""Metrics of posts at fixed ages, in full batches of 100 by id; posts that X no longer serves get a tombstone.

Which posts are due follows from the lake alone: from when each was last read. Timelines belong to `timeline`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.lake import Lake
from pipeline.sources.protocol import Row
from pipeline.sources.x_api.accounts import refusal_issue
from pipeline.sources.x_api.governor import RequestRefused
from pipeline.sources.x_api.normalise import PageRows
from pipeline.sources.x_api.outcomes import Outcome
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.session import BATCH, Session
from pipeline.sources.x_api.values import payload_of, post_time

# A post that missed its last age by more than this is not asked for any more.
GRACE_AFTER_LAST_AGE = timedelta(days=7)
ROWS_BEFORE_FOLDING = 500_000
NOTHING_DUE = pa.schema([("post_id", pa.string()), ("account_id", pa.string())]).empty_table()
COLUMNS = ["post_id", "account_id", "created_at", "captured_at", "post_kind", "availability", "edit_history_ids"]
# A post that only some may see can come back; one that is gone, or whose author is, has been taken down.
TOMBSTONES = {
    "not_found": "removed",
    "suspended": "removed",
    "deactivated": "removed",
    "withheld": "withheld",
    "protected": "unknown",
}


def due_posts(lake: Lake, *, now: datetime, ages_days: Sequence[int]) -> pa.Table:
    """Posts (post_id, account_id) that passed an age at which they are due and were not read since, oldest first.

    A table and not objects: ten thousand accounts have a quarter of a million posts due on one day.
    """
    ages = sorted(ages_days)
    if not ages:
        return NOTHING_DUE
    oldest = now - timedelta(days=ages[-1]) - GRACE_AFTER_LAST_AGE
    parts: list[pa.Table] = []
    removed_at: dict[str, datetime] = {}
    superseded: set[str] = set()
    for rows in _recent_posts(lake, oldest):
        # Later commits come later, and a post that came back is read after its tombstone.
        removed = rows.filter(pc.equal(rows["availability"], "removed"))
        removed_at.update(zip(removed["post_id"].to_pylist(), removed["captured_at"].to_pylist(), strict=True))
        versions = rows.filter(pc.greater(pc.list_value_length(rows["edit_history_ids"]), 1))["edit_history_ids"]
        superseded.update(version for chain in versions.to_pylist() for version in chain[:-1])
        parts.append(_latest(rows))
        # The overlap reads each post a few times; folding them together keeps memory at one row a post.
        if sum(part.num_rows for part in parts[1:]) > ROWS_BEFORE_FOLDING:
            parts = [_latest(pa.concat_tables(parts))]
    if not parts:
        return NOTHING_DUE
    latest = _latest(pa.concat_tables(parts))
    due = latest.filter(_is_due(latest, now, ages)).sort_by([("created_at", "ascending"), ("post_id", "ascending")])
    suspects = due.filter(pc.is_in(due["post_id"], pa.array([*superseded, *removed_at], pa.string())))
    pairs = zip(suspects["post_id"].to_pylist(), suspects["captured_at"].to_pylist(), strict=True)
    gone = [post_id for post_id, read_at in pairs if post_id in superseded or removed_at.get(post_id) == read_at]
    kept = due.filter(pc.invert(pc.is_in(due["post_id"], pa.array(gone, pa.string()))))
    pa.default_memory_pool().release_unused()
    return kept.select(NOTHING_DUE.column_names)


def refresh_posts(session: Session, due: pa.Table) -> None:
    """Read the due posts again; every page lands before the next is asked for.

    Raises:
        PartialRun, TweetbenchError: the run cannot go on; what was read has landed.
    """
    position = 0
    while position < due.num_rows:
        size = session.budget.affordable(session.post_resource, session.clock(), least=1, most=BATCH)
        part = due.slice(position, size)
        batch = dict(zip(part["post_id"].to_pylist(), part["account_id"].to_pylist(), strict=True))
        position += len(batch)
        try:
            page = session.posts_by_id({post_id: account_id or "" for post_id, account_id in batch.items()})
        except RequestRefused as refusal:
            subject = f"{len(batch)} posts from {next(iter(batch))}"
            session.landing.append({"issues": [refusal_issue(subject, refusal, session.clock())]})
            if refusal.outcome in {Outcome.MISSING, Outcome.NOT_ENROLLED, Outcome.BAD_REQUEST}:
                return
            continue
        session.landing.append(_with_tombstones(page, batch, session))


def _with_tombstones(page: PageRows, owners: Mapping[str, str | None], session: Session) -> dict[str, list[Row]]:
    at = session.clock()
    posts, issues, answered = list(page.tables["posts"]), list(page.tables["issues"]), set(page.ids)
    for problem in page.problems:
        availability = TOMBSTONES.get(problem.status)
        if not problem.is_primary or problem.subject not in owners or problem.subject in answered:
            continue
        answered.add(problem.subject)
        if availability:
            account_id = owners[problem.subject]
            posts.append(
                {
                    "platform": "x",
                    "captured_at": at,
                    "account_id": account_id,
                    "handle": session.handles.get(account_id or ""),
                    "post_id": problem.subject,
                    "created_at": post_time(problem.subject, None),
                    "availability": availability,
                    "payload": payload_of(problem.original),
                }
            )
    lost = [post_id for post_id in owners if post_id not in answered]
    if lost:
        detail = (
            f"{len(lost)} of {len(owners)} posts are neither in the answer nor in its errors: {', '.join(lost[:5])}"
        )
        step = "nothing to do: they are asked for again in the next run"
        issues.append(api_issue("GET /2/tweets", "missing_from_answer", detail=detail, next_step=step, at=at))
    return {**page.tables, "posts": posts, "issues": issues}


def _recent_posts(lake: Lake, oldest: datetime) -> Iterator[pa.Table]:
    for commit, file in lake.files("posts"):
        if commit.source == "x_api" and commit.committed_at[:10] >= oldest.date().isoformat():
            # One thread: each further one keeps buffers of its own, which cost more memory than the posts themselves.
            with pq.ParquetFile(lake.root / file.path) as parquet:
                rows = parquet.read(columns=COLUMNS, use_threads=False)
            fresh = pc.greater_equal(rows["created_at"], pa.scalar(oldest, rows["created_at"].type))
            is_repost = pc.fill_null(pc.equal(rows["post_kind"], "repost"), fill_value=False)
            yield rows.filter(pc.and_(fresh, pc.invert(is_repost)))


def _is_due(latest: pa.Table, now: datetime, ages: Sequence[int]) -> pa.ChunkedArray:
    """True where the last age that a post has passed came after it was last read."""
    created_at, read_at = latest["created_at"], latest["captured_at"]
    is_due = pa.chunked_array([pa.repeat(pa.scalar(False), latest.num_rows)])
    for age in ages:
        has_passed = pc.less_equal(created_at, pa.scalar(now - timedelta(days=age), created_at.type))
        is_unread = pc.less(read_at, pc.add(created_at, pa.scalar(timedelta(days=age))))
        # Ages go up, so the last one that has passed decides.
        is_due = pc.if_else(has_passed, is_unread, is_due)
    return is_due


def _latest(rows: pa.Table) -> pa.Table:
    """One row per post with the time at which it was last read."""
    values = ("account_id", "created_at", "captured_at")
    grouped = rows.group_by("post_id", use_threads=False).aggregate([(name, "max") for name in values])
    return grouped.select(["post_id", *(f"{name}_max" for name in values)]).rename_columns(["post_id", *values])
