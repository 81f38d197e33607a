"""`tweetbench plan`: what the next run would request from each platform and its cost, before any request."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import typer

from pipeline import sources
from pipeline.cli.console import say, say_json, say_table
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.registry import asked_sources, read_registry
from pipeline.lake.opening import open_lake
from pipeline.runtime.clock import utc_now
from pipeline.settings import Settings, load_settings
from pipeline.sources.api.source import ApiSource, add_plans
from pipeline.sources.lake_source import Row


def plan(json_output: Annotated[bool, typer.Option("--json", help="Print the plan as JSON")] = False) -> None:
    """Show requests, resources, US dollars and minutes of the next run, and what each setting would save.

    Example:

      tweetbench plan
    """
    settings, now = load_settings(), utc_now()
    lake, (rows, issues) = open_lake(settings), read_registry(settings, now=now)
    plans = {source: source.plan(settings, lake, rows, now=now) for source in _sources(settings, now=now)}
    whole = add_plans(plans.values(), max_usd=settings.max_usd_per_run)
    not_read = _not_read(rows, list(plans))
    refused = [
        {name: issue[name] for name in ("subject", "detail", "next_step")} for issue in (*issues, *whole.refused)
    ]
    if json_output:
        lines = [{"source": source.NAME, **asdict(line)} for source, plan in plans.items() for line in plan.lines]
        say_json({**asdict(whole), "lines": lines, "not_read": [asdict(each) for each in not_read], "refused": refused})
        return
    columns = ["platform", "endpoint", "requests", "resources", "USD", "minutes"]
    shown = [
        (source.PLATFORM_NAME, line.endpoint, line.request_count, line.resource_count, line.usd, line.minutes)
        for source, plan in plans.items()
        for line in plan.lines
    ]
    total = ("total", "", whole.request_count, whole.resource_count, whole.usd, whole.minutes)
    say_table(
        "The next run", columns, [(*names, f"{usd:.2f}", f"{minutes:.1f}") for *names, usd, minutes in [*shown, total]]
    )
    for left_out in not_read:
        say(f"{left_out.platform}: {left_out.account_count} accounts of accounts.csv are not read: {left_out.reason}")
    for each in refused:
        say(f"not used: {each['subject']}: {each['detail']}; {each['next_step']}")
    if whole.savings:
        savings = [(saving.setting, f"{saving.usd_per_day:.2f}") for saving in whole.savings]
        say_table("What a setting would save", ["setting", "USD a day"], savings)
    limit = f"{whole.max_usd:.2f} USD (TWEETBENCH_MAX_USD_PER_RUN, or run --max-usd)"
    say(f"budget {limit}: " + ("all of it fits" if whole.fits else "the run ends early; refreshes are missed first"))


@dataclass(frozen=True)
class NotRead:
    """Registered accounts of a platform that the next run does not ask for, and why."""

    platform: str
    account_count: int
    reason: str


def _not_read(rows: Sequence[Row], asked: Sequence[ApiSource]) -> list[NotRead]:
    counts = Counter(row["platform"] or "x" for row in rows)
    steps = {source.PLATFORM: source.SETUP for source in sources.API_SOURCES}
    return [
        NotRead(platform, count, steps.get(platform) or "no source reads it yet; ingest tables of its followers")
        for platform, count in sorted(counts.items())
        if platform not in {source.PLATFORM for source in asked}
    ]


def _sources(settings: Settings, *, now: datetime) -> list[ApiSource]:
    """The sources that the next run asks; without registered accounts those that hold a token.

    Raises:
        TweetbenchError: there is nothing to plan with (exit code 78).
    """
    ready = [source for source in sources.API_SOURCES if source.SETUP and source.is_configured(settings)]
    asked = asked_sources(settings, now=now) or ready
    if not asked:
        steps = " or ".join(source.SETUP for source in sources.API_SOURCES if source.SETUP)
        raise TweetbenchError(
            "there is no platform to plan for",
            where="accounts.csv, environment or .env",
            why="no account is registered that can be read without a token, and no token is set; files are read "
            "without either",
            next_step=f"{steps}, then run: tweetbench plan",
            exit_code=Exit.CONFIGURATION,
        )
    return asked
