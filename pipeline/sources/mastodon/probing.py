"""Asks home servers whether stored accounts and posts are still there; every answer lands in the lake."""

from collections.abc import Sequence

from pipeline.lake import Lake
from pipeline.sources.api.asked import Asked
from pipeline.sources.api.feeds import probing
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import Probe
from pipeline.sources.mastodon.config import MastodonConfig
from pipeline.sources.mastodon.dialect import account_status
from pipeline.sources.mastodon.names import ACCOUNT_ID, local_id_of
from pipeline.sources.mastodon.profiles import Profiles
from pipeline.sources.mastodon.refresh import ask
from pipeline.sources.mastodon.session import Session, open_session


def probe(config: MastodonConfig, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:
    """Ask for stored accounts and posts; a boost is a status like any other.

    Raises:
        TweetbenchError: the disk is full; what was read is kept.
    """
    return probing.probe(
        open_session(config, lake, run),
        posts,
        accounts,
        # A post's id has the form of an account's: server and local id.
        is_askable=lambda post_id: ACCOUNT_ID.fullmatch(post_id) is not None,
        ask=ask,
        ask_accounts=_ask_accounts,
    )


def _ask_accounts(session: Session, account_ids: Sequence[str], asked: Asked) -> None:
    known = list(filter(ACCOUNT_ID.fullmatch, account_ids))
    profiles = Profiles(session, known)
    for account_id in known:
        try:
            record = profiles.of(account_id)
        except RequestRefused as refusal:
            if refusal.outcome is Outcome.MISSING:
                asked.gone_accounts[account_id] = account_status(refusal.detail)
                asked.count += 1
            continue
        if local_id_of(record.get("id")) == account_id.partition("/")[2]:
            asked.count += 1
            if record.get("suspended") is True:
                asked.gone_accounts[account_id] = "suspended"
            else:
                asked.served_accounts.add(account_id)
