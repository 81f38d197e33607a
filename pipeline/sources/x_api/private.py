"""Metrics that X shows to a post's owner only (link clicks, profile clicks), for posts of the last 30 days.

Needs a user token. A refusal here is an issue and never ends the run: public data do not depend on it.
"""

from datetime import timedelta

from pipeline.errors import TweetbenchError
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.x_api.accounts import refusal_issue
from pipeline.sources.x_api.bookmarks import id_at
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.session import Session
from pipeline.sources.x_api.timeline import BARREN_PAGES


def read_private_metrics(session: Session, own_ids: set[str]) -> None:
    """Owner's metrics of the token's own account, if the registry marks that account as own.

    Args:
        session: a session with the user token, priced as owned reads.
        own_ids: accounts that the registry marks as own.

    Raises:
        PartialRun: budget or time is used up; what was read has landed.
    """
    try:
        me = session.own_account()
        owned = [account_id for account_id in me.ids if account_id in own_ids]
        for account_id in owned:
            _read_own(session, account_id)
        if not owned:
            _note(session, "the user token belongs to an account that accounts.csv does not mark as is_own")
    except RequestRefused as refusal:
        session.landing.append({"issues": [refusal_issue("own posts", refusal, session.clock())]})
    except TweetbenchError as error:
        _note(session, f"{error.what}: {error.why}")


def _read_own(session: Session, account_id: str) -> None:
    key, now = f"private:{account_id}", session.clock()
    read_at = time_of((session.landing.state.get(key) or {}).get("read_at"))
    if read_at and timedelta(0) <= now - read_at < timedelta(hours=session.config.revisit_hours):
        return
    since = id_at(now - timedelta(days=session.config.private_metrics_days))
    token, seen, tokens, barren = None, set[str](), set[str](), 0
    while True:
        page = session.timeline(account_id, since_id=since, pagination_token=token)
        barren = 0 if set(page.ids) - seen else barren + 1
        seen.update(page.ids)
        token = page.next_token
        is_done = token is None or token in tokens or barren >= BARREN_PAGES
        rows = [row for row in page.tables["post_metrics"] if row["metric_scope"] != "public"]
        tables = {"post_metrics": rows, "issues": page.tables["issues"]}
        session.landing.append(tables, {key: {"read_at": now.isoformat()}} if is_done else None)
        if token is None or is_done:
            return
        tokens.add(token)


def _note(session: Session, detail: str) -> None:
    step = "check the user token in .env and is_own in accounts.csv, then run: tweetbench doctor"
    issue = api_issue("own posts", "user_token_refused", detail=detail, next_step=step, at=session.clock())
    session.landing.append({"issues": [issue]})
