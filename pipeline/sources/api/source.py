"""What an API source offers. The places that loop over `API_SOURCES` know nothing else of it.

A source is a package whose `__init__` has these names. That module imports nothing heavy: what asks for `NAME` alone
must not pay for an HTTP library. A new source is such a package, its entry in `API_SOURCES` and its tests.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.lake_source import Row

RegistryRows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class ApiResult:
    """What one extraction did. `partial_reason`: why it ended early, or None where it came to its end.

    `shortfalls` say what of the accounts was not read, each with its remedy and the exit code that a run ends with.
    """

    row_counts: Mapping[str, int] = field(default_factory=dict)
    request_count: int = 0
    resource_count: int = 0
    usd: float = 0.0
    partial_reason: str | None = None
    recovered_segment_count: int = 0
    shortfalls: tuple[TweetbenchError, ...] = ()


@dataclass(frozen=True)
class PlanLine:
    """One kind of request. `usd` is the most that the resources cost; what was billed today is not counted."""

    endpoint: str
    request_count: int
    resource_count: int
    usd: float
    minutes: float


@dataclass(frozen=True)
class Saving:
    """What one setting would save in US dollars a day."""

    setting: str
    usd_per_day: float


@dataclass(frozen=True)
class Plan:
    """The next run of one source. `fits`: the budget allows all of it; a source that costs nothing always fits.

    `refused` are issues of registered accounts that cannot be asked for.
    """

    lines: tuple[PlanLine, ...]
    savings: tuple[Saving, ...]
    request_count: int
    resource_count: int
    usd: float
    minutes: float
    max_usd: float
    fits: bool
    refused: tuple[Row, ...] = ()


def add_plans(plans: Iterable[Plan], *, max_usd: float) -> Plan:
    """The next run as a whole, from the plans of its sources."""
    parts = list(plans)
    return Plan(
        tuple(line for plan in parts for line in plan.lines),
        tuple(saving for plan in parts for saving in plan.savings),
        sum(plan.request_count for plan in parts),
        sum(plan.resource_count for plan in parts),
        round(sum(plan.usd for plan in parts), 6),
        sum(plan.minutes for plan in parts),
        max_usd,
        all(plan.fits for plan in parts),
        tuple(issue for plan in parts for issue in plan.refused),
    )


@dataclass(frozen=True)
class Gap:
    """A stretch of days (UTC, both ends inside) of one account that was not captured."""

    account: str
    kind: str
    first_day: date
    last_day: date
    is_recoverable: bool
    remedy: str

    @property
    def day_count(self) -> int:
        """Days of the gap."""
        return (self.last_day - self.first_day).days + 1


@dataclass(frozen=True)
class Probe:
    """What the platform said of stored ids. `gone_*` hold the reason (a key of `lake.tombstones.AVAILABILITY`) by id.

    `served_*` were found in place: tombstones of theirs may be lifted. An id in neither was not answered.
    """

    gone_posts: Mapping[str, str] = field(default_factory=dict)
    gone_accounts: Mapping[str, str] = field(default_factory=dict)
    served_posts: frozenset[str] = frozenset()
    served_accounts: frozenset[str] = frozenset()
    asked_count: int = 0
    unasked_count: int = 0
    usd: float = 0.0
    partial_reason: str | None = None


def unusable_bookmark(key: str, why: str, platform_name: str) -> TweetbenchError:
    """The refusal of a bookmark that is damaged or ahead of the clock."""
    return TweetbenchError(
        f"a bookmark of the {platform_name} source cannot be used",
        where=key,
        why=why,
        next_step="check the clock with: tweetbench doctor; if it is right, restore the lake's manifest from a backup",
    )


def unanswered(platform: str, why: str, at: datetime) -> Row:
    """The row of an account that the platform did not answer for; nothing is said of the account."""
    return {"platform": platform, "captured_at": at, "status": "unknown", "status_detail": why}


def has_accounts(source: "ApiSource") -> bool:
    """False for a source that is asked of what belongs to its token, whoever is registered."""
    return "accounts" in source.TABLES


class ApiSource(Protocol):
    """A platform that is asked over HTTP. A module with these names is one.

    State keys that others read: `timeline:<account_id>` is how far an account was read, set back where a lake file was
    lost; `account:<account_id>` and `handle:<handle>` hold `{"handle": ...}` and `{"account_id": ...}`, which an
    erasure empties.
    """

    NAME: str  # value of the column `source`, and what `run --only` takes
    DESCRIPTION: str
    TABLES: tuple[str, ...]
    PLATFORM: str  # value of the column `platform`
    PLATFORM_NAME: str  # as people call it
    # What to do where it is not configured, such as "set TWEETBENCH_X_BEARER_TOKEN in .env"; empty: needs nothing.
    SETUP: str

    def is_configured(self, settings: Settings) -> bool:
        """True where it could be asked; whether accounts of the platform are registered is not looked at.

        Raises:
            TweetbenchError: a token cannot be one (exit code 78).
        """

    def plan(self, settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> Plan:
        """What a run that starts now would request, from what the lake knows; nothing is called."""

    def extract(self, settings: Settings, lake: Lake, registry_rows: RegistryRows, run: ApiRun) -> ApiResult:
        """Read what is new of every registered account of the platform; rows of other platforms are passed over.

        Raises:
            TweetbenchError: a token is refused, the disk is full, or a setting cannot be used; what was read is kept.
        """

    def recover(self, lake: Lake, *, now: datetime) -> int:
        """Commit the journals that crashed runs of this source left, and return how many there were."""

    def check_state(self, key: str, value: object, *, now: datetime) -> None:
        """Judge one committed bookmark.

        Raises:
            TweetbenchError: it is damaged, or ahead of the clock.
        """

    def look_up(self, settings: Settings, lake: Lake, asked: Sequence[str], run: ApiRun) -> Mapping[str, Row]:
        """What the platform says now of accounts, by handle (on Bluesky also DID): rows of the lake table `accounts`.

        Nothing lands in the lake. Where the platform did not answer, the status is `unknown` and its detail says why;
        a detail may also say what a person who watches an active account should know.

        Raises:
            TweetbenchError: a token is refused.
        """

    def find_gaps(self, settings: Settings, lake: Lake, registry_rows: RegistryRows, *, now: datetime) -> list[Gap]:
        """What was not captured of the platform's registered accounts, unrecoverable days included."""

    def probe(
        self, settings: Settings, lake: Lake, posts: Sequence[str], accounts: Sequence[str], run: ApiRun
    ) -> Probe:
        """Ask whether stored posts (newest first) and accounts are still there; the answers land in the lake.

        The caller has recovered the journals: what was stored is known only after that.
        """
