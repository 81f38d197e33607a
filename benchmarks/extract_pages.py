"""Recorded pages to Parquet: the extractor's own path against DuckDB's JSON reader and against dlt.

`python benchmarks/extract_pages.py [--posts 1000000]` makes its input from a seed, checks that every way keeps the
same posts, runs the ways in turn as whole processes and writes results/extract_pages.json. dlt gets an environment of
its own from requirements-dlt.txt.
"""

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.extract_input import make_pages
from benchmarks.measuring import FOLDER, SCRATCH, Measure, ratios, run_process, write_result

DLT_ENVIRONMENT = FOLDER / ".venv-dlt"
DLT_POSTS = 20_000
PYTHON = {"ours": sys.executable, "duckdb": sys.executable}
# A repost carries no likes of its own, so the sum over all posts is that over the posts with metrics.
CHECKS = {
    "ours": "select (select count(*) from '{0}/posts/*/*/*.parquet'), sum(like_count), "
    "(select bit_xor(hash(post_id)) from '{0}/posts/*/*/*.parquet') from '{0}/post_metrics/*/*/*.parquet'",
    "duckdb": "select count(*), sum(like_count), bit_xor(hash(id)) from '{0}/posts.parquet'",
    "dlt_dict": "select count(*), sum(public_metrics__like_count), bit_xor(hash(id)) from '{0}/bench/posts/*.parquet'",
    "dlt_arrow": 'select count(*), sum("public_metrics_like_count"), bit_xor(hash(id)) '
    "from '{0}/bench/posts/*.parquet'",
}


def main() -> None:
    options = _parser().parse_args()
    pages, few = (SCRATCH / f"pages-{count}.jsonl" for count in (options.posts, DLT_POSTS))
    make_pages(pages, options.posts)
    make_pages(few, DLT_POSTS)
    for way in ("ours", "duckdb"):  # warm caches and compiled modules
        run(way, few)
    whole, digest = race(["ours", "duckdb"], pages, options.rounds)
    result: dict[str, Any] = {
        "posts": options.posts,
        "input_bytes": pages.stat().st_size,
        "rounds": options.rounds,
        "posts_per_second": {way: round(options.posts / min(m.wall_s for m in took)) for way, took in whole.items()},
        "ours_per_duckdb": ratios(whole["ours"], whole["duckdb"]),
        "target": {"wall_s": 1.3, "peak_mib": 0.75},
        "measures": {way: [asdict(measure) for measure in took] for way, took in whole.items()},
        "identical": digest,
    }
    if prepare_dlt():
        small, small_digest = race(["ours", "dlt_dict", "dlt_arrow"], few, max(options.rounds, 5))
        result["dlt"] = {
            "posts": DLT_POSTS,
            "dlt_dict_per_ours": ratios(small["dlt_dict"], small["ours"]),
            "dlt_arrow_per_ours": ratios(small["dlt_arrow"], small["ours"]),
            "target": {"dlt_dict_per_ours": 12, "dlt_arrow_per_ours": 2},
            "measures": {way: [asdict(measure) for measure in took] for way, took in small.items()},
            "identical": small_digest,
            "packages": (FOLDER / "requirements-dlt.txt").read_text().split(),
        }
    path = write_result("extract_pages" if options.posts >= 1_000_000 else "extract_pages_short", result)
    print(json.dumps({key: value for key, value in result.items() if key.startswith(("ours", "posts"))}, indent=1))
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
                digests[way] = duckdb.sql(CHECKS[way].format(SCRATCH / f"out-{way}")).fetchone()
            print(f"round {number + 1} of {rounds}, {way}: {took[way][-1]}", flush=True)
        if len(set(digests.values())) != 1:
            raise ValueError(f"the ways do not keep the same posts: {digests}")
    names = ("post_count", "like_count", "ids_digest")
    return took, dict(zip(names, map(str, digests[ways[0]] or ()), strict=True))


def run(way: str, pages: Path) -> Measure:
    """One way as a whole process into an empty folder."""
    out = SCRATCH / f"out-{way}"
    shutil.rmtree(out, ignore_errors=True)
    script = "extract_dlt.py" if way.startswith("dlt") else "extract_contenders.py"
    python = PYTHON.get(way, str(DLT_ENVIRONMENT / "bin" / "python"))
    measure, _ = run_process([python, str(FOLDER / script), way, str(pages), str(out)])
    return measure


def prepare_dlt() -> bool:
    """Make dlt's environment where it is absent; False, with the reason printed, if that fails."""
    if (DLT_ENVIRONMENT / "bin" / "dlt").exists():
        return True
    pip = [str(DLT_ENVIRONMENT / "bin" / "python"), "-m", "pip", "install", "-q", "-r", "requirements-dlt.txt"]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(DLT_ENVIRONMENT)], check=True)  # noqa: S603
        subprocess.run(pip, cwd=FOLDER, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"dlt is left out, its environment could not be made: {error}")
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000, help="posts in the recorded pages")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each way, in turn")
    return parser


if __name__ == "__main__":
    main()
