"""dbt's own documentation as one static file: `python -m tools.static_docs`, or `make docs`.

Models with their SQL, lineage from the lake to the exposures, and tests, to browse without a server. What analysts need
first is shorter: `docs/data_dictionary.md`.
"""

import os
import subprocess
import sys
from pathlib import Path

from pipeline.cli.console import say, say_error
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.clock import utc_now
from pipeline.runtime.failures import explain_refusal
from pipeline.runtime.files import replace_text
from pipeline.runtime.lease import hold_lease
from pipeline.runtime.processes import own_module
from pipeline.settings import Settings, load_settings
from pipeline.transform.project import dbt_environment, dbt_locations


def write_static_docs(settings: Settings) -> Path:
    """Path of the page, in the data folder; with the types of the warehouse if one was built.

    Raises:
        TweetbenchError: dbt refused, or a run is at work on the warehouse.
    """
    settings.make_folders()
    target = settings.data_dir / "docs" / "dbt.html"
    target.parent.mkdir(mode=0o700, exist_ok=True)
    catalog = [] if settings.warehouse_file.exists() else ["--empty-catalog"]
    command = own_module("dbt.cli.main", "--quiet", "docs", "generate", "--static", *catalog, *dbt_locations(settings))
    environment = {**os.environ, **dbt_environment(settings)}
    with hold_lease(settings, purpose="dbt docs", now=utc_now()):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise explain_refusal(done.stdout + done.stderr) or TweetbenchError(
            "dbt could not write its documentation",
            where=str(settings.warehouse_file),
            why=(done.stdout + done.stderr)[-1500:],
            next_step="tweetbench run, then: make docs",
            exit_code=Exit.CONFIGURATION,
        )
    replace_text(target, (settings.dbt_target_dir / "static_index.html").read_text(encoding="utf-8"))
    return target


def main() -> int:
    """Write the page and say where it is."""
    try:
        say(str(write_static_docs(load_settings())))
    except TweetbenchError as error:
        say_error(error)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
