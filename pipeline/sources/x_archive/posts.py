"""One post of an X archive to rows of `posts` and `post_metrics`. Which files are read belongs elsewhere.

Archives write counts as strings, shorten long posts (their full text is in a note), and show a repost as a text
that starts with `RT @`, with `retweeted` false.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.sources.files.cell_values import decode_entities, parse_id, parse_time
from pipeline.sources.files.numbers import parse_count
from pipeline.sources.lake_source import Row, as_payload
from pipeline.sources.snowflake import created_at as snowflake_created_at

X_STARTED_AT = datetime(2006, 3, 21, tzinfo=UTC)
_REPOST = re.compile(r"RT @\w")
# A link to a post, not to its picture or video: /photo/1 and /video/1 are the author's own media.
_POST_LINK = re.compile(
    r"^https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:i/web|i|\w{1,15})/status(?:es)?/(?P<id>\d+)/?(?:\?.*)?$",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"(?:…|\.\.\.)?\s*(?:https://t\.co/\w+\s*)*$")
# A printed time has no milliseconds; an id that agrees with it to the second adds them.
_SAME_TIME = timedelta(seconds=2)
_NOTE_SECONDS = 5
_FEWEST_LETTERS = 20


@dataclass(frozen=True)
class Owner:
    """The account that the archive belongs to; `handles` are all it has had, in lower case."""

    account_id: str | None
    handle: str
    handles: frozenset[str]


@dataclass(frozen=True)
class Note:
    """The full text of a long post with the links, hashtags and handles that are in it."""

    ids: frozenset[str]
    created_at: datetime | None
    text: str
    link_urls: tuple[str, ...]
    hashtags: tuple[str, ...]
    mentioned_handles: tuple[str, ...]


@dataclass(frozen=True)
class Notes:
    """All notes of an archive, to be found by id or by second of creation."""

    by_id: Mapping[str, Note]
    by_second: Mapping[int, tuple[Note, ...]]


def read_note(record: Mapping[str, Any]) -> Note:
    """A note from its record, wrapped or flat.

    Raises:
        ValueError: it has no text or an unreadable time.
    """
    note = _mapping(record.get("noteTweet", record))
    core = _mapping(note.get("core"))
    text = _text(core.get("text"))
    if text is None:
        raise ValueError("the note has no text")
    created = _text(note.get("createdAt"))
    return Note(
        ids=frozenset(str(note[key]) for key in ("tweetId", "noteTweetId") if note.get(key)),
        created_at=parse_time(created) if created else None,
        text=text,
        link_urls=tuple(_each(core.get("urls"), "expandedUrl")),
        hashtags=tuple(_each(core.get("hashtags"), "text")),
        mentioned_handles=tuple(_each(core.get("mentions"), "screenName")),
    )


def index_notes(notes: Iterable[Note]) -> Notes:
    """The notes by id and by second of creation."""
    by_id: dict[str, Note] = {}
    by_second: dict[int, tuple[Note, ...]] = {}
    for note in notes:
        by_id.update(dict.fromkeys(note.ids, note))
        if note.created_at:
            second = int(note.created_at.timestamp())
            by_second[second] = (*by_second.get(second, ()), note)
    return Notes(by_id, by_second)


def find_note(post_id: str, created_at: datetime, text: str, notes: Notes) -> Note | None:
    """The note of a post: by id, else by a creation within seconds and a text that continues where the post stops."""
    if post_id in notes.by_id:
        return notes.by_id[post_id]
    beginning = _SHORTENED.sub("", text)
    if len(beginning) < _FEWEST_LETTERS:
        return None
    second = int(created_at.timestamp())
    near = range(second - _NOTE_SECONDS, second + _NOTE_SECONDS + 1)
    candidates = (note for each in near for note in notes.by_second.get(each, ()))
    return next((note for note in candidates if decode_entities(note.text).startswith(beginning)), None)


def read_post(record: Mapping[str, Any], owner: Owner, notes: Notes, now: datetime) -> tuple[Row, Note | None]:
    """A row of `posts` without its time of capture, and the note that gave its full text.

    Raises:
        ValueError: no usable id, no creation time or an impossible one.
    """
    post_id = parse_id(str(record.get("id_str") or record.get("id") or ""))
    created_at = _created_at(post_id, _text(record.get("created_at")))
    if not X_STARTED_AT <= created_at <= now + timedelta(days=1):
        raise ValueError(f"its creation time {created_at:%Y-%m-%d} cannot be")
    text = decode_entities(_text(record.get("full_text")) or _text(record.get("text")) or "")
    note = find_note(post_id, created_at, text, notes)
    entities, note_parts = _mapping(record.get("entities")), note or Note(frozenset(), None, "", (), (), ())
    media = _mapping(record.get("extended_entities")).get("media") or entities.get("media")
    links = [_text(url.get("expanded_url")) or _text(url.get("url")) or "" for url in _mappings(entities.get("urls"))]
    links = _once(link for link in [*links, *note_parts.link_urls] if link)
    kind, referenced_id = _kind(record, post_id, text, links, owner)
    history, root_id = _edits(record)
    countries = record.get("withheld_in_countries")
    is_withheld = bool(countries) or record.get("withheld_copyright") in (True, "true")
    row = {
        "platform": "x",
        "account_id": owner.account_id,
        "handle": owner.handle,
        "post_id": post_id,
        "created_at": created_at,
        "text": decode_entities(note.text).replace("\x00", "") if note else text,
        "lang": _text(record.get("lang")),
        "post_kind": kind,
        "in_reply_to_account_id": _id(record, "in_reply_to_user_id"),
        "referenced_post_id": referenced_id,
        "edit_root_id": root_id,
        "edit_history_ids": history,
        "link_urls": links,
        "hashtags": _once([*_each(entities.get("hashtags"), "text"), *note_parts.hashtags]),
        "mentioned_handles": _once(
            [*_each(entities.get("user_mentions"), "screen_name"), *note_parts.mentioned_handles]
        ),
        "media_types": _each(media, "type"),
        "availability": "withheld" if is_withheld else "available",
        "withheld_countries": [str(country) for country in countries] if isinstance(countries, list) else None,
        "payload": as_payload(record),
    }
    return row, note


def read_metrics(record: Mapping[str, Any], post: Row) -> tuple[Row | None, list[str]]:
    """The public counts of a post, or None where the archive gives none, and what is wrong with those left out."""
    counts: dict[str, int | None] = {}
    problems = []
    for name, field in (("favorite_count", "like_count"), ("retweet_count", "repost_count")):
        try:
            counts[field] = _count(record.get(name))
        except ValueError as error:
            counts[field] = None
            problems.append(f"{name}: {error}")
    if all(count is None for count in counts.values()):
        return None, problems
    return {
        **{name: post[name] for name in ("platform", "account_id", "handle", "post_id")},
        "metric_scope": "public",
        **counts,
        "payload": as_payload(
            {"favorite_count": record.get("favorite_count"), "retweet_count": record.get("retweet_count")}
        ),
    }, problems


def _created_at(post_id: str, printed: str | None) -> datetime:
    from_id = snowflake_created_at(post_id)
    if printed is None:
        if from_id is None:
            raise ValueError("it has no creation time")
        return from_id
    try:
        moment = parse_time(printed)
    except OverflowError as error:
        raise ValueError(f"{printed!r} is no time") from error
    return from_id if from_id is not None and abs(from_id - moment) < _SAME_TIME else moment


def _kind(record: Mapping[str, Any], post_id: str, text: str, links: list[str], owner: Owner) -> tuple[str, str | None]:
    """Kind of the post, and the id of the post that it answers, quotes or, in archives until 2018, reposts."""
    reposted = _mapping(record.get("retweeted_status"))
    if reposted or _REPOST.match(text):
        return "repost", _id(reposted, "id")
    answered, receiver = _id(record, "in_reply_to_status_id"), _id(record, "in_reply_to_user_id")
    receiver_handle = (_text(record.get("in_reply_to_screen_name")) or "").casefold()
    if answered or receiver or receiver_handle:
        is_own = receiver == owner.account_id if receiver and owner.account_id else receiver_handle in owner.handles
        return ("self_reply" if is_own else "reply"), answered
    linked = [match["id"] for link in links if (match := _POST_LINK.match(link)) and match["id"] != post_id]
    quoted = _id(record, "quoted_status_id") or (linked[-1] if linked else None)
    return ("quote", quoted) if quoted else ("original", None)


def _edits(record: Mapping[str, Any]) -> tuple[list[str] | None, str | None]:
    """Ids of all versions, oldest first, and the id of the first; None for posts from before edits existed."""
    info = _mapping(record.get("edit_info"))
    edit = _mapping(info.get("edit"))
    initial = _mapping(info.get("initial")) or _mapping(edit.get("editControlInitial"))
    ids = initial.get("editTweetIds") or edit.get("editTweetIds")
    history = [str(each) for each in ids] if isinstance(ids, list) and ids else None
    return history, _text(edit.get("initialTweetId")) or (history[0] if history else None)


def _id(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(f"{name}_str") or record.get(name)
    return str(value) if value else None


def _count(value: object) -> int | None:
    return None if value is None else parse_count(str(value))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _each(value: object, name: str) -> list[str]:
    """One text of each object in a list; anything else in the list is passed over."""
    return [text for each in _mappings(value) if (text := _text(each.get(name)))]


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
