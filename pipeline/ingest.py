"""One file from a person into the lake: open safely, recognise, read, commit once.

What a file means is the business of its source, what becomes of the file itself that of `inbox`.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from pipeline.durable import sync_file
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Commit, Lake
from pipeline.registry import registry_rows
from pipeline.settings import Settings
from pipeline.sources import SOURCES, account_registry
from pipeline.sources.opening import open_input, printable
from pipeline.sources.personal_data import mask
from pipeline.sources.protocol import FileMapping, InputFile, Reading, Request, Source


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
    """What the data folder knows beside a file: own accounts, mappings, the pseudonym key.

    Raises:
        TweetbenchError: a mapping file is not valid YAML.
    """
    keys: list[bytes] = []  # read on first use: most files hold nobody's identity

    def pseudonym(text: str) -> str:
        if not keys:
            keys.append(_hash_key(settings, keep=not check))
        return hmac.new(keys[0], text.encode(), hashlib.sha256).hexdigest()[:32]

    return Request(
        now=now,
        account=account,
        captured_at=captured_at,
        own_handles=account_registry.own_handles(registry_rows(settings, now=now)),
        mappings=tuple(_mappings(settings)),
        pseudonym=pseudonym,
    )


def recognise(file: InputFile, request: Request, kind: str | None = None) -> Source:
    """The source that reads this file: the named kind, or the first whose test of the content says yes.

    Raises:
        TweetbenchError: no source knows the content, or the named kind does not exist.
    """
    if kind:
        named = next((source for source in SOURCES if kind == source.NAME), None)
        if named is None:
            kinds = ", ".join(source.NAME for source in SOURCES)
            raise TweetbenchError(f"there is no kind {kind!r}", next_step=f"use one of: {kinds}", exit_code=Exit.USAGE)
        return named
    for source in SOURCES:
        if source.recognises(file, request):
            return source
    # Cells may be a contact list's: what looks personal is masked.
    columns = "" if file.is_zip else ", ".join(mask(name) for name in file.sheet.header[:8])
    raise TweetbenchError(
        "this kind of file is not known",
        where=file.shown_name,
        why=f"it begins with the columns {columns}"
        if columns
        else "a damaged or incomplete ZIP, or one of another kind",
        next_step="name the kind with --as KIND, or write a mapping in mappings/ or surveys/ (see data/README.md)",
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
) -> Outcome:
    """Read one file and commit its rows once; `check` reads without committing. Refusals come back as outcomes."""
    shown = printable(path.name)
    try:
        file = open_input(path, settings.max_file_mb)
        source = recognise(file, request, kind)
        reading = source.read(file, request)
    except TweetbenchError as error:
        return Outcome(shown, "refused", error=error)
    found = {"file": shown, **reading.found()}
    key = input_key(file, source, reading)
    if lake.find_input(key):
        return Outcome(shown, "already_known", source.NAME, found)
    if check:
        return Outcome(shown, "checked", source.NAME, found)
    commit = lake.commit(
        reading.tables,
        source=source.NAME,
        run_id=run_id,
        now=request.now,
        input_key=key,
        # The same bytes read with other options (a corrected mapping, another account) stand for the earlier reading.
        replaces=[earlier.sequence for earlier in lake.commits() if _is_earlier_reading(earlier, file, source)],
        found={**found, "sha256": file.sha256},
    )
    return Outcome(shown, "added", source.NAME, found, commit)


def _is_earlier_reading(earlier: Commit, file: InputFile, source: Source) -> bool:
    return earlier.source == source.NAME and earlier.found.get("sha256") == file.sha256


def input_key(file: InputFile, source: Source, reading: Reading) -> str:
    """Identity of an input: its bytes, its kind, and the options that decided its rows."""
    options = json.dumps(dict(reading.options), sort_keys=True)
    return hashlib.sha256(f"{file.sha256}|{source.NAME}|{options}".encode()).hexdigest()


def ingest_registry(lake: Lake, settings: Settings, request: Request, *, run_id: str) -> Outcome | None:
    """Take over accounts.csv if it changed since it was last read."""
    if not settings.accounts_file.exists():
        return None
    return ingest_file(settings.accounts_file, lake, settings, request, run_id=run_id, kind=account_registry.NAME)


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key written twice, where the plain loader silently keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = next((key for index, key in enumerate(keys) if key in keys[:index]), None)
        if twice is not None:
            raise yaml.MarkedYAMLError(problem=f"{twice!r} is written twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def _mappings(settings: Settings) -> Iterator[FileMapping]:
    for folder in (settings.surveys_dir, settings.mappings_dir):
        for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
            shown = f"{folder.name}/{printable(path.name)}"
            try:
                fields = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 (a SafeLoader)
            except (yaml.YAMLError, UnicodeDecodeError) as error:
                raise TweetbenchError(
                    "a mapping is not valid YAML",
                    where=shown,
                    why=" ".join(str(error).split())[:300],
                    next_step="correct the line that is named, then repeat",
                ) from error
            if not isinstance(fields, dict):
                raise TweetbenchError("a mapping must hold named fields", where=shown)
            yield FileMapping(path.stem, fields, shown)


def _hash_key(settings: Settings, *, keep: bool) -> bytes:
    """The pseudonym key: from the settings, else from its file, which is made on first use if it is to be kept."""
    if settings.hash_key:
        return settings.hash_key.get_secret_value().encode()
    path = settings.hash_key_file
    if not path.exists() and not keep:
        return secrets.token_bytes(32)
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(handle, secrets.token_hex(32).encode())
        os.close(handle)
        sync_file(path)
    return path.read_bytes().strip()
