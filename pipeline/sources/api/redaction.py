"""The tokens of one extraction, kept out of its logs, answers and exceptions by `pipeline.runtime.redaction`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from pipeline.runtime.redaction import REDACTED, no_secrets, redact, redact_bytes, spellings

__all__ = ["REDACTED", "redact", "redact_bytes", "redacted_logs"]


def redacted_logs(secrets: Sequence[str]) -> AbstractContextManager[None]:
    """While open, no log record at any level and no exception that leaves the block holds a secret."""
    return no_secrets(spellings(secrets))
