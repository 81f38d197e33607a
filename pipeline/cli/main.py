"""The `tweetbench` command: assembles the commands and turns errors into four lines and an exit code."""

import io
import logging
import os
import signal
import sys
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli.backfill import backfill
from pipeline.cli.backup import backup, restore
from pipeline.cli.comply import comply
from pipeline.cli.console import err, say, say_error
from pipeline.cli.daemon import daemon
from pipeline.cli.demo import demo
from pipeline.cli.doctor import doctor
from pipeline.cli.experiment import experiment
from pipeline.cli.export import export
from pipeline.cli.ingest import ingest
from pipeline.cli.init import init
from pipeline.cli.plan import plan
from pipeline.cli.publish import publish
from pipeline.cli.rebuild import rebuild
from pipeline.cli.report import report
from pipeline.cli.run import run
from pipeline.cli.service import service
from pipeline.cli.sql import sql
from pipeline.cli.status import status
from pipeline.cli.survey import survey
from pipeline.cli.ui import ui
from pipeline.cli.verify import verify
from pipeline.cli.watch import watch
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.data_format import refuse_later_format
from pipeline.runtime.failures import explain
from pipeline.runtime.interrupts import heard_in_callbacks, interrupted_by, never_swallowed
from pipeline.runtime.lease import OWNER_ONLY
from pipeline.runtime.program import PAUSE_SECONDS, start_again
from pipeline.runtime.redaction import no_secrets, settings_secrets
from pipeline.runtime.special_files import refuse_special_files
from pipeline.settings import Settings, load_settings

STOPPED = 130
# What may run unattended, and can begin at any time, needs nobody after an update.
STARTED_AGAIN = {"run", "ui", "daemon"}

app = typer.Typer(
    name="tweetbench",
    help="A warehouse for benchmarking business accounts on Twitter/X. Start with: tweetbench init",
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    demo,
    init,
    watch,
    doctor,
    plan,
    ingest,
    run,
    status,
    sql,
    report,
    export,
    publish,
    rebuild,
    verify,
    backup,
    restore,
    comply,
    backfill,
    ui,
    daemon,
):
    app.command()(command)
app.add_typer(survey)
app.add_typer(service)
app.add_typer(experiment)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit")] = False,
) -> None:
    """Options that every command accepts."""
    if version:
        say(__version__)
        raise typer.Exit
    del debug  # read in main(), where errors are shown


def _settings() -> Settings | None:
    """None where they cannot be read, which the command says itself."""
    try:
        return load_settings()
    except TweetbenchError:
        return None


def _forget_output(error: BaseException) -> None:
    """Where standard output itself cannot be written, Python would try again, and complain, when it ends."""
    if sys.stdout and isinstance(error, OSError) and error.filename is None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _command() -> str:
    return next((word for word in sys.argv[1:] if not word.startswith("-")), "")


def main() -> None:
    """Run one command: errors as messages, a traceback only with --debug."""
    debug = "--debug" in sys.argv
    os.umask(OWNER_ONLY)
    logging.raiseExceptions = debug  # a log that a full disk refuses is no reason for tracebacks of the log itself
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows ASCII only is no reason to end
    try:
        settings = _settings()
        secrets = settings_secrets(settings) if settings else ()
        with (
            never_swallowed(signal.SIGINT),
            interrupted_by(signal.SIGTERM),
            heard_in_callbacks(),
            no_secrets(secrets),
        ):
            try:
                if settings:
                    refuse_special_files(settings.data_dir)
                    refuse_later_format(settings.data_dir)
                app()
            finally:
                if sys.stdout:  # a shell can close it
                    sys.stdout.flush()  # a full disk behind a redirection shows here or never
    except BrokenPipeError as error:
        _forget_output(error)  # whoever read the output has seen enough
        sys.exit(1)
    except Exception as error:
        words = explain(error)
        if debug or words is None:
            raise
        _forget_output(error)
        sys.unraisablehook = lambda _: None  # files that a library closes late meet the same full disk again
        say_error(words)
        if words.exit_code is Exit.REPLACED and _command() in STARTED_AGAIN:
            err.print(f"it starts again in {PAUSE_SECONDS} seconds, with what is installed then")
            sys.stdout.flush()
            start_again()
        sys.exit(int(words.exit_code))
    except (KeyboardInterrupt, SystemExit) as end:
        # Typer turns an interrupt into the exit code that shells use for it.
        if isinstance(end, SystemExit) and end.code != STOPPED:
            raise
        err.print("stopped; committed data is kept; the next run resumes")
        sys.exit(STOPPED)
