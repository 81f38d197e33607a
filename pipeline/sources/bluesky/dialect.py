"""How the AppView says what an answer means: `error` and `message` in JSON; anything else comes from the CDN. Pure."""

from pipeline.sources.api.exchange import FINAL_FAILURES, Exchange
from pipeline.sources.api.outcomes import Outcome, read_body
from pipeline.sources.api.quotas import Quota
from pipeline.sources.api.rate_limits import Dialect

LONGEST_WORDS = 300
# `InvalidRequest` alone may be an account that is gone, a bad cursor or a bad parameter: the message decides.
STATUSES = (
    ("AccountTakedown", "", "suspended"),
    ("AccountDeactivated", "", "deactivated"),
    ("InvalidRequest", "profile not found", "not_found"),
    ("InvalidRequest", "actor not found", "not_found"),
    ("InvalidRequest", "unable to resolve handle", "not_found"),
    ("RepoTakendown", "", "suspended"),
    ("RepoDeactivated", "", "deactivated"),
    ("RepoSuspended", "", "suspended"),
)


def classify(exchange: Exchange) -> Outcome:
    """The outcome of an exchange. Without a login nothing is forbidden to one client alone: a refusal is for now."""
    status, body = exchange.status, read_body(exchange)
    if status is None:
        return Outcome.MALFORMED if exchange.failure in FINAL_FAILURES else Outcome.TRANSIENT
    if exchange.is_success:
        return Outcome.OK if isinstance(body, dict) else Outcome.MALFORMED
    if status == 429:
        return Outcome.WINDOW_LIMIT
    if status >= 500 or status == 408:
        return Outcome.TRANSIENT
    is_xrpc = isinstance(body, dict) and isinstance(body.get("error"), str)
    if status in {401, 403} or not is_xrpc:
        return Outcome.BLOCKED
    return Outcome.MISSING if status in {404, 410} else Outcome.BAD_REQUEST


def explain(exchange: Exchange) -> str:
    """A refusal in the AppView's words, `error: message`; of a page that is no JSON, that it is none."""
    body = read_body(exchange)
    if isinstance(body, dict):
        words = [body.get("error"), body.get("message")]
        return ": ".join(str(word) for word in words if word)[:LONGEST_WORDS]
    if exchange.status is not None and not exchange.is_success:
        return f"status {exchange.status} with a page that is no answer of the API: the host turns this client away"
    return ""


def account_status(said: str) -> str | None:
    """Status of the account that a refusal is about, or None where it is about something else."""
    name, _, message = said.partition(": ")
    found = (status for error, words, status in STATUSES if error == name and words in message.casefold())
    return next(found, None)


def is_bad_cursor(said: str) -> bool:
    """True where the AppView does not take a cursor that it gave before."""
    return "cursor" in said.casefold()


# The limit of the hosts that publish one. The AppView is said to be generous, and names no figure.
ALL_REQUESTS = Quota(3_000, 300.0)
DIALECT = Dialect(classify, explain, window_of=lambda _endpoint: "", quotas=(ALL_REQUESTS,))
