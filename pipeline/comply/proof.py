"""Proof that nothing was left: every byte that we hold, unpacked where it is packed, is searched for the erased words.

DuckDB does not give back every block that it frees, and what lies there may be compressed: no search can see it. That
is why the sweep throws such files away and rebuilds them instead of deleting from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from pipeline.comply.bucket_proof import search_bucket
from pipeline.comply.multi_search import Needles
from pipeline.comply.unpacking import CannotUnpackError, contents
from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.mirror import BucketLake
from pipeline.lake.tombstones import Tombstones
from pipeline.settings import Settings


@dataclass(frozen=True)
class Proof:
    """What was searched, and where something was still found.

    `searched_byte_count` counts what files unpack to as well. `not_unpacked`: packed files that are damaged or locked;
    only their own bytes were searched.
    """

    file_count: int
    byte_count: int
    searched_byte_count: int
    needle_count: int
    found_in: tuple[str, ...]
    not_unpacked: tuple[str, ...] = ()


def search(settings: Settings, lake: Lake, tombstones: Tombstones, words: set[str]) -> Proof:
    """Look for the words in every byte of the data folder and of the lake's bucket, and for uncleaned lake rows."""
    needles, found, locked = Needles(words), list[str](), list[str]()
    count = size = searched = 0
    own = {settings.accounts_file, settings.surveys_dir, settings.mappings_dir}
    theirs = (settings.inbox_dir, settings.quarantine_dir)
    for path in sorted(settings.data_dir.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.parent in own or path in own:
            continue  # the person's own lists: theirs to change
        shown = path.relative_to(settings.data_dir).as_posix()
        count, size = count + 1, size + path.stat().st_size
        is_found = False
        try:
            for piece in contents(path):
                searched += len(piece)
                is_found = is_found or needles.is_in(piece)
        except CannotUnpackError as error:
            locked.append(f"{shown}: {error}")
            if not is_found and not any(folder in path.parents for folder in theirs):
                found.append(f"{shown}, which cannot be read")
        found += [shown] if is_found else []
    far = search_bucket(lake, needles)
    count, size, searched = count + far.file_count, size + far.byte_count, searched + far.searched_byte_count
    found += [*far.found_in, *_uncleaned(lake, tombstones)]
    return Proof(count, size, searched, len(words), tuple(dict.fromkeys(found)), tuple(locked))


def _uncleaned(lake: Lake, tombstones: Tombstones) -> Iterator[str]:
    """Lake files, those that no entry names included, with a row that a tombstone is about."""
    named = {file.path: file for commit in lake.commits() for file in commit.files}
    present = {path.relative_to(lake.root).as_posix() for path in lake.root.rglob("*.parquet")}
    for shown in sorted(present | (named.keys() if isinstance(lake, BucketLake) else set())):
        if shown not in named:
            yield f"lake/{shown}, which no commit names"
            continue
        try:
            table = lake.read_file(named[shown])
            if tombstones.clean_table(named[shown].table, table) is not table:
                yield f"lake/{shown}"
        except (TweetbenchError, pa.ArrowException):
            yield f"lake/{shown}, which cannot be read"
