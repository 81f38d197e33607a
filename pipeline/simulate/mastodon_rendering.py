"""Accounts and posts of the demo world as a Mastodon server shows them. Pure."""

from datetime import datetime
from html import escape

from pipeline.simulate.elsewhere import Elsewhere, local_id, written_time
from pipeline.simulate.posts import QUOTE, REPLY, REPOST, SELF_REPLY
from pipeline.simulate.texts import hashtags_of, plain_text_of
from pipeline.simulate.vocabulary import Json
from pipeline.simulate.world_calendar import to_instant

PICTURES = ("avatar", "avatar_static", "header", "header_static")


def render_account(site: Elsewhere, account: int, now: datetime, host: str) -> Json:
    """An Account as the server at `host` shows it."""
    state, cast = site.world.account_state(account, now), site.world.cast
    name, _, home = state.handle.partition("@")
    rows = site.feed_rows(account, now)
    last = to_instant(int(site.world.posts.created_ms[rows[0]])) if len(rows) else None
    shown: Json = {
        "id": local_id(cast.account_ids[account]),
        "username": name,
        "acct": name if home == host else state.handle,
        "display_name": state.name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": True,
        "group": False,
        "created_at": f"{state.created_at:%Y-%m-%d}T00:00:00.000Z",
        "note": f"<p>Invented {cast.industries[account]} business of the demo world #demo</p>",
        "url": f"https://{home}/@{name}",
        "uri": f"https://{home}/users/{name}",
        **dict.fromkeys(PICTURES, f"https://{home}/avatars/original/missing.png"),
        "followers_count": state.follower_count,
        "following_count": state.following_count,
        "statuses_count": state.post_count,
        "last_status_at": f"{last:%Y-%m-%d}" if last else None,
        "hide_collections": False,
        "noindex": False,
        "emojis": [],
        "roles": [],
        "fields": [],
    }
    if state.status == "moved":
        shown["moved"] = render_account(site, site.new_home(account), now, host)
    return shown


def render_status(site: Elsewhere, row: int, now: datetime) -> Json:
    """A Status; a boost has the boosted one inside and no figures of its own."""
    world, posts = site.world, site.world.posts
    account, root, kind = int(posts.account[row]), int(posts.root[row]), int(posts.kind[row])
    host, _, number = site.post_ids[row].partition("/")
    name = world.handle(account, now).partition("@")[0]
    source = int(posts.referenced[root])
    boosted = site.source_row(root, now) if kind == REPOST else None
    counts = world.metrics(row, now)
    is_answer = kind in {REPLY, SELF_REPLY}
    address = f"https://{host}/users/{name}/statuses/{number}"
    status: Json = {
        "id": number,
        "created_at": written_time(to_instant(int(posts.created_ms[root]))),
        "in_reply_to_id": local_id(site.post_ids[source]) if is_answer else None,
        "in_reply_to_account_id": local_id(world.cast.account_ids[int(posts.account[source])]) if is_answer else None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": f"{address}/activity" if kind == REPOST else address,
        "url": f"https://{host}/@{name}/{number}",
        "replies_count": counts["reply_count"],
        "reblogs_count": 0 if kind == REPOST else counts["repost_count"],
        "favourites_count": counts["like_count"],
        "quotes_count": counts["quote_count"],
        "edited_at": written_time(to_instant(int(posts.created_ms[row]))) if row != root else None,
        "content": "",
        "reblog": None,
        "quote": None,
        "application": {"name": "Demo Client", "website": None},
        "account": render_account(site, account, now, host),
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
    }
    if boosted is not None:
        inner = render_status(site, boosted, now)
        author = render_account(site, int(posts.account[boosted]), now, host)
        return {**status, "content": inner["content"], "tags": inner["tags"], "reblog": {**inner, "account": author}}
    status |= _render_words(site, row, host, now)
    if kind == QUOTE:
        quoted = site.source_row(root, now)
        shown = render_status(site, quoted, now) if quoted is not None else None
        status["quote"] = {"state": "accepted" if shown else "deleted", "quoted_status": shown}
    return status


def _render_words(site: Elsewhere, row: int, host: str, now: datetime) -> Json:
    """Content as HTML, with the tags, mentions and the card that belong to it."""
    world, posts = site.world, site.world.posts
    plain = plain_text_of(world, row)
    tags = [{"name": tag, "url": f"https://{host}/tags/{tag}"} for _, _, tag in hashtags_of(plain.text)]
    html = escape(plain.text, quote=False)
    for tag in tags:
        mark = f'<a href="{tag["url"]}" class="mention hashtag" rel="tag">#<span>{tag["name"]}</span></a>'
        html = html.replace(f"#{tag['name']}", mark, 1)
    if plain.link and plain.shown_link:
        html = html.replace(escape(plain.shown_link, quote=False), _link(plain.link))
    mentions = []
    if posts.kind[row] in {REPLY, SELF_REPLY}:
        other = render_account(site, int(posts.account[int(posts.referenced[int(posts.root[row])])]), now, host)
        mentions = [{key: other[key] for key in ("id", "username", "url", "acct")}]
        named = f'<a href="{other["url"]}" class="u-url mention">@<span>{other["username"]}</span></a>'
        html = f'<span class="h-card" translate="no">{named}</span> {html}'
    edited = " (edited)" if row != int(posts.root[row]) else ""
    card = {"url": plain.link, "title": "Demo notes", "description": "Invented page of the demo world", "type": "link"}
    return {
        "content": f"<p>{html}{edited}</p>",
        "tags": tags,
        "mentions": mentions,
        "card": card if plain.link else None,
    }


def _link(target: str) -> str:
    """A link as Mastodon writes it: the whole address, most of it hidden from the eye."""
    body = target.removeprefix("https://")
    shown, rest = f'<span class="ellipsis">{body[:30]}</span>', f'<span class="invisible">{body[30:]}</span>'
    marks = f'href="{target}" rel="nofollow noopener" target="_blank"'
    return f'<a {marks}><span class="invisible">https://</span>{shown}{rest}</a>'
