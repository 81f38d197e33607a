"""`tweetbench ui`: the Dagster UI behind the guard, with its schedule and sensor; one for each data folder."""

import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from pipeline.cli.console import say
from pipeline.errors import Exit, TweetbenchError
from pipeline.orchestration.ui.guard import LOOPBACK_NAMES, Rules
from pipeline.settings import Settings, load_settings

MINIMUM_PASSWORD = 12


def ui(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 picks a free one")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on; beyond this machine only with a password")] = (
        "127.0.0.1"
    ),
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Another host name that browsers may use; repeat for more")
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Look, but change nothing: no runs, no switches, no schedule")
    ] = False,
    no_daemon: Annotated[
        bool, typer.Option("--no-daemon", help="Leave schedule, sensor and queue to `tweetbench daemon`; by PostgreSQL")
    ] = False,
) -> None:
    """Open the Dagster UI: assets, checks, runs, the schedule and the sensor. Ctrl-C stops it and the runs it started.

    It refuses requests from other web pages. To let others look, start a second one with --read-only and a password
    (TWEETBENCH_UI_PASSWORD), or let them in through SSH.

    Examples:

      tweetbench ui --port 0

      TWEETBENCH_UI_PASSWORD=... tweetbench ui --read-only --host 0.0.0.0 --name warehouse.lan --port 3001
    """
    settings = load_settings()
    if no_daemon:
        require_shared_history(settings)
    has_daemon = not (read_only or no_daemon)
    password = settings.ui_password.get_secret_value() if settings.ui_password else ""
    rules = rules_for(host, name or [], password, is_read_only=read_only)
    with listening(host, port) as listener, single_instance(settings, is_needed=has_daemon):
        address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
        say("starting Dagster (about ten seconds, longer after the SQL has changed)")
        # Importing Dagster takes seconds: whatever can be refused has been refused before.
        from pipeline.orchestration.ui.server import serve_ui

        runs = "the schedule and the sensor run while it is open"
        if not has_daemon:
            kind = "read-only" if read_only else "without the daemon"
            runs = f"{kind}: the schedule and the sensor do not run here"
        serve_ui(
            settings,
            listener,
            rules,
            has_daemon=has_daemon,
            say=lambda line: say(f"{address}   (Ctrl-C stops it; {runs})" if line == "ready" else line),
        )
    say("closed")


def rules_for(host: str, names: list[str], password: str, *, is_read_only: bool) -> Rules:
    """Who may connect, under which name.

    Raises:
        TweetbenchError: the address is open to other machines and no password, or a short one, is set.
    """
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise TweetbenchError(
            f"--host {host} is not an address",
            next_step="give an IP address such as 127.0.0.1; host names go into --name",
            exit_code=Exit.USAGE,
        ) from None
    if not address.is_loopback and len(password) < MINIMUM_PASSWORD:
        raise TweetbenchError(
            f"opening the UI to other machines needs a password of at least {MINIMUM_PASSWORD} characters",
            where=f"--host {host}",
            why="whoever reaches the UI can start runs and delete assets",
            next_step="set TWEETBENCH_UI_PASSWORD in .env, or omit --host and connect through SSH",
            exit_code=Exit.CONFIGURATION,
        )
    return Rules(LOOPBACK_NAMES | {_shown(host), *(known.lower() for known in names)}, password, is_read_only)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there, so that a taken port is known before Dagster takes seconds to load.

    Raises:
        TweetbenchError: the port is taken or not allowed, or the address is not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host.strip("[]"), port))
            listener.listen()  # a browser that comes too early waits
        except OSError as error:
            raise TweetbenchError(
                f"port {port} cannot be used",
                where=host,
                why=f"{error.strerror}; another program, or another tweetbench ui, may be listening there",
                next_step="tweetbench ui --port 0   (picks a free one)",
                exit_code=Exit.UNAVAILABLE,
            ) from None
        yield listener


@contextmanager
def single_instance(settings: Settings, *, is_needed: bool) -> Iterator[None]:
    """Keep a second schedule and sensor, in a UI or a daemon, away from the data folder: each would start every run.

    Raises:
        TweetbenchError: one is open already (exit code 75).
    """
    if not is_needed:
        yield
        return
    settings.make_folders()
    handle = os.open(settings.dagster_dir / ".ui", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 100, 0).decode(errors="replace")
            raise TweetbenchError(
                "a UI or a daemon is already open on this data folder",
                where=f"process {holder}, {settings.data_dir}",
                why="two of them would both run the schedule and the sensor",
                next_step="use that one, or open a second with: tweetbench ui --read-only --port 0",
                exit_code=Exit.BUSY,
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def require_shared_history(settings: Settings) -> None:
    """Refuse to share out the work of the UI where the run history is in files that one process writes.

    Raises:
        TweetbenchError: no PostgreSQL is set (exit code 78).
    """
    if settings.dagster_postgres_url is None:
        raise TweetbenchError(
            "UI and daemon can only be two processes if PostgreSQL keeps the run history",
            why="the history of this data folder is in SQLite files",
            next_step="tweetbench ui   (both in one), or set TWEETBENCH_DAGSTER_POSTGRES_URL in .env",
            exit_code=Exit.CONFIGURATION,
        )


def _shown(host: str) -> str:
    bare = host.strip("[]").lower()
    return f"[{bare}]" if ":" in bare else bare
