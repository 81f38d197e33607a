"""What erasure has to know of a lake in a bucket: whether the bucket can forget at all, and what it holds then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from mmap import mmap

from pipeline.comply.multi_search import Needles
from pipeline.comply.unpacking import CannotUnpackError, contents
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lake.mirror import BucketLake

UNREACHED = (
    "copies that the store makes by itself: replicas, backups, logs of its own",
    "caches, warehouses and versions of other machines that read the bucket: run tweetbench comply there as well",
)
UNKNOWN_VERSIONS = "earlier versions of objects, if the bucket keeps any: these credentials may not ask it"


@dataclass
class BucketProof:
    """What was searched in a bucket, and where something was found."""

    file_count: int = 0
    byte_count: int = 0
    searched_byte_count: int = 0
    found_in: list[str] = field(default_factory=list)


def what_a_bucket_keeps(lake: Lake) -> tuple[str, ...]:
    """What an erasure cannot reach because of the bucket; nothing where the lake is a folder.

    Raises:
        TweetbenchError: the bucket keeps what is deleted or replaced: nothing could be erased from it.
    """
    if not isinstance(lake, BucketLake):
        return ()
    versions = lake.bucket.keeps_versions()
    if versions:
        raise TweetbenchError(
            "this bucket keeps earlier versions, so nothing can be erased from it",
            where=lake.bucket.url,
            why="versioning is on, or was: what is deleted or replaced stays readable under its version",
            next_step="move the lake (tweetbench backup, then restore) into a bucket that never had versioning; there: "
            "tweetbench comply",
            exit_code=Exit.CONFIGURATION,
        )
    return UNREACHED if versions is False else (*UNREACHED, UNKNOWN_VERSIONS)


def search_bucket(lake: Lake, needles: Needles) -> BucketProof:
    """Look for the words in every object below the lake's prefix, unpacked where it is packed."""
    proof = BucketProof()
    for name, size, pieces in _objects(lake):
        proof.file_count, proof.byte_count = proof.file_count + 1, proof.byte_count + size
        is_found = False
        try:
            for piece in pieces:
                proof.searched_byte_count += len(piece)
                is_found = is_found or needles.is_in(piece)
            proof.found_in += [f"bucket/{name}"] if is_found else []
        except CannotUnpackError:
            proof.found_in.append(f"bucket/{name}, which cannot be read")
    return proof


def _objects(lake: Lake) -> Iterator[tuple[str, int, Iterator[bytes | mmap]]]:
    if isinstance(lake, BucketLake):
        for stored in lake.stored():
            with lake.copy_of(stored.name) as path:
                yield stored.name, stored.byte_count, contents(path)
