"""What there is to know of the lake's bucket, and how an empty one is filled from a backup."""

from datetime import datetime, timedelta

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.bucket import Bucket
from pipeline.lake.manifest import MANIFEST, entry_paths, read_entry
from pipeline.lake.mirror import BucketLake
from pipeline.lake.opening import open_lake
from pipeline.lake.tombstones import TOMBSTONES_FILE
from pipeline.runtime.files import remove_folder
from pipeline.settings import Settings
from pipeline.sources.api.journal import FOLDER as JOURNALS

CLOCKS_MAY_DIFFER = timedelta(minutes=5)  # the store itself refuses requests that are off by fifteen


def look_at_bucket(settings: Settings, *, now: datetime) -> tuple[bool, str, str]:
    """Whether all is well with the bucket, what was found, and what to do.

    Raises:
        TweetbenchError: it cannot be used at all.
    """
    lake = open_lake(settings)
    assert isinstance(lake, BucketLake)  # noqa: S101 - the caller has looked at the setting
    lake.require_conditions()
    found, step = [f"{lake.bucket.url}, {lake.last_sequence():,} entries, heeds conditions"], ""
    if lake.bucket.keeps_versions():
        found.append("keeps earlier versions, so nothing can be erased from it")
        step = "a bucket without versioning: tweetbench backup FILE, then restore into it"
    drift = abs(lake.bucket.store_time - now) if lake.bucket.store_time else timedelta()
    if drift > CLOCKS_MAY_DIFFER:
        found.append(f"its clock differs from this machine's by {drift.total_seconds() / 60:.0f} minutes")
        step = step or "set the clock of this machine"
    if count := len(lake.leftovers()):
        found.append(f"{count} files that no commit names (tweetbench doctor --fix removes those older than a day)")
    return not step, "; ".join(found), step


def fill_bucket(settings: Settings) -> bool:
    """Put the lake of a data folder that was restored just now into its bucket; False where the bucket holds a lake,
    which counts then. Called again after an interruption, it resumes.

    Raises:
        TweetbenchError: the bucket cannot be used, or another lake is being put into it.
    """
    bucket, lake = Bucket(str(settings.lake_url)), Lake(settings.lake_dir)
    present = {stored.name for stored in bucket.list(f"{MANIFEST}/")}
    ours = {f"{MANIFEST}/{path.name}": path for path in entry_paths(lake.root)}
    is_ours = all(name in ours and (got := bucket.get(name)) and got[0] == ours[name].read_bytes() for name in present)
    if present and not is_ours:
        for path in lake.root.iterdir():
            if path.is_dir() and path.name != JOURNALS:
                remove_folder(path)
            elif path.name == TOMBSTONES_FILE:
                path.unlink()
        open_lake(settings)
        return False
    if (lake.root / TOMBSTONES_FILE).exists():
        bucket.put(TOMBSTONES_FILE, lake.root / TOMBSTONES_FILE)
    for name, path in ours.items():
        if name in present:
            continue
        for file in read_entry(path).all_files():
            bucket.put(file.path, lake.root / file.path)
        if bucket.put_if_absent(name, path.read_bytes()) is None:
            raise TweetbenchError(
                "another lake is being put into this bucket",
                where=f"{bucket.url}/{name}",
                why="the entry is there already, and is another one",
                next_step="use another prefix in TWEETBENCH_LAKE_URL, in a new data folder",
                exit_code=Exit.BUSY,
            )
    BucketLake(lake.root, bucket)  # from now on the folder is the bucket's mirror
    return True
