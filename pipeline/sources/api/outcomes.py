"""What one answer means, as a closed list, and how X says it. Pure; what is done about it belongs to `rate_limits`."""

import json
from enum import StrEnum
from typing import Any

from pipeline.sources.api.exchange import FINAL_FAILURES, Exchange


class Outcome(StrEnum):
    """Every way in which a request can end."""

    OK = "ok"
    WINDOW_LIMIT = "window_limit"
    SECOND_LIMIT = "second_limit"
    USAGE_CAP = "usage_cap"
    CREDITS_GONE = "credits_gone"
    NOT_ENROLLED = "not_enrolled"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    MISSING = "missing"
    BAD_REQUEST = "bad_request"
    TRANSIENT = "transient"
    MALFORMED = "malformed"
    REDIRECTED = "redirected"  # the answer lies at another address, which the source may ask
    UNTRUSTED = "untrusted_certificate"  # the host may be another, and is not asked any more
    NO_HTTPS = "no_https"  # nor is one that speaks no TLS
    BLOCKED = "blocked"  # the host turns this client away for now, and says nothing of what was asked for


CREDIT_WORDS = ("credit", "spend cap", "spending cap", "spend limit", "spending limit")


def read_body(exchange: Exchange) -> Any:
    """The body as JSON, or None where it is none; invalid UTF-8 is none too."""
    try:
        return json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None


def classify(exchange: Exchange) -> Outcome:
    """The outcome of an exchange, from status, headers and body; never raises."""
    status, body = exchange.status, read_body(exchange)
    fields = body if isinstance(body, dict) else {}
    if status is None:
        return Outcome.MALFORMED if exchange.failure in FINAL_FAILURES else Outcome.TRANSIENT
    if exchange.is_success:
        return Outcome.OK if isinstance(body, dict) else Outcome.MALFORMED
    if status == 429:
        return _limited(exchange, fields)
    if status == 402:
        return Outcome.CREDITS_GONE
    if status == 403:
        return _refused(fields)
    named = {400: Outcome.BAD_REQUEST, 401: Outcome.UNAUTHORISED, 404: Outcome.MISSING, 410: Outcome.MISSING}
    if status in named:
        return named[status]
    return Outcome.TRANSIENT if status >= 500 or status == 408 else Outcome.BAD_REQUEST


def explain(exchange: Exchange, longest: int = 300) -> str:
    """Title and detail of a refusal in the API's words, shortened; empty where it gave none."""
    body = read_body(exchange)
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    words = [body.get("title"), body.get("detail"), first.get("message") or first.get("detail")]
    words += [body.get(name) for name in ("error", "message") if isinstance(body.get(name), str)]
    return ": ".join(dict.fromkeys(str(word) for word in words if word))[:longest]


def _limited(exchange: Exchange, fields: dict[str, Any]) -> Outcome:
    if "cap" in str(fields.get("title", "")).casefold() or _problem(fields) == "usage-capped":
        return Outcome.USAGE_CAP
    remaining = exchange.remaining or ""
    return Outcome.SECOND_LIMIT if remaining.isdigit() and int(remaining) > 0 else Outcome.WINDOW_LIMIT


def _refused(fields: dict[str, Any]) -> Outcome:
    if fields.get("reason") == "client-not-enrolled":
        return Outcome.NOT_ENROLLED
    words = f"{fields.get('title', '')} {fields.get('detail', '')}".casefold()
    if _problem(fields) == "credits" or any(word in words for word in CREDIT_WORDS):
        return Outcome.CREDITS_GONE
    return Outcome.FORBIDDEN


def _problem(fields: dict[str, Any]) -> str:
    """Last segment of the problem type; its host differs between old and new answers."""
    return str(fields.get("type", "")).rstrip("/").rsplit("/", 1)[-1]
