"""`tweetbench rebuild`: warehouse and marts from the lake alone."""

import uuid
from contextlib import redirect_stdout
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.console import err, say, say_json
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease
from pipeline.settings import load_settings


def rebuild(json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False) -> None:
    """Rebuild the warehouse and all marts from the lake alone, offline, and publish them.

    Safe at any time: readers keep the published version until the new one is complete.

    Example:

      tweetbench rebuild
    """
    from pipeline.maintain.rebuild import build_marts, damage_error
    from pipeline.maintain.rebuild import rebuild as rebuild_from_lake

    settings = load_settings()
    settings.make_folders()
    run_id, now = str(uuid.uuid4()), utc_now()
    with (
        hold_lease(settings, purpose="rebuild", now=now),
        (settings.dagster_dir / "last_rebuild.log").open("w", encoding="utf-8") as log,
    ):
        err.print("loading the lake and building every mart; this takes about as long as a first run")
        with redirect_stdout(log):
            done = rebuild_from_lake(settings, run_id=run_id, now=now, build_marts=build_marts)
    error = damage_error(done)
    if json_output:
        say_json({**asdict(done), "is_identical": done.compared_with is not None and not done.changed})
    else:
        say(f"published version {done.published.version} from {done.rows_loaded:,} lake rows")
        say(f"  warehouse  {settings.published_file}")
        if done.compared_with is None:
            say("there was no earlier version to compare with")
        elif done.changed:
            say(f"differs from version {done.compared_with} in: {', '.join(done.changed)}")
        else:
            say(f"identical, row for row, to version {done.compared_with}")
    if error:
        raise error
