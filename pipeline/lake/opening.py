"""Which lake a data folder has: its own folder, or a bucket whose mirror the folder is. Never one for the other."""

from pathlib import Path

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.manifest import last_sequence
from pipeline.lake.mark import read_mark
from pipeline.runtime.shard import shard_of
from pipeline.settings import Settings


def open_lake(settings: Settings) -> Lake:
    """The lake of a data folder; one in a bucket as it is now.

    Raises:
        TweetbenchError: the folder mirrors another bucket, or has a lake of its own; the bucket cannot be read.
    """
    root, url = settings.lake_dir, settings.lake_url
    mirrored = read_mark(root).get("url")
    if mirrored != url and (mirrored is not None or (url and last_sequence(root))):
        raise _refusal(root, mirrored, url)
    shard = shard_of(settings)
    writer = shard.name if shard and shard.is_reader else ""
    if url is None:
        return Lake(root, writer)
    from pipeline.lake.bucket import Bucket
    from pipeline.lake.mirror import BucketLake

    return BucketLake(root, Bucket(url), writer)


def _refusal(root: Path, mirrored: str | None, url: str | None) -> TweetbenchError:
    if mirrored is None:
        what, why = "this data folder has a lake of its own", f"its commits are not in {url}, and would no longer count"
        step = "unset TWEETBENCH_LAKE_URL, run: tweetbench backup FILE, then with it, in a new data folder: tweetbench "
        step += "restore FILE   (fills the bucket)"
    else:
        what = "this data folder is the mirror of a bucket"
        why = f"its lake is {mirrored}; commits to {url or 'the folder'} would be a second lake that lacks the first"
        step = f"set TWEETBENCH_LAKE_URL={mirrored}, or use another data folder (TWEETBENCH_DATA_DIR)"
    return TweetbenchError(what, where=str(root), why=why, next_step=step, exit_code=Exit.CONFIGURATION)
