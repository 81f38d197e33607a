"""The four requests of the X source, each guarded by budget and governor, each giving normalised rows.

Always the tweet vocabulary, which tweepy speaks and in which author and references are free fields; never `exclude`,
which cuts a timeline at 800 posts; never an expansion, which is billed. What to ask for, and when, belongs to callers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import tweepy

from pipeline.lake import Lake
from pipeline.sources.api.budget import OWNED_READ, POST_READ, USER_READ, Budget, load_ledger, load_prices
from pipeline.sources.api.http import GuardedAdapter
from pipeline.sources.api.journal import Journal
from pipeline.sources.api.rate_limits import Governor
from pipeline.sources.api.run import ApiRun
from pipeline.sources.x_api.client import open_client
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.conversion import JOURNALS
from pipeline.sources.x_api.normalise import PageRows, PostContext, normalise_accounts
from pipeline.sources.x_api.responses import open_posts, read_object

BATCH = 100
SMALLEST_PAGE, LARGEST_PAGE = 5, 100
USER_FIELDS = [
    "created_at",
    "description",
    "entities",
    "id",
    "location",
    "name",
    "pinned_tweet_id",
    "protected",
    "public_metrics",
    "url",
    "username",
    "verified",
    "verified_type",
    "withheld",
]
POST_FIELDS = [
    "attachments",
    "author_id",
    "conversation_id",
    "created_at",
    "edit_controls",
    "edit_history_tweet_ids",
    "entities",
    "id",
    "in_reply_to_user_id",
    "lang",
    "note_tweet",
    "possibly_sensitive",
    "public_metrics",
    "referenced_tweets",
    "reply_settings",
    "text",
    "withheld",
]
OWNER_FIELDS = ["non_public_metrics", "organic_metrics"]

TIMELINE = "GET /2/users/:id/tweets"


@dataclass(frozen=True)
class Session:
    """One credential with everything that a request needs. `handles` maps account ids to handles as last seen."""

    config: XApiConfig
    client: tweepy.Client
    governor: Governor
    budget: Budget
    landing: Journal
    clock: Callable[[], datetime]
    handles: dict[str, str]
    post_resource: str = POST_READ
    is_user: bool = False
    # Accounts that X said are gone or suspended, as far as this run has asked.
    unavailable: set[str] = field(default_factory=set)
    # Accounts whose timeline could not be read to its end, though X knows them.
    unread: set[str] = field(default_factory=set)

    @property
    def is_oauth1(self) -> bool:
        return bool(self.is_user and self.config.user_token and self.config.user_token.is_oauth1)

    def accounts_by_id(self, account_ids: Sequence[str]) -> PageRows:
        """Snapshots of up to 100 accounts.

        Raises:
            PartialRun, RequestRefused, TweetbenchError: see `Governor.call`.
        """
        self.budget.require(USER_READ, account_ids, self.clock())
        return self._accounts("GET /2/users", lambda: self.client.get_users(ids=list(account_ids), **self._user_fields))

    def accounts_by_handle(self, handles: Sequence[str]) -> PageRows:
        """Snapshots of up to 100 accounts whose ids are not known yet."""
        self.budget.require(USER_READ, [f"@{handle}" for handle in handles], self.clock())
        return self._accounts(
            "GET /2/users/by", lambda: self.client.get_users(usernames=list(handles), **self._user_fields)
        )

    def own_account(self) -> PageRows:
        """Snapshot of the account that the user token belongs to."""
        self.budget.require(USER_READ, ["@me"], self.clock())
        return self._accounts(
            "GET /2/users/me", lambda: self.client.get_me(user_auth=self.is_oauth1, **self._user_fields)
        )

    def timeline(self, account_id: str, **position: Any) -> PageRows:
        """One page of an account's posts, newest first; as large as the budget allows.

        Args:
            account_id: whose posts.
            position: since_id, until_id, pagination_token; those that are None are not sent.
        """
        size = self.budget.affordable(self.post_resource, self.clock(), least=SMALLEST_PAGE, most=LARGEST_PAGE)
        return self._posts(
            TIMELINE,
            lambda: self.client.get_users_tweets(
                account_id,
                max_results=size,
                tweet_fields=POST_FIELDS + (OWNER_FIELDS if self.is_user else []),
                user_auth=self.is_oauth1,
                **position,
            ),
            account_id=account_id,
        )

    def posts_by_id(self, account_of_post: Mapping[str, str]) -> PageRows:
        """Up to 100 posts, given as ids with the accounts they belong to."""
        self.budget.require(self.post_resource, list(account_of_post), self.clock())
        return self._posts(
            "GET /2/tweets",
            lambda: self.client.get_tweets(list(account_of_post), tweet_fields=POST_FIELDS),
            account_of_post=account_of_post,
        )

    @property
    def _user_fields(self) -> dict[str, list[str]]:
        return {"user_fields": USER_FIELDS}

    def _accounts(self, endpoint: str, request: Callable[[], Any]) -> PageRows:
        body = self.governor.call(endpoint, request, read_object)
        at = self.clock()
        rows = normalise_accounts(body, at=at, endpoint=endpoint)
        self.budget.record(USER_READ, rows.ids, at)
        return rows

    def _posts(
        self,
        endpoint: str,
        request: Callable[[], Any],
        *,
        account_id: str | None = None,
        account_of_post: Mapping[str, str] | None = None,
    ) -> PageRows:
        def read(text: bytes) -> PageRows | None:
            owners = account_of_post or {}
            return open_posts(text, PostContext(self.clock(), endpoint, account_id, owners, self.handles))

        rows = self.governor.call(endpoint, request, read)
        self.budget.record(self.post_resource, rows.ids, self.clock())
        return rows


def open_budget(config: XApiConfig, lake: Lake, *, at: datetime) -> Budget:
    """The money of a run, with what the day has cost so far."""
    budget = Budget(load_prices(config.prices_file), config.max_usd)
    load_ledger(budget, lake, source=JOURNALS.source, at=at)
    return budget


def open_session(
    config: XApiConfig,
    run: ApiRun,
    budget: Budget,
    landing: Journal,
    *,
    handles: dict[str, str],
    as_user: bool = False,
) -> tuple[Session, GuardedAdapter]:
    """A session of the app's token or of the owner's, and its transport.

    Raises:
        TweetbenchError: a token cannot be one.
    """
    client, adapter = open_client(config, run, as_user=as_user)
    governor = Governor(
        adapter,
        run,
        end_at=run.monotonic() + config.time_budget_seconds,
        source=JOURNALS.source,
        platform_name="X",
        token_name="TWEETBENCH_X_ACCESS_TOKEN" if as_user else "TWEETBENCH_X_BEARER_TOKEN",
    )
    resource = OWNED_READ if as_user else POST_READ
    return Session(config, client, governor, budget, landing, run.clock, handles, resource, as_user), adapter
