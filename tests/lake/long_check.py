"""The long form of what the tests show of a lake in a bucket, to be run by hand: `python -m tests.lake.long_check`.

`interleavings`: two committers, a thousand orders of their requests drawn from seeds; every entry is there once.
`whole_run`: `tweetbench run` on a small world with the lake in a folder, in a bucket, and in a bucket that two readers
of parts fill before the run that makes the warehouse; the published marts must be the same. Prints one JSON object.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.lake.bucket import Bucket
from pipeline.lake.mirror import BucketLake
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.settings import PROJECT_DIR
from tests.conftest import NOW
from tests.guarantees.flow import published_contents
from tests.guarantees.real_runs import REGISTRY
from tests.lake.s3_server import BUCKET, Store, environment, serve
from tests.lake.turns import interleave
from tests.sources.x_api.stand import TOKEN, make_post, tiny_world


def interleavings(store: Store, count: int, endpoint: str | None) -> dict[str, Any]:
    """Commits of two machines in orders drawn from seeds 0 to `count` - 1; with files, so that files are shared too."""
    began, cpu = time.monotonic(), time.process_time()
    orders, lost, doubled = set[str](), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, count, 50):  # a lake of its own for each fifty, or listings would grow
            url = f"s3://{BUCKET}/interleaved-{first}"
            lakes = [BucketLake(Path(folder) / f"{first}-{name}", Bucket(url)) for name in "ab"]
            for lake in lakes:
                lake.require_conditions()
            for seed in range(first, min(first + 50, count)):
                drawn = random.Random(seed)  # noqa: S311 - an order of requests
                works = [
                    partial(lake.commit, {}, source="inbox", run_id="r", now=NOW, state={f"{seed}-{number}": 1})
                    for number, lake in enumerate(lakes)
                ]
                orders.add(interleave(lakes[0].bucket._client, drawn, works))
            fresh = BucketLake(Path(folder) / f"{first}-fresh", Bucket(url))
            found = Counter(key for commit in fresh.commits() for key in commit.state)
            wanted = {f"{seed}-{number}" for seed in range(first, min(first + 50, count)) for number in range(2)}
            lost += len(wanted - found.keys())
            doubled += sum(number > 1 for number in found.values())
            numbers = [commit.sequence for commit in fresh.commits()]
            assert numbers == list(range(1, len(wanted) + 1)), numbers
    return {
        "server": endpoint or "our own",
        "interleavings": count,
        "distinct_orders": len(orders),
        "commits": 2 * count,
        "lost": lost,
        "doubled": doubled,
        "requests": len(store.requests),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "seconds": round(time.monotonic() - began, 1),
    }


def whole_run(store: Store) -> dict[str, Any]:
    """The command itself, on the same small world, three times; marts compared by rows and an order-free hash."""
    contents, results = {}, {}
    with tempfile.TemporaryDirectory() as folder, tiny_world(account_count=2) as tiny:
        for number in (1, 2):
            author = str(1_000 + number)
            tiny.posts[author] = [make_post(10 * each + number, author=author) for each in range(40)]
        for name, url, shards in (
            ("folder", "", ("",)),
            ("bucket", f"s3://{BUCKET}/run", ("",)),
            ("parts", f"s3://{BUCKET}/parts", ("1/2", "2/2", "0/2")),
        ):
            began = time.monotonic()
            for shard in shards:
                data = Path(folder) / (name if shard in {"", "0/2"} else f"{name}-{shard[0]}")
                data.mkdir(exist_ok=True)
                (data / "accounts.csv").write_text(REGISTRY)
                given = {"DATA_DIR": str(data), "LAKE_URL": url, "SHARD": shard, "X_API_BASE_URL": tiny.base_url}
                given |= {"X_BEARER_TOKEN": TOKEN, "HASH_KEY": "the same key in every folder", "SETTLE_SECONDS": "0"}
                given |= {"MAX_USD_PER_RUN": "100"}
                done = subprocess.run(
                    [sys.executable, "-m", "pipeline.cli.entry", "run"],
                    cwd=PROJECT_DIR,
                    env={
                        **os.environ,
                        **environment(store),
                        **{f"TWEETBENCH_{key}": value for key, value in given.items()},
                        NOW_VARIABLE: NOW.isoformat(),
                    },
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == 0, (name, shard, done.returncode, done.stdout[-800:], done.stderr[-800:])
            contents[name] = published_contents(Path(folder) / name)
            results[name] = {"seconds": round(time.monotonic() - began, 1), "requests": len(store.requests)}
            store.requests.clear()
    first = contents["folder"] or {}
    same = {
        name: sorted(key for key in first if first[key] != (found or {}).get(key)) for name, found in contents.items()
    }
    return {"marts": len(first), "differing": same, "runs": results}


def main() -> None:
    """Run what is asked for and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("interleavings", "whole_run"))
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--endpoint", help="another S3 server on loopback, with an empty bucket `lakes`")
    given = parser.parse_args()
    with serve() as store:
        os.environ.update(environment(store))
        if given.endpoint:
            os.environ["AWS_ENDPOINT_URL_S3"] = given.endpoint
        found = interleavings(store, given.count, given.endpoint) if given.what == "interleavings" else whole_run(store)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
