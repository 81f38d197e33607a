"""Asks X whether stored accounts and posts are still there. What is paid for is kept: every answer lands in the lake.

Accounts first, then posts, newest first, until the money is used up; what was not asked is counted, not guessed.
"""

from collections.abc import Callable, Sequence

from pipeline.lake import Lake
from pipeline.sources.api.asked import Asked
from pipeline.sources.api.journal import Journal
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.redaction import redacted_logs
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import Probe
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.conversion import JOURNALS
from pipeline.sources.x_api.normalise import PageRows
from pipeline.sources.x_api.session import BATCH, Session, open_budget, open_session

# Statuses that take content back, and the reason that the receipt gives of an account and of a post.
ACCOUNT_REASONS = {name: name for name in ("suspended", "deactivated", "not_found", "protected", "withheld")}
POST_REASONS = {**ACCOUNT_REASONS, "not_found": "deleted"}


def probe(config: XApiConfig, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:
    """Ask for stored accounts and posts.

    Raises:
        TweetbenchError: the token is refused, or the disk is full; what was read is kept.
    """
    with redacted_logs(config.secrets()):
        budget = open_budget(config, lake, at=run.now)
        landing = Journal(lake, JOURNALS, run_id=run.run_id, rows_in_memory=config.rows_in_memory, clock=run.clock)
        session, _ = open_session(config, run, budget, landing, handles={})
        asked = _Asked()
        partial = None
        try:
            asked.ask(session, accounts, session.accounts_by_id, ACCOUNT_REASONS, of_accounts=True)
            asked.ask(session, posts, lambda ids: session.posts_by_id(dict.fromkeys(ids, "")), POST_REASONS)
        except PartialRun as end:
            partial = end.reason
        landing.commit({"probe": True, "usd": float(budget.spent_usd), "partial_reason": partial})
        return asked.as_probe(len(accounts) + len(posts), usd=float(budget.spent_usd), partial_reason=partial)


class _Asked(Asked):
    def ask(
        self,
        session: Session,
        ids: Sequence[str],
        request: Callable[[list[str]], PageRows],
        reasons: dict[str, str],
        *,
        of_accounts: bool = False,
    ) -> None:
        gone, served = (
            (self.gone_accounts, self.served_accounts) if of_accounts else (self.gone_posts, self.served_posts)
        )
        for start in range(0, len(ids), BATCH):
            batch = list(ids[start : start + BATCH])
            try:
                page = request(batch)
            except RequestRefused:
                continue
            session.landing.append(page.tables)
            self.count += len(batch)
            held_back = {
                row["account_id" if of_accounts else "post_id"]: state
                for row in page.tables["accounts" if of_accounts else "posts"]
                if (state := row.get("status") or row.get("availability")) in reasons
            }
            stated = {each.subject: each.status for each in page.problems if each.is_primary}
            gone.update({key: reasons[state] for key, state in {**stated, **held_back}.items() if state in reasons})
            served.update(set(page.ids) - gone.keys())
