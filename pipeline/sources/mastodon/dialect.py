"""How a server that speaks Mastodon's API says what an answer means, and its two limits. Pure.

A refusal is `{"error": text}`. Anything else is a page of the host, or another API.
"""

from pipeline.sources.api.exchange import FINAL_FAILURES, Exchange
from pipeline.sources.api.outcomes import Outcome, read_body
from pipeline.sources.api.quotas import Quota
from pipeline.sources.api.rate_limits import Dialect
from pipeline.sources.mastodon.names import WEBFINGER

LONGEST_WORDS = 300
# A page that is asked for by `max_id` or its like comes under a second limit.
PAGING = "further pages of statuses"
PAGING_MARKS = ("max_id=", "min_id=", "since_id=", "page=")
ALL_REQUESTS, FURTHER_PAGES = Quota(300, 300.0), Quota(300, 900.0, lambda endpoint: endpoint == PAGING)
NEEDS_LOGIN = "authenticated user"


def classify(exchange: Exchange) -> Outcome:
    """The outcome of an exchange. Without a login nothing is forbidden to one client alone: a refusal is for now."""
    status, body = exchange.status, read_body(exchange)
    if exchange.failure == "redirect":
        return Outcome.REDIRECTED
    if status is None:
        return Outcome.MALFORMED if exchange.failure in FINAL_FAILURES else Outcome.TRANSIENT
    if exchange.is_success:
        return Outcome.BAD_REQUEST if exchange.body.lstrip()[:1] == b"<" else Outcome.MALFORMED
    if status == 429:
        return Outcome.WINDOW_LIMIT
    if status >= 500 or status == 408:
        return Outcome.TRANSIENT
    if exchange.path == WEBFINGER and status in {404, 410}:
        return Outcome.MISSING
    error = body.get("error") if isinstance(body, dict) else None
    if status == 401 or (isinstance(error, str) and NEEDS_LOGIN in error):
        return Outcome.UNAUTHORISED
    if status == 403:
        return Outcome.BLOCKED
    # Other servers say more, and mean another thing: PeerTube knows no account called `lookup`.
    is_mastodon = isinstance(error, str) and set(body) <= {"error", "error_description"}
    return Outcome.MISSING if is_mastodon and status in {404, 410} else Outcome.BAD_REQUEST


def explain(exchange: Exchange) -> str:
    """A refusal in the server's words with its status; where it is none of Mastodon's, that it is not."""
    if exchange.location:
        return f"the server sends its readers to {exchange.location[:LONGEST_WORDS]}"
    if exchange.status is None:
        return f"no answer from the server ({exchange.failure})"
    body = read_body(exchange)
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return f"status {exchange.status}: {error}"[:LONGEST_WORDS]
    return f"status {exchange.status} with a page that is no answer of Mastodon's API"


def account_status(said: str) -> str:
    """Status of an account that a server does not have any more, or never had."""
    return "suspended" if said.startswith("status 410") else "not_found"


DIALECT = Dialect(
    classify,
    explain,
    window_of=lambda endpoint: PAGING if endpoint == PAGING else "",
    quotas=(ALL_REQUESTS, FURTHER_PAGES),
    # The limits are kept as it is; a server that refuses after a wait must not use up the time of the others.
    window_tries=2,
)
