"""One request to the X API and what came back, as values. Sending belongs to `transport`, meaning to `outcomes`."""

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import urllib3


class TransferError(Exception):
    """No complete answer arrived: connection, deadline, too_large, encoding or redirect."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind


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
    server_epoch: float | None = None
    attempts: int = 1

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def read_exchange(path: str, answer: urllib3.BaseHTTPResponse, body: bytes, attempts: int) -> Exchange:
    """The exchange of a complete answer."""
    header = answer.headers.get
    return Exchange(
        path,
        answer.status,
        body,
        None,
        header("x-rate-limit-limit"),
        header("x-rate-limit-remaining"),
        header("x-rate-limit-reset"),
        _epoch(header("date")),
        attempts,
    )


def _epoch(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None
