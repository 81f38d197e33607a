"""Recorded timeline pages for the benchmarks: made from a seed with the demo platform's own pages. Holds no timing.

20,000 posts are rendered once; further copies differ in their post ids only, each of which is unique.
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pipeline.simulate.rendering import render_post
from pipeline.simulate.world import World
from pipeline.sources.x_api.session import POST_FIELDS

PAGE_POSTS = 100
TEMPLATE_POSTS = 20_000
SEED, ACCOUNTS, DAYS, POST_RATE_SCALE = 11, 200, 70, 5.0
# What X adds to links and topics; with it a post takes about 2 kB, as recorded pages do.
TOPIC = {
    "domain": {"id": "45", "name": "Brand vertical", "description": "Top level entities that describe an industry"},
    "entity": {"id": "781974596752842752", "name": "Services"},
}
CARD = {"title": "A page of the demo world " * 4, "description": "What the linked page says about itself. " * 12}


def make_pages(path: Path, post_count: int) -> None:
    """Write pages of 100 posts as JSON lines, unless the file is already there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    templates = [_split(page) for page in _template_pages()]
    with temporary.open("wb") as stream:
        for number in range(post_count // PAGE_POSTS):
            copy, which = divmod(number, len(templates))
            stream.write(_renumbered(templates[which], copy * TEMPLATE_POSTS) + b"\n")
    temporary.rename(path)


def _template_pages() -> Iterator[dict[str, Any]]:
    world = World(SEED, ACCOUNTS, DAYS, post_rate_scale=POST_RATE_SCALE)
    now, fields = world.end, frozenset(POST_FIELDS)
    rows = (row for account in range(world.cast.size) for row in world.visible_rows(account, now))
    page: list[dict[str, Any]] = []
    made = 0
    for row in rows:
        post = render_post(world, int(row), now - timedelta(hours=1), fields)
        for url in post.get("entities", {}).get("urls", ()):
            url.update(CARD, images=[{"url": url["expanded_url"] + "/card.png", "width": 1200, "height": 630}])
        post["context_annotations"] = [TOPIC] * 4
        page.append(post)
        if len(page) == PAGE_POSTS:
            meta = {"result_count": PAGE_POSTS, "newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
            yield {"data": page, "meta": {**meta, "next_token": f"b26v89c19zqg8o3f{made:020d}"}}
            page, made = [], made + PAGE_POSTS
            if made == TEMPLATE_POSTS:
                return
    raise ValueError(f"the world has {made} posts, fewer than the templates need")


def _split(page: dict[str, Any]) -> tuple[list[bytes], list[int]]:
    """The page's text cut at its own post ids, and these ids in order."""
    own = {post["id"] for post in page["data"]} | {root for p in page["data"] for root in p["edit_history_tweet_ids"]}
    parts = re.split("(" + "|".join(own) + ")", json.dumps(page, separators=(",", ":")))
    return [part.encode() for part in parts[::2]], [int(part) for part in parts[1::2]]


def _renumbered(template: tuple[list[bytes], list[int]], offset: int) -> bytes:
    texts, ids = template
    pieces = [texts[0]]
    for post_id, text in zip(ids, texts[1:], strict=True):
        # The lowest 22 bits of an id are no time, so a copy is as old as its template.
        pieces += [str(post_id + offset).encode(), text]
    return b"".join(pieces)
