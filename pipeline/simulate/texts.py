"""The text of a post row and what is marked in it: links, hashtags, mentions. Decided by the row alone."""

import re
from dataclasses import dataclass

from pipeline.simulate.posts import ORIGINAL, QUOTE, REPOST
from pipeline.simulate.vocabulary import Json
from pipeline.simulate.words import LIMIT, link_target, long_text, sentence, short_link
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import to_instant

REPOST_LIMIT = 140
_MARKS = re.compile(r"#(?P<tag>\w+)|@(?P<handle>\w{1,15})|(?P<link>https://t\.co/\w+)")


@dataclass(frozen=True)
class PostText:
    """`shown` is at most 280 characters; `full` is given for long posts only; `targets` maps short links to pages."""

    shown: str
    full: str | None
    targets: dict[str, str]


def text_of(world: World, row: int) -> PostText:
    """The text of one version of a post."""
    posts, cast = world.posts, world.cast
    account, salt, kind = int(posts.account[row]), int(posts.salt[row]), int(posts.kind[row])
    link, targets = short_link(salt), {}
    industry = cast.industries[account]
    if kind == REPOST:
        source = int(posts.referenced[row])
        original = text_of(world, source)
        text = f"RT @{_author_handle(world, source)}: {original.shown}"
        return PostText(_cut(text, REPOST_LIMIT), None, original.targets)
    if kind == QUOTE:
        source = int(posts.referenced[row])
        targets[link] = f"https://x.com/{_author_handle(world, source)}/status/{posts.post_id[source]}"
        return PostText(f"{sentence(salt, industry)} {link}", None, targets)
    if kind != ORIGINAL:
        source = int(posts.referenced[row])
        return PostText(f"@{_author_handle(world, source)} {sentence(salt, industry, is_answer=True)}", None, {})
    draft = f" (draft {row - int(posts.root[row]) + 1})" if posts.superseded_ms[row] < posts.removed_ms[row] else ""
    tail = ""
    if posts.has_link[row]:
        targets[link], tail = link_target(cast.names[account], salt), f" {link}"
    if posts.is_long[row]:
        more = short_link(salt + 1)
        full = long_text(salt, industry) + draft + tail
        return PostText(
            f"{full[: LIMIT - 26]}… {more}",
            full,
            {**targets, more: f"https://x.com/i/web/status/{posts.post_id[row]}"},
        )
    return PostText(sentence(salt, industry) + draft + tail, None, targets)


def entities_of(world: World, text: str, targets: dict[str, str], row: int) -> Json:
    """Entities of a text with their positions in characters; kinds without an entity are left out."""
    found: Json = {}
    for mark in _MARKS.finditer(text):
        place: Json = {"start": mark.start(), "end": mark.end()}
        if mark["tag"]:
            found.setdefault("hashtags", []).append({**place, "tag": mark["tag"]})
        elif mark["handle"]:
            mentioned = world.find_handle(mark["handle"], to_instant(int(world.posts.created_ms[row])))
            account_id = {} if mentioned is None else {"id": world.cast.account_ids[mentioned]}
            found.setdefault("mentions", []).append({**place, "username": mark["handle"], **account_id})
        elif mark["link"] in targets:
            target = targets[mark["link"]]
            link = {"url": mark["link"], "expanded_url": target, "display_url": target.removeprefix("https://")}
            found.setdefault("urls", []).append({**place, **link})
    return found


def _author_handle(world: World, row: int) -> str:
    return world.handle(int(world.posts.account[row]), to_instant(int(world.posts.created_ms[row])))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


@dataclass(frozen=True)
class PlainText:
    """The text of a post where links are not shortened by the platform: `link` is shown as the part of it that fits."""

    text: str
    shown_link: str | None
    link: str | None


SHOWN_CHARACTERS = 30


def plain_text_of(world: World, row: int) -> PlainText:
    """The text of a version of a post that is no repost, without names of others in front."""
    posts = world.posts
    account, salt, kind = int(posts.account[row]), int(posts.salt[row]), int(posts.kind[row])
    text = sentence(salt, world.cast.industries[account], is_answer=kind not in {ORIGINAL, QUOTE})
    if not posts.has_link[row]:
        return PlainText(text, None, None)
    target = link_target(world.cast.names[account], salt)
    shown = _cut(target.removeprefix("https://"), SHOWN_CHARACTERS)
    return PlainText(f"{text} {shown}", shown, target)


def hashtags_of(text: str) -> list[tuple[int, int, str]]:
    """Hashtags with their places in the text, # included, and their names."""
    return [(mark.start(), mark.end(), mark["tag"]) for mark in _MARKS.finditer(text) if mark["tag"]]
