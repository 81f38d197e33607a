"""The `tweetbench` command: assembles the commands and turns errors into four lines and an exit code."""

import sys
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli.console import err, say, say_error
from pipeline.cli.doctor import doctor
from pipeline.cli.ingest import ingest
from pipeline.cli.init import init
from pipeline.cli.plan import plan
from pipeline.cli.run import run
from pipeline.cli.sql import sql
from pipeline.cli.status import status
from pipeline.cli.ui import ui
from pipeline.errors import TweetbenchError

app = typer.Typer(
    name="tweetbench",
    help="A warehouse for benchmarking business accounts on Twitter/X. Start with: tweetbench init",
    no_args_is_help=True,
    invoke_without_command=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (init, doctor, plan, ingest, run, status, sql, ui):
    app.command()(command)


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


def main() -> None:
    """Run one command: errors in words, a traceback only with --debug."""
    debug = "--debug" in sys.argv
    try:
        app()
    except TweetbenchError as error:
        if debug:
            raise
        say_error(error)
        sys.exit(int(error.exit_code))
    except KeyboardInterrupt:
        err.print("stopped; what was committed stays, the next run goes on from there")
        sys.exit(130)
