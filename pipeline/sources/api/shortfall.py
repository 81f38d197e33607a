"""What a run did not read of its accounts, as sentences and with the exit code that tells it to scripts. Pure.

An account that the platform says is gone, suspended or protected was read: that is its status, and no run can do more.
"""

from collections.abc import Sequence

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.api.budget import BUDGET_REACHED
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import PartialRun
from pipeline.sources.issue_summary import IssueGroup

# Problems of `issues` that stand for a request which brought nothing.
UNREAD = {
    *(f"api_{outcome}" for outcome in Outcome),
    "bookmark_unusable",
    "user_token_refused",
    "counts_all_zero",
    "feed_page_limit",
    "timeline_without_end",
    "not_at_home",
}


def find_shortfalls(
    issues: Sequence[IssueGroup], ended: PartialRun | None, *, page_count: int, platform_name: str
) -> tuple[TweetbenchError, ...]:
    """What was not read; none where the run is complete.

    Args:
        issues: the run's issues.
        ended: why the run ended early, if it did.
        page_count: answers that could be used. Without any, the platform could not be read, unless the budget
            forbade to ask.
        platform_name: what people call the platform.
    """
    by_budget = ended is not None and ended.problem == BUDGET_REACHED
    code = Exit.INCOMPLETE if page_count or by_budget else Exit.UNAVAILABLE
    what = f"{platform_name} " + ("was not read completely" if code is Exit.INCOMPLETE else "could not be read at all")
    causes = [(ended.reason, ended.next_step)] if ended is not None else []
    causes += [(group.text(), group.next_step) for group in issues if group.problem in UNREAD]
    return tuple(
        TweetbenchError(what, where=f"{platform_name} API", why=why, next_step=next_step, exit_code=code)
        for why, next_step in causes
    )
