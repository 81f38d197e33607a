"""Ids of posts and accounts as text: which are ids at all, whose they are, and which a text names. Pure.

X's are digits; those of other platforms say their server or scheme themselves: `did:plc:...`,
`at://did:plc:.../app.bsky.feed.post/...`, `host/id`. So an id alone tells whether it is X's.
"""

import re
from collections.abc import Iterable

X = "x"
_DIGITS = re.compile(r"\d{1,20}")
_DID = r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9_-]"
# No dot, colon or hyphen at the end: in a sentence they belong to the sentence.
_KEY = r"[A-Za-z0-9._:~%-]*[A-Za-z0-9_~-]"
_HOST = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+)?"
_ACCOUNT = re.compile(rf"{_DIGITS.pattern}|{_DID}|{_HOST}/{_KEY}")
_POST = re.compile(rf"{_DIGITS.pattern}|at://{_DID}/{_KEY}/{_KEY}|{_HOST}/{_KEY}")
_NAMED = re.compile(rf"at://{_DID}/{_KEY}/{_KEY}|{_DID}|{_HOST}/{_KEY}|\d{{2,}}")
# Links to posts, which spell an id in another way: with the account's DID or handle, or with its name.
_ON_BLUESKY = re.compile(rf"/profile/([^/\s]+)/post/({_KEY})")
_ON_MASTODON = re.compile(rf"({_HOST})/(?:(?:web/)?@|users/)[\w.@-]+/(?:statuses/)?({_KEY})")


def is_post_id(text: str) -> bool:
    """True for what can be the id of a post on some platform."""
    return _POST.fullmatch(text) is not None


def is_account_id(text: str) -> bool:
    """True for what can be the id of an account on some platform."""
    return _ACCOUNT.fullmatch(text) is not None


def is_id_on(platform: str | None, record_id: str) -> bool:
    """False where a row of this platform only happens to bear an id of another: digits alone are an id of X."""
    return (platform in {None, X}) == (_DIGITS.fullmatch(record_id) is not None)


def ids_in(text: str) -> set[str]:
    """Everything in a text that may be an id: each of digits, the account that the id of a post names, links to posts.

    A link to a post on Bluesky by a handle says no account: it gives `post/KEY`, which `spelled` knows.
    """
    text = text.replace("\\/", "/")  # as some programs write JSON
    found = set(_NAMED.findall(text)) | set(re.findall(r"\d{2,}", text))
    found |= {f"{host.lower()}/{key}" for host, key in _ON_MASTODON.findall(text)}
    for account, key in _ON_BLUESKY.findall(text):
        found |= {f"at://{account}/app.bsky.feed.post/{key}", f"post/{key}"}
    return found | {account for name in found if name.startswith("at://") for account in re.findall(_DID, name)}


def spelled(ids: Iterable[str]) -> frozenset[str]:
    """The ids, and what `ids_in` makes of a link that names one of them by a handle."""
    every = frozenset(ids)
    return every | {f"post/{name.rpartition('/')[2]}" for name in every if name.startswith("at://")}
