"""Query parameters of a request, checked as the platform checks them: one bad value refuses the whole request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.simulate.vocabulary import (
    POST_EXPANSIONS,
    POST_FIELDS,
    USER_EXPANSIONS,
    USER_FIELDS,
    canonical_expansion,
    canonical_field,
)

HANDLE, NUMBER = r"^[A-Za-z0-9_]{1,15}$", r"^[0-9]{1,19}$"
_BATCH = 100
_FIELD_PARAMETERS = {"tweet.fields", "post.fields", "user.fields", "media.fields", "poll.fields", "place.fields"}
ALLOWED = {
    "users_by": {"usernames", "expansions"},
    "users": {"ids", "expansions"},
    "timeline": {
        *("since_id", "until_id", "start_time", "end_time", "max_results", "pagination_token", "exclude"),
        "expansions",
    },
    "posts": {"ids", "expansions"},
    "me": {"expansions"},
    "usage": {"days", "usage.fields"},
    "analytics": {"ids", "start_time", "end_time", "granularity", "analytics.fields"},
}


class BadParameterError(Exception):
    """A parameter that the platform refuses with 400."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


@dataclass(frozen=True)
class Selection:
    """What an answer shall hold: fields in tweet spelling, expansions, and the dialect of the reply."""

    post_fields: frozenset[str]
    user_fields: frozenset[str]
    expansions: frozenset[str]
    dialect: str


def dialect_of(params: Mapping[str, str]) -> str:
    """`post` if the request spells `post.fields`, otherwise `tweet`."""
    return "post" if "post.fields" in params else "tweet"


def check_names(params: Mapping[str, str], route: str) -> None:
    """Refuse parameters that the endpoint does not have.

    Raises:
        BadParameterError: the first unknown one.
    """
    allowed = ALLOWED[route] | (_FIELD_PARAMETERS if route not in {"usage", "analytics"} else set())
    for name in params:
        if name not in allowed:
            raise BadParameterError(name, f"The query parameter [{name}] is not one of [{','.join(sorted(allowed))}]")


def read_selection(params: Mapping[str, str], *, is_post_route: bool, rejects_unknown: bool) -> Selection:
    """Fields and expansions of a request; in the post dialect author and references come by expansion only.

    Raises:
        BadParameterError: an unknown field, where the server is told to reject them instead of dropping them.
    """
    dialect = dialect_of(params)
    expansions = _names(params, ("expansions",), POST_EXPANSIONS if is_post_route else USER_EXPANSIONS, rejects_unknown)
    posts = _names(params, ("tweet.fields", "post.fields"), POST_FIELDS, rejects_unknown)
    users = _names(params, ("user.fields",), USER_FIELDS, rejects_unknown)
    if dialect == "post":
        posts -= {"author_id", "referenced_tweets"}
    if "author_id" in expansions:
        posts |= {"author_id"}
    if "referenced_tweets.id" in expansions:
        posts |= {"referenced_tweets"}
    if "pinned_tweet_id" in expansions:
        users |= {"pinned_tweet_id"}
    return Selection(
        frozenset(posts | {"id", "text", "edit_history_tweet_ids"}),
        frozenset(users | {"id", "name", "username"}),
        frozenset(expansions),
        dialect,
    )


def _names(params: Mapping[str, str], keys: tuple[str, ...], known: tuple[str, ...], rejects_unknown: bool) -> set[str]:
    chosen = set()
    for key in keys:
        for name in filter(None, params.get(key, "").split(",")):
            plain = canonical_expansion(name) if key == "expansions" else canonical_field(name)
            if plain in known:
                chosen.add(plain)
            elif rejects_unknown:
                listed = ",".join(known)
                raise BadParameterError(key, f"The `{key}` query parameter value [{name}] is not one of [{listed}]")
    return chosen


def read_batch(params: Mapping[str, str], name: str, pattern: str) -> list[str]:
    """1 to 100 values, each of the given form.

    Raises:
        BadParameterError: none, too many, or one that does not fit.
    """
    values = params.get(name, "").split(",")
    if len(values) > _BATCH:
        raise BadParameterError(
            name,
            f"The number of values in the `{name}` query parameter list [{len(values)}] is not between 1 and {_BATCH}",
        )
    for value in values:
        check_value(name, value, pattern)
    return list(dict.fromkeys(values))


def check_value(name: str, value: str, pattern: str) -> str:
    """The value, if it fits.

    Raises:
        BadParameterError: it does not.
    """
    if not re.fullmatch(pattern.strip("^$"), value, re.ASCII):
        raise BadParameterError(name, f"The `{name}` query parameter value [{value}] does not match {pattern}")
    return value


def read_integer(params: Mapping[str, str], name: str, low: int, high: int, default: int) -> int:
    """A whole number within bounds.

    Raises:
        BadParameterError: another text, or out of bounds.
    """
    text = params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise BadParameterError(name, f"The `{name}` query parameter value [{text}] is not between {low} and {high}")
    return int(text)


def read_time(params: Mapping[str, str], name: str) -> datetime | None:
    """A time as YYYY-MM-DDTHH:mm:ssZ, with or without milliseconds.

    Raises:
        BadParameterError: any other form.
    """
    text = params.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z", text):
        raise BadParameterError(name, f"Invalid '{name}':'{text}'. Must be a valid RFC 3339 timestamp")
    return datetime.fromisoformat(text).astimezone(UTC)
