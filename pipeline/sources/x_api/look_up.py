"""What X says now of accounts that somebody names, within the budget; nothing lands in the lake.

X bills an account once a UTC day, so that a run on the same day pays for none of them again.
"""

from collections.abc import Mapping, Sequence

from pipeline.lake import Lake
from pipeline.sources.api.journal import Journal
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.redaction import redacted_logs
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import unanswered
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.conversion import JOURNALS
from pipeline.sources.x_api.session import BATCH, Session, open_budget, open_session


def look_up(config: XApiConfig, lake: Lake, asked: Sequence[str], run: ApiRun) -> Mapping[str, Row]:
    """Rows of `accounts` by handle.

    Raises:
        TweetbenchError: the token is refused.
    """
    with redacted_logs(config.secrets()):
        budget = open_budget(config, lake, at=run.now)
        landing = Journal(lake, JOURNALS, run_id=run.run_id, rows_in_memory=config.rows_in_memory, clock=run.clock)
        session, _ = open_session(config, run, budget, landing, handles={})
        found: dict[str, Row] = {}
        for start in range(0, len(asked), BATCH):
            found |= _ask(session, asked[start : start + BATCH])
        return found


def _ask(session: Session, handles: Sequence[str]) -> dict[str, Row]:
    rows, why = [], "X left the account out of its answer"
    try:
        rows = session.accounts_by_handle(handles).tables["accounts"]
    except RequestRefused as refusal:
        why = refusal.detail
    except PartialRun as end:
        why = f"{end.reason}: {end.next_step}"
    by_handle = {str(row.get("handle")).casefold(): row for row in rows}
    return {name: by_handle.get(name.casefold()) or unanswered("x", why, session.clock()) for name in handles}
