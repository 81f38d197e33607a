"""Accounts and posts as JSON objects of the API, in the tweet vocabulary, with only the fields asked for."""

from datetime import datetime, timedelta

from pipeline.simulate.cast import OWN
from pipeline.simulate.posts import ORIGINAL, QUOTE, REPLY, REPOST, SELF_REPLY
from pipeline.simulate.texts import entities_of, text_of
from pipeline.simulate.vocabulary import Json
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import to_instant

PRIVATE_FIELDS = ("non_public_metrics", "organic_metrics", "promoted_metrics")
PRIVATE_AGE = timedelta(days=30)
EDIT_WINDOW = timedelta(minutes=30)
EDIT_LIMIT = 5
_REFERENCE_TYPES = {REPLY: "replied_to", SELF_REPLY: "replied_to", QUOTE: "quoted", REPOST: "retweeted"}


def format_time(instant: datetime) -> str:
    """Time as the API prints it: seconds, with three zeros for milliseconds."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def render_account(world: World, account: int, now: datetime, fields: frozenset[str]) -> Json:
    """A user object; the caller has made sure that the account is active or protected."""
    state = world.account_state(account, now)
    site = f"https://{state.handle.replace('_', '-')}.example"
    everything: Json = {
        "id": state.account_id,
        "name": state.name,
        "username": state.handle,
        "created_at": format_time(state.created_at),
        "description": f"Invented {world.cast.industries[account]} business of the demo world #demo",
        "location": "Demo City",
        "url": site,
        "entities": {"url": {"urls": [{"start": 0, "end": len(site), "url": site, "expanded_url": site}]}},
        "profile_image_url": f"https://images.demo.example/{state.account_id}.png",
        "protected": state.status == "protected",
        "verified": account % 5 == 0,
        "verified_type": "business" if account % 5 == 0 else "none",
        "public_metrics": {
            "followers_count": state.follower_count,
            "following_count": state.following_count,
            "tweet_count": state.post_count,
            "listed_count": state.listed_count,
            "like_count": state.liked_count,
            "media_count": state.media_count,
        },
    }
    if (account % 4 == 0 or world.cast.roles[account] == "pins_removed") and (
        pinned := pinned_post(world, account, now)
    ):
        everything["pinned_tweet_id"] = pinned
    if "most_recent_tweet_id" in fields and (recent := world.posts_at(account, now)):
        everything["most_recent_tweet_id"] = recent[0]
    return {key: value for key, value in everything.items() if key in fields}


def pinned_post(world: World, account: int, now: datetime) -> str | None:
    """Id of the pinned post; the `pins_removed` account keeps pinning a post that it has removed."""
    part = world.posts.rows_of(account)
    if part.start == part.stop:
        return None
    if world.cast.roles[account] == "pins_removed":
        return str(world.posts.post_id[part.start] + 1)
    shown = world.visible_rows(account, now)
    return str(world.posts.post_id[shown[-1]]) if len(shown) else None


def render_post(
    world: World, row: int, now: datetime, fields: frozenset[str], *, caller_account: int | None = None
) -> Json:
    """A post object; private metrics only for the caller's own posts of the last 30 days."""
    posts = world.posts
    account, kind = int(posts.account[row]), int(posts.kind[row])
    created = to_instant(int(posts.created_ms[row]))
    text = text_of(world, row)
    post: Json = {
        "id": str(posts.post_id[row]),
        "text": text.shown,
        "edit_history_tweet_ids": world.versions(row, now),
    }
    if fields & {"public_metrics", *PRIVATE_FIELDS}:
        post |= _render_metrics(world, row, now, is_own=caller_account == account)
    if "entities" in fields and (entities := entities_of(world, text.shown, text.targets, row)):
        post["entities"] = entities
    if text.full and "note_tweet" in fields:
        post["note_tweet"] = {"text": text.full, "entities": entities_of(world, text.full, text.targets, row)}
    post |= {
        "author_id": world.cast.account_ids[account],
        "created_at": format_time(created),
        "conversation_id": _conversation_id(world, row),
        "lang": "en",
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "source": "Demo Client",
        "edit_controls": _edit_controls(world, row, now),
    }
    if kind != ORIGINAL:
        source = int(posts.referenced[row])
        post["referenced_tweets"] = [{"type": _REFERENCE_TYPES[kind], "id": str(posts.post_id[source])}]
        if kind in {REPLY, SELF_REPLY}:
            post["in_reply_to_user_id"] = world.cast.account_ids[int(posts.account[source])]
    if row == world.withheld_row:
        post["withheld"] = {"copyright": False, "country_codes": ["DE"]}
    return {key: value for key, value in post.items() if key in fields}


def has_private_metrics(world: World, row: int, now: datetime, caller_account: int | None) -> bool:
    """True where the caller may see private metrics: an own post, at most 30 days old."""
    is_recent = now - to_instant(int(world.posts.created_ms[row])) <= PRIVATE_AGE
    return caller_account == OWN and int(world.posts.account[row]) == OWN and is_recent


def _render_metrics(world: World, row: int, now: datetime, *, is_own: bool) -> Json:
    counts = world.metrics(row, now)
    public = {
        "retweet_count": counts["repost_count"],
        "reply_count": counts["reply_count"],
        "like_count": counts["like_count"],
        "quote_count": counts["quote_count"],
        "bookmark_count": counts["bookmark_count"],
        "impression_count": counts["impression_count"],
    }
    if not is_own or not has_private_metrics(world, row, now, OWN):
        return {"public_metrics": public}
    clicks = {
        "impression_count": counts["impression_count"],
        "url_link_clicks": counts["link_click_count"],
        "user_profile_clicks": counts["profile_click_count"],
    }
    reactions = {name: public[name] for name in ("retweet_count", "reply_count", "like_count")}
    return {
        "public_metrics": public,
        "non_public_metrics": {**clicks, "engagements": engagement_total(counts)},
        "organic_metrics": {**clicks, **reactions},
    }


def engagement_total(counts: dict[str, int]) -> int:
    """The platform's own total: every reaction and click, without impressions and follows."""
    return sum(count for name, count in counts.items() if name not in {"impression_count", "new_follow_count"})


def _conversation_id(world: World, row: int) -> str:
    posts = world.posts
    is_answer = int(posts.kind[row]) in {REPLY, SELF_REPLY}
    return str(posts.post_id[int(posts.referenced[row])] if is_answer else posts.post_id[int(posts.root[row])])


def _edit_controls(world: World, row: int, now: datetime) -> Json:
    """Edits left as a string, as the live API gives it (its specification says integer)."""
    first = to_instant(int(world.posts.created_ms[int(world.posts.root[row])]))
    return {
        "edits_remaining": str(EDIT_LIMIT - len(world.versions(row, now)) + 1),
        "is_edit_eligible": bool(world.posts.kind[row] == ORIGINAL),
        "editable_until": format_time(first + EDIT_WINDOW),
    }
