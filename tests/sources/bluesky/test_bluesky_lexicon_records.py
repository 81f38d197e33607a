"""Records as the lexicons of AT Protocol allow them, invented: each with the row that it has to become."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.normalise import read_feed
from tests.sources.api.converted import rows_of

from .stand import ACME, NOW, OTHER

HANDLE = "acme.bsky.social"
OWN = f"at://{ACME}/app.bsky.feed.post/3mabcdefgh222"
THEIRS = f"at://{OTHER}/app.bsky.feed.post/3mabcdefgh333"
AT = "2026-11-20T10:00:00.000Z"
BLOB = {"$type": "blob", "ref": {"$link": "bafkreib"}, "mimeType": "image/jpeg", "size": 81_234}
THREADGATE = {"uri": OWN.replace("post", "threadgate"), "cid": "b", "record": {"allow": []}, "lists": []}


def facet(text: str, words: str, **feature: str) -> dict[str, Any]:
    """A stretch of the text, in bytes."""
    start = len(text[: text.index(words)].encode())
    feature["$type"] = f"app.bsky.richtext.facet#{feature.pop('kind')}"
    index = {"$type": "app.bsky.richtext.facet#byteSlice", "byteStart": start, "byteEnd": start + len(words.encode())}
    return {"index": index, "features": [feature]}


def embed(kind: str, **fields: Any) -> dict[str, Any]:
    return {"$type": f"app.bsky.embed.{kind}", **fields}


def view(record: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The author's own post as the AppView serves it, with everything that it adds."""
    written = {"$type": "app.bsky.feed.post", "createdAt": AT, "langs": ["en"], "text": "words", **record}
    author = {"did": ACME, "handle": HANDLE, "displayName": "Acme", "associated": {"chat": {"allowIncoming": "all"}}}
    counts = {"likeCount": 7, "repostCount": 2, "replyCount": 1, "quoteCount": 0, "bookmarkCount": 3}
    return {"uri": OWN, "cid": "bafyrei", "author": author, "record": written, "indexedAt": AT, **counts, **fields}


def strong(uri: str) -> dict[str, str]:
    return {"uri": uri, "cid": "bafyrei"}


SALE = "Größte Auswahl 🛍️ im Laden: acme.example/sale… mit @ändy.example #Keramik"
GIF = "https://static.klipy.com/ii/4e7bea9f7a33/84/ef/1ocFw0eI.gif?hh=280&ww=498&mp4=mKF2nrrU"
OLD_GIF = "https://media.tenor.com/vQmwAAAAC/x.gif?hh=4&ww=4"
RECORDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "pictures, and a text with a link, a person and a hashtag": (
        {
            "post": view(
                {
                    "text": SALE,
                    "langs": ["de", "en"],
                    "tags": ["töpfern"],
                    "facets": [
                        facet(SALE, "acme.example/sale…", kind="link", uri="https://acme.example/sale?utm_source=bsky"),
                        facet(SALE, "@ändy.example", kind="mention", did=OTHER),
                        facet(SALE, "#Keramik", kind="tag", tag="Keramik"),
                    ],
                    "embed": embed("images", images=[{"alt": "Tasse", "image": BLOB}]),
                },
                labels=[{"src": ACME, "uri": OWN, "val": "graphic-media", "cts": AT}],
                threadgate=THREADGATE,
            )
        },
        {
            "text": SALE,
            "lang": "de",
            "link_urls": ["https://acme.example/sale?utm_source=bsky"],
            "hashtags": ["Keramik", "töpfern"],
            "mentioned_handles": ["ändy.example"],
            "media_types": ["photo"],
        },
    ),
    "a video": ({"post": view({"embed": embed("video", video=BLOB, alt="")})}, {"media_types": ["video"]}),
    "a link card that the text does not name": (
        {"post": view({"embed": embed("external", external={"uri": "https://acme.example/a", "title": "A"})})},
        {"link_urls": ["https://acme.example/a"]},
    ),
    "a moving picture of the app's own search, which is a link card in form": (
        {"post": view({"embed": embed("external", external={"uri": GIF, "title": "cat", "description": "Alt: cat"})})},
        {"media_types": ["animated_gif"], "link_urls": [GIF]},
    ),
    "the same of the years before, next to a quote": (
        {
            "post": view(
                {
                    "embed": embed(
                        "recordWithMedia",
                        record=embed("record", record=strong(THEIRS)),
                        media=embed(
                            "external",
                            external={"uri": OLD_GIF, "title": ""},
                        ),
                    )
                }
            )
        },
        {"post_kind": "quote", "referenced_post_id": THEIRS, "media_types": ["animated_gif"], "link_urls": [OLD_GIF]},
    ),
    "a page of the site that has such pictures, which is a link": (
        {
            "post": view(
                {"embed": embed("external", external={"uri": "https://tenor.com/view/cat-gif-1", "title": "c"})}
            )
        },
        {"link_urls": ["https://tenor.com/view/cat-gif-1"]},
    ),
    "a quote with pictures": (
        {
            "post": view(
                {
                    "embed": embed(
                        "recordWithMedia",
                        record=embed("record", record=strong(THEIRS)),
                        media=embed("images", images=[{"alt": "", "image": BLOB}]),
                    )
                }
            )
        },
        {"post_kind": "quote", "referenced_post_id": THEIRS, "media_types": ["photo"]},
    ),
    "a quote of a post whose author took it out": (
        {
            "post": view(
                {"embed": embed("record", record=strong(THEIRS))},
                embed=embed("record#view", record=embed("record#viewDetached", uri=THEIRS, detached=True)),
            )
        },
        {"post_kind": "quote", "referenced_post_id": THEIRS},
    ),
    "a starter pack, which is no quote": (
        {
            "post": view(
                {"embed": embed("record", record=strong(f"at://{ACME}/app.bsky.graph.starterpack/3mpack"))},
            )
        },
        {"post_kind": "original", "referenced_post_id": None},
    ),
    "an answer to a stranger in the own thread, whose post is gone": (
        {
            "post": view({"reply": {"root": strong(OWN.replace("222", "777")), "parent": strong(THEIRS)}}),
            "reply": {
                "root": {"$type": "app.bsky.feed.defs#postView", "uri": OWN.replace("222", "777")},
                "parent": {"$type": "app.bsky.feed.defs#notFoundPost", "uri": THEIRS, "notFound": True},
            },
        },
        {
            "post_kind": "reply",
            "referenced_post_id": THEIRS,
            "in_reply_to_account_id": OTHER,
            "conversation_id": OWN.replace("222", "777"),
        },
    ),
    "an answer to somebody who blocks, and a quote in it": (
        {
            "post": view(
                {
                    "reply": {"root": strong(THEIRS), "parent": strong(THEIRS)},
                    "embed": embed("record", record=strong(OWN.replace("222", "777"))),
                }
            ),
            "reply": {
                "root": {
                    "$type": "app.bsky.feed.defs#blockedPost",
                    "uri": THEIRS,
                    "blocked": True,
                    "author": {"did": OTHER},
                }
            },
        },
        {"post_kind": "reply", "referenced_post_id": THEIRS, "conversation_id": THEIRS},
    ),
    "the pinned post": (
        {"post": view({}), "reason": {"$type": "app.bsky.feed.defs#reasonPin"}},
        {"post_kind": "original", "text": "words"},
    ),
    "a repost of an own post, found by way of somebody else's repost": (
        {
            "post": view({"embed": embed("images", images=[{"alt": "", "image": BLOB}])}),
            "reason": {
                "$type": "app.bsky.feed.defs#reasonRepost",
                "by": {"did": ACME, "handle": HANDLE},
                "uri": f"at://{ACME}/app.bsky.feed.repost/3mrepost",
                "cid": "b",
                "via": strong(f"at://{OTHER}/app.bsky.feed.repost/3mvia"),
                "indexedAt": "2026-11-21T08:00:00.000Z",
            },
        },
        {
            "post_id": f"at://{ACME}/app.bsky.feed.repost/3mrepost",
            "post_kind": "repost",
            "referenced_post_id": OWN,
            "conversation_id": None,
            "created_at": datetime(2026, 11, 21, 8, tzinfo=UTC),
            "media_types": ["photo"],
            "like_count": None,
        },
    ),
    "a post that a bridge brought: shortened, with the original's address next to it": (
        {
            "post": view(
                {
                    "text": "Unsere neue Werkstatt […]",
                    "langs": [],
                    "bridgyOriginalText": "<p>Unsere neue Werkstatt ist fertig</p>",
                    "bridgyOriginalUrl": "https://mastodon.example/@acme/115",
                    "fediverseId": "https://mastodon.example/users/acme/statuses/115",
                    "embed": embed(
                        "external",
                        external={
                            "uri": "https://mastodon.example/@acme/115",
                            "title": "Original post",
                            "description": "",
                        },
                    ),
                }
            )
        },
        {"text": "Unsere neue Werkstatt […]", "lang": None, "link_urls": ["https://mastodon.example/@acme/115"]},
    ),
    "no words, and an embed of the year after": (
        {"post": view({"text": "", "embed": embed("poll", options=["a", "b"]), "debateMode": True})},
        {"text": "", "post_kind": "original", "media_types": [], "link_urls": []},
    ),
    "hosts and hashtags written by other apps": (
        {
            "post": view(
                {
                    "text": "see #shop",
                    "facets": [
                        facet("see #shop", "#shop", kind="tag", tag="#shop"),
                        facet("see #shop", "see", kind="link", uri="HTTPS://Acme.example/"),
                        facet("see #shop", "see", kind="link", uri="HTTPS://Acme.example/"),
                        {"index": {"byteStart": 0, "byteEnd": 3}, "features": []},
                    ],
                }
            )
        },
        {"text": "see #shop", "hashtags": ["shop"], "link_urls": ["HTTPS://Acme.example/"]},
    ),
}
USUAL = {
    "post_id": OWN,
    "account_id": ACME,
    "handle": HANDLE,
    "post_kind": "original",
    "created_at": datetime(2026, 11, 20, 10, tzinfo=UTC),
    "conversation_id": OWN,
    "referenced_post_id": None,
    "text": "words",
    "lang": "en",
    "link_urls": [],
    "hashtags": [],
    "mentioned_handles": [],
    "media_types": [],
    "availability": "available",
    "like_count": 7,
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_of_the_lexicon_becomes_its_row(name: str) -> None:
    entry, expected = RECORDS[name]
    texts = [msgspec.Raw(json.dumps(entry).encode())]
    page = read_feed(texts, account_id=ACME, handle=HANDLE, endpoint="feed", at=NOW)
    assert (page.issues, len(page.items)) == ([], 1)
    (row,), counts = rows_of(BLUESKY, page)
    found = {**row, "like_count": counts[0]["like_count"] if counts else None}
    if row["in_reply_to_account_id"]:
        expected = {"in_reply_to_account_id": OTHER, "conversation_id": THEIRS, **expected}
    wanted = USUAL | expected
    assert {name: found[name] for name in wanted} == wanted
