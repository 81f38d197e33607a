"""`tweetbench run`: the whole Dagster job in this process, with its progress shown."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.cli.console import err, say, say_json, say_table, typed_command
from pipeline.cli.findings import headline_findings
from pipeline.cli.tick import say_unchanged
from pipeline.clock import utc_now
from pipeline.idle import IdleNote, input_stamp, remember_idle
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
    full: Annotated[
        bool, typer.Option("--full", help="Make every table anew and publish, even if nothing has changed")
    ] = False,
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

    started, inputs = time.monotonic(), input_stamp(settings)
    with shown_progress() as show:
        run_id = run_job(settings, only=only or [], on_progress=lambda now: show(now.done, now.total, now.step))
    seconds = round(time.monotonic() - started, 1)
    facts, counts = published_facts(settings)
    published_at = f"{facts['published_at']:%Y-%m-%d %H:%M} UTC"
    if not only:
        remember_idle(settings, inputs=inputs, version=facts["version"], published_at=published_at)
    if json_output:
        say_json({"run_id": run_id, "seconds": seconds, "published": facts, "rows": counts})
    elif facts["run_id"] == run_id:
        show_published(settings, seconds)
    else:
        say_unchanged(settings, IdleNote("", "", facts["version"], published_at))


def show_published(settings: Settings, seconds: float | None = None) -> None:
    """Where the published warehouse is, what is in it, and what to do next."""
    facts, counts = published_facts(settings)
    demo = "   DEMO: all data is synthetic" if facts["is_demo"] else ""
    took = f" in {seconds} s" if seconds is not None else ""
    say(f"published version {facts['version']}{took}{demo}")
    say(f"  warehouse  {settings.published_file}")
    say(f"  report     {settings.published_file.parent / 'report' / 'index.html'}")
    say(f"  parquet    {settings.published_file.parent / 'parquet'}")
    say_table("What is in it", ["mart", "rows"], list(counts.items()))
    for finding in headline_findings(settings):
        say(f"* {finding}")
    if counts.get("issues"):
        say(f"{counts['issues']:,} things could not be used, see the table issues")
    command = typed_command(settings)
    say("next:")
    say(f"  {command} sql 'from ratio_styles order by follower_count desc limit 10'")
    say(f"  {command} status")
    say(f"  {command} ui       (the assets in Dagster)")
    say(f"  duckdb -readonly {settings.published_file}")


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
