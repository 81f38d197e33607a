"""The servers of one run: each with limits of its own, its robots.txt, and a word where it is not asked any more.

A server that cannot be read stops no other.
"""

from collections.abc import Sequence
from typing import TypeVar

from pipeline.sources.api.exchange import Exchange
from pipeline.sources.api.host import Host
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import TIME_USED, PartialRun, RequestRefused
from pipeline.sources.api.run import ApiRun
from pipeline.sources.files.handles import refuse_copy
from pipeline.sources.mastodon import NAME, PLATFORM_NAME
from pipeline.sources.mastodon.config import MastodonConfig
from pipeline.sources.mastodon.dialect import DIALECT
from pipeline.sources.mastodon.names import WEBFINGER, Home, home_of, referral_of
from pipeline.sources.mastodon.robots import AGENT, is_allowed

API = "/api/v1"
REFERRALS = 3
UNREADABLE = {Outcome.TRANSIENT, Outcome.MALFORMED, Outcome.WINDOW_LIMIT}

Answer = TypeVar("Answer")


class Servers:
    """Whatever is asked goes through here; `config.base_url` may stand for all servers."""

    def __init__(self, config: MastodonConfig, run: ApiRun) -> None:
        self._config, self._run = config, run
        self._hosts: dict[str, Host] = {}
        self._closed: dict[str, RequestRefused] = {}
        self._welcoming: set[str] = set()
        self.page_count = 0

    @property
    def request_count(self) -> int:
        """Requests that were sent."""
        return sum(host.request_count for host in self._hosts.values())

    def ask(
        self, host: str, path: str, kind: type[Answer], query: Sequence[tuple[str, str]] | str = (), *, endpoint: str
    ) -> tuple[Answer, Exchange]:
        """The answer of a server's API, if its robots.txt lets us ask.

        Raises:
            PartialRun: the run's time is used up.
            RequestRefused: this request failed, or the server is not to be asked any more.
        """
        self._check_robots(host)
        answer, exchange = self._send(host, API + path, kind, query, endpoint)
        self.page_count += 1
        return answer, exchange

    def home_of(self, handle: str) -> Home:
        """Where the account of a handle lives.

        Raises:
            PartialRun, RequestRefused: as of `ask`.
        """
        host, resource = handle.partition("@")[2], f"acct:{handle}"
        for _ in range(REFERRALS):
            try:
                document, _ = self._send(host, WEBFINGER, dict, [("resource", resource)], "WebFinger")
            except RequestRefused as refusal:
                referral = referral_of(self._location(host), resource)
                if refusal.outcome is not Outcome.REDIRECTED or referral is None:
                    raise
                host, resource = referral.host, referral.resource
                continue
            home = home_of(document, handle)
            if home is None:
                detail = f"{host} does not say on which server {handle} lives"
                raise RequestRefused(Outcome.BAD_REQUEST, detail)
            try:
                refuse_copy(home.host)
            except ValueError as error:
                step = "take the account out of accounts.csv"
                raise RequestRefused(Outcome.BAD_REQUEST, f"{handle}: {error}", next_step=step) from None
            return home
        raise RequestRefused(Outcome.REDIRECTED, f"{host} sends its readers from place to place")

    def _location(self, host: str) -> str:
        last = self._hosts[host].last
        return (last.location if last else None) or ""

    def _send(
        self, host: str, path: str, kind: type[Answer], query: Sequence[tuple[str, str]] | str, endpoint: str
    ) -> tuple[Answer, Exchange]:
        if host in self._closed:
            raise self._closed[host]
        if host not in self._hosts:
            self._hosts[host] = Host(
                self._config.at(host),
                self._run,
                address=f"https://{host}",
                source=NAME,
                platform_name=PLATFORM_NAME,
                dialect=DIALECT,
            )
        try:
            return self._hosts[host].ask(path, kind, query, endpoint=endpoint)
        except PartialRun as end:
            if end.problem == TIME_USED:
                raise
            outcome = Outcome(end.problem)
            step = end.next_step if outcome in (Outcome.UNTRUSTED, Outcome.NO_HTTPS) else None
            raise self._close(host, outcome, end.reason, next_step=step) from end

    def _close(self, host: str, outcome: Outcome, why: str, *, next_step: str | None = None) -> RequestRefused:
        detail = f"{host} is not asked any more in this run: {why}"
        self._closed[host] = RequestRefused(outcome, detail, next_step=next_step)
        return self._closed[host]

    def _check_robots(self, host: str) -> None:
        if host in self._welcoming or host in self._closed:
            return
        robots = b""
        try:
            robots, _ = self._send(host, "/robots.txt", bytes, (), "robots.txt")
        except RequestRefused as refusal:
            if refusal.outcome in UNREADABLE:
                raise self._close(host, refusal.outcome, f"its robots.txt cannot be read ({refusal.detail})") from None
        if not is_allowed(robots.decode("utf-8", "replace"), f"{API}/accounts/"):
            raise self._close(host, Outcome.FORBIDDEN, f"its robots.txt asks {AGENT} not to read {API}")
        self._welcoming.add(host)
