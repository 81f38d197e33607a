"""Decides after every request: take the page, wait, give this one up, end the run as partial, or stop with an error.

Waits only inside the run's time budget. What a page holds, and what it costs, belongs elsewhere.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.api.certificates import NO_HTTPS
from pipeline.sources.api.exchange import Exchange
from pipeline.sources.api.http import GuardedAdapter
from pipeline.sources.api.outcomes import Outcome, classify, explain
from pipeline.sources.api.quotas import Quota, Quotas
from pipeline.sources.api.run import ApiRun

# A rate window of the API is 15 minutes; no answer makes a run sleep longer than that and a minute.
LONGEST_WAIT_SECONDS = 16 * 60.0
WAIT_WITHOUT_RESET_SECONDS = 60.0
SHORTEST_WAIT_SECONDS = 5.0
SECOND_WAITS = 5
MALFORMED_TRIES = 2
# One account whose requests fail must not end the run; three failures in a row are the API, not the account.
FAILURES_IN_A_ROW = 3
# A 403 about one account may be that account's: who blocks, or is withheld. As many in a row are the token's; a page
# that came in between shows that it is not.
REFUSALS_IN_A_ROW = 10
OF_ONE_ACCOUNT = "/:id/"
# A reset is a time since 1970, or, as the draft standard has it, the seconds that are left.
SECONDS_LEFT_BELOW = 1_000_000.0

# The problem of a run that ended by its own time, whatever the platform did.
TIME_USED = "time_budget_used"

Page = TypeVar("Page")


class PartialRun(Exception):  # noqa: N818 - not an error: the run ends early and the next one resumes
    """The run ends here as partial; everything read is kept and the next run resumes."""

    def __init__(self, reason: str, *, problem: str, next_step: str) -> None:
        super().__init__(reason)
        self.reason, self.problem, self.next_step = reason, problem, next_step


class RequestRefused(Exception):  # noqa: N818 - a result that the caller handles
    """One request brought no page; others may. `next_step`: where its cause has one of its own."""

    def __init__(self, outcome: Outcome, detail: str, *, next_step: str | None = None) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome, self.detail, self.next_step = outcome, detail, next_step


@dataclass(frozen=True)
class Dialect:
    """How an API says what an answer means, and how it counts requests.

    `window_of`: which of its limits an endpoint comes under. `quotas`: limits that are kept without its word.
    `window_tries`: requests after which one that is refused for a limit is given up.
    """

    classify: Callable[[Exchange], Outcome] = classify
    explain: Callable[[Exchange], str] = explain
    window_of: Callable[[str], str] = lambda endpoint: endpoint
    quotas: tuple[Quota, ...] = ()
    window_tries: int = 4


class Governor:
    """Runs requests of one credential, or to one host, against the limits that the API announces.

    `source` is what `run --only` takes, `platform_name` what people call the platform. Without a token a 401 or 403 is
    of the host, for now: it refuses the request and, in a row, ends the run, but no error asks for a token.
    """

    def __init__(
        self,
        adapter: GuardedAdapter,
        run: ApiRun,
        *,
        end_at: float,
        source: str,
        platform_name: str,
        token_name: str | None = None,
        dialect: Dialect = Dialect(),
    ) -> None:
        self._adapter, self._run, self._end_at, self._token_name = adapter, run, end_at, token_name
        self._dialect, self._quotas = dialect, Quotas(dialect.quotas)
        self._again, self._platform_name = f"tweetbench run --only {source}", platform_name
        self._windows: dict[str, Exchange] = {}
        self._failures = 0
        self._forbidden = 0
        self.largest_clock_skew_seconds = 0.0
        self.page_count = 0

    def call(self, endpoint: str, request: Callable[[], Any], read: Callable[[bytes], Page | None]) -> Page:
        """The page that `request` brings, after the waits that the API asks for.

        Args:
            endpoint: what the API's limits are counted by.
            request: sends the request; what it returns is not looked at.
            read: the page from an answer's body, None where that is no page.

        Raises:
            PartialRun: time, cap or credits are used up, the API keeps failing, or the host cannot be trusted.
            RequestRefused: this request failed; the next may succeed.
            TweetbenchError: the token is refused.
        """
        waits = {
            Outcome.WINDOW_LIMIT: self._dialect.window_tries,
            Outcome.SECOND_LIMIT: SECOND_WAITS,
            Outcome.MALFORMED: MALFORMED_TRIES,
        }
        used = dict.fromkeys(waits, 0)
        self._wait_for_window(endpoint)
        while True:
            exchange = self._request(endpoint, request)
            self._note(endpoint, exchange)
            if exchange.untrusted is not None:
                raise PartialRun(
                    f"{exchange.untrusted.what.format(host=self._adapter.host)}: {exchange.untrusted.why}",
                    problem=str(Outcome.NO_HTTPS if exchange.untrusted.what == NO_HTTPS else Outcome.UNTRUSTED),
                    next_step=f"{exchange.untrusted.step}, then run: {self._again}",
                )
            page = read(exchange.body) if exchange.is_success else None
            # A good page has been read; parsing it again to classify it would double the time that it takes.
            outcome = Outcome.OK if page is not None else self._dialect.classify(exchange)
            if page is None and outcome is Outcome.OK:
                outcome = Outcome.MALFORMED  # JSON, and not what was asked for
            if page is not None:
                self._failures = self._forbidden = 0
                self.page_count += 1
                return page
            used[outcome] = used.get(outcome, 0) + 1
            if used[outcome] < waits.get(outcome, 0):
                self._wait(self._pause(outcome, exchange, used[outcome]), outcome)
                continue
            raise self._ending(endpoint, outcome, exchange)

    def token_refused(self, endpoint: str, outcome: Outcome, said: str) -> TweetbenchError:
        """The error for a token that the platform refuses, or that lacks the right to an endpoint."""
        return _token_refused(self._platform_name, str(self._token_name), endpoint, outcome, said)

    def _request(self, endpoint: str, request: Callable[[], Any]) -> Exchange:
        if (seconds := self._quotas.seconds_to_wait(endpoint, self._run.monotonic())) > 0:
            self._wait(seconds, Outcome.WINDOW_LIMIT)
        self._quotas.count(endpoint, self._run.monotonic())
        if self._run.monotonic() > self._end_at:
            raise PartialRun(
                "the run's time is used up",
                problem=TIME_USED,
                next_step=f"run again: {self._again}",
            )
        # tweepy raises many kinds, some by accident; the exchange says what really happened.
        with suppress(Exception):
            request()
        exchange = self._adapter.last
        if exchange is None:
            raise RequestRefused(Outcome.BAD_REQUEST, "the request could not be built")
        return exchange

    def _note(self, endpoint: str, exchange: Exchange) -> None:
        if exchange.status is not None:
            self._windows[self._dialect.window_of(endpoint)] = exchange
        if exchange.server_epoch is not None:
            skew = exchange.server_epoch - self._run.epoch()
            self.largest_clock_skew_seconds = max(self.largest_clock_skew_seconds, skew, key=abs)

    def _wait_for_window(self, endpoint: str) -> None:
        """Sleep first where the last answer said that nothing remains: a request would only be refused."""
        window = self._dialect.window_of(endpoint)
        last = self._windows.get(window)
        if (
            last
            and last.remaining == "0"
            and last.status == 200
            and (left := self._until_reset(last)) is not None
            and left > 0
        ):
            self._wait(left + 1 + self._run.jitter(), Outcome.WINDOW_LIMIT)
            self._windows.pop(window)

    def _until_reset(self, exchange: Exchange) -> float | None:
        """Seconds until the window opens by the server's own clock; None where the header is absent or no number."""
        text = (exchange.reset or "").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 15):
            return None
        if float(text) < SECONDS_LEFT_BELOW:
            return float(text)
        now = exchange.server_epoch if exchange.server_epoch is not None else self._run.epoch()
        return float(text) - now

    def _pause(self, outcome: Outcome, exchange: Exchange, attempt: int) -> float:
        if outcome is Outcome.MALFORMED:
            return 1.0 + self._run.jitter()
        if outcome is Outcome.SECOND_LIMIT:
            return float(min(10.0, 2.0 ** (attempt - 1))) + self._run.jitter()
        left = _seconds_asked_for(exchange) or self._until_reset(exchange)
        asked = WAIT_WITHOUT_RESET_SECONDS * attempt if left is None else max(left + 1, SHORTEST_WAIT_SECONDS * attempt)
        return min(asked, LONGEST_WAIT_SECONDS) + 5 * self._run.jitter()

    def _wait(self, seconds: float, outcome: Outcome) -> None:
        seconds = min(seconds, LONGEST_WAIT_SECONDS + 5)
        if self._run.monotonic() + seconds > self._end_at:
            raise PartialRun(
                f"the API asks to wait {seconds:.0f} s, which is more than the run's time allows",
                problem=str(outcome),
                next_step=f"run again later: {self._again}",
            )
        self._run.sleep(seconds)

    def _ending(self, endpoint: str, outcome: Outcome, exchange: Exchange) -> Exception:
        said = self._dialect.explain(exchange) or exchange.failure or f"status {exchange.status}"
        is_refused = outcome in {Outcome.UNAUTHORISED, Outcome.FORBIDDEN}
        if is_refused and self._token_name is None:
            return self._failure(endpoint, outcome, said)
        if outcome is Outcome.FORBIDDEN and OF_ONE_ACCOUNT in endpoint and self._forbidden + 1 < REFUSALS_IN_A_ROW:
            self._forbidden += 1
            return RequestRefused(outcome, said)
        if is_refused:
            return self.token_refused(endpoint, outcome, said)
        if outcome in {Outcome.USAGE_CAP, Outcome.CREDITS_GONE}:
            return PartialRun(
                f"the {self._platform_name} account can pay for no more: {said}",
                problem=str(outcome),
                next_step=f"add credits or wait for the next billing cycle, then run: {self._again}",
            )
        if outcome in {Outcome.WINDOW_LIMIT, Outcome.SECOND_LIMIT}:
            return PartialRun(
                f"the API kept refusing {endpoint} after every wait that it asked for: {said}",
                problem=str(outcome),
                next_step=f"run again in 15 minutes: {self._again}",
            )
        if outcome in {Outcome.TRANSIENT, Outcome.MALFORMED, Outcome.OK, Outcome.BLOCKED}:
            return self._failure(endpoint, outcome, said)
        return RequestRefused(outcome, said)

    def _failure(self, endpoint: str, outcome: Outcome, said: str) -> Exception:
        """One request without a page; as many in a row as no single account explains end the run."""
        self._failures += 1
        if self._failures < FAILURES_IN_A_ROW:
            return RequestRefused(outcome, said)
        return PartialRun(
            f"the API failed {self._failures} times in a row, last at {endpoint}: {said}",
            problem=str(outcome),
            next_step=f"run again later: {self._again}",
        )


def _seconds_asked_for(exchange: Exchange) -> float | None:
    """`Retry-After` in seconds; a date there is rare, and the reset header says the same."""
    text = (exchange.retry_after or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _token_refused(platform: str, token_name: str, endpoint: str, outcome: Outcome, said: str) -> TweetbenchError:
    if outcome is Outcome.UNAUTHORISED:
        return TweetbenchError(
            f"{platform} does not accept {token_name}",
            where=f"{platform} API, {endpoint}",
            why=f"{said} (status 401: the token is wrong, expired or revoked)",
            next_step=f"put a valid token into {token_name} in .env, then run: tweetbench doctor",
            exit_code=Exit.AUTHENTICATION,
        )
    return TweetbenchError(
        f"{platform} refuses {endpoint} to {token_name}",
        where=f"{platform} API, {endpoint}",
        why=f"{said} (status 403: the token is valid but lacks this right)",
        next_step=f"check the project's access level in the {platform} developer portal, then run: tweetbench doctor",
        exit_code=Exit.AUTHENTICATION,
    )
