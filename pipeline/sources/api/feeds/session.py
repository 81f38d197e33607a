"""What the reading of feeds has to know of a platform, and what one run over its feeds carries with it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from re import Pattern
from typing import Any

from pipeline.sources.api.config import FeedConfig
from pipeline.sources.api.feeds.bookmarks import Bookmark, Window
from pipeline.sources.api.feeds.items import Item, Page
from pipeline.sources.api.journal import Journal, JournalOwner
from pipeline.sources.api.outcomes import Outcome
from pipeline.sources.api.rate_limits import RequestRefused
from pipeline.sources.api.responses import Converted, RawResponse, api_issue
from pipeline.sources.api.targets import Target
from pipeline.sources.lake_source import Row


@dataclass(frozen=True, kw_only=True)
class FeedPlatform:
    """A platform as the reading of feeds sees it."""

    source: str
    platform: str
    platform_name: str
    account_id: Pattern[str]
    # Whether an entry is one of the posts that the profile counts.
    is_counted: Callable[[Item], bool]
    # What a feed that ended by itself lacks, None where nothing: by bookmark, window and posts of the profile.
    find_lacking: Callable[[Bookmark, Window, int | None], str | None]
    # True where a refusal, in its own words, is of a cursor that was given before.
    is_bad_cursor: Callable[[str], bool]
    # Rows of answers that are still text.
    convert: Callable[[Sequence[RawResponse]], Converted]
    # Posts in one request for metrics, and what they must have in common.
    batch_size: int
    group_of: Callable[[str], str] = lambda _post_id: ""
    # What to do where a request brought nothing, by outcome, and why posts of an account cannot be had, by status.
    next_steps: Mapping[Outcome, str]
    not_served: Mapping[str, str]

    @property
    def journals(self) -> JournalOwner:
        """Whose journals its pages go to."""
        return JournalOwner(self.source, self.platform, self.convert)

    def issue(
        self, subject: str, problem: str, *, detail: str, next_step: str, at: datetime, original: object = None
    ) -> Row:
        """A row of `issues` from this platform."""
        return api_issue(
            subject, problem, detail=detail, next_step=next_step, at=at, platform=self.platform, original=original
        )

    def refusal_issue(self, subject: str, refusal: RequestRefused, at: datetime) -> Row:
        """An issue for a request that brought nothing."""
        step = refusal.next_step or self.next_steps.get(refusal.outcome, "nothing to do: the next run tries again")
        return self.issue(subject, f"api_{refusal.outcome}", detail=refusal.detail, next_step=step, at=at)

    def account_id_of(self, target: Target, state: Mapping[str, Any]) -> str | None:
        """Id of a target: from the registry, or remembered from an earlier run."""
        known = state.get(f"handle:{target.handle or ''}")
        remembered = known.get("account_id") if isinstance(known, dict) else None
        is_usable = isinstance(remembered, str) and self.account_id.fullmatch(remembered)
        return target.account_id or (remembered if is_usable else None)

    def batches(self, post_ids: Iterable[str]) -> Iterator[list[str]]:
        """Posts as they are asked for together, in order."""
        groups: dict[str, list[str]] = {}
        for post_id in post_ids:
            groups.setdefault(self.group_of(post_id), []).append(post_id)
        for group in groups.values():
            yield from (group[start : start + self.batch_size] for start in range(0, len(group), self.batch_size))


@dataclass(frozen=True, kw_only=True)
class FeedSession(ABC):
    """One run over the feeds of a platform. `handles` maps account ids to handles as last seen."""

    platform: FeedPlatform
    config: FeedConfig
    landing: Journal
    clock: Callable[[], datetime]
    handles: dict[str, str]
    # Accounts that are gone or ask not to be shown, as far as this run has asked.
    unavailable: set[str] = field(default_factory=set)
    # Accounts whose posts could not be read to the end, though the platform knows them.
    unread: set[str] = field(default_factory=set)

    @abstractmethod
    def feed(self, account_id: str, cursor: str | None) -> Page:
        """One page of an account's posts and reposts, newest first.

        Raises:
            PartialRun, RequestRefused: see `Governor.call`.
        """

    @property
    @abstractmethod
    def request_count(self) -> int:
        """Requests that were sent."""

    @property
    @abstractmethod
    def page_count(self) -> int:
        """Answers that could be used."""
