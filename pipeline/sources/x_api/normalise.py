"""X API answers to rows of the lake tables posts, post_metrics, accounts and issues. Pure; both vocabularies.

Nothing here raises on odd data: what cannot be used becomes an issue, and `payload` keeps every original whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipeline.sources.api.json_values import (
    Record,
    count_of,
    flag_of,
    id_of,
    payload_of,
    text_of,
    texts_of,
    time_of,
)
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.alarms import alarm, missing_metrics, odd_counts
from pipeline.sources.x_api.entities import link_urls, media_kinds, post_kind, referenced_post_id, repost_text
from pipeline.sources.x_api.problems import Problem, api_issue, issue_rows, read_problems
from pipeline.sources.x_api.values import field_of, post_time, record_of, records_of

# Lake columns of a post and where each is in X's record. This reader and the columnar one are driven by these and
# by PUBLIC_COUNTS; only what needs more than a look at one place (kind, links, times) is written in both.
POST_IDS = {"conversation_id": "conversation_id", "in_reply_to_account_id": "in_reply_to_user_id"}
POST_TEXTS = {"lang": "lang"}
# Of each list of entities the first of the names that is filled.
POST_LISTS = {"hashtags": ("hashtags", ("tag",)), "mentioned_handles": ("mentions", ("username", "screen_name"))}
PUBLIC_COUNTS = {
    "impression_count": "impression_count",
    "like_count": "like_count",
    "repost_count": "retweet_count",
    "reply_count": "reply_count",
    "quote_count": "quote_count",
    "bookmark_count": "bookmark_count",
}
OWNER_COUNTS = {
    "impression_count": "impression_count",
    "like_count": "like_count",
    "repost_count": "retweet_count",
    "reply_count": "reply_count",
    "engagement_count": "engagements",
    "link_click_count": "url_link_clicks",
    "profile_click_count": "user_profile_clicks",
}
SCOPES = {
    "public": ("public_metrics", PUBLIC_COUNTS),
    "non_public": ("non_public_metrics", OWNER_COUNTS),
    "organic": ("organic_metrics", OWNER_COUNTS),
    "promoted": ("promoted_metrics", OWNER_COUNTS),
}
ACCOUNT_COUNTS = {
    "follower_count": "followers_count",
    "following_count": "following_count",
    "post_count": "tweet_count",
    "listed_count": "listed_count",
    "liked_count": "like_count",
    "media_count": "media_count",
}
REQUIRED_POST_COUNTS = ("impression_count", "like_count", "repost_count", "reply_count")
REQUIRED_ACCOUNT_COUNTS = ("follower_count", "following_count", "post_count")


@dataclass(frozen=True)
class PageRows:
    """What one answer holds: rows by lake table, ids of the items in the API's order, the token of the next page.

    The posts of a usual page stay text until the lake commits them: see `responses`.
    """

    tables: dict[str, list[Row]]
    ids: tuple[str, ...] = ()
    next_token: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class PostContext:
    """Context of an answer: when it was read, whose posts they are, and the API's own text of each by id."""

    at: datetime
    endpoint: str
    account_id: str | None = None
    account_of_post: Mapping[str, str] = field(default_factory=dict)
    handles: Mapping[str, str | None] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def normalise_posts(body: Record, context: PostContext) -> PageRows:
    """Rows of posts, post_metrics and issues from an answer that holds posts."""
    tables = post_tables(body, context)
    problems = read_problems(body, asks_for_accounts=False)
    tables["issues"] += issue_rows(problems, endpoint=context.endpoint, at=context.at)
    return PageRows(tables, tuple(post["post_id"] for post in tables["posts"]), next_token(body), tuple(problems))


def post_tables(body: Record, context: PostContext) -> dict[str, list[Row]]:
    """Rows of posts, post_metrics and issues from the posts of an answer, whatever else it says."""
    items, issues = _items(body, context.endpoint, context.at)
    side_posts = {
        post_id: item
        for item in records_of(record_of(body, "includes"), "tweets")
        if (post_id := id_of(item.get("id")))
    }
    posts, metrics = [], []
    for item in items:
        post = _post_row(item, side_posts, context)
        posts.append(post)
        # A repost carries the counts of the original, whose author earned them.
        if post["post_kind"] != "repost":
            metrics += _metric_rows(item, post, context.at)
            issues += odd_counts(item, f"post {post['post_id']}", context.at)
    issues += missing_metrics(metrics, REQUIRED_POST_COUNTS, context.endpoint, context.at, scope="public")
    own = sum(post["post_kind"] != "repost" for post in posts)
    if own and not any(row["metric_scope"] == "public" for row in metrics):
        issues.append(alarm("public_metrics", context.endpoint, own, context.at))
    return {"posts": posts, "post_metrics": metrics, "issues": issues}


def normalise_accounts(body: Record, *, at: datetime, endpoint: str) -> PageRows:
    """Rows of accounts and issues from an answer that holds accounts; what was not found gets a status row."""
    items, issues = _items(body, endpoint, at)
    accounts = [_account_row(item, at) for item in items]
    issues += missing_metrics(accounts, REQUIRED_ACCOUNT_COUNTS, endpoint, at)
    ids = tuple(row["account_id"] for row in accounts)
    problems = read_problems(body, asks_for_accounts=True)
    issues += issue_rows(problems, endpoint=endpoint, at=at)
    for problem in problems:
        if problem.is_primary and problem.is_about_account and problem.subject not in ids:
            key = "account_id" if problem.parameter in {"id", "ids"} else "handle"
            accounts.append(
                {
                    "platform": "x",
                    "captured_at": at,
                    key: text_of(problem.subject),
                    "status": problem.status,
                    "status_detail": text_of(problem.detail),
                    "payload": payload_of(problem.original),
                }
            )
    return PageRows({"accounts": accounts, "issues": issues}, ids, problems=tuple(problems))


def _items(body: Record, endpoint: str, at: datetime) -> tuple[list[Record], list[Row]]:
    """The objects under `data`, each id once, and issues for what is no object with an id."""
    data = body.get("data")
    listed = [data] if isinstance(data, dict) else data if isinstance(data, list) else [] if data is None else [data]
    good: dict[str, Record] = {}
    issues = []
    for item in listed:
        item_id = id_of(item.get("id")) if isinstance(item, dict) else None
        if item_id is None:
            detail = "an item of the answer is no object with an id"
            step = "nothing to do: the item is kept here; report it if it comes again"
            issues.append(api_issue(endpoint, "malformed_item", detail=detail, next_step=step, at=at, original=item))
            continue
        good.setdefault(item_id, item)
    return list(good.values()), issues


def _post_row(item: Record, side_posts: Mapping[str, Record], context: PostContext) -> Row:
    post_id = str(id_of(item["id"]))
    account_id = id_of(item.get("author_id")) or context.account_of_post.get(post_id) or context.account_id
    note = record_of(item, "note_tweet")
    entities = record_of(note, "entities") or record_of(item, "entities")
    withheld = record_of(item, "withheld")
    history = field_of(item, "edit_history_tweet_ids")
    versions = [version for value in history if (version := id_of(value))] if isinstance(history, list) else []
    kind = post_kind(item, account_id)
    text = note.get("text") or (repost_text(item, side_posts) if kind == "repost" else None) or item.get("text")
    return {
        "platform": "x",
        "captured_at": context.at,
        "account_id": account_id,
        "handle": context.handles.get(account_id or ""),
        "post_id": post_id,
        "created_at": post_time(post_id, item.get("created_at")),
        "text": text_of(text),
        **{column: text_of(item.get(name)) for column, name in POST_TEXTS.items()},
        "post_kind": kind,
        **{column: id_of(item.get(name)) for column, name in POST_IDS.items()},
        "referenced_post_id": referenced_post_id(item),
        "edit_root_id": versions[0] if versions else None,
        "edit_history_ids": versions or None,
        "link_urls": link_urls(entities, post_id, item),
        **{
            column: texts_of(next(filter(None, map(each.get, names)), None) for each in records_of(entities, listed))
            for column, (listed, names) in POST_LISTS.items()
        },
        "media_types": media_kinds(item),
        "availability": "withheld" if withheld else "available",
        "withheld_countries": _countries(withheld),
        "payload": context.texts.get(post_id) or payload_of(item),
    }


def _metric_rows(item: Record, post: Row, at: datetime) -> list[Row]:
    rows = []
    for scope, (field_name, columns) in SCOPES.items():
        counts = item.get(field_name)
        if isinstance(counts, dict):
            rows.append(
                {
                    "platform": "x",
                    "captured_at": at,
                    "account_id": post["account_id"],
                    "handle": post["handle"],
                    "post_id": post["post_id"],
                    "metric_scope": scope,
                    **{column: count_of(field_of(counts, name)) for column, name in columns.items()},
                    "payload": payload_of(counts),
                }
            )
    return rows


def _account_row(item: Record, at: datetime) -> Row:
    counts, withheld = record_of(item, "public_metrics"), record_of(item, "withheld")
    protected = flag_of(item.get("protected"))
    return {
        "platform": "x",
        "captured_at": at,
        "account_id": id_of(item["id"]),
        "handle": text_of(item.get("username")),
        "name": text_of(item.get("name")),
        "created_at": time_of(item.get("created_at")),
        "description": text_of(item.get("description")),
        "location": text_of(item.get("location")),
        "url": next(iter(link_urls(record_of(record_of(item, "entities"), "url"))), text_of(item.get("url")) or None),
        "is_verified": flag_of(item.get("verified")),
        "verified_type": text_of(item.get("verified_type")),
        "is_protected": protected,
        **{column: count_of(field_of(counts, name)) for column, name in ACCOUNT_COUNTS.items()},
        "status": "protected" if protected else "withheld" if withheld else "active",
        "withheld_countries": _countries(withheld),
        "payload": payload_of(item),
    }


def _countries(withheld: Record) -> list[str] | None:
    codes: Any = withheld.get("country_codes")
    return texts_of(iter(codes)) if isinstance(codes, list) else None


def next_token(body: Record) -> str | None:
    """The token of the page after this one, or None at the end."""
    token = record_of(body, "meta").get("next_token")
    return token if isinstance(token, str) and token else None
