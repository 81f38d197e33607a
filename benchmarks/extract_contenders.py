"""One way from recorded pages to Parquet, as a whole process: `python extract_contenders.py WAY PAGES FOLDER`.

Prints its own wall time, CPU time and peak memory as JSON. The ways of other tools run in environments of their own;
that of dlt is in `extract_dlt`.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

NOW = datetime(2026, 10, 26, 6, 0, tzinfo=UTC)
THREADS = 2
COUNTS = "STRUCT(retweet_count BIGINT, reply_count BIGINT, like_count BIGINT, quote_count BIGINT, "
COUNTS += "bookmark_count BIGINT, impression_count BIGINT)"
LINK = 'STRUCT("start" BIGINT, "end" BIGINT, url VARCHAR, expanded_url VARCHAR, display_url VARCHAR)'
POST = f"""STRUCT(id VARCHAR, text VARCHAR, edit_history_tweet_ids VARCHAR[], public_metrics {COUNTS},
    entities STRUCT(urls {LINK}[], hashtags STRUCT(tag VARCHAR)[], mentions STRUCT(username VARCHAR, id VARCHAR)[]),
    author_id VARCHAR, created_at TIMESTAMPTZ, conversation_id VARCHAR, lang VARCHAR, possibly_sensitive BOOLEAN,
    reply_settings VARCHAR, note_tweet STRUCT(text VARCHAR), in_reply_to_user_id VARCHAR,
    referenced_tweets STRUCT("type" VARCHAR, id VARCHAR)[], withheld STRUCT(country_codes VARCHAR[]))"""

UNKNOWN_TO_TWARC = "note_tweet.text,note_tweet.entities.urls,note_tweet.entities.hashtags,note_tweet.entities.mentions"


def run_ours(_pages: Path, folder: Path) -> None:
    """Landed answers to the lake, as a run after a crash does it: journals read, converted, committed, removed."""
    from pipeline.lake import Lake
    from pipeline.sources.api.journal import recover
    from pipeline.sources.x_api.conversion import JOURNALS

    recover(Lake(folder), JOURNALS, now=NOW)


def run_live(pages: Path, folder: Path) -> None:
    """The extractor from the bytes of an answer on: governor, journal synced page by page, lake commits."""
    from pipeline.lake import Lake
    from pipeline.sources.api.exchange import Exchange
    from pipeline.sources.api.journal import Journal
    from pipeline.sources.api.rate_limits import Governor
    from pipeline.sources.api.run import ApiRun
    from pipeline.sources.x_api.config import XApiConfig
    from pipeline.sources.x_api.conversion import JOURNALS
    from pipeline.sources.x_api.normalise import PostContext
    from pipeline.sources.x_api.responses import open_posts

    limit = XApiConfig.rows_in_memory
    landing = Journal(Lake(folder), JOURNALS, run_id="benchmark", rows_in_memory=limit, clock=lambda: NOW)
    adapter = SimpleNamespace(last=None)
    run = ApiRun("benchmark", NOW, time.sleep, time.monotonic)
    governor = Governor(adapter, run, end_at=float("inf"), source="x_api", platform_name="X", token_name="-")  # type: ignore[arg-type] # noqa: S106
    endpoint = "GET /2/users/:id/tweets"
    context = PostContext(NOW, endpoint)
    with pages.open("rb") as stream:
        for line in stream:
            adapter.last = Exchange(endpoint, 200, line)
            page = governor.call(endpoint, lambda: None, lambda text: open_posts(text, context))
            landing.append(page.tables, {"timeline:1": {"window": {"low": page.ids[-1]}}})
    landing.commit()


def run_duckdb(pages: Path, folder: Path) -> None:
    """DuckDB's own reader with its columns given, one Parquet file of posts with their counts."""
    import duckdb

    folder.mkdir(parents=True)
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.execute(
            f"""
            copy (
                select * exclude (public_metrics), unnest(public_metrics)
                from (
                    select unnest(data, max_depth := 2)
                    from read_json(?, format = 'newline_delimited', columns = {{data: '{POST}[]'}},
                                   maximum_object_size = 33554432)
                )
            ) to '{folder / "posts.parquet"}' (format parquet, compression zstd)
            """,  # noqa: S608 - a folder that this benchmark made
            [str(pages)],
        )


def run_pandas(pages: Path, folder: Path) -> None:
    """`json_normalize` of every page, joined, to one Parquet file."""
    import pandas as pd

    folder.mkdir(parents=True)
    with pages.open("rb") as stream:
        frames = [pd.json_normalize(json.loads(line)["data"]) for line in stream]
    pd.concat(frames, ignore_index=True).to_parquet(folder / "posts.parquet", compression="zstd")


def run_sqlite_utils(pages: Path, folder: Path) -> None:
    """Posts as they are into one SQLite table by `insert_all`, nested values as JSON."""
    import sqlite_utils

    folder.mkdir(parents=True)
    database = sqlite_utils.Database(folder / "posts.db")
    with pages.open("rb") as stream:
        posts = (post for line in stream for post in json.loads(line)["data"])
        database["posts"].insert_all(posts, pk="id", alter=True)
    database.conn.close()


def run_twarc_csv(pages: Path, folder: Path) -> None:
    """twarc's own converter to CSV, given the fields that it does not know: it would drop every row instead."""
    from twarc_csv import CSVConverter, DataFrameConverter

    folder.mkdir(parents=True)
    with pages.open(encoding="utf-8") as source, (folder / "posts.csv").open("w", encoding="utf-8") as target:
        CSVConverter(
            source,
            target,
            converter=DataFrameConverter("tweets", extra_input_columns=UNKNOWN_TO_TWARC),
            hide_progress=True,
        ).process()


def peak_mib() -> float:
    """Peak memory of this process alone; `ru_maxrss` would start from that of the process that launched it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def report(way: Callable[[Path, Path], None]) -> None:
    """Run one way on the command line's arguments and print what it took."""
    pages, folder = Path(sys.argv[2]), Path(sys.argv[3])
    started = time.monotonic()
    way(pages, folder)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    took = {"work_s": time.monotonic() - started, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mib": peak_mib()}
    print(json.dumps({name: round(value, 3) for name, value in took.items()}))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    ways = (run_ours, run_live, run_duckdb, run_pandas, run_sqlite_utils, run_twarc_csv)
    report({way.__name__.removeprefix("run_"): way for way in ways}[sys.argv[1]])
