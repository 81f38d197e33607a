"""Asks Bluesky whether stored accounts and posts are still there; every answer lands in the lake."""

from collections.abc import Sequence

from pipeline.lake import Lake
from pipeline.sources.api.asked import Asked
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import PartialRun, RequestRefused
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.source import Probe
from pipeline.sources.bluesky.config import BlueskyConfig
from pipeline.sources.bluesky.dialect import account_status
from pipeline.sources.bluesky.feed import tables_of
from pipeline.sources.bluesky.records import POST_COLLECTION
from pipeline.sources.bluesky.refresh import ask_twice
from pipeline.sources.bluesky.session import BATCH, Session, open_session


def probe(config: BlueskyConfig, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun) -> Probe:
    """Ask for stored accounts and posts; a repost cannot be asked for and counts as not asked.

    Raises:
        TweetbenchError: the disk is full; what was read is kept.
    """
    session = open_session(config, lake, run)
    asked = _Asked(session)
    partial = None
    try:
        asked.ask_accounts(accounts)
        asked.ask_posts([post_id for post_id in posts if POST_COLLECTION in post_id])
    except PartialRun as end:
        partial = end.reason
    session.landing.commit({"probe": True, "partial_reason": partial})
    return asked.as_probe(len(accounts) + len(posts), usd=0.0, partial_reason=partial)


class _Asked(Asked):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def ask_accounts(self, dids: Sequence[str]) -> None:
        for start in range(0, len(dids), BATCH):
            batch = dids[start : start + BATCH]
            try:
                profiles, _ = self.session.profiles(batch)
            except RequestRefused:
                continue
            shown = {profile.did for profile, _ in profiles} & set(batch)
            self.served_accounts |= {did for did in shown if did}
            self.count += len(shown)
            for did in batch:
                if did not in shown:
                    self._ask_account(did)

    def _ask_account(self, did: str) -> None:
        try:
            profiles, _ = self.session.profile(did)
        except RequestRefused as refusal:
            status = account_status(refusal.detail) if refusal.outcome is Outcome.BAD_REQUEST else None
            if status is not None:
                self.gone_accounts[did] = status
                self.count += 1
            return
        if any(profile.did == did for profile, _ in profiles):
            self.served_accounts.add(did)
            self.count += 1

    def ask_posts(self, uris: Sequence[str]) -> None:
        for start in range(0, len(uris), BATCH):
            batch = uris[start : start + BATCH]
            try:
                page, gone = ask_twice(self.session, dict.fromkeys(batch))
            except RequestRefused:
                continue
            self.session.landing.append({**tables_of(page.items), "issues": page.issues})
            served = {item.post["post_id"] for item in page.items}
            self.gone_posts.update(dict.fromkeys(gone, "deleted"))
            self.served_posts |= served
            self.count += len(served) + len(gone)
