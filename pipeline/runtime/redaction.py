"""The one place where secrets are taken out of what leaves the process: log records, exceptions, printed errors.

Values are removed, not names or patterns: what is secret is what the settings hold as SecretStr. Whoever handles a
token keeps it out of texts in the first place; this is the net below, for other people's libraries.
"""

import base64
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote, unquote, urlsplit

from pydantic import SecretStr

from pipeline.errors import chain
from pipeline.settings import Settings

REDACTED = "[redacted]"
# Shorter values would be found in many a harmless word.
SHORTEST_SECRET = 6
# Fields of our own errors that people read.
SHOWN_FIELDS = ("what", "where", "why", "next_step", "detail", "reason", "msg", "message", "stderr", "stdout", "output")


def settings_secrets(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, in each spelling in which it could leave the process."""
    values = (getattr(settings, name) for name in Settings.model_fields)
    secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    # A library may repeat an address in its own words.
    passwords = {unquote(urlsplit(secret).password or "") for secret in secrets if re.match(r"[\w+]+://\S+$", secret)}
    return spellings([*secrets, *sorted(passwords)])


def spellings(secrets: Sequence[str]) -> tuple[str, ...]:
    """The secrets as they are, quoted for an address, and in Base64; longest first, so that no part is left over."""
    forms = set()
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            forms |= {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}
    return tuple(sorted(forms, key=lambda text: (-len(text), text)))


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


def redact_exception(error: BaseException, secrets: Sequence[str]) -> None:
    """Take the secrets out of an exception and everything it came from, in place: Dagster stores messages for ever."""
    for link in chain(error):
        link.args = tuple(_clean(value, secrets) for value in link.args)
        for name in SHOWN_FIELDS:
            value = vars(link).get(name) if hasattr(link, "__dict__") else None
            if value is not None:
                setattr(link, name, _clean(value, secrets))
        if hasattr(link, "__notes__"):
            link.__notes__ = [redact(note, secrets) for note in link.__notes__]


@contextmanager
def no_secrets(secrets: Sequence[str]) -> Iterator[None]:
    """While open, no log record made in this process and no exception that leaves the block holds a secret."""
    if not secrets:
        yield
        return
    made_before = logging.getLogRecordFactory()

    def make(*arguments: object, **options: object) -> logging.LogRecord:
        record = made_before(*arguments, **options)
        _clean_record(record, secrets)
        return record

    logging.setLogRecordFactory(make)
    try:
        yield
    except BaseException as error:
        redact_exception(error, secrets)
        raise
    finally:
        # Another block may have been opened on top and still be open: only our own layer is taken off.
        if logging.getLogRecordFactory() is make:
            logging.setLogRecordFactory(made_before)


def _clean_record(record: logging.LogRecord, secrets: Sequence[str]) -> None:
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        message = f"{record.msg} {record.args}"  # a library's malformed record is still a record
    clean = redact(message, secrets)
    if clean != message:
        record.msg, record.args = clean, ()
    if record.exc_info and record.exc_info[1] is not None:
        redact_exception(record.exc_info[1], secrets)


def _clean(value: object, secrets: Sequence[str]) -> object:
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, bytes):
        return redact_bytes(value, secrets)
    if isinstance(value, tuple | list):
        return type(value)(_clean(item, secrets) for item in value)
    if isinstance(value, dict):
        return {_clean(key, secrets): _clean(item, secrets) for key, item in value.items()}
    return value
