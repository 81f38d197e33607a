"""Reading of one host: its transport, its limits, and answers as typed values."""

import functools
from collections.abc import Sequence
from typing import TypeVar

import msgspec
import requests

from pipeline.sources.api.config import USER_AGENT, ReadingConfig
from pipeline.sources.api.exchange import Exchange
from pipeline.sources.api.http import GuardedAdapter
from pipeline.sources.api.json_text import read_json
from pipeline.sources.api.rate_limits import Dialect, Governor
from pipeline.sources.api.run import ApiRun

Answer = TypeVar("Answer")


class Host:
    """One host, reached at `config.base_url`; `address` is what requests are written with."""

    def __init__(
        self,
        config: ReadingConfig,
        run: ApiRun,
        *,
        address: str,
        source: str,
        platform_name: str,
        dialect: Dialect,
        bearer: str | None = None,
        token_name: str | None = None,
    ) -> None:
        self._address = address
        self._adapter = GuardedAdapter(config, run, bearer=bearer, written_host=address)
        self._http = requests.Session()
        self._http.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json, */*;q=0.5"})
        self._http.mount(f"{address}/", self._adapter)
        end_at = run.started + config.time_budget_seconds
        self._governor = Governor(
            self._adapter,
            run,
            end_at=end_at,
            source=source,
            platform_name=platform_name,
            dialect=dialect,
            token_name=token_name,
        )

    @property
    def request_count(self) -> int:
        """Requests that were sent."""
        return self._adapter.request_count

    @property
    def last(self) -> Exchange | None:
        """The latest exchange, whatever came of it."""
        return self._adapter.last

    @property
    def page_count(self) -> int:
        """Answers that could be used."""
        return self._governor.page_count

    def ask(
        self, path: str, kind: type[Answer], query: Sequence[tuple[str, str]] | str = (), *, endpoint: str | None = None
    ) -> tuple[Answer, Exchange]:
        """The answer to a request, `bytes` as it came and anything else from JSON, and the exchange that brought it.

        Args:
            path: from the root of the host.
            kind: what the answer has to be.
            query: parameters, or the text after the question mark.
            endpoint: what limits and messages know the request by; the path's last part if it is not given.

        Raises:
            PartialRun, RequestRefused: see `Governor.call`.
        """
        url = f"{self._address}{path}?{query}" if isinstance(query, str) else f"{self._address}{path}"
        # An empty `auth` keeps the passwords of a .netrc file out of the request.
        request = functools.partial(
            self._http.get,
            url,
            params=None if isinstance(query, str) else list(query),
            auth=lambda prepared: prepared,
        )
        answer = self._governor.call(endpoint or path.rpartition("/")[2], request, functools.partial(_decode, kind))
        exchange = self._adapter.last
        if exchange is None:
            raise AssertionError("a page came without an exchange")
        return answer, exchange


def _decode(kind: type[Answer], text: bytes) -> Answer | None:
    if kind is bytes:
        return text  # type: ignore[return-value]
    try:
        return read_json(text, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
