"""How Bitly says what an answer means, and its limits. Pure.

A refusal is `{"message": CODE, "description": text}`. Limits are refused with 403 as well as 429; what the plan does
not include with 402. Ten per minute of those per hour are allowed; the hourly figure is the plan's.
"""

from pipeline.sources.api.exchange import FINAL_FAILURES, Exchange
from pipeline.sources.api.outcomes import Outcome, read_body
from pipeline.sources.api.quotas import Quota
from pipeline.sources.api.rate_limits import Dialect

LONGEST_WORDS = 300
# The smallest limit that Bitly publishes is 1,000 an hour, a tenth of it a minute.
PER_MINUTE = Quota(100, 60.0)
STATUSES = {
    400: Outcome.BAD_REQUEST,
    401: Outcome.UNAUTHORISED,
    402: Outcome.NOT_ENROLLED,
    404: Outcome.MISSING,
    408: Outcome.TRANSIENT,
    410: Outcome.MISSING,
    429: Outcome.WINDOW_LIMIT,
}


def classify(exchange: Exchange) -> Outcome:
    """The outcome of an exchange; never raises."""
    status, body = exchange.status, read_body(exchange)
    if exchange.failure == "redirect":
        return Outcome.REDIRECTED
    if status is None:
        return Outcome.MALFORMED if exchange.failure in FINAL_FAILURES else Outcome.TRANSIENT
    if exchange.is_success:
        return Outcome.MALFORMED
    words = explain(exchange).upper()
    if status in {403, 429} and "LIMIT" in words:
        return Outcome.USAGE_CAP if "MONTH" in words else Outcome.WINDOW_LIMIT
    if status == 403 and "UPGRADE" in words:
        return Outcome.NOT_ENROLLED
    if status == 403 and "TOKEN" in words:
        return Outcome.UNAUTHORISED
    if status == 403:
        return Outcome.FORBIDDEN if isinstance(body, dict) else Outcome.BLOCKED
    return STATUSES.get(status, Outcome.TRANSIENT if status >= 500 else Outcome.BAD_REQUEST)


def explain(exchange: Exchange) -> str:
    """A refusal in Bitly's words with its status."""
    if exchange.status is None:
        return f"no answer ({exchange.failure})"
    body = read_body(exchange)
    fields = body if isinstance(body, dict) else {}
    words = [text for name in ("message", "description") if isinstance(text := fields.get(name), str) and text]
    return f"status {exchange.status}" + (f": {': '.join(words)}"[:LONGEST_WORDS] if words else "")


# Every request counts against one limit.
DIALECT = Dialect(classify, explain, window_of=lambda _endpoint: "", quotas=(PER_MINUTE,), window_tries=3)
