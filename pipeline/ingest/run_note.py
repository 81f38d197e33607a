"""The note of the last run: when it began, what became of each file, what was not read, and how it ended.

Written by the run itself, whoever started it, so that `run` and `status` can say it without Dagster. A note without
an end belongs to a run that is at work or was killed; the lease tells which.
"""

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import Outcome
from pipeline.runtime.files import replace_text
from pipeline.runtime.lease import read_lease
from pipeline.runtime.shard import shard_of
from pipeline.settings import Settings

NOTE = "last_run.json"
PART = re.compile(r"(\d{1,3})-of-(\d{1,3})")


@dataclass(frozen=True)
class RunNote:
    """One run. `files` has an entry for each file that was looked at, `reasons` one for each thing that is missing."""

    run_id: str
    started_at: str
    ended_at: str | None = None
    failure: str | None = None
    files: tuple[dict[str, Any], ...] = ()
    reasons: tuple[dict[str, Any], ...] = ()

    @property
    def exit_code(self) -> Exit:
        """What the run ends with although it came to its end: the gravest of its reasons."""
        return Exit(max((reason["exit_code"] for reason in self.reasons), default=Exit.OK))


def start_note(settings: Settings, *, run_id: str, now: datetime) -> None:
    """Begin the note of a run; that of the run before is gone."""
    _write(settings, RunNote(run_id, now.isoformat()))


def note_files(settings: Settings, outcomes: list[Outcome]) -> None:
    """Add what became of files."""
    entries = (file_entry(outcome) for outcome in outcomes)
    if note := read_note(settings):
        _write(settings, replace(note, files=(*note.files, *entries)))


def note_reasons(settings: Settings, errors: tuple[TweetbenchError, ...]) -> None:
    """Add what was not read."""
    entries = ({**dict(error.lines()), "exit_code": int(error.exit_code)} for error in errors)
    if note := read_note(settings):
        _write(settings, replace(note, reasons=(*note.reasons, *entries)))


def end_note(settings: Settings, *, now: datetime, failure: str | None) -> None:
    """Close the note; `failure` says what stopped the run."""
    if note := read_note(settings):
        _write(settings, replace(note, ended_at=now.isoformat(), failure=failure))


def read_note(settings: Settings) -> RunNote | None:
    """The note of the last run; None where there is none that can be read."""
    try:
        fields = json.loads(_path(settings).read_text(encoding="utf-8"))
        return RunNote(**{**fields, "files": tuple(fields["files"]), "reasons": tuple(fields["reasons"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def notes_of_parts(settings: Settings) -> dict[str, tuple[RunNote, str]]:
    """The last run of each part of the accounts that was read in this data folder, and how it ended; by part.

    After the number of parts has changed, those of the new number alone.
    """
    folders = (settings.data_dir / "dagster" / "readers").glob("*-of-*")
    found = (match for path in folders if (match := PART.fullmatch(path.name)))
    readers = {
        (int(part[2]), int(part[1])): settings.model_copy(update={"shard": f"{part[1]}/{part[2]}"}) for part in found
    }
    notes = {part: note for part, reader in sorted(readers.items()) if (note := read_note(reader))}
    newest = max(notes, key=lambda part: notes[part].started_at, default=(0, 0))
    return {
        f"{number}/{count}": (note, how_it_ended(readers[count, number], note))
        for (count, number), note in notes.items()
        if count == newest[0]
    }


def how_it_ended(settings: Settings, note: RunNote) -> str:
    """The end of a run as a sentence; of a run that read a part of the accounts, if the settings name one."""
    shard = shard_of(settings)
    if note.failure:
        return f"failed: {note.failure}"
    if note.ended_at:
        reasons = "; ".join(f"{reason['what']}: {reason.get('why', '')}" for reason in note.reasons)
        made = "read" if shard and shard.is_reader else "published"
        return f"{made}, but incomplete: {reasons}" if reasons else "complete"
    lease = read_lease(settings.data_dir, shard)
    is_at_work = lease is not None and lease.purpose == purpose_of(note.run_id) and lease.is_alive()
    return "at work" if is_at_work else "was stopped or killed before its end; the next run resumes: tweetbench run"


def purpose_of(run_id: str) -> str:
    """What the lease of a run says it is for."""
    return f"run {run_id}"


def file_entry(outcome: Outcome) -> dict[str, Any]:
    """What became of one file, for JSON."""
    return {
        "file": outcome.file,
        "status": outcome.status,
        "kind": outcome.source,
        "found": outcome.found,
        "issues": [asdict(group) for group in outcome.issues],
        "error": dict(outcome.error.lines()) if outcome.error else None,
    }


def _path(settings: Settings) -> Path:
    return settings.dagster_dir / NOTE


def _write(settings: Settings, note: RunNote) -> None:
    replace_text(_path(settings), json.dumps(asdict(note), ensure_ascii=False, default=str))
