"""The `tweetbench` command: assembles the commands and turns errors into four lines and an exit code."""

import os
import sys
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli.backfill import backfill
from pipeline.cli.comply import comply
from pipeline.cli.console import err, say, say_error
from pipeline.cli.doctor import doctor
from pipeline.cli.export import export
from pipeline.cli.ingest import ingest
from pipeline.cli.init import init
from pipeline.cli.plan import plan
from pipeline.cli.publish import publish
from pipeline.cli.rebuild import rebuild
from pipeline.cli.report import report
from pipeline.cli.run import run
from pipeline.cli.sql import sql
from pipeline.cli.status import status
from pipeline.cli.survey import survey
from pipeline.cli.ui import ui
from pipeline.cli.verify import verify
from pipeline.errors import TweetbenchError
from pipeline.lease import OWNER_ONLY
from pipeline.redaction import no_secrets, settings_secrets
from pipeline.settings import load_settings

STOPPED = 130

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
    init,
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
    comply,
    backfill,
    ui,
):
    app.command()(command)
app.add_typer(survey)


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end")] = False,
) -> None:
    """Options that every command takes."""
    if version:
        say(__version__)
        raise typer.Exit
    del debug  # read in main(), where errors are shown


def _secrets() -> tuple[str, ...]:
    """What no log and no error may show; nothing where the settings cannot be read, which the command says itself."""
    try:
        return settings_secrets(load_settings())
    except TweetbenchError:
        return ()


def main() -> None:
    """Run one command: errors in words, a traceback only with --debug."""
    debug = "--debug" in sys.argv
    os.umask(OWNER_ONLY)
    try:
        with no_secrets(_secrets()):
            app()
    except TweetbenchError as error:
        if debug:
            raise
        say_error(error)
        sys.exit(int(error.exit_code))
    except (KeyboardInterrupt, SystemExit) as end:
        # Typer turns an interrupt into the exit code that shells use for it.
        if isinstance(end, SystemExit) and end.code != STOPPED:
            raise
        err.print("stopped; what was committed stays, the next run goes on from there")
        sys.exit(STOPPED)
