"""`tweetbench doctor`: finds problems and says what to do; --fix repairs what it can."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Annotated

import duckdb
import typer

from pipeline import sources
from pipeline.cli.console import err, out, say, say_json
from pipeline.cli.service import is_installed
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.mappings import read_mappings
from pipeline.lake.opening import open_lake
from pipeline.maintain.bucket import look_at_bucket
from pipeline.maintain.cleanup import PENDING, clean_up, half_files, loose_modes
from pipeline.maintain.verify_databases import version_folders
from pipeline.publish.reader import open_published
from pipeline.runtime.clock import utc_now
from pipeline.runtime.failures import explain
from pipeline.runtime.lease import hold_lease
from pipeline.settings import Settings, load_settings, old_names
from pipeline.sources.api.source import ApiSource
from pipeline.warehouse import connect

FREE_SPACE_GB = 1.0
PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow", "tweepy")


@dataclass(frozen=True)
class Check:
    """One line of the examination."""

    name: str
    is_good: bool
    found: str
    next_step: str = ""


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what can be repaired: leftovers of stopped runs, stale logs, modes")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the checks as JSON")] = False,
) -> None:
    """Check versions, folders, disk, clock, locks and the lake; each line says what to do.

    Examples:

      tweetbench doctor

      tweetbench doctor --fix
    """
    settings = load_settings()
    repaired = _repair(settings) if fix else []
    checks = list(examine(settings))
    if json_output:
        shown = [asdict(check) for check in checks]
        say_json({"repaired": repaired, "checks": shown} if fix else shown)
    else:
        for line in repaired:
            say(f"done {line}")
        if fix and not repaired:
            say("there was nothing to repair")
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
    for name, check in LOOKS.items():
        yield _looked(name, check, settings)
    yield from (_token(source, settings) for source in sources.API_SOURCES if source.SETUP)
    yield _looked("published", _published, settings)


def _repair(settings: Settings) -> list[str]:
    """Repair under the lease, so that files of a running job do not count as leftovers."""
    with hold_lease(settings, purpose="doctor --fix", now=utc_now(), without_readers=True):
        done = clean_up(settings)
        if settings.dagster_dir.exists():
            from pipeline.orchestration.instance.history import open_history
            from pipeline.orchestration.instance.lost_runs import end_lost_runs

            with open_history(settings) as instance:
                lost = end_lost_runs(instance, settings) if instance else []
            done += [f"ended run {run.run_id}, which was {run.status} although its process is gone" for run in lost]
    return done


def _token(source: ApiSource, settings: Settings) -> Check:
    name = f"{source.PLATFORM_NAME} token"
    try:
        absent = f"absent (only needed to read from {source.PLATFORM_NAME})"
        return Check(name, True, "present" if source.is_configured(settings) else absent)
    except TweetbenchError as error:
        return Check(name, False, error.what, error.next_step)


def _looked(name: str, check: Callable[[Settings], Check], settings: Settings) -> Check:
    """One check; an error that prevents it is its result, and the next check still runs."""
    try:
        return check(settings)
    except Exception as error:
        words = explain(error)
        if words is None:
            raise
        return Check(name, False, str(words).partition("; next:")[0], words.next_step)


def _names(_settings: Settings) -> Check:
    words = [f"{old} is called {new} now; the old name still works" for old, new in old_names().items()]
    return Check("settings", True, "; ".join(words) or "every name is the present one")


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.data_dir if settings.data_dir.exists() else "/").free / 1e9
    return Check("disk", free > FREE_SPACE_GB, f"{free:,.1f} GB free", f"free some space near {settings.data_dir}")


def _folders(settings: Settings) -> Check:
    missing = [folder.name for folder in settings.folders() if not folder.is_dir()]
    if missing:
        return Check("data folder", False, f"missing: {', '.join(missing)}", "tweetbench init")
    closed = [folder.name for folder in settings.folders() if not os.access(folder, os.W_OK | os.X_OK)]
    found = f"not writable: {', '.join(closed)}" if closed else str(settings.data_dir)
    return Check(
        "data folder", not closed, found, f"make them writable: chmod -R u+rwX {shlex.quote(str(settings.data_dir))}"
    )


def _published(settings: Settings) -> Check:
    file = settings.published_file
    if not file.exists():
        return Check("published", False, "nothing published yet", "tweetbench run")
    try:
        with open_published(settings) as connection:
            rows = connection.execute("select version, published_at from published").fetchall()
    except duckdb.Error as error:
        return Check("published", False, f"cannot be read: {str(error).splitlines()[0]}", "tweetbench verify")
    found = "".join(f"version {version} of {at:%Y-%m-%d %H:%M} UTC, " for version, at in rows) + str(file.resolve())
    return Check("published", bool(rows), found, "tweetbench rebuild")


def _automation(settings: Settings) -> Check:
    from pipeline.orchestration.automation import automation_states

    states = automation_states(settings)
    found = ", ".join(f"{name} {'on' if is_on else 'off'}" for name, is_on in states.items())
    found += f", timers of the system {'installed' if is_installed(settings) else 'not installed'}"
    is_on = all(states.values()) or is_installed(settings)
    hint = "" if is_on else " (to switch on: tweetbench service install, or tweetbench ui, then Automation)"
    return Check("automation", True, found + hint)


def _clock(settings: Settings) -> Check:
    last = max((commit.committed_at for commit in open_lake(settings).commits()), default="")
    now = utc_now().isoformat()
    found = f"{now[:19]} UTC" + (f", before the lake's last commit at {last[:19]}" if last > now else "")
    return Check("clock", last <= now, found, "set the machine's clock; times in the future cannot be ordered")


def _lease(settings: Settings) -> Check:
    if not settings.data_dir.exists():
        return Check("lease", True, "free")  # taking one would make the folder, whose name may be a mistake
    try:
        with hold_lease(settings, purpose="doctor", now=utc_now()):
            return Check("lease", True, "free")
    except TweetbenchError as error:
        return Check("lease", True, f"a run is in progress ({error.where})")


def _stale_wal(settings: Settings) -> Check:
    logs = [log.name for folder in version_folders(settings) for log in folder.glob("*.wal")]
    found = "a published file has a write-ahead log, so no reader can open it" if logs else "none"
    return Check("stale WAL", not logs, found, "somebody opened the file for writing: tweetbench doctor --fix")


def _build_warehouse(settings: Settings) -> Check:
    if not settings.warehouse_file.exists():
        return Check("warehouse", True, "not built yet")
    try:
        with connect(settings, read_only=True):
            return Check("warehouse", True, f"{settings.warehouse_file.stat().st_size / 1e6:,.1f} MB")
    except TweetbenchError as error:
        is_held = error.exit_code is Exit.BUSY
        return Check("warehouse", is_held, "open in another program" if is_held else error.why, "tweetbench rebuild")


def _leftovers(settings: Settings) -> Check:
    half = half_files(settings)
    found = f"{len(half)}, such as {half[0].name}" if half else "none"
    # During a run its unfinished files look the same.
    return Check("leftovers", True, found + (" (tweetbench doctor --fix removes them)" if half else ""))


def _modes(settings: Settings) -> Check:
    loose = [path for path, _ in loose_modes(settings)]
    found = f"{len(loose):,} can be read by others, such as {loose[0].name}" if loose else "readable by the owner only"
    return Check("file modes", not loose, found, "tweetbench doctor --fix")


def _erasure(settings: Settings) -> Check:
    is_open = (settings.receipts_dir / PENDING).exists()
    found = "an erasure was interrupted: some content may still be there" if is_open else "none is pending"
    return Check("erasure", not is_open, found, "tweetbench comply")


def _mappings(settings: Settings) -> Check:
    broken = read_mappings(settings)[1]
    found = "; ".join(f"{one.where}: {one.why}" for one in broken) or "all can be read"
    return Check("mappings", not broken, found, "correct it; until then files that may need it wait in quarantine")


def _lake(settings: Settings) -> Check:
    lake = open_lake(settings)
    try:
        files = [file for commit in lake.commits() for file in commit.all_files()]
    except TweetbenchError as error:
        return Check("lake", False, str(error), error.next_step)
    missing = lake.missing()
    found = f"{len(files):,} files" + (f", {len(missing)} missing, such as {missing[0]}" if missing else "")
    return Check(
        "lake", not missing, found, "restore the files from a backup of lake/, or: tweetbench verify --quarantine"
    )


def _bucket(settings: Settings) -> Check:
    if not settings.lake_url:
        return Check("bucket", True, "none: the lake is a folder")
    return Check("bucket", *look_at_bucket(settings, now=utc_now()))


def _spark(settings: Settings) -> Check:
    if settings.engine != "spark":
        return Check("Spark", True, "not used: DuckDB builds every model")
    from pipeline.transform.spark.build import require_spark

    require_spark(settings)
    return Check("Spark", True, f"Java, PySpark and {settings.spark_master} answer")


# The cheap ones first.
LOOKS: dict[str, Callable[[Settings], Check]] = {
    "data folder": _folders,
    "settings": _names,
    "disk": _disk,
    "clock": _clock,
    "lease": _lease,
    "stale WAL": _stale_wal,
    "warehouse": _build_warehouse,
    "leftovers": _leftovers,
    "file modes": _modes,
    "bucket": _bucket,
    "Spark": _spark,
    "lake": _lake,
    "erasure": _erasure,
    "mappings": _mappings,
    "automation": _automation,
}
