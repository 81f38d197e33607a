"""Whether a run would find nothing to do, judged by names, sizes and times of files alone.

A scheduled tick with nothing new ends here: nothing is opened, and DuckDB, dbt and Dagster are not even imported.
Any doubt means work; `fingerprint` then decides by content whether the marts are really current.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import SecretStr

from pipeline.runtime.files import replace_text
from pipeline.runtime.program import program_stamp
from pipeline.settings import Settings

NOTE = "idle.json"


@dataclass(frozen=True)
class IdleNote:
    """What a finished run left: stamps of what it read and wrote, and the version that it found or made current."""

    inputs: str
    outputs: str
    version: int
    published_at: str


def input_stamp(settings: Settings) -> str:
    """Stamp over what a run reads apart from the inbox: registry, mappings, SQL, code, and which tokens are set.

    Take it before the run.
    """
    files = [file for folder in (settings.surveys_dir, settings.mappings_dir) for file in _files(folder)]
    # A token that was not there before may make a platform readable.
    tokens = [name for name in type(settings).model_fields if isinstance(getattr(settings, name), SecretStr)]
    return f"{settings.is_demo} {' '.join(tokens)} {program_stamp()} {_stamp([settings.accounts_file, *files])}"


def remember_idle(settings: Settings, *, inputs: str, version: int, published_at: str) -> None:
    """Note that a run with these inputs ended well; the note holds until a file that matters changes."""
    note = IdleNote(inputs, _output_stamp(settings), version, published_at)
    replace_text(settings.dagster_dir / NOTE, json.dumps(asdict(note)))


def idle_note(settings: Settings) -> IdleNote | None:
    """The note of the last run if nothing has changed since, else None; a run that asked a platform leaves none."""
    if not settings.skip_unchanged or settings.lake_url:  # others commit to a bucket, and no file here shows it
        return None
    try:
        note = IdleNote(**json.loads((settings.dagster_dir / NOTE).read_text(encoding="utf-8")))
        same = note.inputs == input_stamp(settings) and note.outputs == _output_stamp(settings)
        return note if same and not has_inbox(settings) else None
    except (OSError, ValueError, TypeError):
        return None


def has_inbox(settings: Settings) -> bool:
    """True if anything lies in the inbox, half-copied files too: they may be whole by the time a run looks."""
    done = settings.inbox_dir / "done"
    return settings.inbox_dir.is_dir() and any(path != done for path in settings.inbox_dir.iterdir())


def _output_stamp(settings: Settings) -> str:
    current = settings.published_dir / "current"
    link = current.readlink() if current.is_symlink() else ""
    return f"{link} {_stamp([settings.warehouse_file, settings.published_file, *_files(settings.lake_dir)])}"


def _files(folder: Path) -> Iterator[Path]:
    for path, _, names in os.walk(folder):
        yield from (Path(path) / name for name in names)


def _stamp(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        try:
            status = path.stat()
        except FileNotFoundError:
            digest.update(f"{path} missing\n".encode())
        else:
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
