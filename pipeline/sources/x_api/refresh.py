"""Metrics of posts at fixed ages, in full batches of 100 by id; posts that X no longer serves get a tombstone.

Which posts are due is found by `api.due_posts`. Timelines belong to `timeline`.
"""

from collections.abc import Mapping

import pyarrow as pa

from pipeline.sources.api.json_values import payload_of
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.accounts import refusal_issue
from pipeline.sources.x_api.normalise import PageRows
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.session import BATCH, Session
from pipeline.sources.x_api.values import post_time

# A post that only some may see can come back; one that is gone, or whose author is, has been taken down.
TOMBSTONES = {
    "not_found": "removed",
    "suspended": "removed",
    "deactivated": "removed",
    "withheld": "withheld",
    "protected": "unknown",
}


def refresh_posts(session: Session, due: pa.Table) -> None:
    """Read the due posts again; every page lands before the next is asked for.

    Raises:
        PartialRun, TweetbenchError: the run cannot continue; what was read has landed.
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
