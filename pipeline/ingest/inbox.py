"""The inbox: files that people drop are read once they are whole, then moved to done or to quarantine with a note."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import Outcome, ingest_file
from pipeline.lake import Lake
from pipeline.reading.sandbox import Reader, open_reader
from pipeline.runtime.clock import has_settled
from pipeline.runtime.files import move_file, replace_text
from pipeline.settings import Settings
from pipeline.sources.files.opening import open_input, printable
from pipeline.sources.files.personal_data import mask_within
from pipeline.sources.files.protocol import Request, issue_row

# Browsers and copy tools write under these names until the file is whole.
LONGEST_NAME = 120  # bytes of a name that are kept, its ending
UNFINISHED = (".part", ".partial", ".crdownload", ".tmp", ".download", "~")


def ready_files(settings: Settings) -> list[Path]:
    """Inbox files that have not changed for the settling time, oldest first; half-copied ones wait."""
    if not settings.inbox_dir.is_dir():
        return []
    ready = []
    for path in settings.inbox_dir.iterdir():
        hidden = path.name.startswith(".") or path.name.endswith(UNFINISHED)
        with suppress(FileNotFoundError):  # it may be taken away while the folder is read
            if hidden or stat.S_ISDIR(path.lstat().st_mode):
                continue
            if has_settled(path, settings.settle_seconds):
                ready.append((path.lstat().st_mtime, path.name, path))
    return [path for *_, path in sorted(ready)]


def ingest_inbox(
    lake: Lake, settings: Settings, request: Request, *, run_id: str, kinds: Iterable[str] | None = None
) -> Iterator[Outcome]:
    """Read every ready inbox file: accepted ones move to inbox/done, refused ones to quarantine with a note."""
    wanted = None if kinds is None else set(kinds)
    with open_reader(settings) as reader:
        for path in ready_files(settings):
            if wanted is not None and not _is_wanted(path, settings, request, wanted, reader):
                continue
            outcome = ingest_file(path, lake, settings, request, run_id=run_id, reader=reader)
            stays: TweetbenchError | None = None
            try:
                if outcome.error is None:
                    move_file(path, _free_name(path, settings.inbox_dir / "done", request.now))
                elif os.path.lexists(path):  # else somebody has taken it away, which is theirs to do
                    _quarantine(path, outcome.error, lake, settings, request, run_id)
            except OSError as error:
                stays = _not_moved(path, error)
            yield outcome
            if stays:
                yield Outcome(printable(path.name), "refused", error=stays)


def _is_wanted(path: Path, settings: Settings, request: Request, wanted: set[str], reader: Reader) -> bool:
    try:
        return reader.recognise(open_input(path, settings.max_file_mb), request) in wanted
    except TweetbenchError:
        return False


def _quarantine(
    path: Path, error: TweetbenchError, lake: Lake, settings: Settings, request: Request, run_id: str
) -> None:
    stored_name = mask_within(printable(path.name))[0]
    row = issue_row(
        stored_name,
        "file_refused",
        detail="; ".join(filter(None, (error.what, error.why))),
        next_step=error.next_step or "see the note next to the file in quarantine/",
        request=request,
    )
    # The file moves last: a run that was killed before that refuses it again, and the key keeps it one issue.
    facts = path.lstat()
    key = f"refused|{stored_name}|{facts.st_ino}|{facts.st_mtime_ns}|{facts.st_size}"
    if not lake.find_input(key):
        lake.commit({"issues": [row]}, source="inbox", run_id=run_id, now=request.now, input_key=key)
    target = _free_name(path, settings.quarantine_dir, request.now)
    note = "".join(f"**{label}**: {text}\n\n" for label, text in error.lines())
    replace_text(target.with_name(target.name + ".why.md"), f"# {printable(path.name)} was not loaded\n\n{note}")
    move_file(path, target)


def _not_moved(path: Path, error: OSError) -> TweetbenchError:
    """One file that cannot be moved stays where it is, and the others are read; a full disk concerns them all."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise error
    return TweetbenchError(
        "the file was read but cannot be moved out of the inbox",
        where=printable(path.name),
        why=error.strerror or str(error),
        next_step="move it out of the inbox yourself, or make the inbox and its files writable for you",
        exit_code=Exit.IO,
    )


def _free_name(path: Path, folder: Path, now: datetime) -> Path:
    """A safe name in a folder under which there is no file yet."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # File systems count bytes, and the note and the half-written form of either add to the name.
    ending = printable(path.name).encode()[-LONGEST_NAME:].decode(errors="ignore")
    name = f"{now:%Y%m%dT%H%M%S}-{ending}"
    target = folder / name
    number = 1
    while os.path.lexists(target):
        number += 1
        target = folder / f"{number}-{name}"
    return target
