"""The whole flow on an invented world, through real HTTP, real tweepy and the real Dagster job.

The world's past is landed in bulk; its last days are read from the loopback server day by day; the last of them is
read by the job itself. Some of the businesses are on Bluesky and Mastodon as well, whose servers the same process
plays. Everything goes into a data folder of its own and is marked as synthetic.
"""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from importlib.resources import files

from pydantic import SecretStr

from pipeline.ingest.registry import asked_sources, registry_rows
from pipeline.lake import Lake
from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.settings import Settings
from pipeline.simulate.bitly_server import ShortLinks, clicks_before
from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.elsewhere import Elsewhere, draw_elsewhere, draw_page
from pipeline.simulate.exports import write_exports
from pipeline.simulate.history import history_rows, metric_rows, newest_landed_ids, post_rows
from pipeline.simulate.history_elsewhere import bookmarks, landed_before
from pipeline.simulate.linkedin_files import write_page_exports
from pipeline.simulate.server import DemoServer, serve
from pipeline.simulate.truth import write_truth
from pipeline.simulate.world import World
from pipeline.sources import API_SOURCES
from pipeline.sources.api.run import ApiRun

Show = Callable[[int, int, str], None]  # steps done, steps in all, the step at work
ShownProgress = Callable[[], AbstractContextManager[Show]]

TOKEN = "demo-token-of-loopback"  # noqa: S105 - opens nothing but the loopback server
PLATFORM_ADDRESSES = ("x_api_base_url", "bluesky_api_base_url", "mastodon_api_base_url", "bitly_api_base_url")
# Days that are read through the API, one extraction a day; before them lies what earlier runs would have captured.
LIVE_DAYS = 8
# On Bluesky and Mastodon the watching began some months ago.
DAYS_ELSEWHERE = 182
RUN_HOUR = 6
SURVEY_MAPPING = "demo_survey.yml"
LIST_MAPPINGS = ("demo_contacts.yml", "demo_followers.yml")


def run_demo(
    settings: Settings,
    world: World,
    *,
    say: Callable[[str], None],
    shown_progress: ShownProgress,
) -> None:
    """Fill an empty data folder from a world and run the job on it; `say` gets sentences for a person."""
    last_run = _run_time(world.end)
    first_live = last_run - timedelta(days=LIVE_DAYS - 1)
    elsewhere = draw_elsewhere(world)
    drop_files(settings, world, last_run, elsewhere)
    write_truth(settings.demo_truth_file, world, is_alone=not elsewhere)
    lake = Lake(settings.lake_dir)
    counts = [f"{site.world.cast.size} on {site.platform.capitalize()}" for site in elsewhere]
    say(f"demo world: {world.cast.size} invented business accounts on X, {' and '.join(counts)} of the same companies")
    land_history(lake, world, first_live)
    for site in elsewhere:
        land_history_elsewhere(lake, site, first_live)
    land_clicks(lake, ShortLinks(elsewhere), first_live)
    clock = DemoClock(first_live)
    with serve(world, clock=clock, token=TOKEN, elsewhere=elsewhere) as server:
        say(f"reading the last {LIVE_DAYS} days from {server.base_url} with real HTTP, one run a day")
        days = [first_live + timedelta(days=day) for day in range(LIVE_DAYS - 1)]
        with shown_progress() as show:
            replay(settings, lake, server, clock, days, show)
        say("running the Dagster job: extract, load, dbt build, publish")
        with shown_progress() as show:
            run_job_at(settings, server, clock, last_run, show)


def drop_files(settings: Settings, world: World, as_of: datetime, elsewhere: Sequence[Elsewhere] = ()) -> None:
    """The registry, and exports, a survey and people lists in the inbox, as a person would drop them."""
    scratch = settings.data_dir / "files"
    page = draw_page(world)
    paths = write_exports(scratch, world, as_of, (*elsewhere, page))
    for export in write_page_exports(scratch, page, as_of):
        export.replace(settings.inbox_dir / export.name)
    paths["accounts"].replace(settings.accounts_file)
    for kind in ("x_analytics_content", "x_analytics_overview", "survey", "contacts", "followers"):
        paths[kind].replace(settings.inbox_dir / paths[kind].name)
    ours = files("pipeline.simulate")
    shutil.copy(str(ours.joinpath(SURVEY_MAPPING)), settings.surveys_dir / SURVEY_MAPPING)
    for name in LIST_MAPPINGS:
        shutil.copy(str(ours.joinpath(name)), settings.mappings_dir / name)


def land_history(lake: Lake, world: World, first_live: datetime) -> None:
    """Commit the past as daily runs would have captured it, with the bookmarks that they would have left."""
    first, last = world.calendar.first_day, (first_live - timedelta(days=1)).date()
    newest = newest_landed_ids(world, last)
    settled = (first_live - timedelta(days=1)).isoformat()
    lake.commit(
        {
            "accounts": list(history_rows(world, first, last)),
            "posts": list(post_rows(world, first, last)),
            "post_metrics": list(metric_rows(world, first, last)),
        },
        source=next(source.NAME for source in API_SOURCES if source.PLATFORM == "x"),
        run_id="demo-history",
        now=first_live - timedelta(days=1),
        state={f"timeline:{account}": {"high": post, "settled_at": settled} for account, post in newest.items()},
    )


def land_history_elsewhere(lake: Lake, site: Elsewhere, first_live: datetime) -> None:
    """The same for a platform that is watched since some months."""
    first, last = (first_live - timedelta(days=days) for days in (DAYS_ELSEWHERE, 1))
    rows = landed_before(site, max(first.date(), site.world.calendar.first_day), last.date())
    source = next(source.NAME for source in API_SOURCES if site.platform == source.PLATFORM)
    lake.commit(rows, source=source, run_id="demo-history", now=last, state=bookmarks(rows, last))


def land_clicks(lake: Lake, links: ShortLinks, first_live: datetime) -> None:
    """The same for clicks on the own links; a run reads the days that are over when it begins."""
    first, last = ((first_live - timedelta(days=days)) for days in (DAYS_ELSEWHERE, 1))
    found = clicks_before(links, first.date(), (last - timedelta(days=1)).date(), captured_at=last)
    source = next(source.NAME for source in API_SOURCES if source.PLATFORM == "bitly")
    lake.commit({"link_clicks": found["rows"]}, source=source, run_id="demo-history", now=last, state=found["state"])


def replay(
    settings: Settings,
    lake: Lake,
    server: DemoServer,
    clock: DemoClock,
    days: list[datetime],
    show: Show,
) -> None:
    """One extraction a day of each platform, as the daily schedule would have made."""
    live = live_settings(settings, server)
    for number, day in enumerate(days):
        clock.set(day)
        rows = registry_rows(settings, now=day)
        for source in asked_sources(live, now=day):
            source.extract(live, lake, rows, ApiRun(f"demo-{day:%Y%m%d}", day, time.sleep, time.monotonic))
        show(number + 1, len(days), f"{day:%Y-%m-%d}")


def live_settings(settings: Settings, server: DemoServer) -> Settings:
    """The settings with the demo's server in place of every platform, and money enough."""
    addresses = dict.fromkeys(PLATFORM_ADDRESSES, server.base_url)
    return settings.model_copy(update={**addresses, "bitly_token": SecretStr(TOKEN), "max_usd_per_run": 100.0})


def run_job_at(settings: Settings, server: DemoServer, clock: DemoClock, at: datetime, show: Show) -> None:
    """The Dagster job with its clock set to a day of the world."""
    from pipeline.orchestration.running import run_job

    clock.set(at)
    os.environ[NOW_VARIABLE] = at.isoformat()
    run_job(live_settings(settings, server), only=[], on_progress=lambda now: show(now.done, now.total, now.step))


def _run_time(end: datetime) -> datetime:
    return (end - timedelta(seconds=1)).replace(hour=RUN_HOUR, minute=0, second=0, microsecond=0)
