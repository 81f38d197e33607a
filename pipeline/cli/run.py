"""`tweetbench run`: the whole Dagster job in this process, with its progress shown."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.cli.console import err, say, say_json, say_table
from pipeline.cli.findings import headline_findings
from pipeline.clock import utc_now
from pipeline.lease import hold_lease
from pipeline.published import published_facts
from pipeline.settings import Settings, load_settings


def run(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Read only this source; repeat for more. Default: all")
    ] = None,
    max_usd: Annotated[
        float | None, typer.Option(min=0, help="Hard stop for paid X API requests of this run, in US dollars")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Build and publish even if nothing has changed")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Run the whole job: read the inbox and X, load, build the marts, publish.

    Examples:

      tweetbench run

      tweetbench run --only x_analytics_content

      tweetbench run --max-usd 0.50
    """
    settings = load_settings(**({} if max_usd is None else {"max_usd_per_run": max_usd}))
    if full:
        settings = settings.model_copy(update={"skip_unchanged": False})
    with hold_lease(settings, purpose="about to run", now=utc_now()):
        pass  # says at once who is at work, before Dagster takes seconds to load
    # Dagster costs two seconds to import: commands that do not run anything stay without it.
    from pipeline.orchestration.running import run_job

    started = time.monotonic()
    with shown_progress() as show:
        run_id = run_job(settings, only=only or [], on_progress=lambda now: show(now.done, now.total, now.step))
    seconds = round(time.monotonic() - started, 1)
    facts, counts = published_facts(settings)
    if json_output:
        say_json({"run_id": run_id, "seconds": seconds, "published": facts, "rows": counts})
    elif facts["run_id"] == run_id:
        show_published(settings, seconds)
    else:
        say(f"nothing has changed: version {facts['version']} of {facts['published_at']:%Y-%m-%d %H:%M} UTC stays")
        say(f"  warehouse  {settings.published_file}")
        say(f"next: {_typed_command(settings)} ingest FILE...   or: {_typed_command(settings)} run --full")


def show_published(settings: Settings, seconds: float | None = None) -> None:
    """Where the published warehouse is, what is in it, and what to do next."""
    facts, counts = published_facts(settings)
    demo = "   DEMO: all data is synthetic" if facts["is_demo"] else ""
    took = f" in {seconds} s" if seconds is not None else ""
    say(f"published version {facts['version']}{took}{demo}")
    say(f"  warehouse  {settings.published_file}")
    say(f"  parquet    {settings.published_file.parent / 'parquet'}")
    say_table("What is in it", ["mart", "rows"], list(counts.items()))
    for finding in headline_findings(settings):
        say(f"* {finding}")
    if counts.get("issues"):
        say(f"{counts['issues']:,} things could not be used, see the table issues")
    command = _typed_command(settings)
    say("next:")
    say(f"  {command} sql 'from ratio_styles order by follower_count desc limit 10'")
    say(f"  {command} status")
    say(f"  {command} ui       (the assets in Dagster)")
    say(f"  duckdb -readonly {settings.published_file}")


def _typed_command(settings: Settings) -> str:
    """`tweetbench` as a person in this shell has to type it to reach this data folder."""
    command = (
        "tweetbench" if shutil.which("tweetbench") else os.path.relpath(Path(sys.executable).with_name("tweetbench"))
    )
    if not settings.is_demo:  # the person's own settings already name the folder
        return command
    return f"TWEETBENCH_DATA_DIR={os.path.relpath(settings.data_dir)} {command}"


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int, str], None]]:
    """Shows steps done, steps in all and the step at work: a bar on a terminal, a line a step elsewhere."""
    if err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=err, transient=True) as bar:
            task = bar.add_task("starting", total=None)
            yield lambda done, total, step: bar.update(task, description=step, completed=done, total=total)
        return
    shown: list[str] = []

    def print_step(done: int, total: int, step: str) -> None:
        if step and step not in shown:
            shown.append(step)
            err.print(f"{done}/{total} {step}")

    yield print_step
