"""`tweetbench daemon`: schedule, sensor and queue without the UI; for a UI that was opened with --no-daemon."""

from pipeline.cli.console import say
from pipeline.cli.ui import require_shared_history, single_instance
from pipeline.settings import load_settings


def daemon() -> None:
    """Run the schedule, the sensor and the queue of runs without a UI. Ctrl-C stops it and the runs it started.

    The run history has to be in PostgreSQL (TWEETBENCH_DAGSTER_POSTGRES_URL); open the UI next to it, or elsewhere on
    the same data folder, with --no-daemon. On one machine `tweetbench ui` alone, or `tweetbench service`, does.

    Example:

      tweetbench daemon
    """
    settings = load_settings()
    require_shared_history(settings)
    with single_instance(settings, is_needed=True):
        say("starting Dagster's daemon (about ten seconds, longer after the SQL has changed)")
        from pipeline.orchestration.ui.server import serve_daemon

        serve_daemon(
            settings, say=lambda line: say("the daemon is running; Ctrl-C stops it" if line == "ready" else line)
        )
    say("closed")
