"""What has to be erased, as people and X name it: single ids, lists of ids, X's batch compliance answer. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.lake.record_ids import is_account_id, is_post_id
from pipeline.lake.tombstones import AVAILABILITY

ASKED = "deleted"
_KIND = re.compile(r"(post|account)\s*:(?!//)\s*", re.IGNORECASE)
_IS_ID = {"post": is_post_id, "account": is_account_id}


@dataclass(frozen=True)
class Wanted:
    """Ids with the reason for which each has to go; `unusable` are lines that say nothing, with their numbers."""

    posts: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    unusable: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.posts or self.accounts)

    def and_also(self, other: "Wanted") -> "Wanted":
        """Both together; the first reason of an id stays."""
        posts, accounts = {**other.posts, **self.posts}, {**other.accounts, **self.accounts}
        return Wanted(posts, accounts, (*self.unusable, *other.unusable))

    def fields(self) -> dict[str, Any]:
        """The ids as JSON values."""
        return {"posts": dict(self.posts), "accounts": dict(self.accounts)}


def read_ids(posts: Iterable[str], accounts: Iterable[str]) -> Wanted:
    """Ids that a person typed."""
    return read_lines([*(f"post:{post}" for post in posts), *(f"account:{account}" for account in accounts)])


def read_lines(lines: Iterable[str], *, are_accounts: bool = False) -> Wanted:
    """What the lines of a file name.

    A line is an id, `post:ID` or `account:ID`, or an object of X's batch compliance answer, which does not say itself
    whether its job was about posts or accounts.

    Args:
        lines: the file, line by line; empty ones and those that begin with # are passed over.
        are_accounts: ids without a word before them are accounts.
    """
    posts: dict[str, str] = {}
    accounts: dict[str, str] = {}
    unusable = []
    for number, line in enumerate(lines, start=1):
        text = line.strip().lstrip("\ufeff")
        if not text or text.startswith("#"):
            continue
        kind, name, reason = _read_line(text, "account" if are_accounts else "post")
        if not _IS_ID[kind](name):
            unusable.append(f"line {number}")
            continue
        (accounts if kind == "account" else posts).setdefault(name, reason)
    return Wanted(posts, accounts, tuple(unusable))


def _read_line(text: str, default: str) -> tuple[str, str, str]:
    if not text.startswith("{"):
        named = _KIND.match(text)
        kind, name = (named[1].casefold(), text[named.end() :]) if named else (default, text.removeprefix(":").strip())
        return kind, name, ASKED
    try:
        item = json.loads(text)
    except ValueError:
        return default, "", ASKED
    reason = str(item.get("reason") or item.get("action") or ASKED).casefold()
    return default, str(item.get("id") or ""), reason if reason in AVAILABILITY else ASKED
