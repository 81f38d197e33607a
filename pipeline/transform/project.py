"""The dbt project on disk: where it lies, what it is run with, and its manifest, parsed only when a file changed."""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dbt.contracts.graph.manifest import Manifest

from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.failures import explain_refusal
from pipeline.runtime.files import replace_text
from pipeline.runtime.interrupts import never_swallowed
from pipeline.runtime.processes import own_module
from pipeline.settings import Settings
from pipeline.transform.fingerprint import DBT_DIR, dbt_fingerprint

# Memory that two models may take at the same time, per byte of the warehouse (which is packed).
WORK_PER_BYTE = 3
# dbt's own copy of a parsed project, for reading back.
PARSED = "partial_parse.msgpack"


def dbt_environment(settings: Settings, used_bytes: int = 0) -> dict[str, str]:
    """What profiles.yml asks for, so that dbt works on this data folder within its limits.

    Args:
        settings: the data folder and its limits.
        used_bytes: what the tables of the warehouse take of its file; without a warehouse nothing.
    """
    return {
        "TWEETBENCH_DATA_DIR": str(settings.data_dir),
        "TWEETBENCH_THREADS": str(settings.threads),
        "TWEETBENCH_MODELS_AT_ONCE": str(_models_at_once(settings, used_bytes)),
        "TWEETBENCH_MEMORY_LIMIT": settings.memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def _models_at_once(settings: Settings, used_bytes: int) -> int:
    """Models that run at the same time share the memory limit; where the tables outgrow it, each gets all of it."""
    return settings.threads if used_bytes * WORK_PER_BYTE <= settings.memory_bytes else 1


def dbt_locations(settings: Settings) -> list[str]:
    """Arguments that keep everything dbt writes inside the data folder."""
    target = str(settings.dbt_target_dir)
    arguments = ["--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR), "--target-path", target]
    # What fails is a result with its message. Each line of a log costs as much as a small query, of files as well.
    return [*arguments, "--log-path", target, "--log-level", "none", "--log-level-file", "none"]


def prepare_project(settings: Settings) -> Path:
    """The manifest of the dbt project as its files are now; parsed again only if one of them changed.

    Raises:
        TweetbenchError: dbt cannot parse the project.
    """
    settings.make_folders()
    target = settings.dbt_target_dir
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(target):
        return _parsed(settings, target)


@contextmanager
def _only_one(target: Path) -> Iterator[None]:
    """UI and daemon may start at once: two that write the same manifest leave one that nobody can read."""
    handle = os.open(target / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _parsed(settings: Settings, target: Path) -> Path:
    stamp, fingerprint = target / "fingerprint", dbt_fingerprint()
    files = (target / "manifest.json", target / PARSED)
    # Sizes too: a full disk leaves a part of what dbt wrote, and reading it to see that takes a quarter of a second.
    if not stamp.exists() or stamp.read_text() != _stamp(fingerprint, files):
        command = own_module("dbt.cli.main", "--quiet", "parse", *dbt_locations(settings))
        environment = {**os.environ, **dbt_environment(settings)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise explain_refusal(done.stdout + done.stderr) or TweetbenchError(
                "dbt cannot read its project",
                where=str(DBT_DIR),
                why=(done.stdout + done.stderr)[-2000:],
                next_step="run: make check",
                exit_code=Exit.CONFIGURATION,
            )
        replace_text(stamp, _stamp(fingerprint, files))
    return files[0]


def _stamp(fingerprint: str, files: Iterable[Path]) -> str:
    return " ".join([fingerprint, *(str(file.stat().st_size if file.exists() else None) for file in files)])


def read_manifest(settings: Settings) -> Manifest:
    """The project as `prepare_project` has left it; dbt itself would parse again wherever the data folder was moved."""
    with never_swallowed(signal.SIGINT, signal.SIGTERM):  # it would count as a field of the wrong type
        return Manifest.from_msgpack((settings.dbt_target_dir / PARSED).read_bytes())
