"""Reading of one host: its transport, its limits, and answers as typed values."""

import functools
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeVar

import msgspec
import requests

from pipeline.sources.api.config import USER_AGENT, ReadingConfig
from pipeline.sources.api.exchange import Exchange
from pipeline.sources.api.http import GuardedAdapter
from pipeline.sources.api.rate_limits import Dialect, Governor
from pipeline.sources.api.run import ApiRun

Answer = TypeVar("Answer")
# Half of a character, as a program leaves it that cuts a text between the two: it must cost a mark and no page.
_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_LONE_SURROGATE = re.compile(rb"\\\\|" + _PAIR + rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})")


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
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        return msgspec.json.decode(text, type=kind)
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        return msgspec.json.decode(_LONE_SURROGATE.sub(_replaced, text), type=kind)
    return None


def _replaced(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match["lone"] else match[0]
