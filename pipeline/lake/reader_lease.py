"""One reader for each part of the accounts, over all machines: an object of the bucket that says who reads what.

Locks of a machine end at its border. The object is changed only on the condition that nobody else has changed it since,
so two readers cannot take one part. Times in it are the store's own, so no machine's clock matters. A holder renews it
every minute; one that has not for a quarter of an hour, or whose process is gone from this machine, holds nothing. Each
commit looks whether the part is still its own.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from dataclasses import fields as fields_of
from datetime import datetime, timedelta
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake.bucket import Bucket
from pipeline.runtime.lease import Lease, lost_lease
from pipeline.runtime.shard import Shard
from pipeline.settings import Settings

READERS = "_leases/readers.json"
LIFETIME, RENEWAL_SECONDS = timedelta(minutes=15), 60.0
WHOLE = Shard(1, 1)
_held: dict[str, tuple[Shard, Lease]] = {}

Holders = dict[str, dict[str, Any]]


@contextmanager
def hold_in_bucket(
    settings: Settings, shard: Shard | None, lease: Lease, *, renewal_seconds: float = RENEWAL_SECONDS
) -> Iterator[None]:
    """Hold a part of the accounts, or all, on every machine that uses the bucket; nothing where the lake is a folder.

    Raises:
        TweetbenchError: somebody else reads it, or parts of another count (exit code 75).
    """
    part = shard or WHOLE
    if settings.lake_url is None or part.number == 0:
        yield
        return
    bucket, ended = Bucket(settings.lake_url), threading.Event()
    _change(bucket, lambda count, holders: _taken(bucket, count, holders, part, lease))

    def renew() -> None:
        while not ended.wait(renewal_seconds):
            with suppress(TweetbenchError):  # the store may be away; whether the part is lost, a commit finds out
                _change(bucket, lambda count, holders: _renewed(bucket, count, holders, part, lease))

    thread = threading.Thread(target=renew, daemon=True)
    thread.start()
    _held[bucket.url] = (part, lease)
    try:
        yield
    finally:
        _held.pop(bucket.url, None)
        ended.set()
        thread.join()
        with suppress(TweetbenchError):  # it ends by itself
            _change(bucket, lambda count, holders: _left(count, holders, part, lease))


def require_part(bucket: Bucket) -> None:
    """Let a commit pass unless this process holds a part of the accounts that somebody else has taken over since.

    Raises:
        TweetbenchError: somebody has (exit code 75).
    """
    if bucket.url not in _held:
        return
    part, lease = _held[bucket.url]
    _, holders, _ = _read(bucket)
    shown = holders.get(part.name)
    if shown is None or shown["token"] != lease.token:
        raise lost_lease(f"{bucket.url}/{READERS}", lease)


def _read(bucket: Bucket) -> tuple[int, Holders, str | None]:
    found = bucket.get(READERS)
    if found is None:
        return 0, {}, None
    try:
        fields = json.loads(found[0])
        return int(fields["count"]), dict(fields["holders"]), found[1]
    except (ValueError, KeyError, TypeError):
        return 0, {}, found[1]  # nobody can hold what cannot be read


def _change(bucket: Bucket, change: Callable[[int, Holders], tuple[int, Holders] | None]) -> None:
    """Replace what the object says by what follows from it, however often somebody else comes first."""
    while True:
        count, holders, etag = _read(bucket)
        changed = change(count, holders)
        if changed is None:
            return
        data = json.dumps({"count": changed[0], "holders": changed[1]}).encode()
        if bucket.put_if_same(READERS, data, etag) if etag else bucket.put_if_absent(READERS, data):
            return


def _taken(bucket: Bucket, count: int, holders: Holders, part: Shard, lease: Lease) -> tuple[int, Holders]:
    alive = {name: fields for name, fields in holders.items() if _is_alive(fields, bucket.store_time)}
    other = next(iter(alive.values()), None)
    holder = alive.get(part.name) or (other if count != part.count else None)
    if holder is not None:
        raise TweetbenchError(
            "accounts are being read by others",
            where=_lease(holder).shown(),
            why="it reads the same accounts, and a post would be bought twice; it holds "
            f"{next(name for name, fields in alive.items() if fields is holder)} in {bucket.url}/{READERS}",
            next_step="wait for it to end; a machine that is gone holds it for a quarter of an hour",
            exit_code=Exit.BUSY,
        )
    return part.count, {**alive, part.name: _noted(bucket, lease)}


def _renewed(bucket: Bucket, count: int, holders: Holders, part: Shard, lease: Lease) -> tuple[int, Holders] | None:
    if holders.get(part.name, {}).get("token") != lease.token:
        return None
    return count, {**holders, part.name: _noted(bucket, lease)}


def _left(count: int, holders: Holders, part: Shard, lease: Lease) -> tuple[int, Holders] | None:
    if holders.get(part.name, {}).get("token") != lease.token:
        return None
    return count, {name: fields for name, fields in holders.items() if name != part.name}


def _noted(bucket: Bucket, lease: Lease) -> dict[str, Any]:
    return {**asdict(lease), "renewed_at": bucket.store_time.isoformat() if bucket.store_time else ""}


def _lease(fields: dict[str, Any]) -> Lease:
    known = {field.name for field in fields_of(Lease)}  # another version's machine may note more
    return Lease(**{name: value for name, value in fields.items() if name in known})


def _is_alive(fields: dict[str, Any], now: datetime | None) -> bool:
    try:
        renewed = datetime.fromisoformat(fields["renewed_at"])
        return (now is None or now - renewed < LIFETIME) and _lease(fields).is_alive()
    except (ValueError, KeyError, TypeError):
        return False
