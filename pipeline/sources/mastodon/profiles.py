"""Profiles of known accounts, many in one request where the home server has that (Mastodon 4.3 and later)."""

from collections.abc import Sequence

from pipeline.sources.api.json_values import Record
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.mastodon.feed_platform import PROFILES
from pipeline.sources.mastodon.names import joined, local_id_of, split
from pipeline.sources.mastodon.refresh import NO_BATCHES
from pipeline.sources.mastodon.session import Session


class Profiles:
    """Profiles by account id; `waiting` are the known accounts of a run, in the order in which they are read.

    A batch leaves out whom the server does not show: only the question for one account says why.
    """

    def __init__(self, session: Session, waiting: Sequence[str]) -> None:
        self._session = session
        self._waiting = list(dict.fromkeys(waiting))
        self._found: dict[str, Record] = {}
        self._asked: set[str] = set()
        self._singly: set[str] = set()  # servers that give no profiles for several ids

    def of(self, account_id: str) -> Record:
        """The profile of an account.

        Raises:
            PartialRun, RequestRefused: see `Servers.ask`.
        """
        if account_id not in self._asked and split(account_id)[0] not in self._singly:
            self._ask_for(account_id)
        found = self._found.pop(account_id, None)
        return self._session.profile(account_id) if found is None else found

    def _ask_for(self, account_id: str) -> None:
        host = split(account_id)[0]
        same = [each for each in self._waiting if split(each)[0] == host and each not in self._asked]
        batch = list(dict.fromkeys([account_id, *same]))[:PROFILES]
        self._asked.update(batch)
        if len(batch) == 1:
            return
        try:
            records = self._session.profiles(batch)
        except RequestRefused as refusal:
            if refusal.outcome not in NO_BATCHES:
                raise
            self._singly.add(host)
            return
        found = {joined(host, local_id_of(record.get("id")) or ""): record for record in records}
        self._found.update({each: found[each] for each in batch if each in found})
        if not self._found.keys() & set(batch):
            self._singly.add(host)  # it answers, and knows nobody: another API's meaning of the same words
