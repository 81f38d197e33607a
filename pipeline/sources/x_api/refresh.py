"""Metrics of posts at fixed ages, in full batches of 100 by id; posts that X no longer serves get a tombstone.

Which posts are due follows from the lake alone: from when each was last read. Timelines belong to `timeline`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
COLUMNS = ["post_id", "account_id", "created_at", "captured_at", "post_kind", "availability", "edit_history_ids"]
# A post that only some may see can come back; one that is gone, or whose author is, has been taken down.
TOMBSTONES = {
    "not_found": "removed",
    "suspended": "removed",
    "deactivated": "removed",
    "withheld": "withheld",
    "protected": "unknown",
}


@dataclass(frozen=True)
class DuePost:
    """A post whose metrics are to be read again."""

    post_id: str
    account_id: str | None


def due_posts(lake: Lake, *, now: datetime, ages_days: Sequence[int]) -> list[DuePost]:
    """Posts that have passed an age at which they are to be read and were not read since, oldest first."""
    ages = sorted(ages_days)
    if not ages:
        return []
    oldest = now - timedelta(days=ages[-1]) - GRACE_AFTER_LAST_AGE
    parts, gone = [], set()
    for rows in _recent_posts(lake, oldest):
        gone.update(rows.filter(pc.equal(rows["availability"], "removed"))["post_id"].to_pylist())
        versions = rows.filter(pc.greater(pc.list_value_length(rows["edit_history_ids"]), 1))["edit_history_ids"]
        gone.update(version for chain in versions.to_pylist() for version in chain[:-1])
        parts.append(_latest(rows))
    if not parts:
        return []
    latest = _latest(pa.concat_tables(parts))
    columns = (latest[name].to_pylist() for name in ("post_id", "account_id", "created_at", "captured_at"))
    due = []
    for post_id, account_id, created_at, read_at in zip(*columns, strict=True):
        passed = [age for age in ages if created_at + timedelta(days=age) <= now]
        if passed and read_at < created_at + timedelta(days=passed[-1]) and post_id not in gone:
            due.append((created_at, DuePost(post_id, account_id)))
    return [post for _, post in sorted(due, key=lambda pair: (pair[0], int(pair[1].post_id)))]


def refresh_posts(session: Session, due: Sequence[DuePost]) -> None:
    """Read the due posts again; every page lands before the next is asked for.

    Raises:
        PartialRun, TweetbenchError: the run cannot go on; what was read has landed.
    """
    position = 0
    while position < len(due):
        size = session.budget.affordable(session.post_resource, session.clock(), least=1, most=BATCH)
        batch = due[position : position + size]
        position += len(batch)
        try:
            page = session.posts_by_id({post.post_id: post.account_id or "" for post in batch})
        except RequestRefused as refusal:
            subject = f"{len(batch)} posts from {batch[0].post_id}"
            session.landing.append({"issues": [refusal_issue(subject, refusal, session.clock())]})
            if refusal.outcome in {Outcome.MISSING, Outcome.NOT_ENROLLED, Outcome.BAD_REQUEST}:
                return
            continue
        session.landing.append(_with_tombstones(page, batch, session))


def _with_tombstones(page: PageRows, batch: Sequence[DuePost], session: Session) -> dict[str, list[Row]]:
    at, owners = session.clock(), {post.post_id: post.account_id for post in batch}
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
        detail = f"{len(lost)} of {len(batch)} posts are neither in the answer nor in its errors: {', '.join(lost[:5])}"
        step = "nothing to do: they are asked for again in the next run"
        issues.append(api_issue("GET /2/tweets", "missing_from_answer", detail=detail, next_step=step, at=at))
    return {**page.tables, "posts": posts, "issues": issues}


def _recent_posts(lake: Lake, oldest: datetime) -> Iterator[pa.Table]:
    for commit, file in lake.files("posts"):
        if commit.source == "x_api" and commit.committed_at[:10] >= oldest.date().isoformat():
            rows = pq.read_table(lake.root / file.path, columns=COLUMNS)
            fresh = pc.greater_equal(rows["created_at"], pa.scalar(oldest, rows["created_at"].type))
            is_repost = pc.fill_null(pc.equal(rows["post_kind"], "repost"), fill_value=False)
            yield rows.filter(pc.and_(fresh, pc.invert(is_repost)))


def _latest(rows: pa.Table) -> pa.Table:
    """One row per post with the time at which it was last read."""
    values = ("account_id", "created_at", "captured_at")
    grouped = rows.group_by("post_id").aggregate([(name, "max") for name in values])
    return grouped.select(["post_id", *(f"{name}_max" for name in values)]).rename_columns(["post_id", *values])
