"""Bluesky's public AppView over the demo world: answers of XRPC, its omissions and its refusals. Pure.

Forms are the lexicons', which a test holds them against.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pipeline.simulate.elsewhere import Elsewhere, content_id, written_time
from pipeline.simulate.paging import FROM_THE_TOP, decode_token, encode_token
from pipeline.simulate.parameters import BadParameterError, read_integer
from pipeline.simulate.posts import QUOTE, REPLY, REPOST, SELF_REPLY
from pipeline.simulate.responses import Call, Page, Response, Service
from pipeline.simulate.texts import hashtags_of, plain_text_of
from pipeline.simulate.vocabulary import Json
from pipeline.simulate.world_calendar import to_instant

PATHS = tuple(
    (name, re.compile(rf"/xrpc/{re.escape(method)}"))
    for name, method in {
        "profiles": "app.bsky.actor.getProfiles",
        "profile": "app.bsky.actor.getProfile",
        "author_feed": "app.bsky.feed.getAuthorFeed",
        "feed_posts": "app.bsky.feed.getPosts",
        "resolve": "com.atproto.identity.resolveHandle",
    }.items()
)
BATCH = 25
HIDDEN = "!no-unauthenticated"
REFUSALS = {
    "suspended": ("AccountTakedown", "Account has been suspended"),
    "not_found": ("AccountDeactivated", "Account is deactivated"),
}


def answer(site: Elsewhere, call: Call) -> Response:
    """The answer to one request.

    Raises:
        BadParameterError: a cursor or a number that is none.
    """
    if call.route == "profiles":
        return _profiles(site, call)
    if call.route == "feed_posts":
        return _posts(site, call)
    actor = call.params.get("handle" if call.route == "resolve" else "actor", "")
    account = _find(site, actor, call.now)
    if call.route == "resolve":
        if account is None:
            return refuse("InvalidRequest", "Unable to resolve handle")
        return Response(200, {"did": site.world.cast.account_ids[account]})
    if account is None:
        return refuse("InvalidRequest", "Profile not found")
    if refusal := REFUSALS.get(site.world.status(account, call.now)):
        return refuse(*refusal)
    if call.route == "profile":
        return Response(200, render_profile(site, account, call.now), served=(site.world.cast.account_ids[account],))
    return _feed(site, call, account)


def appview_service(site: Elsewhere, _limits: Mapping[str, int]) -> Service:
    """The AppView as a service of the server; it announces no limits."""
    return Service(
        PATHS,
        lambda call: answer(site, call),
        lambda _call, refusal: refuse("InvalidRequest", refusal.message),
        lambda _call: ({}, True),
        {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"},
    )


def refuse(error: str, message: str) -> Response:
    """A refusal as XRPC words it."""
    return Response(400, {"error": error, "message": message})


def _find(site: Elsewhere, actor: str, now: datetime) -> int | None:
    account = site.world.find_account(actor)
    if account is None:
        holders = (each for each in range(site.world.cast.size) if site.world.handle(each, now) == actor.lower())
        account = next(holders, None)
    is_there = account is not None and site.world.cast.created_ms[account] <= now.timestamp() * 1_000
    return account if is_there else None


def _profiles(site: Elsewhere, call: Call) -> Response:
    actors = call.values("actors")
    if not 0 < len(actors) <= BATCH:
        raise BadParameterError("actors", f"Error: actors must not have more than {BATCH} elements")
    found = [account for actor in actors if (account := _find(site, actor, call.now)) is not None]
    # Those that are not shown are left out, and nothing says so.
    shown = [account for account in dict.fromkeys(found) if site.world.status(account, call.now) not in REFUSALS]
    profiles = [render_profile(site, account, call.now) for account in shown]
    return Response(200, {"profiles": profiles}, served=tuple(profile["did"] for profile in profiles))


def _posts(site: Elsewhere, call: Call) -> Response:
    uris = call.values("uris")
    if not 0 < len(uris) <= BATCH:
        raise BadParameterError("uris", f"Error: uris must not have more than {BATCH} elements")
    rows = [row for uri in uris if (row := site.find_row(uri, call.now)) is not None]
    posts = [render_post(site, row, call.now) for row in rows if site.world.posts.kind[row] != REPOST]
    return Response(200, {"posts": posts}, served=tuple(post["uri"] for post in posts))


def _feed(site: Elsewhere, call: Call, account: int) -> Response:
    size = read_integer(call.params, "limit", 1, 100, 50)
    account_id, roots = site.world.cast.account_ids[account], site.world.posts.root
    cursor = call.params.get("cursor") or encode_token(account_id, FROM_THE_TOP)
    below = decode_token(cursor, account_id, name="cursor", message="Malformed cursor")
    rows = [int(row) for row in site.feed_rows(account, call.now) if roots[row] < below]
    # A page is cut before it is looked up: what has gone since makes it shorter, and there may still be a next one.
    page = rows[:size]
    last = encode_token(account_id, int(roots[page[-1]])) if len(rows) > size else None
    shown = [(row, item) for row in page if (item := _render_entry(site, row, call.now)) is not None]
    leads = tuple(encode_token(account_id, int(roots[row])) for row, _ in shown)

    def compose(listed: list[Json], lead: str | None) -> Response:
        served = tuple(entry["post"]["uri"] for entry in listed)
        return Response(200, {"feed": listed, **({"cursor": lead} if lead else {})}, served=served)

    items = [item for _, item in shown]
    return replace(compose(items, last), page=Page(items, leads, last, cursor, compose))


def render_profile(site: Elsewhere, account: int, now: datetime) -> Json:
    """`app.bsky.actor.defs#profileViewDetailed`."""
    state, account_id = site.world.account_state(account, now), site.world.cast.account_ids[account]
    label = {"src": account_id, "uri": f"at://{account_id}/app.bsky.actor.profile/self", "val": HIDDEN}
    made = written_time(state.created_at)
    return {
        **_author(site, account, now),
        "description": f"Invented {site.world.cast.industries[account]} business of the demo world #demo",
        "followersCount": state.follower_count,
        "followsCount": state.following_count,
        "postsCount": site.own_count(account, now),
        "indexedAt": made,
        "createdAt": made,
        "labels": [{**label, "cts": made}] if site.is_hidden(account) else [],
    }


def _author(site: Elsewhere, account: int, now: datetime) -> Json:
    cast = site.world.cast
    return {
        "did": cast.account_ids[account],
        "handle": site.world.handle(account, now),
        "displayName": cast.names[account],
    }


def render_post(site: Elsewhere, row: int, now: datetime) -> Json:
    """`app.bsky.feed.defs#postView`; there are no views and no clicks."""
    posts, uri = site.world.posts, site.post_ids[row]
    counts = site.world.metrics(row, now)
    record = render_record(site, row)
    shown: Json = {
        "uri": uri,
        "cid": content_id(uri),
        "author": _author(site, int(posts.account[row]), now),
        "record": record,
        "replyCount": counts["reply_count"],
        "repostCount": counts["repost_count"],
        "likeCount": counts["like_count"],
        "quoteCount": counts["quote_count"],
        "bookmarkCount": counts["bookmark_count"],
        "indexedAt": record["createdAt"],
        "labels": [],
    }
    if "embed" in record and "external" in record["embed"]:
        external = record["embed"]["external"]
        shown["embed"] = {"$type": "app.bsky.embed.external#view", "external": external}
    return shown


def render_record(site: Elsewhere, row: int) -> Json:
    """`app.bsky.feed.post`: what the client wrote, once; nobody can edit it."""
    world, posts = site.world, site.world.posts
    root, kind = int(posts.root[row]), int(posts.kind[row])
    plain = plain_text_of(world, root)
    facets = [
        _facet(plain.text, start, end, {"$type": "app.bsky.richtext.facet#tag", "tag": tag})
        for start, end, tag in hashtags_of(plain.text)
    ]
    record: Json = {
        "$type": "app.bsky.feed.post",
        "text": plain.text,
        "createdAt": written_time(to_instant(int(posts.created_ms[root]))),
        "langs": ["en"],
    }
    if plain.shown_link:
        start = plain.text.index(plain.shown_link)
        link = {"$type": "app.bsky.richtext.facet#link", "uri": plain.link}
        facets.append(_facet(plain.text, start, start + len(plain.shown_link), link))
        card = {"uri": plain.link, "title": "Demo notes", "description": "Invented page of the demo world"}
        record["embed"] = {"$type": "app.bsky.embed.external", "external": card}
    if kind == QUOTE:
        record["embed"] = {"$type": "app.bsky.embed.record", "record": _reference(site, int(posts.referenced[root]))}
    if kind in {REPLY, SELF_REPLY}:
        parent = _reference(site, int(posts.referenced[root]))
        record["reply"] = {"root": parent, "parent": parent}
    return {**record, "facets": facets}


def _render_entry(site: Elsewhere, row: int, now: datetime) -> Json | None:
    """`app.bsky.feed.defs#feedViewPost`; None for a repost of a post that has gone."""
    posts = site.world.posts
    if posts.kind[row] == REPOST:
        source = site.source_row(row, now)
        if source is None:
            return None
        uri, made = site.post_ids[row], written_time(to_instant(int(posts.created_ms[int(posts.root[row])])))
        by = _author(site, int(posts.account[row]), now)
        reason = {"$type": "app.bsky.feed.defs#reasonRepost", "by": by, "uri": uri, "cid": content_id(uri)}
        return {"post": render_post(site, source, now), "reason": {**reason, "indexedAt": made}}
    entry: Json = {"post": render_post(site, row, now)}
    if "reply" in entry["post"]["record"]:
        parent = _parent(site, entry["post"]["record"]["reply"]["parent"]["uri"], now)
        entry["reply"] = {"root": parent, "parent": parent}
    return entry


def _parent(site: Elsewhere, uri: str, now: datetime) -> Json:
    row = site.find_row(uri, now)
    if row is None:
        return {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri, "notFound": True}
    return {"$type": "app.bsky.feed.defs#postView", **render_post(site, row, now)}


def _reference(site: Elsewhere, row: int) -> Json:
    uri = site.post_ids[row]
    return {"uri": uri, "cid": content_id(uri)}


def _facet(text: str, start: int, end: int, feature: Json) -> Json:
    """A mark on a part of the text, placed by bytes of UTF-8."""
    place = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
    return {"index": place, "features": [feature]}
