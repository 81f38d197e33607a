"""`tweetbench plan`: what the next run would request from the X API and what it would cost, before any request."""

from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.console import say, say_json, say_table
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.registry import registry_rows, x_api_config
from pipeline.lake import Lake
from pipeline.runtime.clock import utc_now
from pipeline.settings import load_settings
from pipeline.sources.x_api.plan import plan_run


def plan(json_output: Annotated[bool, typer.Option("--json", help="Print the plan as JSON")] = False) -> None:
    """Show requests, resources, US dollars and minutes of the next run, and what each setting would save.

    Example:

      tweetbench plan
    """
    settings, now = load_settings(), utc_now()
    config = x_api_config(settings)
    if config is None:
        raise TweetbenchError(
            "planning needs an X API token",
            where="environment or .env",
            why="only the X API costs money; files need no token",
            next_step="set TWEETBENCH_X_BEARER_TOKEN in .env, then run: tweetbench plan",
            exit_code=Exit.CONFIGURATION,
        )
    found = plan_run(config, Lake(settings.lake_dir), registry_rows(settings, now=now), now=now)
    if json_output:
        say_json(asdict(found))
        return
    columns = ["endpoint", "requests", "resources", "USD", "minutes"]
    rows = [
        (line.endpoint, line.request_count, line.resource_count, f"{line.usd:.2f}", f"{line.minutes:.1f}")
        for line in found.lines
    ]
    total = ("total", found.request_count, found.resource_count, f"{found.usd:.2f}", f"{found.minutes:.1f}")
    say_table("The next run", columns, [*rows, total])
    say_table(
        "What a setting would save",
        ["setting", "USD a day"],
        [(s.setting, f"{s.usd_per_day:.2f}") for s in found.savings],
    )
    limit = f"{found.max_usd:.2f} USD (TWEETBENCH_MAX_USD_PER_RUN, or run --max-usd)"
    say(f"budget {limit}: " + ("all of it fits" if found.fits else "the run ends early; refreshes are missed first"))
