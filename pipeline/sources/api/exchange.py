"""One request to an API and what came back, as values. Sending belongs to `http`, meaning to `outcomes`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any

import urllib3

from pipeline.sources.api.certificates import Untrusted
from pipeline.sources.api.json_values import time_of
from pipeline.sources.api.redaction import redact, redact_bytes

# The parts of an answer that become data; all else are messages about it.
DATA_PARTS = frozenset({"data", "includes"})
LIMIT_HEADERS = ("x-rate-limit-", "ratelimit-", "x-ratelimit-")
# Another attempt would bring the same.
FINAL_FAILURES = frozenset({"too_large", "redirect", "encoding", "token_in_data", "certificate"})


class TransferError(Exception):
    """No usable answer arrived: connection, deadline, too_large, encoding, redirect, certificate or token_in_data."""

    def __init__(
        self, kind: str, detail: str, *, location: str | None = None, untrusted: Untrusted | None = None
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind, self.location, self.untrusted = kind, location, untrusted


@dataclass(frozen=True)
class Exchange:
    """One request and what came back; the header values are as the server wrote them."""

    path: str
    status: int | None = None
    body: bytes = field(default=b"", repr=False)
    failure: str | None = None
    limit: str | None = None
    remaining: str | None = None
    reset: str | None = None
    retry_after: str | None = None
    server_epoch: float | None = None
    # Where a redirect leads, which is not followed here, and the header `Link`.
    location: str | None = None
    link: str | None = None
    untrusted: Untrusted | None = None
    attempts: int = 1

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def read_exchange(path: str, answer: urllib3.BaseHTTPResponse, body: bytes, attempts: int) -> Exchange:
    """The exchange of a complete answer."""
    limits: dict[str, Any] = {name: _limit_header(answer.headers, name) for name in ("limit", "remaining", "reset")}
    limits["retry_after"] = answer.headers.get("retry-after")
    server_epoch, link = _epoch(answer.headers.get("date")), answer.headers.get("link")
    return Exchange(path, answer.status, body, None, **limits, server_epoch=server_epoch, link=link, attempts=attempts)


def _limit_header(headers: Mapping[str, str], name: str) -> str | None:
    """One of the limit headers, under whichever of its three spellings; a time of ISO 8601 as Unix seconds."""
    found = next((text for start in LIMIT_HEADERS if (text := headers.get(start + name)) is not None), None)
    moment = time_of(found) if found and name == "reset" and not found.strip().isdigit() else None
    return found if moment is None else str(ceil(moment.timestamp()))


def clean_answer(body: bytes, secrets: Sequence[str]) -> bytes:
    """The body without the secrets, which a server may echo: taken out of its messages, never out of its data.

    Raises:
        TransferError: the data themselves hold a secret. Stored as they are they would reveal it, redacted they would
            be wrong.
    """
    if not any(secret.encode() in body for secret in secrets):
        return body
    try:
        parts = json.loads(body)
    except (ValueError, RecursionError):
        return redact_bytes(body, secrets)
    if not isinstance(parts, dict):
        return redact_bytes(body, secrets)
    data = {name: part for name, part in parts.items() if name in DATA_PARTS}
    if redact(kept := json.dumps(data, ensure_ascii=False), secrets) != kept:
        raise TransferError("token_in_data", "the answer's data hold the token")
    messages = json.dumps({name: part for name, part in parts.items() if name not in DATA_PARTS}, ensure_ascii=False)
    return json.dumps({**data, **json.loads(redact(messages, secrets))}, ensure_ascii=False).encode()


def _epoch(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None
