"""What a post refers to: its kind, the post behind it, its links and its media. Pure, on X's JSON."""

import re
from collections.abc import Collection, Mapping

from pipeline.sources.api.json_values import Record, id_of, text_of, texts_of
from pipeline.sources.x_api.values import field_of, record_of, records_of

REPOSTED, QUOTED, REPLIED = {"retweeted", "reposted"}, {"quoted"}, {"replied_to"}
# A post's own address, which X puts among the links of long posts and of posts with media.
OWN_LINK = re.compile(
    r"^https?://(?:twitter|x)\.com/(?:i/web|\w+)/status/(?P<id>\d+)(?P<part>/(?:photo|video)/\d+)?/?$"
)
# The first part of a media key tells the kind, so that no paid-for expansion is needed to know it.
MEDIA_KINDS = {"3": "photo", "7": "video", "13": "video", "16": "animated_gif"}


def post_kind(item: Record, account_id: str | None) -> str:
    """original, reply, self_reply, quote, repost or unknown; a reply that quotes is a reply."""
    kinds = {str(reference.get("type")) for reference in records_of(item, "referenced_tweets")}
    answered = id_of(item.get("in_reply_to_user_id"))
    if kinds & REPOSTED:
        return "repost"
    if kinds & REPLIED or answered:
        return "self_reply" if answered and answered == account_id else "reply"
    if kinds & QUOTED:
        return "quote"
    if kinds:
        return "unknown"
    # In the post vocabulary the reference is an expansion; without it only the text shows a repost.
    is_post_dialect = "edit_history_post_ids" in item or "repost_count" in record_of(item, "public_metrics")
    return "repost" if is_post_dialect and str(item.get("text", "")).startswith("RT @") else "original"


def referenced_post_id(item: Record) -> str | None:
    """Id of the post reposted, else replied to, else quoted."""
    found = {
        str(reference.get("type")): id_of(reference.get("id")) for reference in records_of(item, "referenced_tweets")
    }
    return next((found[kind] for kind in (*REPOSTED, *REPLIED, *QUOTED) if found.get(kind)), None)


def repost_text(item: Record, side_posts: Mapping[str, Record]) -> str | None:
    """Full text of a repost, which X cuts at 140 characters, where the answer includes the original."""
    original = side_posts.get(referenced_post_id(item) or "")
    if original is None:
        return None
    full = text_of(record_of(original, "note_tweet").get("text") or original.get("text"))
    start = re.match(r"RT @\w+: ", str(item.get("text") or ""))
    return f"{start.group() if start else ''}{full}" if full else None


def link_urls(entities: Record, post_id: str = "", item: Record | None = None) -> list[str]:
    """Targets of the links, in full where X expanded them; not media, nor the post itself, nor the one it quotes."""
    inner = {post_id, referenced_post_id(item) if item else None}
    targets = []
    for url in records_of(entities, "urls"):
        target = text_of(url.get("unwound_url") or url.get("expanded_url") or url.get("url"))
        if not (url.get("media_key") or is_inner_link(text_of(url.get("expanded_url")) or "", inner)):
            targets.append(target)
    return texts_of(iter(targets))


def is_inner_link(expanded_url: str, inner: Collection[str | None]) -> bool:
    """True for the address of a post's medium, or of one of the given posts."""
    own = OWN_LINK.match(expanded_url)
    return own is not None and (own["part"] is not None or own["id"] in inner)


def media_kinds(item: Record) -> list[str]:
    """Kinds of attached media: photo, video, animated_gif or unknown, one for each."""
    keys = field_of(record_of(item, "attachments"), "media_keys")
    return [media_kind(key) for key in keys] if isinstance(keys, list) else []


def media_kind(key: object) -> str:
    """Kind of one attached medium by its key."""
    return MEDIA_KINDS.get(str(key).split("_")[0], "unknown")
