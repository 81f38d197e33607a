"""One file from a person into the lake: open safely, have it read at arm's length, commit once.

What a file means is the business of its source, what becomes of the file itself that of `inbox`.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.ingest.lake_removal import REMOVED_SOURCES, remove_replaced
from pipeline.ingest.mappings import read_mappings
from pipeline.ingest.pseudonyms import Pseudonyms
from pipeline.ingest.registry import is_blank, registry_rows
from pipeline.ingest.survey_waves import compare_with_earlier
from pipeline.lake import Commit, Lake
from pipeline.reading.sandbox import Reader, open_reader
from pipeline.runtime.program import is_replaced, replaced_program
from pipeline.settings import Settings
from pipeline.sources import account_registry
from pipeline.sources.analytics.known_days import refuse_other_account
from pipeline.sources.files.opening import open_input, printable
from pipeline.sources.files.personal_data import mask_within
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.issue_summary import IssueGroup, summarise_issues


@dataclass(frozen=True)
class Outcome:
    """What became of one file: added, already_known, checked or refused."""

    file: str
    status: str
    source: str | None = None
    found: dict[str, Any] = field(default_factory=dict)
    commit: Commit | None = None
    error: TweetbenchError | None = None
    issues: tuple[IssueGroup, ...] = ()  # what was set aside, by problem


def build_request(
    settings: Settings,
    *,
    now: datetime,
    account: str | None = None,
    captured_at: datetime | None = None,
    check: bool = False,
) -> Request:
    """What the data folder knows besides a file: own accounts, mappings, the pseudonym key."""
    mappings, broken = read_mappings(settings)
    registry = registry_rows(settings, now=now)
    own = account_registry.own_handles(registry)
    return Request(
        now=now,
        account=account,
        captured_at=captured_at,
        own_handles=own.pop("x", frozenset()),
        own_handles_elsewhere=own,
        handles_by_name=account_registry.handles_by_name(registry),
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
    if reader is None:
        # The rows of a large file lie with its reader until they are committed.
        with open_reader(settings) as opened:
            return ingest_file(path, lake, settings, request, run_id=run_id, kind=kind, check=check, reader=opened)
    shown = printable(path.name)
    try:
        file = open_input(path, settings.max_file_mb)
        source, reading = reader.read(file, request, kind)
        reading = _compared_with_known_days(reading, file, lake, source, request)
    except TweetbenchError as error:
        if is_replaced():  # the file may be as good as ever: it stays where it is
            raise replaced_program(str(error)) from error
        return Outcome(shown, "refused", error=error)
    stored_name = mask_within(shown)[0]
    found = {"file": stored_name, **reading.found()}
    issues = summarise_issues(reading.tables.get("issues", ()))
    key = input_key(file, source, reading)
    if not check and source in REMOVED_SOURCES:
        remove_replaced(lake)  # also what a run that crashed after its commit left
    if _is_known(lake, key, file):
        return Outcome(shown, "already_known", source, found, issues=issues)
    compared = compare_with_earlier(lake, source, reading, file.sha256, request.pseudonym)
    reading, found = compared.reading, {"file": stored_name, **compared.reading.found()}
    # The same bytes read with other options (a corrected mapping, another account) stand for the earlier reading.
    earlier = [commit for commit in lake.commits() if _is_earlier_reading(commit, file, source)]
    found["notes"] += _replacing(earlier, reading)
    if check:
        return Outcome(shown, "checked", source, found, issues=issues)
    commit = lake.commit(
        reading.tables,
        source=source,
        run_id=run_id,
        now=request.now,
        input_key=key,
        replaces=[*(each.sequence for each in earlier), *compared.replaces],
        found={**found, "sha256": file.sha256},
    )
    if source in REMOVED_SOURCES:
        remove_replaced(lake)
    return Outcome(shown, "added", source, found, commit, issues=issues)


def _is_known(lake: Lake, key: str, file: InputFile) -> bool:
    """True for an input that was read before, unless another reading of the same bytes has replaced it since."""
    commits = list(lake.commits())
    corrected = {number for each in commits if each.found.get("sha256") == file.sha256 for number in each.replaces}
    return any(each.input_key == key and each.sequence not in corrected for each in commits)


def _is_earlier_reading(earlier: Commit, file: InputFile, source: str) -> bool:
    return earlier.source == source and earlier.found.get("sha256") == file.sha256


def _compared_with_known_days(reading: Reading, file: InputFile, lake: Lake, source: str, request: Request) -> Reading:
    """The reading of an export by day, whose account nobody named, with a note where the lake knows other figures.

    Raises:
        TweetbenchError: most days that are known of the account have other figures.
    """
    if request.account or not reading.account or not reading.tables.get("account_daily"):
        return reading
    handle = reading.account.casefold()
    known = [
        row
        for commit, part in lake.files("account_daily")
        if commit.source == source and not _is_earlier_reading(commit, file, source)
        for row in lake.read_file(part).to_pylist()
        if (row["handle"] or "").casefold() == handle
    ]
    notes = refuse_other_account(reading, known, file_name=file.shown_name)
    return replace(reading, notes=(*reading.notes, *notes))


def _replacing(earlier: list[Commit], reading: Reading) -> list[str]:
    """That rows of an earlier reading stop counting, and whose they were."""
    if not earlier:
        return []
    before = earlier[-1].found.get("account")
    if before and reading.account and before.casefold() != reading.account.casefold():
        return [f"the same file was read for @{before} before: its rows now count for @{reading.account} instead"]
    return ["the same file was read with other options before: this reading replaces that one"]


def input_key(file: InputFile, source: str, reading: Reading) -> str:
    """Identity of an input: its bytes, its kind, and the options that decided its rows; handles have no case."""
    given = {name: text.casefold() if name == "account" else text for name, text in reading.options.items()}
    options = json.dumps(given, sort_keys=True)
    return hashlib.sha256(f"{file.sha256}|{source}|{options}".encode()).hexdigest()


def ingest_registry(lake: Lake, settings: Settings, request: Request, *, run_id: str) -> Outcome | None:
    """Take over accounts.csv if it changed since it was last read; an empty one changes nothing and stops nobody."""
    if not settings.accounts_file.exists():
        return None
    if is_blank(settings.accounts_file):
        error = TweetbenchError(
            "accounts.csv is empty",
            where=str(settings.accounts_file),
            why="it has no header line; the accounts read from it earlier stay as they are",
            next_step="tweetbench init writes the header; then list the accounts to watch",
        )
        return Outcome(settings.accounts_file.name, "refused", error=error)
    return ingest_file(settings.accounts_file, lake, settings, request, run_id=run_id, kind=account_registry.NAME)
