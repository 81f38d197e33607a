"""Recorded timeline pages for the benchmarks: made from a seed with the demo platform's own pages. Holds no timing.

20,000 posts are rendered once; further copies differ in their post ids only, each of which is unique.
"""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from pipeline.simulate.rendering import render_post
from pipeline.simulate.world import World
from pipeline.sources.api.journal import ROWS_OF_A_POST, journal_line
from pipeline.sources.api.responses import ANSWERS, RawResponse
from pipeline.sources.x_api.config import XApiConfig
from pipeline.sources.x_api.normalise import PostContext
from pipeline.sources.x_api.responses import open_posts
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


def make_journals(pages: Path, folder: Path) -> None:
    """Write the pages as the journals that the extractor leaves of them, unless the folder is there."""
    if folder.exists():
        return
    temporary = folder.with_suffix(".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    context = PostContext(datetime(2026, 10, 26, 6, tzinfo=UTC), "GET /2/users/:id/tweets")
    size = XApiConfig.rows_in_memory // ROWS_OF_A_POST // PAGE_POSTS
    with pages.open("rb") as stream:
        for number, lines in enumerate(iter(lambda: list(islice(stream, size)), [])):
            with (temporary / f"benchmark-0-{number:06d}.jsonl").open("wb") as journal:
                for line in lines:
                    page = open_posts(line.rstrip(b"\n"), context)
                    if page is None:
                        raise ValueError("a page of the benchmark is no answer")
                    answers = [RawResponse(**row) for row in page.tables[ANSWERS]]
                    journal.write(journal_line({}, answers, {"timeline:1": {"window": {"low": page.ids[-1]}}}))
    temporary.rename(folder)


def with_includes(pages: Path) -> Path:
    """The same pages with an empty list of included users, without which twarc-csv reads none."""
    path = pages.with_name(f"included-{pages.name}")
    if not path.exists():
        lines = pages.read_bytes().splitlines()
        path.write_bytes(b"".join(line[:-1] + b',"includes":{"users":[]}}\n' for line in lines))
    return path


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
