"""`tweetbench doctor`: is everything in place, and if not, what to do."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Annotated

import typer

from pipeline.cli.console import err, out, say, say_json
from pipeline.clock import utc_now
from pipeline.errors import Exit, TweetbenchError
from pipeline.lake import Lake
from pipeline.lease import hold_lease
from pipeline.settings import Settings, load_settings

FREE_SPACE_GB = 1.0
PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow", "tweepy")


@dataclass(frozen=True)
class Check:
    """One line of the examination."""

    name: str
    is_good: bool
    found: str
    next_step: str = ""


def doctor(json_output: Annotated[bool, typer.Option("--json", help="Print the checks as JSON")] = False) -> None:
    """Check versions, folders, disk, clock, locks and the lake; each line says what to do.

    Example:

      tweetbench doctor
    """
    checks = list(examine(load_settings()))
    if json_output:
        say_json([asdict(check) for check in checks])
    else:
        for check in checks:
            mark = "ok  " if check.is_good else "FIX "
            say(f"{mark} {check.name:<16} {check.found}")
            if not check.is_good:
                (out if out.is_terminal else err).print(f"     next: {check.next_step}")
    if not all(check.is_good for check in checks):
        raise typer.Exit(int(Exit.CONFIGURATION))


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, the cheap ones first."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    yield Check("python", sys.version_info >= (3, 11), python, "install Python 3.11 or newer, then: make demo")
    yield Check("packages", True, ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    yield _folders(settings)
    free = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else "/").free / 1e9
    yield Check("disk", free > FREE_SPACE_GB, f"{free:,.1f} GB free", f"free some space near {settings.data_dir}")
    yield _clock(settings)
    yield _lease(settings)
    yield _stale_wal(settings)
    yield _lake(settings)
    yield _automation(settings)
    token = "present" if settings.x_bearer_token else "absent (only needed to read from the X API)"
    yield Check("X token", True, token)
    published = settings.published_file
    found = str(published.resolve()) if published.exists() else "nothing published yet"
    yield Check("published", published.exists(), found, "tweetbench run")


def _folders(settings: Settings) -> Check:
    missing = [folder.name for folder in settings.folders() if not folder.is_dir()]
    if missing:
        return Check("data folder", False, f"missing: {', '.join(missing)}", "tweetbench init")
    closed = [folder.name for folder in settings.folders() if not os.access(folder, os.W_OK | os.X_OK)]
    found = f"not writable: {', '.join(closed)}" if closed else str(settings.data_dir)
    return Check("data folder", not closed, found, f"make them yours: chmod -R u+rwX {settings.data_dir}")


def _automation(settings: Settings) -> Check:
    from pipeline.orchestration.automation import automation_states

    states = automation_states(settings)
    found = ", ".join(f"{name} {'on' if is_on else 'off'}" for name, is_on in states.items())
    hint = "" if all(states.values()) else " (tweetbench ui, then Automation, switches them on)"
    return Check("automation", True, found + hint)


def _clock(settings: Settings) -> Check:
    last = max((commit.committed_at for commit in Lake(settings.lake_dir).commits()), default="")
    now = utc_now().isoformat()
    found = f"{now[:19]} UTC" + (f", before the lake's last commit at {last[:19]}" if last > now else "")
    return Check("clock", last <= now, found, "set the machine's clock; stamps from the future cannot be ordered")


def _lease(settings: Settings) -> Check:
    try:
        with hold_lease(settings, purpose="doctor", now=utc_now()):
            return Check("lease", True, "free")
    except TweetbenchError as error:
        return Check("lease", True, f"a run is at work ({error.where})")


def _stale_wal(settings: Settings) -> Check:
    wal = settings.published_file.parent / "warehouse.duckdb.wal"
    found = "a write-ahead log lies beside the published file" if wal.exists() else "none"
    return Check("stale WAL", not wal.exists(), found, "somebody opened the published file for writing: tweetbench run")


def _lake(settings: Settings) -> Check:
    lake = Lake(settings.lake_dir)
    try:
        files = [file for commit in lake.commits() for file in (*commit.files, commit.state_file) if file]
    except TweetbenchError as error:
        return Check("lake", False, str(error), error.next_step)
    missing = [file.path for file in files if not (lake.root / file.path).exists()]
    found = f"{len(files):,} files" + (f", {len(missing)} missing, such as {missing[0]}" if missing else "")
    return Check("lake", not missing, found, "restore the files from a backup of lake/")
