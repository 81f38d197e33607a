"""Statuses as programs that speak Mastodon's API write them, invented: each with the row that it has to become."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.normalise import read_statuses
from tests.sources.api.converted import rows_of

from .stand import NOW

HOST = "acme.example"
LOCAL, THEM = "01ACME", "01THEM"
AT = "2026-11-20T10:00:00.000Z"
COUNTS = {"replies_count": 1, "reblogs_count": 2, "favourites_count": 7}
MEDIUM = {"id": "5", "type": "image", "url": f"https://{HOST}/m.jpg", "meta": {}, "description": "Tasse"}
BOB = {"id": THEM, "username": "bob", "acct": "bob@far.example", "url": "https://far.example/@bob"}


def status(content: str, **fields: Any) -> dict[str, Any]:
    """What all of them have."""
    account = {
        "id": LOCAL,
        "username": "acme",
        "acct": "acme",
        "url": f"https://{HOST}/@acme",
        "note": "<p>We forge</p>",
    }
    shown = {"id": "42", "created_at": AT, "in_reply_to_id": None, "in_reply_to_account_id": None, "reblog": None}
    rest = {"visibility": "public", "language": "de", "mentions": [], "tags": [], "media_attachments": [], "poll": None}
    return {**shown, **rest, "content": content, "account": account, **COUNTS, **fields}


def theirs(**fields: Any) -> dict[str, Any]:
    account = {**BOB, "followers_count": 5}
    return {**status("<p>their words</p>"), "id": "7", "account": account, "favourites_count": 900, **fields}


STATUSES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Mastodon 4.5: a quote, with the line for readers that show none, and who may quote": (
        status(
            '<p class="quote-inline">RE: <a href="https://far.example/@bob/7" target="_blank" rel="nofollow noopener">'
            '<span class="invisible">https://</span>far.example/@bob/7</a></p><p>So true</p>',
            quote={"state": "accepted", "quoted_status": theirs()},
            quotes_count=4,
            quote_approval={"automatic": ["public"], "manual": [], "current_user": "automatic"},
            card={
                "url": "https://far.example/@bob/7",
                "authors": [{"name": "bob", "account": {**BOB, "note": "their words"}}],
            },
        ),
        {"text": "So true", "post_kind": "quote", "referenced_post_id": f"{HOST}/7", "link_urls": [], "quote_count": 4},
    ),
    "Mastodon 4.3: a link whose author has an account of their own": (
        status(
            "<p>Gelesen</p>",
            card={
                "url": "https://press.example/a",
                "authors": [
                    {"name": "bob", "account": {**BOB, "note": "their words"}},
                    {"name": "ann", "account": None},
                ],
            },
        ),
        {"text": "Gelesen", "link_urls": ["https://press.example/a"]},
    ),
    "Mastodon 4.5: a quote whose author blocks, in a thread of its own": (
        status(
            "<p>Still true</p>",
            quote={"state": "blocked_account", "quoted_status": None},
            in_reply_to_id="41",
            in_reply_to_account_id=LOCAL,
        ),
        {"text": "Still true", "post_kind": "self_reply", "referenced_post_id": f"{HOST}/41"},
    ),
    "Mastodon: the account's own post once more": (
        status("", id="43", reblog=status("<p>ours</p>", favourites_count=50)),
        {
            "post_id": f"{HOST}/43",
            "post_kind": "repost",
            "referenced_post_id": f"{HOST}/42",
            "text": "ours",
            "like_count": None,
        },
    ),
    "GoToSocial: ids that are no numbers, its own order of attributes, the text as it was typed": (
        status(
            '<p>Danke <span class="h-card"><a href="https://far.example/@bob" class="u-url mention" rel="nofollow '
            'noreferrer noopener" target="_blank">@<span>bob</span></a></span>, mehr unter <a href="https://acme'
            '.example/a?b=1&amp;c=2" rel="nofollow noreferrer noopener" target="_blank">https://acme.example/a?b=1'
            "&amp;c=2</a> "
            '<a href="https://acme.example/tags/keramik" class="mention hashtag" rel="tag nofollow noreferrer '
            'noopener" target="_blank">#<span>Keramik</span></a></p>',
            id="01KAEZ6C9VC76NPPRQ207GG4DRZ",
            text="Danke @bob@far.example, mehr unter https://acme.example/a?b=1&c=2 #Keramik",
            content_type="text/markdown",
            interaction_policy={"can_reply": {"always": ["public"], "with_approval": []}},
            mentions=[BOB],
            tags=[{"name": "keramik", "url": f"https://{HOST}/tags/keramik"}],
        ),
        {
            "post_id": f"{HOST}/01KAEZ6C9VC76NPPRQ207GG4DRZ",
            "text": "Danke @bob, mehr unter https://acme.example/a?b=1&c=2 #Keramik",
            "link_urls": ["https://acme.example/a?b=1&c=2"],
            "hashtags": ["keramik"],
            "mentioned_handles": ["bob@far.example"],
        },
    ),
    "Pleroma: a quote that only its own object names, reactions, no paragraph": (
        status(
            '<span class="h-card"><a class="u-url mention" data-user="AbC" href="https://far.example/users/bob" rel='
            '"ugc">@<span>bob</span></a></span> stimmt<br/><a class="hashtag" data-tag="keramik" href="https://acme.'
            'example/tag/keramik">#Keramik</a><span class="quote-inline"><br/><br/>RT: <a href="https://far.example/objects/7">'
            "https://far.example/objects/7</a></span>",
            id="AzQ1bCdEfGhIjKlMnO",
            pleroma={
                "local": True,
                "quote_id": "AzQ9x",
                "quote_url": "https://far.example/objects/7",
                "quote": theirs(id="AzQ9x"),
                "emoji_reactions": [{"name": "🎉", "count": 3}],
                "content": {"text/plain": "stimmt"},
            },
            mentions=[{**BOB, "url": "https://far.example/users/bob"}],
            tags=[{"name": "keramik", "url": f"https://{HOST}/tag/keramik"}],
        ),
        {
            "post_id": f"{HOST}/AzQ1bCdEfGhIjKlMnO",
            "text": "@bob stimmt\n#Keramik",
            "post_kind": "quote",
            "referenced_post_id": f"{HOST}/AzQ9x",
            "link_urls": [],
            "hashtags": ["keramik"],
            "mentioned_handles": ["bob@far.example"],
        },
    ),
    "Akkoma: its own object without a quote": (
        status(
            "eine <b>neue</b> Tasse<br><br>ab heute",
            id="AzQ1",
            quote=None,
            quote_id=None,
            akkoma={"source": {"content": "eine **neue** Tasse", "mediaType": "text/x.misskeymarkdown"}},
            pleroma={"context": "https://acme.example/contexts/1", "quote_id": None},
        ),
        {"post_id": f"{HOST}/AzQ1", "text": "eine neue Tasse\n\nab heute"},
    ),
    "Sharkey: a note in spans, quoted whole, times of its own precision": (
        status(
            '<p><span>Schaut mal<br>hier: </span><a href="https://acme.example/a">https://acme.example/a</a>'
            '<span class="quote-inline"><br><br>RE: <a href="https://far.example/notes/9x">https://far.example/notes/9x'
            "</a></span></p>",
            id="ak3f9zq1x2",
            created_at="2026-11-20T10:00:00.000Z",
            quote={**theirs(id="ak3f9zq000"), "reactions": []},
            quote_id="ak3f9zq000",
            reactions=[{"name": "👍", "count": 2}],
            emoji_reactions=[],
            reblogged=False,
        ),
        {
            "post_id": f"{HOST}/ak3f9zq1x2",
            "text": "Schaut mal\nhier: https://acme.example/a",
            "post_kind": "quote",
            "referenced_post_id": f"{HOST}/ak3f9zq000",
            "link_urls": ["https://acme.example/a"],
        },
    ),
    "Pixelfed: a line break and a newline, hashtags with titles, the answered post whole, no mentions listed": (
        status(
            'Neue Tassen im Laden<br />\n<a href="https://acme.example/discover/tags/keramik?src=hash" title='
            '"#keramik" class="u-url hashtag" rel="external nofollow noopener">#keramik</a> mit <a class="u-url '
            'mention" href="https://acme.example/bob" rel="external nofollow noopener" target="_blank">@bob</a>',
            id="710000000000000001",
            created_at="2026-11-20T10:00:00.000000Z",
            pf_type="photo:album",
            media_attachments=[MEDIUM, MEDIUM, {**MEDIUM, "type": "video"}],
            tags=[{"name": "keramik", "slug": "keramik", "url": "https://acme.example/discover/tags/keramik"}],
            card=None,
        ),
        {
            "post_id": f"{HOST}/710000000000000001",
            "text": "Neue Tassen im Laden\n#keramik mit @bob",
            "link_urls": [],
            "hashtags": ["keramik"],
            "media_types": ["photo", "photo", "video"],
        },
    ),
    "Friendica: a title, dislikes, a hashtag whose sign stands before the link, old numbers as ids": (
        status(
            '<p><b>Werkstatt</b></p><p>Heute offen #<a href="https://acme.example/search?tag=keramik" class="mention '
            'hashtag" rel="tag"><span>keramik</span></a> siehe <a href="https://acme.example/a" target="_blank" '
            'rel="noopener noreferrer">acme.example/a</a></p>',
            id=4711,
            friendica={"title": "Werkstatt", "dislikes_count": 0, "delivery_data": {"delivery_queue_count": 0}},
            quote=None,
            tags=[{"name": "keramik", "url": "https://acme.example/search?tag=keramik"}],
        ),
        {
            "post_id": f"{HOST}/4711",
            "text": "Werkstatt\n\nHeute offen #keramik siehe acme.example/a",
            "link_urls": ["https://acme.example/a"],
            "hashtags": ["keramik"],
        },
    ),
    "Hometown: an article with headings and a list, for this server's readers and shown to all the same": (
        status(
            "<h1>Brennofen</h1><p>Drei Gründe:</p><ul><li>Strom</li><li>Zeit</li></ul><blockquote>gut</blockquote>",
            local_only=True,
            activity_pub_type="Article",
        ),
        {"text": "Brennofen\n\nDrei Gründe:\n\nStrom\nZeit\n\ngut"},
    ),
    "glitch-soc: markdown, hidden replies": (
        status("<p>eins</p><pre><code>zwei\n  drei</code></pre>", content_type="text/markdown", local_only=None),
        {"text": "eins\n\nzwei\n  drei"},
    ),
    "kmyblue: public, and left out of the public timeline": (
        status("<p>offen</p>", visibility="public_unlisted", visibility_ex="public_unlisted", emoji_reactions=[]),
        {"text": "offen"},
    ),
    "Mitra: ids with hyphens, nine digits of a second, no word of languages": (
        status(
            "<p>offen</p>",
            id="018f2c3e-6d1a-7c3e-9a5b-0123456789ab",
            created_at="2026-11-20T10:00:00.123456789Z",
            language=None,
            quote_id=None,
        ),
        {
            "post_id": f"{HOST}/018f2c3e-6d1a-7c3e-9a5b-0123456789ab",
            "text": "offen",
            "lang": None,
            "created_at": datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC),
        },
    ),
    "snac: an empty language, a mention by name, an id of hexadecimal digits": (
        status(
            '<p>hallo <a href="https://far.example/bob" class="mention u-url">@bob@far.example</a></p>',
            id="5d41402abc4b2a76b9719d911017c592",
            language="",
            mentions=[{**BOB, "url": "https://far.example/bob"}],
        ),
        {
            "post_id": f"{HOST}/5d41402abc4b2a76b9719d911017c592",
            "text": "hallo @bob@far.example",
            "lang": None,
            "mentioned_handles": ["bob@far.example"],
        },
    ),
}
USUAL = {
    "post_id": f"{HOST}/42",
    "account_id": f"{HOST}/{LOCAL}",
    "post_kind": "original",
    "created_at": datetime(2026, 11, 20, 10, tzinfo=UTC),
    "referenced_post_id": None,
    "lang": "de",
    "link_urls": [],
    "hashtags": [],
    "mentioned_handles": [],
    "media_types": [],
    "availability": "available",
    "like_count": 7,
    "quote_count": None,
}


@pytest.mark.parametrize("name", STATUSES)
@pytest.mark.parametrize("form", ["spaced", "compact", "escaped"])
def test_a_status_of_another_program_becomes_its_row(name: str, form: str) -> None:
    shown, expected = STATUSES[name]
    text = json.dumps(shown, separators=None if form == "spaced" else (",", ":"))
    for character in "<>&" if form == "escaped" else "":  # as Rails writes them
        text = text.replace(character, f"\\u{ord(character):04x}")
    account_id = f"{HOST}/{LOCAL}"
    page = read_statuses(
        [msgspec.Raw(text.encode())], host=HOST, handles={}, endpoint="feed", at=NOW, account_id=account_id
    )
    assert (page.issues, len(page.items)) == ([], 1)
    (row,), counts = rows_of(MASTODON, page)
    found = {**row, **{column: counts[0][column] if counts else None for column in ("like_count", "quote_count")}}
    wanted = USUAL | expected
    assert {name: found[name] for name in wanted} == wanted
    assert "their words" not in row["payload"], "others' words are not kept"
    assert "We forge" not in row["payload"], "the own profile is in `accounts`"
    assert json.loads(row["payload"])["account"] == {
        "id": LOCAL, "acct": "acme", "url": f"https://{HOST}/@acme"
    }  # fmt: skip
