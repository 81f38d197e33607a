"""Profiles of the X API as JSON, one object or one page of objects on each line, as a table of text cells.

Read only where the keys leave no doubt that each object is an account of X; posts and accounts of other platforms are
refused by name. What the columns mean belongs to the sources.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.sources.files.tabular import MAX_COLUMNS, Record, SetAside, Sheet
from pipeline.sources.files.text_file import open_text

# Content of posts inside a profile: never wanted, and it would have to be erased with the post.
_LEFT_OUT = {"status", "entities", "pinned_tweet", "errors", "__twarc.version", "__twarc.url"}
_KINDS = (
    ("text", "posts of the X API"),
    ("full_text", "posts of the X API"),
    ("rawContent", "posts of the X API"),
    ("acct", "accounts or posts of Mastodon"),
    ("did", "accounts or posts of Bluesky"),
    ("uri", "posts of Bluesky or Mastodon"),
)


@dataclass(frozen=True)
class _Found:
    line: int
    fields: Mapping[str, Any]


def looks_like_json(start: bytes) -> bool:
    """True for a file that begins as an object or a list does."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def read_json_profiles(source: bytes | Path, name: str) -> Sheet | None:
    """The accounts in a JSON or JSONL file as a table; None where the text is no JSON after all.

    Raises:
        TweetbenchError: the objects are not accounts of X; the message names what they are.
    """
    file = open_text(source)
    with file.open() as stream:
        objects, damaged = _parse(stream.read())
    if not objects:
        return None
    found = [record for line, value in objects for record in _records(line, value)]
    profiles = [record for record in found if _is_profile(record.fields)]
    if not profiles:
        raise _refusal(found, name)
    flat = [(record.line, dict(_flatten(record.fields, ""))) for record in profiles]
    header = tuple(dict.fromkeys(key for _, fields in flat for key in fields))[:MAX_COLUMNS]
    others = [record for record in found if not _is_profile(record.fields)]
    set_aside = [SetAside(line, "damaged_line", "the line is no whole JSON object", ()) for line in damaged]
    set_aside += [
        SetAside(each.line, "not_a_profile", f"the object is no account: {_kind(each)}", ()) for each in others
    ]
    # A page holds many accounts on one line: then they are numbered, because a line number must name one of them.
    has_pages = len({line for line, _ in flat}) < len(flat)
    records = tuple(
        Record(number if has_pages else line, tuple(fields.get(key, "") for key in header))
        for number, (line, fields) in enumerate(flat, start=1)
    )
    return Sheet(header, records, tuple(set_aside), file.encoding, "", form="json")


def _parse(text: str) -> tuple[list[tuple[int, Any]], list[int]]:
    """Values with their lines, and the lines that are no JSON; nothing at all where the first is none."""
    try:
        return [(1, json.loads(text))], []
    except (ValueError, RecursionError):
        pass
    values: list[tuple[int, Any]] = []
    damaged = []
    # Not splitlines: JSON may hold U+2028 and its like within a text.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values.append((number, json.loads(line)))
        except (ValueError, RecursionError):
            if not values:
                return [], []
            damaged.append(number)
    return values, damaged


def _records(line: int, value: Any) -> Iterator[_Found]:
    """The objects of one line: itself, those of a list, or those of a page of answers with the time it was read."""
    if isinstance(value, list):
        for each in value:
            yield from _records(line, each)
    elif isinstance(value, Mapping):
        inner = value.get("data")
        if isinstance(inner, list | Mapping) and not {"username", "screen_name"} & value.keys():
            stamp = {"__twarc": value["__twarc"]} if "__twarc" in value else {}
            for each in inner if isinstance(inner, list) else [inner]:
                if isinstance(each, Mapping):
                    yield _Found(line, {**each, **stamp})
        else:
            yield _Found(line, value)


def _is_profile(fields: Mapping[str, Any]) -> bool:
    """True for an account of X: of version 2 or 1.1 of the API, or as scrapers write it, with a link to the profile."""
    metrics = fields.get("public_metrics")
    if isinstance(metrics, Mapping):
        return "username" in fields and {"followers_count", "following_count"} <= metrics.keys()
    if {"screen_name", "followers_count", "friends_count"} <= fields.keys():
        return "text" not in fields and "full_text" not in fields
    link = str(fields.get("url") or "")
    is_linked = link.startswith(("https://twitter.com/", "https://x.com/")) and "/status/" not in link
    return is_linked and {"username", "followersCount", "friendsCount"} <= fields.keys()


def _flatten(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = f"{prefix}{key}"
        if name in _LEFT_OUT or inner is None:
            continue
        if isinstance(inner, Mapping):
            yield from _flatten(inner, f"{name}.")
        else:
            yield name, inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)


def _kind(record: _Found) -> str:
    return next((words for key, words in _KINDS if key in record.fields), "objects of another kind")


def _refusal(found: list[_Found], name: str) -> TweetbenchError:
    kind = _kind(found[0]) if found else "it has no objects"
    keys = ", ".join(str(key)[:40] for key in list(found[0].fields)[:8]) if found else ""
    return TweetbenchError(
        f"this is JSON and not accounts of the X API: {kind}",
        where=name,
        why=f"only accounts of the X API are read from JSON; the first object has the keys {keys}" if keys else "",
        next_step="posts of accounts are read by: tweetbench run; for follower counts export the accounts themselves "
        "(user objects with public_metrics), or save a table with handle, date and followers as CSV",
    )
