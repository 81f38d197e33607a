"""`tweetbench backfill`: shows what was missed and reads what is still available."""

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.console import err, say, say_json, say_table
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.clock import utc_now
from pipeline.settings import Settings, load_settings

SHOWN = 30


def backfill(
    missing: Annotated[bool, typer.Option("--missing", help="Read what is still available; costs money")] = False,
    max_usd: Annotated[float | None, typer.Option(min=0, help="Hard limit for paid requests, in US dollars")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the gaps as JSON")] = False,
) -> None:
    """Show what was not captured; with --missing, read the missed posts that X still serves.

    Follower counts of past days are not available anywhere. Such days stay gaps and are shown as gaps.

    Examples:

      tweetbench backfill

      tweetbench backfill --missing --max-usd 2
    """
    from pipeline.ingest.registry import registry_rows
    from pipeline.lake import Lake
    from pipeline.sources.x_api.gaps import find_gaps

    settings = load_settings(**({} if max_usd is None else {"max_usd_per_run": max_usd}))
    now = utc_now()
    rows = registry_rows(settings, now=now)
    gaps = find_gaps(Lake(settings.lake_dir), rows, now=now, backfill_days=settings.x_backfill_days)
    recoverable = [gap for gap in gaps if gap.is_recoverable]
    if json_output:
        say_json([{**asdict(gap), "day_count": gap.day_count} for gap in gaps])
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
        _read_again(settings)
    elif missing:
        say("nothing of it is still available")


def _read_again(settings: Settings) -> None:
    if settings.x_bearer_token is None:
        raise TweetbenchError(
            "reading from X needs a token",
            where="environment or .env",
            next_step="set TWEETBENCH_X_BEARER_TOKEN, then: tweetbench backfill --missing",
            exit_code=Exit.AUTHENTICATION,
        )
    from pipeline.cli.progress import shown_progress
    from pipeline.cli.run_end import end_incomplete, note_of_run
    from pipeline.orchestration.running import run_job
    from pipeline.publish.reader import published_facts

    err.print("reading every account from the end of its last complete reading")
    with shown_progress() as show:
        run_id = run_job(settings, only=["x_api"], on_progress=lambda now: show(now.done, now.total, now.step))
    say("next: tweetbench backfill   (shows what is still missing), tweetbench status")
    end_incomplete(note_of_run(settings, run_id), version=published_facts(settings)[0]["version"])
