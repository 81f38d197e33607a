"""Asks Bluesky whether stored accounts and posts are still there; every answer lands in the lake."""

from collections.abc import Sequence

from pipeline.lake import Lake
from pipeline.sources.api.asked import Asked
from pipeline.sources.api.feeds import probing
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import Probe
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.dialect import account_status
from pipeline.sources.bluesky.feed_platform import BATCH
from pipeline.sources.bluesky.records import POST_COLLECTION
from pipeline.sources.bluesky.refresh import ask_twice
from pipeline.sources.bluesky.session import Session, open_session


def probe(config: BlueskyConfig, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:
    """Ask for stored accounts and posts; a repost cannot be asked for and counts as not asked.

    Raises:
        TweetbenchError: the disk is full; what was read is kept.
    """
    return probing.probe(
        open_session(config, lake, run),
        posts,
        accounts,
        is_askable=lambda post_id: POST_COLLECTION in post_id,
        ask=ask_twice,
        ask_accounts=_ask_accounts,
    )


def _ask_accounts(session: Session, dids: Sequence[str], asked: Asked) -> None:
    for start in range(0, len(dids), BATCH):
        batch = dids[start : start + BATCH]
        try:
            profiles, _ = session.profiles(batch)
        except RequestRefused:
            continue
        shown = {profile.did for profile, _ in profiles} & set(batch)
        asked.served_accounts |= {did for did in shown if did}
        asked.count += len(shown)
        for did in batch:
            if did not in shown:
                _ask_account(session, did, asked)


def _ask_account(session: Session, did: str, asked: Asked) -> None:
    try:
        profiles, _ = session.profile(did)
    except RequestRefused as refusal:
        status = account_status(refusal.detail) if refusal.outcome is Outcome.BAD_REQUEST else None
        if status is not None:
            asked.gone_accounts[did] = status
            asked.count += 1
        return
    if any(profile.did == did for profile, _ in profiles):
        asked.served_accounts.add(did)
        asked.count += 1
