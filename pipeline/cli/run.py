"""`tweetbench run`: the whole Dagster job in this process, with its progress shown."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from pipeline.cli.console import err, say, say_json, say_table
from pipeline.clock import utc_now
from pipeline.lease import hold_lease
from pipeline.published import published_facts
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipeline.orchestration.running import Progress


def run(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Read only this source; repeat for more. Default: all")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Run the whole job: read the inbox, load, build the marts, publish.

    Examples:

      tweetbench run

      tweetbench run --only x_analytics_content
    """
    settings = load_settings()
    with hold_lease(settings, purpose="about to run", now=utc_now()):
        pass  # says at once who is at work, before Dagster takes seconds to load
    # Dagster costs two seconds to import: commands that do not run anything stay without it.
    from pipeline.orchestration.running import run_job

    started = time.monotonic()
    with _shown_progress() as on_progress:
        run_id = run_job(settings, only=only or [], on_progress=on_progress)
    seconds = round(time.monotonic() - started, 1)
    facts, counts = published_facts(settings)
    if json_output:
        say_json({"run_id": run_id, "seconds": seconds, "published": facts, "rows": counts})
    else:
        show_published(settings, seconds)


def show_published(settings: Settings, seconds: float | None = None) -> None:
    """Where the published warehouse is, what is in it, and what to do next."""
    facts, counts = published_facts(settings)
    demo = "   DEMO: all data is synthetic" if facts["is_demo"] else ""
    took = f" in {seconds} s" if seconds is not None else ""
    say(f"published version {facts['version']}{took}{demo}")
    say(f"  warehouse  {settings.published_file}")
    say(f"  parquet    {settings.published_file.parent / 'parquet'}")
    say_table("What is in it", ["mart", "rows"], list(counts.items()))
    if counts.get("issues"):
        say(f"{counts['issues']:,} things could not be used: tweetbench sql 'from issues'")
    say("next:")
    say("  tweetbench sql 'from ratio_styles order by follower_count desc limit 10'")
    say("  tweetbench ui       (the assets in Dagster)")
    say(f"  duckdb -readonly {settings.published_file}")


@contextmanager
def _shown_progress() -> "Iterator[Callable[[Progress], None]]":
    """A bar on a terminal, one line a step elsewhere; both on standard error."""
    if err.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Bar(*columns, console=err, transient=True) as bar:
            task = bar.add_task("starting", total=None)
            yield lambda now: bar.update(task, description=now.step, completed=now.done, total=now.total)
        return
    shown: list[str] = []

    def print_step(now: "Progress") -> None:
        if now.step and now.step not in shown:
            shown.append(now.step)
            err.print(f"{now.done + 1}/{now.total} {now.step}")

    yield print_step
