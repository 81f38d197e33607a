"""`tweetbench status`: what was read last, where the gaps are, what is published."""

from typing import Annotated, Any

import typer

from pipeline.cli.console import say, say_json, say_table
from pipeline.errors import TweetbenchError
from pipeline.inbox import ready_files
from pipeline.lake import Lake
from pipeline.published import open_published, published_facts
from pipeline.settings import Settings, load_settings

COVERAGE = """
    select source, count(*) as accounts, min(first_captured_at)::date as first_day,
           max(last_captured_at)::date as last_day, sum(missing_day_count)::bigint as missing_days
    from coverage group by source order by source
"""


def status(json_output: Annotated[bool, typer.Option("--json", help="Print everything as JSON")] = False) -> None:
    """Per source: last capture, gaps, coverage; then the last run and the published version.

    Example:

      tweetbench status
    """
    settings = load_settings()
    facts = collect(settings)
    if json_output:
        say_json(facts)
        return
    say(f"data folder {settings.data_dir}")
    columns = ["source", "files", "rows", "last read (UTC)"]
    say_table("Read into the lake", columns, [tuple(row.values()) for row in facts["lake"]])
    if facts["inbox"]:
        say(f"{len(facts['inbox'])} files wait in the inbox: tweetbench run")
    if facts["published"] is None:
        say("nothing is published yet: tweetbench run")
        return
    columns = ["source", "accounts", "first day", "last day", "missing days"]
    say_table("Coverage", columns, [tuple(row.values()) for row in facts["coverage"]])
    published = facts["published"]
    demo = "   DEMO: all data is synthetic" if published["is_demo"] else ""
    say(f"published version {published['version']} at {published['published_at']:%Y-%m-%d %H:%M} UTC{demo}")


def collect(settings: Settings) -> dict[str, Any]:
    """Everything that `status` shows."""
    lake: dict[str, dict[str, Any]] = {}
    for commit in Lake(settings.lake_dir).commits():
        row = lake.setdefault(
            commit.source, {"source": commit.source, "files": 0, "rows": 0, "last_read": commit.committed_at}
        )
        row["files"] += 1
        row["rows"] += sum(commit.row_counts().values())
        row["last_read"] = commit.committed_at[:19]
    facts: dict[str, Any] = {
        "lake": [lake[source] for source in sorted(lake)],
        "inbox": [path.name for path in ready_files(settings)],
        "published": None,
        "coverage": [],
    }
    try:
        facts["published"], _ = published_facts(settings)
        with open_published(settings) as connection:
            cursor = connection.execute(COVERAGE)
            names = [column[0] for column in cursor.description or []]
            facts["coverage"] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except TweetbenchError:
        pass  # nothing published yet: said by the caller
    return facts
