"""`tweetbench ui`: the Dagster UI and its daemon, on this machine only."""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import say
from pipeline.settings import PROJECT_DIR, load_settings


def ui(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one")] = 3000,
) -> None:
    """Open the Dagster UI on loopback: assets, checks, runs, the schedule and the sensor. Ctrl-C ends it.

    Example:

      tweetbench ui --port 0
    """
    from pipeline.orchestration.running import prepare_dagster_home

    settings = load_settings()
    prepare_dagster_home(settings)
    chosen = port or _free_port()
    say(f"http://127.0.0.1:{chosen}   (Ctrl-C ends it; the schedule and the sensor run only while it is open)")
    command = [str(Path(sys.executable).with_name("dg")), "dev", "--host", "127.0.0.1", "--port", str(chosen)]
    os.chdir(PROJECT_DIR)
    # A shell that starts a command in the background has it ignore Ctrl-C, and Dagster ends on SIGTERM as on Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Dagster takes this process over, so that whatever ends the command also ends the server and its daemon.
    os.execv(command[0], command)  # noqa: S606


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
