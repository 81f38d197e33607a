"""`tweetbench run`: the whole Dagster job in this process, with its progress shown."""

import shlex
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal

import typer

from pipeline import sources
from pipeline.cli.console import say, say_json, say_table, typed_command
from pipeline.cli.findings import headline_findings
from pipeline.cli.idle import IdleNote, input_stamp, remember_idle
from pipeline.cli.progress import shown_progress
from pipeline.cli.read_part import read_part
from pipeline.cli.run_end import end_incomplete, issues_of_run, note_of_run, say_files, say_set_aside_in_all
from pipeline.cli.set_aside import listing_query, say_set_aside
from pipeline.cli.tick import NO_FILE, say_unchanged
from pipeline.ingest.inbox import ready_files
from pipeline.ingest.registry import asked_sources
from pipeline.publish.reader import published_facts
from pipeline.report.at_publish import report_problems
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease
from pipeline.runtime.shard import shard_of
from pipeline.settings import Settings, load_settings


def run(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Read only this source; repeat for more. Default: all")
    ] = None,
    max_usd: Annotated[
        float | None, typer.Option(min=0, help="Hard limit for paid requests of this run, in US dollars")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Rebuild every table and publish, even if nothing has changed")
    ] = False,
    if_files: Annotated[
        bool, typer.Option("--if-files", help="Only if a file waits in the inbox; for timers that look often")
    ] = False,
    engine: Annotated[
        Literal["duckdb", "spark"] | None,
        typer.Option(help="What builds the models that read posts and readings; default: TWEETBENCH_ENGINE"),
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Run the whole job: read the inbox and X, load, build the marts, publish.

    Exits with 0 if everything was read and published; 3 if it was published, but X was not read completely (the budget
    or the time ran out, or an account could not be read); 69 if X could not be read at all and 77 if it refuses the
    token, with the rest still published; 65, 74, 75 or 78 if nothing was published.

    Examples:

      tweetbench run

      tweetbench run --only x_analytics_content

      tweetbench run --max-usd 0.50

      tweetbench run --engine spark
    """
    flags = {"max_usd_per_run": max_usd, "engine": engine}
    settings = load_settings(**{name: value for name, value in flags.items() if value is not None})
    if if_files and not ready_files(settings):
        say(NO_FILE)
        return
    if full:
        settings = settings.model_copy(update={"skip_unchanged": False})
    _check_tokens(settings, only or [])
    shard = shard_of(settings)
    if shard and shard.is_reader:
        read_part(settings, shard, only=only or [], json_output=json_output)
        return
    with hold_lease(settings, purpose="about to run", now=utc_now(), without_readers=shard is None):
        pass  # says at once if another run is in progress, before Dagster takes seconds to load
    # Dagster costs two seconds to import: commands that do not run anything stay without it.
    from pipeline.orchestration.running import run_job

    started, inputs = time.monotonic(), input_stamp(settings)
    with shown_progress() as show:
        run_id = run_job(settings, only=only or [], on_progress=lambda now: show(now.done, now.total, now.step))
    seconds = round(time.monotonic() - started, 1)
    facts, counts = published_facts(settings)
    published_at = f"{facts['published_at']:%Y-%m-%d %H:%M} UTC"
    note, issues = note_of_run(settings, run_id), issues_of_run(settings, run_id)
    # A platform has something new every day: where one is asked, there is always work.
    if not only and not asked_sources(settings, now=utc_now()):
        remember_idle(settings, inputs=inputs, version=facts["version"], published_at=published_at)
    if json_output:
        found = {"files": note.files, "issues": [asdict(group) for group in issues]}
        ending = {"partial": bool(note.reasons), "reasons": note.reasons}
        say_json({"run_id": run_id, "seconds": seconds, "published": facts, "rows": counts, **found, **ending})
    else:
        say_files(note)
        say_set_aside(issues, query=listing_query(typed_command(settings), run_id), indent="")
        if facts["run_id"] == run_id:
            show_published(settings, seconds)
        else:
            say_unchanged(settings, IdleNote("", "", facts["version"], published_at))
    end_incomplete(note, version=facts["version"])


def _check_tokens(settings: Settings, only: Sequence[str]) -> None:
    """Refuse what cannot be a token before anything is read.

    Raises:
        TweetbenchError: a token is a placeholder (exit code 78).
    """
    for source in sources.API_SOURCES:
        if not only or source.NAME in only:
            source.is_configured(settings)


def show_published(settings: Settings, seconds: float | None = None) -> None:
    """Show where the published warehouse is, what it contains, and what to do next."""
    facts, counts = published_facts(settings)
    demo = "   DEMO: all data is synthetic" if facts["is_demo"] else ""
    took = f" in {seconds} s" if seconds is not None else ""
    say(f"published version {facts['version']}{took}{demo}")
    say(f"  warehouse  {settings.published_file}")
    say(f"  report     {settings.published_file.parent / 'report' / 'index.html'}")
    say(f"  parquet    {settings.published_file.parent / 'parquet'}")
    for problem in report_problems(settings):
        say(f"fault in the report: {problem}")
        say(f"  to make it again, from the same version:  {typed_command(settings)} report")
    say_table("Contents", ["mart", "rows"], list(counts.items()))
    for finding in headline_findings(settings):
        say(f"* {finding}")
    say_set_aside_in_all(settings)
    command = typed_command(settings)
    say("next:")
    say(f"  {command} sql 'from ratio_styles order by follower_count desc limit 10'")
    say(f"  {command} status")
    say(f"  {command} ui       (the assets in Dagster)")
    say(f"  duckdb -readonly {shlex.quote(str(settings.published_file))}")
