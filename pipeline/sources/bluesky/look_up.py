"""What Bluesky says now of accounts that somebody names; nothing lands in the lake."""

from collections.abc import Mapping, Sequence

from pipeline.lake import Lake
from pipeline.sources.api.feeds.items import status_row
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import unanswered
from pipeline.sources.bluesky import PLATFORM
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.dialect import account_status
from pipeline.sources.bluesky.labels import is_hidden
from pipeline.sources.bluesky.normalise import ACCOUNT_COUNTS, account_row
from pipeline.sources.bluesky.session import Session, open_session
from pipeline.sources.files.handles import DID
from pipeline.sources.lake_source import Row

HIDDEN_WORDS = "the account asks not to be shown to readers without a login: it is read only where is_own is true"


def look_up(config: BlueskyConfig, lake: Lake, asked: Sequence[str], run: ApiRun) -> Mapping[str, Row]:
    """Rows of `accounts` by handle or DID, each asked for singly, so that Bluesky says what is wrong with it."""
    session = open_session(config, lake, run)
    found: dict[str, Row] = {}
    for actor in asked:
        try:
            found[actor] = _ask(session, actor)
        except RequestRefused as refusal:
            found[actor] = unanswered(PLATFORM, refusal.detail, session.clock())
        except PartialRun as end:
            return found | {
                left: unanswered(PLATFORM, f"{end.reason}: {end.next_step}", session.clock())
                for left in asked
                if left not in found
            }
    return found


def _ask(session: Session, actor: str) -> Row:
    did = actor if DID.fullmatch(actor) else None
    try:
        profiles, issues = session.profile(actor)
    except RequestRefused as refusal:
        status = account_status(refusal.detail) if refusal.outcome is Outcome.BAD_REQUEST else None
        if status is None:
            raise
        handle, said = None if did else actor, refusal.detail
        at = session.clock()
        return status_row(status, said, platform=PLATFORM, account_id=did, handle=handle, at=at, original=None)
    profile, raw = profiles[0] if profiles else (None, b"")
    if profile is None or not DID.fullmatch(profile.did or "") or did not in (None, profile.did):
        why = issues[0]["detail"] if issues else f"asked for {actor}, Bluesky answered with another account"
        return unanswered(PLATFORM, why, session.clock())
    row = account_row(profile, raw, handle=None if did else actor, at=session.clock())
    if is_hidden(profile, at=session.clock()):
        return {**row, **dict.fromkeys(ACCOUNT_COUNTS), "name": None, "status_detail": HIDDEN_WORDS}
    return row
