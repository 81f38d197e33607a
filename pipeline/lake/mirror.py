"""A lake in a bucket: the bucket is the truth, the local folder a mirror of its entries and a cache of its files.

Opening the lake brings the mirror up to date, so that everything that reads entries finds them where it always does;
files are fetched when they are asked for and kept, because a committed file never changes. A commit puts its files
first, under names that nobody else has, and then its entry on the condition that the number is free. Of two writers one
is refused: it looks at what came first and tries the next number. So numbers have no gaps, and whoever looks at an
entry knows every entry before it. Erasure rests on that: it writes an entry of its own, and a writer that finds one
which it did not know of cleans its files once more before it commits.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import STATE, Lake, compare
from pipeline.lake.bucket import Bucket, Stored
from pipeline.lake.manifest import MANIFEST, Commit, LakeFile, entry_text, parse_entry
from pipeline.lake.mark import MARK, read_mark
from pipeline.lake.reader_lease import require_part
from pipeline.lake.tombstones import TOMBSTONES_FILE, Tombstones, tombstones_text
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.files import replace_bytes, replace_text, unfinished
from pipeline.schemas import TABLES

CONDITION = "_condition"  # an object that is there already: a put on the condition that it is not has to fail
BARRIER = "erasure"  # in `found` of an entry: what was cleaned without knowing it is cleaned once more
LEFTOVER_AGE = timedelta(days=1)  # a file that no entry names may be of a commit that is under way


class BucketLake(Lake):
    """The same tables, with the files in a bucket. As of its opening, or of the last call of `refresh`."""

    def __init__(self, root: Path, bucket: Bucket, writer: str = "") -> None:
        super().__init__(root, writer)
        self.bucket = bucket
        self._is_conditional = False
        self._seen = 0  # the newest entry as of this lake's last look
        self.refresh()

    # --- what the bucket holds ---------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Bring entries and tombstones of the mirror up to date; files that they no longer name leave the cache."""
        (self.root / MANIFEST).mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._mirroring() as etags:
            present = {each.name: each for each in self.bucket.list(f"{MANIFEST}/") if _is_entry(each.name)}
            present |= {each.name: each for each in self.bucket.list(TOMBSTONES_FILE) if each.name == TOMBSTONES_FILE}
            for name in [name for name in etags if name not in present]:
                self._forget(name, etags)
            for name, stored in present.items():
                if etags.get(name) != stored.etag or not (self.root / name).exists():
                    self._mirror(name, etags)
            self._seen = max((int(name[-15:-5]) for name in present if _is_entry(name)), default=0)

    def stored(self) -> Iterator[Stored]:
        """Every object below the lake's prefix."""
        return self.bucket.list()

    @contextmanager
    def copy_of(self, name: str) -> Iterator[Path]:
        """A copy of any object while the block lasts, straight from the bucket; no file where there is none."""
        with unfinished(self.root / f".copy-{os.getpid()}-{secrets.token_hex(4)}.tmp") as path:
            self.bucket.download(name, path)
            yield path

    @contextmanager
    def as_stored(self, file: LakeFile) -> Iterator[Path]:
        """A copy of a file straight from the bucket."""
        with self.copy_of(file.path) as path:
            yield path

    # --- files -------------------------------------------------------------------------------------------------------

    def path(self, file: LakeFile) -> Path:
        """The cached file, fetched where there is none of its size; absent where the bucket has lost it."""
        path = self.root / file.path
        if not path.exists() or path.stat().st_size != file.byte_count:
            self.fetch(file)
        return path

    def check(self, file: LakeFile) -> str | None:
        """As of every lake; what is wrong in the cache alone is fetched again."""
        if super().check(file) is None:
            return None
        self.fetch(file)
        return super().check(file)

    def read_file(self, file: LakeFile) -> pa.Table:
        """As of every lake; what is wrong in the cache alone is fetched again."""
        try:
            return super().read_file(file)
        except TweetbenchError:
            self.fetch(file)
            return super().read_file(file)

    def fetch(self, file: LakeFile) -> None:
        """Put the bucket's bytes of a file into the cache, whatever they are; without an object the file goes."""
        path = self.root / file.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unfinished(path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")) as temporary:
            if self.bucket.download(file.path, temporary):
                temporary.chmod(0o600)
                temporary.rename(path)
            else:
                path.unlink(missing_ok=True)

    def fetch_all(self) -> None:
        """Fill the cache; what the bucket has lost or damaged stays away, or as it is."""
        for commit in self.commits():
            for file in commit.all_files():
                self.check(file)

    def is_mended(self, file: LakeFile) -> bool:
        """Put a file that the bucket has lost back from the cache, if that holds the bytes that were committed."""
        path = self.root / file.path
        if compare(path, file) is not None:
            return False
        self.bucket.put(file.path, path)
        return True

    def remove(self, relative: str) -> None:
        """Remove an object that no entry names any more, or an entry that was moved aside, and its copy."""
        self.bucket.delete(relative)
        if _is_entry(relative):
            with self._mirroring() as etags:
                etags.pop(relative, None)
        super().remove(relative)

    def remove_leftovers(self, tombstones: Tombstones | None = None) -> list[str]:
        """Remove files that no entry names: those older than a day, by the store's clock, and of the younger ones those
        that hold what the tombstones are about. A younger one may be of a commit under way; if it holds that, then the
        commit did not know the tombstones, so it will find the barrier, and clean its files under new names.
        """
        self.refresh()
        removed = []
        for stored in list(self._unnamed()):
            is_old = self.bucket.store_time is not None and self.bucket.store_time - stored.modified > LEFTOVER_AGE
            if is_old or (tombstones and self._holds(stored.name, tombstones)):
                self.remove(stored.name)
                removed.append(stored.name)
        return removed

    def leftovers(self) -> list[str]:
        """Data files that no entry names; an entry that cannot be read is an error, because they may be its."""
        return [stored.name for stored in self._unnamed()]

    def _unnamed(self) -> Iterator[Stored]:
        known = {file.path for commit in self.commits() for file in commit.all_files()}
        for stored in self.stored():
            folder, _, rest = stored.name.partition("/source=")
            if rest and (folder in TABLES or folder == STATE) and stored.name not in known:  # others may use the prefix
                yield stored

    def missing(self) -> list[str]:
        """Files that entries name and the bucket does not hold."""
        present = {stored.name for stored in self.stored()}
        return [file.path for commit in self.commits() for file in commit.all_files() if file.path not in present]

    def _holds(self, name: str, tombstones: Tombstones) -> bool:
        folder = name.partition("/")[0]
        try:
            with self.copy_of(name) as path:
                if folder == STATE:
                    state = json.loads(path.read_bytes())
                    return bool(tombstones.clean_state(state) != state)
                rows = pq.read_table(path)
                return bool(tombstones.clean_table(folder, rows) is not rows)
        except (pa.ArrowException, ValueError, OSError):
            return True  # nobody can tell

    def _settle(self, temporary: Path, file: LakeFile) -> LakeFile:
        settled = super()._settle(temporary, file)
        self.bucket.put(settled.path, self.root / settled.path)
        failpoint("bucket.file_put")
        return settled

    def _stem(self, entry: Commit) -> str:
        # Two machines may read the same second, and the same number.
        return f"{super()._stem(entry)}-{secrets.token_hex(4)}"

    # --- entries -----------------------------------------------------------------------------------------------------

    def commit(self, tables: Any, **options: Any) -> Commit:
        """As of every lake; an input that is there already is not added again, whoever added it."""
        self.require_conditions()
        require_part(self.bucket)
        seen = self._seen
        self.refresh()
        return self._same_input(options.get("input_key"), after=seen) or super().commit(tables, **options)

    def tell_writers(self, *, run_id: str, now: datetime) -> None:
        """Make every commit that does not know the present tombstones clean its files before it is made."""
        self.commit({}, source="comply", run_id=run_id, now=now, found={BARRIER: True})

    def _append(self, entry: Commit) -> Commit:
        # What makes this entry unlike every other, for when the answer to its put is lost.
        entry = replace(entry, found={**entry.found, "written_by": secrets.token_hex(8)})
        require_part(self.bucket)  # once more: writing took its time
        while True:
            failpoint("lake.entry_written")
            name, text = _entry_name(entry.sequence), entry_text(entry).encode()
            etag = self.bucket.put_if_absent(name, text)
            if etag is not None:
                failpoint("bucket.entry_put")
                self._keep(name, text, etag)
                self._seen = entry.sequence
                return entry
            before = entry.sequence
            self.refresh()
            came_first = list(self.commits(before - 1))
            same = self._same_input(entry.input_key, after=before - 1)
            if same is not None:
                for file in entry.all_files():
                    self.remove(file.path)
                return same
            if any(each.found.get(BARRIER) for each in came_first):
                entry = self._clean_again(entry)
            # Not the newest there is now: of those that came since, nobody has looked for a barrier.
            entry = replace(entry, sequence=max([each.sequence for each in came_first], default=before - 1) + 1)

    def _same_input(self, key: str | None, *, after: int) -> Commit | None:
        """A commit of the same input that somebody else has made since the caller looked for one."""
        return next((each for each in self.commits(after) if key and each.input_key == key), None)

    def _clean_again(self, entry: Commit) -> Commit:
        erased = self.tombstones()
        files = []
        for file in entry.files:
            table = self.read_file(file)
            clean = erased.clean_table(file.table, table)
            files.append(file if clean is table else self.write_file(file.table, [clean], _renamed(file.path)))
        bookmarks = entry.state_file
        if bookmarks:
            state = json.loads(self.path(bookmarks).read_bytes())
            if (clean_state := erased.clean_state(state)) != state:
                bookmarks = self.write_state(clean_state, _renamed(bookmarks.path))
        kept = {file.path for file in (*files, *([bookmarks] if bookmarks else []))}
        for file in entry.all_files():
            if file.path not in kept:
                self.remove(file.path)
        return replace(entry, files=tuple(files), state=erased.clean_state(entry.state), state_file=bookmarks)

    def rewrite(self, commit: Commit) -> Commit:
        """As of every lake, unless somebody else has rewritten the entry since it was read.

        Raises:
            TweetbenchError: somebody has (exit code 75).
        """
        changed = replace(commit, revision=commit.revision + 1)
        failpoint("lake.entry_rewrite")
        self._replace(_entry_name(commit.sequence), entry_text(changed).encode())
        return changed

    def keep_tombstones(self, tombstones: Tombstones) -> None:
        """As of every lake, unless somebody else has changed the list since it was read.

        Raises:
            TweetbenchError: somebody has (exit code 75).
        """
        self._replace(TOMBSTONES_FILE, tombstones_text(tombstones).encode())

    def _replace(self, name: str, data: bytes) -> None:
        with self._mirroring() as etags:
            known = etags.get(name)
        etag = self.bucket.put_if_same(name, data, known) if known else self.bucket.put_if_absent(name, data)
        if etag is None:
            raise TweetbenchError(
                "somebody else has changed the lake at the same time",
                where=f"{self.bucket.url}/{name}",
                why="another machine erases or repairs at this moment; nothing of theirs was overwritten",
                next_step="repeat the command once the other one is done",
                exit_code=Exit.BUSY,
            )
        self._keep(name, data, etag)

    def require_conditions(self) -> None:
        """Refuse a store that does not heed conditions: two writers would overwrite each other there in silence."""
        if self._is_conditional:
            return
        said = b"tweetbench puts this once; a second put on the condition that it is absent has to fail\n"
        for _ in range(2):
            # Its own bytes each time, or the second one would be taken for an answer that was lost.
            if self.bucket.put_if_absent(CONDITION, said + secrets.token_hex(8).encode()) is None:
                self._is_conditional = True
                return
        raise TweetbenchError(
            "this store overwrites what it was asked to keep",
            where=self.bucket.url,
            why="it ignores If-None-Match, so that two writers would lose each other's commits",
            next_step="use a store that knows conditional writes (S3 does), or a lake in a folder",
            exit_code=Exit.CONFIGURATION,
        )

    # --- the mirror --------------------------------------------------------------------------------------------------

    def _mirror(self, name: str, etags: dict[str, str]) -> None:
        """Copy an entry or the tombstones; what a rewritten entry no longer names leaves the cache, wherever it is."""
        found = self.bucket.get(name)
        if found is None:
            self._forget(name, etags)
            return
        before = self._files_named(name)
        replace_bytes(self.root / name, found[0])
        etags[name] = found[1]
        self._uncache(before - self._files_named(name))

    def _forget(self, name: str, etags: dict[str, str]) -> None:
        (self.root / name).unlink(missing_ok=True)
        etags.pop(name, None)

    def _keep(self, name: str, data: bytes, etag: str) -> None:
        with self._mirroring() as etags:
            replace_bytes(self.root / name, data)
            etags[name] = etag

    def _files_named(self, name: str) -> set[str]:
        path = self.root / name
        try:
            return {file.path for file in parse_entry(path.read_bytes(), path.stem).all_files()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return set()  # no entry, or one that `verify` will name

    def _uncache(self, paths: Collection[str]) -> None:
        for path in paths:
            (self.root / path).unlink(missing_ok=True)

    @contextmanager
    def _mirroring(self) -> Iterator[dict[str, str]]:
        """The etags of what is mirrored, to read and to change; processes on one folder take turns."""
        handle = os.open(self.root / MANIFEST, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            mark = read_mark(self.root)
            etags = dict(mark.get("etags", {}))
            before = dict(etags)
            try:
                yield etags
            finally:
                if etags != before or not mark:
                    replace_text(self.root / MARK, json.dumps({"url": self.bucket.url, "etags": etags}))
        finally:
            os.close(handle)


def _is_entry(name: str) -> bool:
    folder, _, stem = name.removesuffix(".json").partition("/")
    return folder == MANIFEST and stem.isdigit() and name.endswith(".json")


def _entry_name(sequence: int) -> str:
    return f"{MANIFEST}/{sequence:010d}.json"


def _renamed(path: str) -> str:
    stem, _, kind = path.rpartition(".")
    return f"{stem}-{secrets.token_hex(4)}.{kind}"
