"""Pages to Parquet for each post: feeds of Bluesky and Mastodon next to X's timelines, with the whole extractor's path.

`python benchmarks/feed_pages.py [--posts 20000] [--rounds 5]` makes pages of the demo's posts from a seed and runs the
three ways in turn in one process: an answer's bytes are parsed, its page is synced to the journal, and the journal
becomes lake files. CPU time decides, because a synced page waits for the disk. It writes results/feed_pages.json.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.extract_contenders import run_live
from benchmarks.extract_input import make_pages
from benchmarks.measuring import FOLDER, SCRATCH, spread, write_result
from pipeline.lake import Lake
from pipeline.simulate import appview, mastodon_rendering
from pipeline.simulate.elsewhere import Elsewhere, draw_elsewhere
from pipeline.simulate.world import World
from pipeline.sources.api.config import ReadingConfig
from pipeline.sources.api.feeds.items import Page, tables_of
from pipeline.sources.api.feeds.session import FeedPlatform
from pipeline.sources.api.journal import Journal
from pipeline.sources.bluesky.feed_platform import BLUESKY
from pipeline.sources.bluesky.normalise import read_posts
from pipeline.sources.bluesky.structs import Posts
from pipeline.sources.mastodon.feed_platform import MASTODON
from pipeline.sources.mastodon.normalise import read_statuses

NOW = datetime(2026, 10, 26, 6, tzinfo=UTC)
PAGE_POSTS = 100  # for all three, so that each syncs as often
ROWS_IN_MEMORY = ReadingConfig.rows_in_memory


def main() -> None:
    options = _parser().parse_args()
    count = options.posts // PAGE_POSTS * PAGE_POSTS
    x_pages = SCRATCH / f"pages-{count}.jsonl"
    make_pages(x_pages, count)
    bluesky, mastodon = draw_elsewhere(World(seed=11, account_count=200, day_count=140))
    ways: dict[str, tuple[Path, Callable[[Path, Path], None]]] = {
        "x": (x_pages, run_live),
        "bluesky": (_write(bluesky, appview.render_post, count, "posts"), run_bluesky),
        "mastodon": (_write(mastodon, mastodon_rendering.render_status, count, ""), run_mastodon),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(options.rounds + 1):
        for name, (pages, way) in ways.items():
            folder = SCRATCH / f"out-feed-{name}"
            shutil.rmtree(folder, ignore_errors=True)
            started = time.process_time()
            way(pages, folder)
            if number:  # the first round warms up
                took[name].append(1e6 * (time.process_time() - started) / count)
            print(f"round {number}, {name}: {took[name][-1:]}", flush=True)
    result = {
        "posts": count,
        "rounds": options.rounds,
        "bytes_per_post": {name: round(pages.stat().st_size / count) for name, (pages, _) in ways.items()},
        "cpu_us_per_post": {name: spread(each) for name, each in took.items()},
        "per_x": {
            name: spread([ours / theirs for ours, theirs in zip(took[name], took["x"], strict=True)])
            for name in ("bluesky", "mastodon")
        },
        "target": 1.0,
    }
    path = write_result("feed_pages", result)
    print(json.dumps(result, indent=1))
    print(f"written: {path.relative_to(FOLDER.parent)}")


def run_bluesky(pages: Path, folder: Path) -> None:
    """Answers of getPosts to the lake."""

    def read(line: bytes) -> Page:
        answer = msgspec.json.decode(line, type=Posts)
        return read_posts(answer.posts, handles={}, endpoint="app.bsky.feed.getPosts", at=NOW)

    _land(BLUESKY, pages, folder, read)


def run_mastodon(pages: Path, folder: Path) -> None:
    """Lists of statuses to the lake."""

    def read(line: bytes) -> Page:
        texts = msgspec.json.decode(line, type=list[msgspec.Raw])
        return read_statuses(texts, host="mastodon.demo.example", handles={}, endpoint="statuses", at=NOW)

    _land(MASTODON, pages, folder, read)


def _land(platform: FeedPlatform, pages: Path, folder: Path, read: Callable[[bytes], Page]) -> None:
    landing = Journal(
        Lake(folder), platform.journals, run_id="benchmark", rows_in_memory=ROWS_IN_MEMORY, clock=lambda: NOW
    )
    with pages.open("rb") as stream:
        for line in stream:
            page = read(line)
            if page.issues or len(page.items) != page.entry_count:
                raise ValueError(f"the benchmark's page is odd: {page.issues[:1]}")
            landing.append({**tables_of(page.items), "issues": page.issues}, {"timeline:1": {"high": NOW.isoformat()}})
    landing.commit()


def _write(
    site: Elsewhere, render: Callable[[Elsewhere, int, datetime], dict[str, Any]], count: int, field: str
) -> Path:
    """Pages of so many of the site's own posts; further copies of the few that it has differ in their ids."""
    path, now = SCRATCH / f"feed-{site.platform}-{count}.jsonl", site.world.end
    rows = (int(row) for account in range(site.world.cast.size) for row in site.feed_rows(account, now))
    shown = (render(site, row, now - timedelta(hours=1)) for row in rows)
    own = [post for post in shown if not post.get("reblog")]
    key = "uri" if site.platform == "bluesky" else "id"
    with path.open("wb") as stream:
        for start in range(0, count, PAGE_POSTS):
            numbers = range(start, start + PAGE_POSTS)
            page = [{**(post := own[n % len(own)]), key: f"{post[key][:-3]}{n // len(own):03d}"} for n in numbers]
            stream.write(json.dumps({field: page} if field else page, separators=(",", ":")).encode() + b"\n")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000, help="posts of each platform")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each way, in turn")
    return parser


if __name__ == "__main__":
    main()
