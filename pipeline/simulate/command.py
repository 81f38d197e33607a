"""The server as a process of its own, for demos and for tests that kill what talks to it."""

import argparse
import sys
import threading
import time
from datetime import UTC, date, datetime

from pipeline.simulate.demo_clock import DemoClock
from pipeline.simulate.elsewhere import draw_elsewhere
from pipeline.simulate.responses import Options
from pipeline.simulate.server import serve
from pipeline.simulate.world import FIRST_DAY, World


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted; the first line of output is the base URL."""
    options = _parser().parse_args(arguments)
    world = World(options.seed, options.accounts, options.days, options.first_day)
    start = options.now or world.end
    clock = DemoClock(start, time.monotonic) if options.ticking else DemoClock(start)
    tokens = Options(token=options.token, user_token=options.user_token)
    elsewhere = draw_elsewhere(world)
    with serve(world, clock=clock, options=tokens, port=options.port, elsewhere=elsewhere) as server:
        sys.stdout.write(server.base_url + "\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


def _parser() -> argparse.ArgumentParser:
    defaults = Options()
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.simulate.command", description="Demo platform on loopback"
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--token", default=defaults.token)
    parser.add_argument("--user-token", default=defaults.user_token)
    parser.add_argument("--now", type=_instant, help="ISO time of the platform; default: the end of the world's days")
    parser.add_argument("--ticking", action="store_true", help="let the time run on from --now")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--accounts", type=int, default=150)
    parser.add_argument("--days", type=int, default=420)
    parser.add_argument("--first-day", type=date.fromisoformat, default=FIRST_DAY)
    return parser


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


if __name__ == "__main__":
    main()
