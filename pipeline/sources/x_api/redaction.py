"""Keeps tokens out of logs and texts. What the tokens are for belongs to the transport."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

REDACTED = "[redacted]"
# A filter acts on records of its own logger only, so each logger that sees requests is named.
WATCHED_LOGGERS = (
    "tweepy",
    "tweepy.client",
    "requests",
    "requests_oauthlib",
    "requests_oauthlib.oauth1_auth",
    "oauthlib",
    "oauthlib.oauth1",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "urllib3.connectionpool",
    "urllib3.util.retry",
)


def redact(text: str, secrets: Sequence[str]) -> str:
    """The text without the secrets."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


def redact_bytes(data: bytes, secrets: Sequence[str]) -> bytes:
    """The bytes without the secrets: a server may echo a token."""
    for secret in secrets:
        data = data.replace(secret.encode(), REDACTED.encode())
    return data


class _SecretFilter(logging.Filter):
    """Rewrites a log record whose finished message holds a secret."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        clean = redact(message, self._secrets)
        if clean != message:
            record.msg, record.args = clean, ()
        return True


@contextmanager
def redacted_logs(secrets: Sequence[str]) -> Iterator[None]:
    """While open, no log record of the HTTP stack holds a secret, at any level."""
    guard = _SecretFilter(secrets)
    loggers = [logging.getLogger(name) for name in WATCHED_LOGGERS]
    for logger in loggers:
        logger.addFilter(guard)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(guard)
