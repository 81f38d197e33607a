"""`tweetbench run` where TWEETBENCH_SHARD names a part of the accounts: reads it into the lake, and no more."""

from collections import Counter
from collections.abc import Sequence

from pipeline.cli.console import say, say_json
from pipeline.cli.progress import shown_progress
from pipeline.cli.run_end import end_incomplete, note_of_run
from pipeline.lake.opening import open_lake
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_reader_lease
from pipeline.runtime.shard import Shard
from pipeline.settings import Settings


def read_part(settings: Settings, shard: Shard, *, only: Sequence[str], json_output: bool) -> None:
    """Ask the platforms for the accounts of one part; the process with part 0 makes the warehouse.

    Raises:
        TweetbenchError: another process reads the part, or a platform cannot be asked.
        typer.Exit: something is missing.
    """
    with hold_reader_lease(settings, shard, purpose="about to run", now=utc_now()):
        pass  # says at once if it is being read, before Dagster takes seconds to load
    from pipeline.orchestration.running import run_job

    with shown_progress() as show:
        run_id = run_job(settings, only=only, on_progress=lambda now: show(now.done, now.total, now.step))
    rows: Counter[str] = Counter()
    for commit in open_lake(settings).commits():
        if commit.run_id == run_id:
            rows.update({f"{commit.source}/{table}": count for table, count in commit.row_counts().items()})
    note = note_of_run(settings, run_id)
    if json_output:
        ending = {"partial": bool(note.reasons), "reasons": note.reasons}
        say_json({"run_id": run_id, "shard": settings.shard, "rows_added": rows, **ending})
    else:
        held = ", ".join(f"{name} {count:,}" for name, count in sorted(rows.items())) or "nothing new"
        say(f"part {settings.shard} of the accounts: {held}")
        say(f"next: TWEETBENCH_SHARD=0/{shard.count} tweetbench run   (loads what all parts have read, and publishes)")
    end_incomplete(note)
