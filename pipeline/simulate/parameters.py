"""Query parameters of a request, checked as the platform checks them: one bad value refuses the whole request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.simulate.vocabulary import POST_FIELDS, USER_FIELDS, canonical_field

HANDLE, NUMBER = r"^[A-Za-z0-9_]{1,15}$", r"^[0-9]{1,19}$"
_BATCH = 100
_FIELD_PARAMETERS = {"tweet.fields", "post.fields", "user.fields", "media.fields", "poll.fields", "place.fields"}
ALLOWED = {
    "users_by": {"usernames"},
    "users": {"ids"},
    "timeline": {"since_id", "until_id", "max_results", "pagination_token"},
    "posts": {"ids"},
    "me": set[str](),
}


class BadParameterError(Exception):
    """A parameter that the platform refuses with 400."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


@dataclass(frozen=True)
class Selection:
    """What an answer shall hold: fields in tweet spelling, and the dialect of the reply."""

    post_fields: frozenset[str]
    user_fields: frozenset[str]
    dialect: str


def dialect_of(params: Mapping[str, str]) -> str:
    """`post` if the request spells `post.fields`, otherwise `tweet`."""
    return "post" if "post.fields" in params else "tweet"


def check_names(params: Mapping[str, str], route: str) -> None:
    """Refuse parameters that the endpoint does not have.

    Raises:
        BadParameterError: the first unknown one.
    """
    allowed = ALLOWED[route] | _FIELD_PARAMETERS
    for name in params:
        if name not in allowed:
            raise BadParameterError(name, f"The query parameter [{name}] is not one of [{','.join(sorted(allowed))}]")


def read_selection(params: Mapping[str, str]) -> Selection:
    """The fields of a request; unknown ones are dropped, and the post dialect gives neither author nor references."""
    dialect = dialect_of(params)
    posts = _names(params, ("tweet.fields", "post.fields"), POST_FIELDS)
    if dialect == "post":
        posts -= {"author_id", "referenced_tweets"}
    return Selection(
        frozenset(posts | {"id", "text", "edit_history_tweet_ids"}),
        frozenset(_names(params, ("user.fields",), USER_FIELDS) | {"id", "name", "username"}),
        dialect,
    )


def _names(params: Mapping[str, str], keys: tuple[str, ...], known: tuple[str, ...]) -> set[str]:
    return {canonical_field(name) for key in keys for name in params.get(key, "").split(",")} & set(known)


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
