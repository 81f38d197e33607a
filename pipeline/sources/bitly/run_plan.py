"""What the next run would request of Bitly, before anything is called: of the links that earlier runs have read."""

from datetime import datetime, timedelta
from math import ceil

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.sources.api.feeds.plan import add_lines, line
from pipeline.sources.api.source import Plan
from pipeline.sources.bitly import NAME
from pipeline.sources.bitly.bookmarks import days_due, read_bookmark
from pipeline.sources.bitly.dialect import PER_MINUTE
from pipeline.sources.bitly.session import CLICKS, PAGE

LISTS = 2  # groups, limits


def plan_run(lake: Lake, *, now: datetime) -> Plan:
    """The plan of a run that would start now; links that were never read are not known before they are listed."""
    yesterday = now.date() - timedelta(days=1)
    known = due = 0
    for key, value in lake.state(NAME).items():
        if not key.startswith("timeline:"):
            continue
        known += 1
        try:
            bookmark = read_bookmark(value, key=key, now=now)
        except TweetbenchError:
            continue  # of such a link nothing is read
        due += days_due(bookmark, None, yesterday=yesterday, backfill_days=1) is not None
    lists = LISTS + max(1, ceil(known / PAGE))
    waits = PER_MINUTE.seconds_for(lists + due) / 60
    return add_lines([line("groups, limits, bitlinks", lists, known), line(CLICKS, due, due, waits_minutes=waits)], ())
