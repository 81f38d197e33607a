"""`tweetbench ingest`: files from people, recognised by their content."""

from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import say, say_error, say_facts, say_json, typed_command
from pipeline.cli.progress import shown_reading
from pipeline.cli.run import run
from pipeline.cli.set_aside import listing_query, say_set_aside
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import Outcome, build_request, ingest_file
from pipeline.ingest.run_note import file_entry
from pipeline.lake.opening import open_lake
from pipeline.reading.sandbox import open_reader
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease
from pipeline.runtime.progress import reported_to
from pipeline.settings import load_settings
from pipeline.sources.files.cell_values import parse_time
from pipeline.sources.files.opening import printable

SAID = {
    "added": "added",
    "already_known": "already in the lake, nothing added",
    "checked": "readable; nothing was changed (--check)",
}


def ingest(
    files: Annotated[list[Path], typer.Argument(help="Exports, archives, profile tables, surveys")],
    kind: Annotated[str | None, typer.Option("--as", help="Read as this kind instead of recognising it")] = None,
    account: Annotated[str | None, typer.Option(help="Account that the export belongs to, as @handle")] = None,
    captured_at: Annotated[
        str | None, typer.Option(help="UTC day or time at which a profile table was taken, e.g. 2026-11-01")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Say what the files contain and change nothing")] = False,
    then_run: Annotated[
        bool, typer.Option("--run", help="Then build the marts and publish; platforms are not asked")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Read files into the lake: recognises the kind by content and says what it found.

    Reading the same bytes twice adds nothing; a later export revises the days it covers. Whatever could not be used is
    listed with its reason; with --check the list is complete, because nothing is stored.

    Examples:

      tweetbench ingest ~/Downloads/account_analytics_content_*.csv

      tweetbench ingest account_overview_analytics.csv --account mybrand

      tweetbench ingest followers.csv --captured-at 2026-11-01 --check

      tweetbench ingest survey.xlsx --run
    """
    if then_run and (check or json_output):
        raise TweetbenchError(
            "--run publishes and prints what it published",
            next_step="leave out --check and --json, or: tweetbench ingest FILE --json, then: tweetbench run --json",
            exit_code=Exit.USAGE,
        )
    settings, now = load_settings(), utc_now()
    request = build_request(settings, now=now, account=account, captured_at=_moment(captured_at), check=check)
    lake, run_id = open_lake(settings), f"ingest-{now:%Y%m%dT%H%M%S}"
    outcomes = []
    with (
        nullcontext() if check else hold_lease(settings, purpose="ingest", now=now),
        open_reader(settings) as reader,
        shown_reading() as begin,
    ):
        for path in files:
            size = path.lstat().st_size if path.exists() else 0
            with reported_to(begin(printable(path.name), size)):
                outcomes.append(
                    ingest_file(path, lake, settings, request, run_id=run_id, kind=kind, check=check, reader=reader)
                )
    if json_output:
        say_json([file_entry(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            _show(outcome, listing_query(typed_command(settings), run_id))
        if not then_run:
            _show_next(outcomes)
    kinds = sorted({outcome.source for outcome in outcomes if outcome.source and not outcome.error})
    if then_run and kinds:
        run(only=kinds)
    refused = [outcome.error for outcome in outcomes if outcome.error]
    if refused:
        raise typer.Exit(int(refused[0].exit_code))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_time(text)
    except ValueError:
        raise TweetbenchError(
            f"--captured-at {text} is not a date",
            next_step="write it as 2026-11-01 or 2026-11-01T06:00:00Z",
            exit_code=Exit.USAGE,
        ) from None


def _show(outcome: Outcome, query: str) -> None:
    if outcome.error:
        say(f"{outcome.file}: refused")
        say_error(outcome.error)
        return
    say(f"{outcome.file}: {SAID[outcome.status]}")
    found = outcome.found
    period = " to ".join(filter(None, (found["period_start"], found["period_end"])))
    say_facts(
        {
            "kind": f"{outcome.source} ({found['dialect']})",
            "account": found["account"] and f"@{found['account']}",
            "period": period,
            "rows": ", ".join(f"{table} {count:,}" for table, count in found["rows_by_table"].items()),
        }
    )
    for note in found["notes"]:
        say(f"  - {note}")
    # Only what was added can be queried later: everything else is shown here.
    query = query if outcome.status == "added" else ""
    say_set_aside(outcome.issues, query=query, when=", after the next run")


def _show_next(outcomes: list[Outcome]) -> None:
    if any(outcome.status == "added" for outcome in outcomes):
        say("\nnext: tweetbench run   (loads, builds the marts, publishes)")
    elif outcomes and all(outcome.status == "checked" for outcome in outcomes):
        say("\nnext: the same command without --check")
