"""The erasure from end to end, and its receipt. A crash at any point is made good by calling it again.

The order makes that so: tombstones first, so that nothing comes in any more; copies while the lake still knows the
words to look for; the lake, whose files go only once their successors are named; then the warehouse and every version
that was made of the old lake. What is under way is written down in receipts/pending.json until the receipt is there.
"""

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from pipeline import sources, warehouse
from pipeline.comply.bucket_proof import what_a_bucket_keeps
from pipeline.comply.copies import Copies, Traces, erase_copies
from pipeline.comply.handles import handles_of
from pipeline.comply.lake_erasure import Holdings, erase_from_lake, take_stock
from pipeline.comply.proof import Proof, search
from pipeline.comply.request import Wanted
from pipeline.comply.unpacking import names_any
from pipeline.lake import Lake
from pipeline.lake.handle_spans import HandleSpan, handle_digest
from pipeline.lake.opening import open_lake
from pipeline.lake.record_ids import spelled
from pipeline.lake.tombstones import Tombstone, Tombstones
from pipeline.maintain.cleanup import PENDING, remove_half_files
from pipeline.maintain.verify_databases import version_folders
from pipeline.runtime.failpoints import failpoint
from pipeline.runtime.files import remove_folder, replace_text
from pipeline.runtime.lease import require_lease
from pipeline.settings import Settings

Handles = Mapping[str, Collection[HandleSpan]]

UNREACHED = (
    "copies that people made outside the data folder: backups, exports, spreadsheets, BI extracts",
    "blocks of the disk that the file system has freed but not yet overwritten",
    "rows without an account id from a time in which no account, or more than one, may have held their handle",
    "lines of people's files under a handle that another account also had, if they have no day as YYYY-MM-DD",
)


@dataclass
class Receipt:
    """What was erased where: ids, counts and file names, no content."""

    receipt: str
    erased_at: str
    is_resumed: bool
    posts: dict[str, str]
    accounts: dict[str, str]
    handles_followed: int = 0
    handles_of_others_as_well: int = 0
    rows_by_table: dict[str, int] = field(default_factory=dict)
    lake_files_replaced: list[str] = field(default_factory=list)
    lake_files_unreadable: list[str] = field(default_factory=list)
    journals_committed: int = 0
    copies: dict[str, list[str]] = field(default_factory=dict)
    versions_removed: list[str] = field(default_factory=list)
    version_published: int | None = None
    proof: dict[str, Any] = field(default_factory=dict)
    not_reached: tuple[str, ...] = UNREACHED

    @property
    def is_clean(self) -> bool:
        """True if the search afterwards found nothing."""
        return not self.proof.get("found_in")


def erase(
    settings: Settings,
    wanted: Wanted,
    *,
    run_id: str,
    now: datetime,
    republish: Callable[[], int],
    delete_files: bool = False,
) -> Receipt:
    """Erase posts and accounts everywhere in the data folder and write the receipt. The caller holds the lease.

    Args:
        settings: the data folder.
        wanted: what has to go; the targets of an interrupted call are added.
        run_id: part of the receipt's name.
        now: UTC time of the erasure.
        republish: rebuilds warehouse and marts and returns the number of the published version.
        delete_files: remove ZIPs and spreadsheets of people that name an erased id, instead of naming them.

    Raises:
        TweetbenchError: the lake cannot be read or the marts cannot be built; the next call resumes from there.
        OSError: the disk refuses a write; the same.
    """
    require_lease(settings.data_dir)
    lake, pending = open_lake(settings), _read_pending(settings)
    unreached = (*UNREACHED, *what_a_bucket_keeps(lake))
    wanted = wanted.and_also(Wanted(pending.get("posts", {}), pending.get("accounts", {})))
    name = pending.get("receipt") or f"comply-{now:%Y%m%dT%H%M%S}-{run_id[:8]}"
    known = lake.tombstones()
    receipt = Receipt(
        name,
        now.isoformat(),
        bool(pending),
        {key: why for key, why in wanted.posts.items() if key not in known.posts or pending},
        {key: why for key, why in wanted.accounts.items() if key not in known.accounts or pending},
        not_reached=unreached,
    )
    pending = {"receipt": name, **wanted.fields(), "is_held": pending.get("is_held", False)}
    _write_pending(settings, pending)
    # Before anything goes: afterwards nothing says any more which handles an account had.
    handles, receipt.handles_of_others_as_well = handles_of(lake, wanted.accounts.keys())
    receipt.handles_followed = len({span.handle for spans in handles.values() for span in spans})
    tombstones = _place(lake, wanted, handles, receipt)
    lake.tell_writers(run_id=run_id, now=now)
    # Journals of stopped runs come into the lake through the tombstones, which is how they are erased.
    receipt.journals_committed = sum(source.recover(lake, now=now) for source in sources.API_SOURCES)
    failpoint("comply.recovered")
    held = take_stock(lake, tombstones)
    also = {post: account for post, account in held.also_gone.items() if post not in tombstones.posts}
    if also:
        tombstones = _place_with(lake, tombstones, also, receipt)
        lake.tell_writers(run_id=run_id, now=now)
        held = take_stock(lake, tombstones)
    pending["is_held"] = pending["is_held"] or bool(held.row_counts) or _is_published(settings, receipt)
    _write_pending(settings, pending)
    ids = set(tombstones.posts) | set(tombstones.accounts) | (held.post_ids if wanted.accounts else set())
    spans = frozenset(span for spans in handles.values() for span in spans)
    traces = Traces(spelled(ids), frozenset(held.needles), spans)
    copies = erase_copies(settings, traces, delete_files=delete_files)
    failpoint("comply.copies_erased")
    receipt.lake_files_replaced = erase_from_lake(lake, tombstones)
    remove_half_files(settings)
    lake.remove_leftovers(tombstones)
    if pending["is_held"]:
        _make_anew(settings, republish, receipt)
    _note(receipt, held, copies, search(settings, lake, tombstones, held.needles))
    replace_text(settings.receipts_dir / f"{name}.json", json.dumps(asdict(receipt), ensure_ascii=False, indent=1))
    failpoint("comply.receipt_written")
    (settings.receipts_dir / PENDING).unlink()
    return receipt


def stock_of(settings: Settings, wanted: Wanted) -> Holdings:
    """What an erasure would find in the lake; changes nothing."""
    lake = open_lake(settings)
    handles, _ = handles_of(lake, wanted.accounts.keys())
    return take_stock(lake, _with(lake.tombstones(), wanted, handles, "", ""))


def lift(settings: Settings, *, posts: frozenset[str], accounts: frozenset[str]) -> int:
    """Take tombstones away from what the platform serves again, and return how many; later runs read it again."""
    require_lease(settings.data_dir)
    lake = open_lake(settings)
    tombstones = lake.tombstones()
    served_posts, served_accounts = posts & tombstones.posts.keys(), accounts & tombstones.accounts.keys()
    if served_posts or served_accounts:
        lake.keep_tombstones(tombstones.without(set(served_posts), set(served_accounts)))
    return len(served_posts) + len(served_accounts)


def _place(lake: Lake, wanted: Wanted, handles: Handles, receipt: Receipt) -> Tombstones:
    tombstones = _with(lake.tombstones(), wanted, handles, receipt.erased_at, receipt.receipt)
    lake.keep_tombstones(tombstones)
    return tombstones


def _place_with(lake: Lake, tombstones: Tombstones, also: dict[str, str], receipt: Receipt) -> Tombstones:
    """Tombstones for posts that are erased with their account or with another version of themselves."""
    stones = {}
    for post, account in also.items():
        reason = tombstones.accounts[account].reason if account else "deleted"
        stones[post] = Tombstone(reason, receipt.erased_at, receipt.receipt, account)
        receipt.posts[post] = reason
    more = tombstones.with_added(stones, {})
    lake.keep_tombstones(more)
    return more


def _with(tombstones: Tombstones, wanted: Wanted, handles: Handles, at: str, receipt: str) -> Tombstones:
    digests = {
        key: tuple(sorted(replace(span, handle=handle_digest(span.handle)) for span in spans))
        for key, spans in handles.items()
    }
    return tombstones.with_added(
        {key: Tombstone(reason, at, receipt) for key, reason in wanted.posts.items()},
        {key: Tombstone(reason, at, receipt, handles=digests.get(key, ())) for key, reason in wanted.accounts.items()},
    )


def _is_published(settings: Settings, receipt: Receipt) -> bool:
    """True if a database names what is erased now; the lake may not, if its file was damaged and set aside."""
    asked = {"post_id": list(receipt.posts), "account_id": list(receipt.accounts)}
    files = [folder / "warehouse.duckdb" for folder in version_folders(settings)]
    return any(names_any(file, asked) for file in [*files, settings.warehouse_file] if file.exists())


def _make_anew(settings: Settings, republish: Callable[[], int], receipt: Receipt) -> None:
    """Warehouse and marts from the clean lake; then every version that was made of the old one goes."""
    had_versions = version_folders(settings)
    warehouse.discard(settings)
    for name in ("tmp", "spark"):  # what a killed build left
        shutil.rmtree(settings.warehouse_file.parent / name, ignore_errors=True)
    failpoint("comply.warehouse_removed")
    if not had_versions:
        return
    receipt.version_published = republish()
    failpoint("comply.republished")
    for folder in version_folders(settings):
        if folder.name != f"v{receipt.version_published}":
            remove_folder(folder)
            receipt.versions_removed.append(folder.name)
            failpoint("comply.version_removed")


def _note(receipt: Receipt, held: Holdings, copies: Copies, proof: Proof) -> None:
    receipt.rows_by_table = dict(sorted(held.row_counts.items()))
    receipt.lake_files_unreadable = held.unreadable
    receipt.copies = asdict(copies)
    receipt.proof = asdict(proof)


def _read_pending(settings: Settings) -> dict[str, Any]:
    path = settings.receipts_dir / PENDING
    try:
        fields: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
    except ValueError:
        # Written in one step, so this is damage: the tombstones hold the ids, and being held is the safe guess.
        fields = {"is_held": True}
    return fields


def _write_pending(settings: Settings, pending: dict[str, Any]) -> None:
    settings.receipts_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_text(settings.receipts_dir / PENDING, json.dumps(pending))
    failpoint("comply.pending_written")
