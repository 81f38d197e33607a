"""One file from a person into the lake: open safely, have it read at arm's length, commit once.

What a file means is the business of its source, what becomes of the file itself that of `inbox`.
"""

import hashlib
import json
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.lake import Commit, Lake
from pipeline.mappings import read_mappings
from pipeline.pseudonyms import Pseudonyms
from pipeline.reading import Reader, open_reader
from pipeline.registry import has_registry, registry_rows
from pipeline.settings import Settings
from pipeline.sources import account_registry
from pipeline.sources.opening import open_input, printable
from pipeline.sources.protocol import InputFile, Reading, Request


@dataclass(frozen=True)
class Outcome:
    """What became of one file: added, already_known, checked or refused."""

    file: str
    status: str
    source: str | None = None
    found: dict[str, Any] = field(default_factory=dict)
    commit: Commit | None = None
    error: TweetbenchError | None = None


def build_request(
    settings: Settings,
    *,
    now: datetime,
    account: str | None = None,
    captured_at: datetime | None = None,
    check: bool = False,
) -> Request:
    """What the data folder knows beside a file: own accounts, mappings, the pseudonym key."""
    mappings, broken = read_mappings(settings)
    return Request(
        now=now,
        account=account,
        captured_at=captured_at,
        own_handles=account_registry.own_handles(registry_rows(settings, now=now)),
        mappings=mappings,
        broken_mappings=broken,
        pseudonym=Pseudonyms(settings.hash_key, settings.hash_key_file, is_kept=not check),
    )


def ingest_file(
    path: Path,
    lake: Lake,
    settings: Settings,
    request: Request,
    *,
    run_id: str,
    kind: str | None = None,
    check: bool = False,
    reader: Reader | None = None,
) -> Outcome:
    """Read one file and commit its rows once; `check` reads without committing. Refusals come back as outcomes."""
    shown = printable(path.name)
    try:
        file = open_input(path, settings.max_file_mb)
        with nullcontext(reader) if reader else open_reader(settings) as used:
            source, reading = used.read(file, request, kind)
    except TweetbenchError as error:
        return Outcome(shown, "refused", error=error)
    found = {"file": shown, **reading.found()}
    key = input_key(file, source, reading)
    if lake.find_input(key):
        return Outcome(shown, "already_known", source, found)
    if check:
        return Outcome(shown, "checked", source, found)
    commit = lake.commit(
        reading.tables,
        source=source,
        run_id=run_id,
        now=request.now,
        input_key=key,
        # The same bytes read with other options (a corrected mapping, another account) stand for the earlier reading.
        replaces=[earlier.sequence for earlier in lake.commits() if _is_earlier_reading(earlier, file, source)],
        found={**found, "sha256": file.sha256},
    )
    return Outcome(shown, "added", source, found, commit)


def _is_earlier_reading(earlier: Commit, file: InputFile, source: str) -> bool:
    return earlier.source == source and earlier.found.get("sha256") == file.sha256


def input_key(file: InputFile, source: str, reading: Reading) -> str:
    """Identity of an input: its bytes, its kind, and the options that decided its rows."""
    options = json.dumps(dict(reading.options), sort_keys=True)
    return hashlib.sha256(f"{file.sha256}|{source}|{options}".encode()).hexdigest()


def ingest_registry(lake: Lake, settings: Settings, request: Request, *, run_id: str) -> Outcome | None:
    """Take over accounts.csv if it changed since it was last read."""
    if not has_registry(settings):
        return None
    return ingest_file(settings.accounts_file, lake, settings, request, run_id=run_id, kind=account_registry.NAME)
