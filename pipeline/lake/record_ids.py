"""Ids of posts and accounts as text: which are ids at all, whose they are, and which a text names. Pure.

X's are digits; those of other platforms say their server or scheme themselves: `did:plc:...`,
`at://did:plc:.../app.bsky.feed.post/...`, `host/id`. So an id alone tells whether it is X's.
"""

import re

X = "x"
_DIGITS = re.compile(r"\d{1,20}")
_DID = r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9_-]"
# No dot, colon or hyphen at the end: in a sentence they belong to the sentence.
_KEY = r"[A-Za-z0-9._:~%-]*[A-Za-z0-9_~-]"
_HOST = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d+)?"
_ACCOUNT = re.compile(rf"{_DIGITS.pattern}|{_DID}|{_HOST}/{_KEY}")
_POST = re.compile(rf"{_DIGITS.pattern}|at://{_DID}/{_KEY}/{_KEY}|{_HOST}/{_KEY}")
_NAMED = re.compile(rf"at://{_DID}/{_KEY}/{_KEY}|{_DID}|{_HOST}/{_KEY}|\d{{2,}}")


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
    """Everything in a text that may be an id: each of digits, and the account that the id of a post names."""
    found = set(_NAMED.findall(text)) | set(re.findall(r"\d{2,}", text))
    return found | {account for name in found if name.startswith("at://") for account in re.findall(_DID, name)}
