"""Recorded pages to Parquet: the extractor's own path against DuckDB's JSON reader and the tools people use.

`python benchmarks/extract_pages.py [--posts 1000000]` makes its input from a seed, checks that every way keeps the
same posts, runs the ways in turn as whole processes and writes results/extract_pages.json. "ours" turns landed answers
into lake files, "live" is the whole extractor from an answer's bytes on, with each page synced to the disk; both keep
each post's own text, which DuckDB's way drops. dlt, twarc-csv and sqlite-utils get environments of their own.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.extract_input import make_journals, make_pages, with_includes
from benchmarks.measuring import FOLDER, SCRATCH, Measure, ratios, run_process, write_result
from pipeline.sources.api.journal import FOLDER as JOURNALS

ENVIRONMENTS = {"dlt": FOLDER / ".venv-dlt", "peers": FOLDER / ".venv-peers"}
HOMES = {"dlt_dict": "dlt", "dlt_arrow": "dlt", "twarc_csv": "peers", "sqlite_utils": "peers"}
COMMANDS = {"dlt": ["dlt"], "peers": ["sqlite-utils", "twarc2"]}
WARMING_POSTS = 2_000
# How many times as long each tool takes as we do, by performance.md.
PEER_TARGETS = {"dlt_dict": 12, "dlt_arrow": 2, "twarc_csv": 18, "sqlite_utils": 10, "pandas": 3}
# A repost carries no likes of its own, so the sum over all posts is that over the posts with metrics.
LAKE = (
    "select (select count(*) from '{0}/posts/*/*/*.parquet'), sum(like_count), "
    "(select bit_xor(hash(post_id)) from '{0}/posts/*/*/*.parquet') from '{0}/post_metrics/*/*/*.parquet'"
)
CHECKS = {
    "ours": LAKE,
    "live": LAKE,
    "duckdb": "select count(*), sum(like_count), bit_xor(hash(id)) from '{0}/posts.parquet'",
    "dlt_dict": "select count(*), sum(public_metrics__like_count), bit_xor(hash(id)) from '{0}/bench/posts/*.parquet'",
    "dlt_arrow": 'select count(*), sum("public_metrics_like_count"), bit_xor(hash(id)) '
    "from '{0}/bench/posts/*.parquet'",
    "pandas": "select count(*), sum(\"public_metrics.like_count\"), bit_xor(hash(id)) from '{0}/posts.parquet'",
    "twarc_csv": 'select count(*), sum("public_metrics.like_count")::hugeint, bit_xor(hash(id)) '
    "from read_csv('{0}/posts.csv', all_varchar = false, types = {{'id': 'VARCHAR'}})",
    "sqlite_utils": "select count(*), sum(like_count), bit_xor(hash(id)) from posts",
}


def main() -> None:
    options = _parser().parse_args()
    pages, few = (SCRATCH / f"pages-{count}.jsonl" for count in (options.posts, options.peer_posts))
    make_pages(pages, options.posts)
    make_pages(few, options.peer_posts)
    make_pages(SCRATCH / "pages-warm.jsonl", WARMING_POSTS)
    for way in ("ours", "live", "duckdb"):  # warm caches and compiled modules
        run(way, SCRATCH / "pages-warm.jsonl")
    whole, digest = race(["ours", "duckdb", "live"], pages, options.rounds)
    result: dict[str, Any] = {
        "posts": options.posts,
        "input_bytes": pages.stat().st_size,
        "rounds": options.rounds,
        "posts_per_second": {way: round(options.posts / min(m.wall_s for m in took)) for way, took in whole.items()},
        "ours_per_duckdb": ratios(whole["ours"], whole["duckdb"]),
        "live_per_duckdb": ratios(whole["live"], whole["duckdb"]),
        "target": {"wall_s": 1.3, "peak_mib": 0.75},
        "measures": {way: [asdict(measure) for measure in took] for way, took in whole.items()},
        "identical": digest,
    }
    if options.peers:
        peers = ["pandas", *(way for way, home in HOMES.items() if prepare(home))]
        small, small_digest = race(["ours", *peers], few, options.rounds)
        result["peers"] = {
            "posts": options.peer_posts,
            "peer_per_ours": {way: ratios(small[way], small["ours"]) for way in peers},
            "target_wall_s": PEER_TARGETS,
            "measures": {way: [asdict(measure) for measure in took] for way, took in small.items()},
            "identical": small_digest,
            "packages": {
                home: (FOLDER / f"requirements-{home}.txt").read_text().split()
                for home in sorted({HOMES[way] for way in peers if way in HOMES})
            },
        }
    path = write_result("extract_pages" if options.posts >= 1_000_000 else "extract_pages_short", result)
    shown = {key: value for key, value in result.items() if key.startswith(("ours", "live", "posts"))}
    print(json.dumps({**shown, "peers": result.get("peers", {}).get("peer_per_ours")}, indent=1))
    print(f"written: {path.relative_to(FOLDER.parent)}")


def race(ways: list[str], pages: Path, rounds: int) -> tuple[dict[str, list[Measure]], dict[str, str]]:
    """Measures of each way, run in turn, and what all of them agree on: posts, likes, a digest of the ids.

    Raises:
        ValueError: two ways disagree; no speed is reported then.
    """
    took: dict[str, list[Measure]] = {way: [] for way in ways}
    digests = {}
    for number in range(rounds):
        for way in ways:
            took[way].append(run(way, pages))
            if number == 0:
                digests[way] = read_digest(way)
            print(f"round {number + 1} of {rounds}, {way}: {took[way][-1]}", flush=True)
        if len(set(digests.values())) != 1:
            raise ValueError(f"the ways do not keep the same posts: {digests}")
    names = ("post_count", "like_count", "ids_digest")
    return took, dict(zip(names, map(str, digests[ways[0]] or ()), strict=True))


def read_digest(way: str) -> tuple[Any, ...] | None:
    """Posts, likes and a digest of the ids that a way has kept."""
    out = SCRATCH / f"out-{way}"
    with duckdb.connect() as connection:
        if way == "sqlite_utils":
            query = "select id, json_extract(public_metrics, '$.like_count') as like_count from posts"
            with closing(sqlite3.connect(out / "posts.db")) as database:
                connection.register("posts", pd.read_sql(query, database))
        return connection.execute(CHECKS[way].format(out)).fetchone()


def run(way: str, pages: Path) -> Measure:
    """One way as a whole process into an empty folder; ours finds its journals there."""
    out = SCRATCH / f"out-{way}"
    shutil.rmtree(out, ignore_errors=True)
    if way == "ours":
        journals = SCRATCH / pages.stem.replace("pages", "journals")
        make_journals(pages, journals)
        shutil.copytree(journals, out / JOURNALS, copy_function=os.link)
    if way == "twarc_csv":
        pages = with_includes(pages)
    script = "extract_dlt.py" if way.startswith("dlt") else "extract_contenders.py"
    python = ENVIRONMENTS[HOMES[way]] / "bin" / "python" if way in HOMES else sys.executable
    measure, _ = run_process([str(python), str(FOLDER / script), way, str(pages), str(out)])
    return measure


def prepare(home: str) -> bool:
    """Make a tool's environment where it is absent; False, with the reason printed, if that fails."""
    environment = ENVIRONMENTS[home]
    if all((environment / "bin" / command).exists() for command in COMMANDS[home]):
        return True
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "-q", "-r", f"requirements-{home}.txt"]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)  # noqa: S603
        subprocess.run(pip, cwd=FOLDER, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{home} is left out, its environment could not be made: {error}")
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000, help="posts in the recorded pages")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each way, in turn")
    parser.add_argument("--peer-posts", type=int, default=20_000, help="posts for the other tools, most of them slow")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="the other tools as well")
    return parser


if __name__ == "__main__":
    main()
