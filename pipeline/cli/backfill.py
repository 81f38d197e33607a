"""`tweetbench backfill`: shows what was missed and reads what is still available."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.console import err, say, say_json, say_table
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.clock import utc_now
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipeline.sources.api.source import ApiSource

SHOWN = 30


def backfill(
    missing: Annotated[bool, typer.Option("--missing", help="Read what is still available; costs money")] = False,
    max_usd: Annotated[float | None, typer.Option(min=0, help="Hard limit for paid requests, in US dollars")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the gaps as JSON")] = False,
) -> None:
    """Show what was not captured; with --missing, read the missed posts that are still available.

    Follower counts of past days are not available anywhere. Such days stay gaps and are shown as gaps.

    Examples:

      tweetbench backfill

      tweetbench backfill --missing --max-usd 2
    """
    from pipeline import sources
    from pipeline.ingest.registry import registry_rows
    from pipeline.lake.opening import open_lake

    settings = load_settings(**({} if max_usd is None else {"max_usd_per_run": max_usd}))
    now = utc_now()
    lake, rows = open_lake(settings), registry_rows(settings, now=now)
    found = {source: source.find_gaps(settings, lake, rows, now=now) for source in sources.API_SOURCES}
    gaps = [gap for of_source in found.values() for gap in of_source]
    recoverable = [source for source, of_source in found.items() if any(gap.is_recoverable for gap in of_source)]
    if json_output:
        shown_gaps = [(source.PLATFORM, gap) for source, of_source in found.items() for gap in of_source]
        say_json([{"platform": name, **asdict(gap), "day_count": gap.day_count} for name, gap in shown_gaps])
    elif gaps:
        columns = ["account", "what", "from", "to", "days", "available"]
        shown = [
            (gap.account, gap.kind, gap.first_day, gap.last_day, gap.day_count, "yes" if gap.is_recoverable else "no")
            for gap in gaps[:SHOWN]
        ]
        say_table("Not captured", columns, shown)
        if len(gaps) > SHOWN:
            say(f"and {len(gaps) - SHOWN:,} more: tweetbench backfill --json")
        for remedy in dict.fromkeys(gap.remedy for gap in gaps):
            say(f"* {remedy}")
    else:
        say("nothing is missing")
    if missing and recoverable:
        _read_again(settings, recoverable)
    elif missing:
        say("nothing of it is still available")


def _read_again(settings: Settings, recoverable: "list[ApiSource]") -> None:
    asked = [source.NAME for source in recoverable if source.is_configured(settings)]
    if not asked:
        source = recoverable[0]
        raise TweetbenchError(
            f"{source.PLATFORM_NAME} needs a token",
            where="environment or .env",
            next_step=f"{source.SETUP}, then: tweetbench backfill --missing",
            exit_code=Exit.AUTHENTICATION,
        )
    from pipeline.cli.progress import shown_progress
    from pipeline.cli.run_end import end_incomplete, note_of_run
    from pipeline.orchestration.running import run_job
    from pipeline.publish.reader import published_facts

    err.print("reading every account from the end of its last complete reading")
    with shown_progress() as show:
        run_id = run_job(settings, only=asked, on_progress=lambda now: show(now.done, now.total, now.step))
    say("next: tweetbench backfill   (shows what is still missing), tweetbench status")
    end_incomplete(note_of_run(settings, run_id), version=published_facts(settings)[0]["version"])
