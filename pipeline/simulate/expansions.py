"""Side objects of an answer: what `expansions` adds under `includes`, and the errors about them.

These errors concern the side objects. An account that is asked for is not dead because a post that it pinned is.
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.simulate import problems
from pipeline.simulate.ledger import Resource
from pipeline.simulate.parameters import Selection
from pipeline.simulate.posts import ORIGINAL, REPLY, REPOST, SELF_REPLY
from pipeline.simulate.rendering import render_account, render_post
from pipeline.simulate.vocabulary import Json
from pipeline.simulate.world import World

_MENTIONING = {REPLY, SELF_REPLY, REPOST}


@dataclass(frozen=True)
class Includes:
    """Side objects by kind, errors about them, and what they are billed as."""

    body: Json
    errors: list[Json]
    resources: tuple[Resource, ...]


def expand_posts(world: World, rows: list[int], selection: Selection, now: datetime) -> Includes:
    """Side objects of posts."""
    wanted, posts = selection.expansions, world.posts
    sources = [int(posts.referenced[row]) for row in rows if posts.kind[row] != ORIGINAL]
    shown_posts: dict[int, None] = {}
    shown_accounts: dict[int, None] = {}
    errors: dict[str, Json] = {}
    if "author_id" in wanted:
        shown_accounts |= dict.fromkeys(int(posts.account[row]) for row in rows)
    if "referenced_tweets.id" in wanted:
        _collect_posts(world, sources, "referenced_tweets.id", now, shown_posts, errors)
    if "edit_history_tweet_ids" in wanted:
        ids = [one for row in rows for one in world.versions(row, now)]
        found = [world.find_post(one, now) for one in ids]
        shown_posts |= dict.fromkeys(row for row in found if row is not None)
    if "referenced_tweets.id.author_id" in wanted:
        accounts = [int(posts.account[row]) for row in sources]
        _collect_accounts(world, accounts, "referenced_tweets.id.author_id", now, shown_accounts, errors)
    if "in_reply_to_user_id" in wanted:
        answered = [int(posts.account[posts.referenced[row]]) for row in rows if posts.kind[row] in {REPLY, SELF_REPLY}]
        _collect_accounts(world, answered, "in_reply_to_user_id", now, shown_accounts, errors)
    if "entities.mentions.username" in wanted:
        named = [int(posts.account[posts.referenced[row]]) for row in rows if posts.kind[row] in _MENTIONING]
        _collect_accounts(world, named, "entities.mentions.username", now, shown_accounts, errors)
    return _render(world, shown_accounts, shown_posts, list(errors.values()), selection, now)


def expand_accounts(world: World, accounts: list[Json], selection: Selection, now: datetime) -> Includes:
    """Side objects of accounts: pinned and most recent posts."""
    shown: dict[int, None] = {}
    errors: dict[str, Json] = {}
    for name in sorted(selection.expansions & {"pinned_tweet_id", "most_recent_tweet_id"}):
        for account in accounts:
            post_id = account.get(name)
            row = world.find_post(post_id, now) if post_id else None
            if post_id and row is None:
                errors[post_id] = {**problems.not_found("tweet", name, post_id), "section": "includes"}
            elif row is not None:
                _collect_posts(world, [row], name, now, shown, errors)
    return _render(world, {}, shown, list(errors.values()), selection, now)


def _collect_posts(
    world: World, rows: list[int], parameter: str, now: datetime, shown: dict[int, None], errors: dict[str, Json]
) -> None:
    for row in rows:
        post_id = str(world.posts.post_id[row])
        status = world.status(int(world.posts.account[row]), now)
        if world.find_post(post_id, now) is None or status == "not_found":
            errors[post_id] = {**problems.not_found("tweet", parameter, post_id), "section": "includes"}
        elif status != "active":
            errors[post_id] = problems.not_authorized("tweet", parameter, post_id, section="includes")
        else:
            shown[row] = None


def _collect_accounts(
    world: World, accounts: list[int], parameter: str, now: datetime, shown: dict[int, None], errors: dict[str, Json]
) -> None:
    for account in accounts:
        by_name = parameter == "entities.mentions.username"
        value = world.handle(account, now) if by_name else world.cast.account_ids[account]
        status = world.status(account, now)
        if status == "suspended":
            errors[value] = problems.suspended(parameter, value)
        elif status == "not_found":
            errors[value] = problems.not_found("user", parameter, value)
        else:
            shown[account] = None


def _render(
    world: World,
    accounts: dict[int, None],
    rows: dict[int, None],
    errors: list[Json],
    selection: Selection,
    now: datetime,
) -> Includes:
    users = [
        render_account(world, account, now, selection.user_fields)
        for account in accounts
        if world.status(account, now) in {"active", "protected"}
    ]
    posts = [
        render_post(world, row, now, selection.post_fields - {"non_public_metrics", "organic_metrics"}) for row in rows
    ]
    body = {name: part for name, part in (("users", users), ("tweets", posts)) if part}
    resources = [Resource("user", user["id"]) for user in users] + [Resource("post", post["id"]) for post in posts]
    return Includes(body, errors, tuple(resources))
