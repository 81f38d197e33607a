"""`tweetbench status`: what was read last, where the gaps are, how the last run ended, what is published."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import duckdb
import typer

from pipeline import __version__
from pipeline.cli.console import say, say_json, say_table
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.inbox import ready_files
from pipeline.ingest.run_note import how_it_ended, notes_of_parts, read_note
from pipeline.lake import Commit
from pipeline.lake.opening import open_lake
from pipeline.publish.reader import open_published, published_facts
from pipeline.runtime.lease import last_writer
from pipeline.settings import Settings, load_settings
from pipeline.transform.fingerprint import published_sequence

COVERAGE = """
    select source, count(*) as accounts, min(first_captured_at)::date as first_day,
           max(last_captured_at)::date as last_day, sum(missing_day_count)::bigint as missing_days,
           sum({followers})::bigint as missing_follower_days
    from coverage group by source order by source
"""
# Versions that were published before days were counted by quantity do not have it.
FOLLOWERS = "missing_follower_day_count"


def status(json_output: Annotated[bool, typer.Option("--json", help="Print everything as JSON")] = False) -> None:
    """Show last capture, gaps and coverage per source, then the last run and the published version.

    Example:

      tweetbench status
    """
    settings = load_settings()
    facts = collect(settings)
    if json_output:
        say_json(facts)
        return
    say(f"data folder {settings.data_dir}")
    if facts["last_version"] not in {"", __version__}:
        say(f"tweetbench {facts['last_version']} was at work here last; {__version__} builds every table again")
    columns = ["source", "files", "rows", "last read (UTC)"]
    say_table("Read into the lake", columns, [tuple(row.values()) for row in facts["lake"]])
    if facts["inbox"]:
        say(f"{len(facts['inbox'])} files are waiting in the inbox: tweetbench run")
    if facts["coverage"]:
        columns = ["source", "accounts", "first day", "last day", "missing days", "without follower counts"]
        say_table("Coverage", columns, [tuple(row.values()) for row in facts["coverage"]])
    for part, run in facts["parts"].items():
        say(f"part {part} of the accounts, {_run_in_words(run)}")
    if run := facts["last_run"]:
        say(f"last {_run_in_words(run)}")
    published = facts["published"]
    if published is None:
        say("nothing has been published yet: tweetbench run")
        return
    demo = "   DEMO: all data is synthetic" if published["is_demo"] else ""
    say(f"published version {published['version']} at {published['published_at']:%Y-%m-%d %H:%M} UTC{demo}")
    if ahead := facts["not_published"]:
        read = ", ".join(f"{source} {count:,}" for source, count in ahead.items())
        say(f"the lake is ahead of version {published['version']}: {read}, read after it was published: tweetbench run")


def _run_in_words(run: Mapping[str, Any]) -> str:
    ended = f" to {_minute(run['ended_at'])}" if run["ended_at"] else ""
    return f"run {run['run_id']}, {_minute(run['started_at'])}{ended} UTC: {run['how_it_ended']}"


def _minute(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M}"


def collect(settings: Settings) -> dict[str, Any]:
    """Everything that `status` shows."""
    lake: dict[str, dict[str, Any]] = {}
    commits = list(open_lake(settings).commits())
    for commit in commits:
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
        "not_published": {},
        "coverage": [],
        "parts": {
            part: {**asdict(note), "how_it_ended": ended} for part, (note, ended) in notes_of_parts(settings).items()
        },
        "last_run": None,
        "last_version": last_writer(settings.data_dir),
    }
    if note := read_note(settings):
        facts["last_run"] = {**asdict(note), "how_it_ended": how_it_ended(settings, note)}
    try:
        facts["published"], _ = published_facts(settings)
        with open_published(settings) as connection:
            facts["coverage"] = _coverage(connection)
        facts["not_published"] = _not_published(settings, commits, facts["published"])
    except TweetbenchError as error:
        if error.exit_code != Exit.CONFIGURATION:  # a version that was tampered with is not "nothing published yet"
            raise
    return facts


def _coverage(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    columns = {row[0] for row in connection.execute("describe coverage").fetchall()}
    cursor = connection.execute(COVERAGE.format(followers=FOLLOWERS if FOLLOWERS in columns else "null"))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _not_published(settings: Settings, commits: list[Commit], published: Mapping[str, Any]) -> dict[str, int]:
    """Commits of the lake that are not in the published version, by source."""
    sequence = published_sequence(settings)
    if sequence is not None:
        late = (commit for commit in commits if commit.files and commit.sequence > sequence)
    else:  # what came after it, but for what its own run has read
        others = (commit for commit in commits if commit.run_id != published["run_id"])
        late = (commit for commit in others if datetime.fromisoformat(commit.committed_at) > published["published_at"])
    return dict(sorted(Counter(commit.source for commit in late).items()))
