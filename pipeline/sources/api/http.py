"""One answer of an API over a client library's session: base address, deadlines, byte cap, retries, redaction.

The library's own code builds every request and reads every answer; this adapter only carries them. What an answer
means belongs to `outcomes`, waiting for rate windows to `rate_limits`.
"""

import io
import queue
import threading
import zlib
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from pipeline.sources.api.certificates import find_untrusted, trusting
from pipeline.sources.api.config import ReadingConfig
from pipeline.sources.api.exchange import (
    FINAL_FAILURES,
    Exchange,
    TransferError,
    clean_answer,
    read_exchange,
)
from pipeline.sources.api.redaction import redact
from pipeline.sources.api.run import ApiRun

PASSING_STATUSES = frozenset({500, 502, 503, 504})
CHUNK_BYTES = 64 * 1024
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class GuardedAdapter(HTTPAdapter):
    """Transport adapter for one credential; `last` is the latest exchange, retries folded into it.

    `written_host` is the address that the client library puts into its requests; `base_url` takes its place.
    """

    def __init__(self, config: ReadingConfig, run: ApiRun, *, bearer: str | None, written_host: str) -> None:
        self._config, self._bearer, self._secrets = config, bearer, config.secrets()
        self._written_host = written_host
        self._run = run
        self.last: Exchange | None = None
        self.request_count = 0
        super().__init__()

    @property
    def host(self) -> str:
        """Where its requests go."""
        return urlsplit(self._config.base_url).hostname or ""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Connections trust the authorities of the configuration besides the public ones."""
        super().init_poolmanager(connections, maxsize, block, **self._trusting(), **options)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """The same by way of a proxy."""
        return super().proxy_manager_for(proxy, **self._trusting(), **options)

    def _trusting(self) -> dict[str, Any]:
        return {"ssl_context": trusting(self._config.ca_file)} if self._config.ca_file else {}

    def __repr__(self) -> str:
        return f"GuardedAdapter({self._config.base_url})"

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """The answer with its whole body read, after at most `tries` attempts.

        Raises:
            TransferError: no attempt brought a complete answer.
        """
        self.last = None
        path = urlsplit(str(request.url)).path
        give_up_at = self._run.monotonic() + self._config.retry_seconds
        tries = self._config.tries if request.method == "GET" else 1
        for attempt in range(1, tries + 1):
            try:
                answer, body = self._within_deadline(self._readdressed(request), options)
            except TransferError as failure:
                self.last = Exchange(
                    path,
                    failure=failure.kind,
                    location=failure.location,
                    untrusted=failure.untrusted,
                    attempts=attempt,
                )
                if failure.kind in FINAL_FAILURES or not self._pause(attempt, tries, give_up_at):
                    raise
                continue
            self.last = read_exchange(path, answer, body, attempt)
            if answer.status not in PASSING_STATUSES or not self._pause(attempt, tries, give_up_at):
                break
        return self._response(request, answer, body)

    def _pause(self, attempt: int, tries: int, give_up_at: float) -> bool:
        """Sleep before the next attempt; False when there is to be none."""
        seconds = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)) * (0.5 + self._run.jitter())
        if attempt >= tries or self._run.monotonic() + seconds > give_up_at:
            return False
        self._run.sleep(seconds)
        return True

    def _readdressed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        copy = request.copy()
        copy.url = self._config.base_url.rstrip("/") + str(request.url).removeprefix(self._written_host)
        # Only what is decompressed here, under the byte cap, may come back.
        copy.headers["Accept-Encoding"] = "gzip"
        if self._bearer is not None:
            copy.headers["Authorization"] = f"Bearer {self._bearer}"
        return copy

    def _within_deadline(
        self, request: requests.PreparedRequest, options: dict[str, Any]
    ) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        # Header lines can drip too, inside code that no timeout reaches; the caller must not wait for that thread.
        results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        deadline = self._run.monotonic() + self._config.answer_seconds

        def carry() -> None:
            try:
                results.put(self._carry(request, options, deadline))
            except Exception as error:  # handed to the waiting thread whatever it is
                results.put(error)

        self.request_count += 1
        threading.Thread(target=carry, name="api-answer", daemon=True).start()
        try:
            result = results.get(timeout=self._config.answer_seconds)
        except queue.Empty:
            raise TransferError("deadline", "the answer took too long") from None
        if isinstance(result, TransferError):
            raise result
        if isinstance(result, Exception):
            if (untrusted := find_untrusted(result)) is not None:
                raise TransferError("certificate", untrusted.why, untrusted=untrusted) from None
            raise TransferError("connection", redact(type(result).__name__, self._secrets)) from None
        answer: tuple[urllib3.BaseHTTPResponse, bytes] = result
        return answer

    def _carry(
        self, request: requests.PreparedRequest, options: dict[str, Any], deadline: float
    ) -> tuple[urllib3.BaseHTTPResponse, bytes]:
        if urlsplit(self._config.base_url).hostname in LOOPBACK_HOSTS:
            options = {**options, "proxies": {}}
        timeout = (self._config.connect_seconds, self._config.read_seconds)
        response = super().send(request, **{**options, "stream": True, "timeout": timeout})
        try:
            if 300 <= response.status_code < 400:
                location = redact(response.headers.get("location", ""), self._secrets)
                raise TransferError("redirect", f"status {response.status_code}", location=location)
            return response.raw, clean_answer(self._read(response.raw, deadline), self._secrets)
        finally:
            response.close()

    def _read(self, raw: Any, deadline: float) -> bytes:
        encoding = raw.headers.get("content-encoding", "identity").casefold()
        if encoding not in {"identity", "gzip", "x-gzip", ""}:
            raise TransferError("encoding", "a content encoding that was not asked for")
        unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
        body, cap = bytearray(), self._config.max_answer_bytes
        while chunk := raw.read1(CHUNK_BYTES, decode_content=False):
            try:
                body += unpack.decompress(chunk, cap + 1 - len(body)) if unpack else chunk
            except zlib.error:
                raise TransferError("encoding", "the gzip data is broken") from None
            if len(body) > cap:
                raise TransferError("too_large", f"more than {cap} bytes")
            if self._run.monotonic() > deadline:
                raise TransferError("deadline", "the body took too long")
        if unpack and body and not unpack.eof:
            raise TransferError("connection", "the gzip data ends early")
        return bytes(body)

    def _response(
        self, request: requests.PreparedRequest, answer: urllib3.BaseHTTPResponse, body: bytes
    ) -> requests.Response:
        # `request` is the library's own, without the token, so that no exception can carry it.
        dropped = {"content-encoding", "content-length", "transfer-encoding", "set-cookie"}
        headers = {
            name.casefold(): redact(value, self._secrets)
            for name, value in answer.headers.items()
            if name.casefold() not in dropped
        }
        if not _is_integer(headers.get("x-rate-limit-reset", "0")):
            headers.pop("x-rate-limit-reset")
        whole = urllib3.HTTPResponse(
            io.BytesIO(body), headers, answer.status, reason=answer.reason, preload_content=False
        )
        return self.build_response(request, whole)


def _is_integer(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 15
