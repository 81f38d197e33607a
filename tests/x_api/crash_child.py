"""Runs of the X source in processes of their own, to be killed. Holds no test.

One process imports everything once and then forks a run for each line of its input, which saves a second a run. A
line is a JSON object: folder, base_url, run_id, hours, and `die_at`: the file operation before which the run sends
itself SIGKILL, or null. It prints the run's pid at once, and the exit code (negative: the signal) when it has ended.
"""

import json
import os
import signal
import sys
import time
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from pipeline.errors import TweetbenchError
from pipeline.lake import Lake
from pipeline.lease import hold_lease
from pipeline.settings import Settings
from pipeline.sources.x_api import extract
from pipeline.sources.x_api.config import XApiConfig

from .stand import NOW, TOKEN

FILE_OPERATIONS = {"open", "os.rename", "os.link", "os.remove", "os.mkdir"}


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os._exit(run(order))
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def run(order: dict[str, Any]) -> int:
    """One extraction under the lease of its data folder; the exit code of the command line."""
    settings = Settings(data_dir=Path(order["folder"]))
    if order["die_at"] is not None:
        die_at_operation(order["die_at"], str(settings.data_dir))
    now = NOW + timedelta(hours=order["hours"])
    try:
        with hold_lease(settings, purpose=order["run_id"], now=now):
            extract(
                # Few rows in memory, so that commits fall between the pages and are hit as well.
                XApiConfig(SecretStr(TOKEN), order["base_url"], max_usd=1_000.0, rows_in_memory=250),
                Lake(settings.lake_dir),
                [{"handle": "firm1"}, {"handle": "firm2"}],
                run_id=order["run_id"],
                now=now,
                sleep=time.sleep,
                monotonic=time.monotonic,
            )
    except TweetbenchError as error:
        print(error, file=sys.stderr, flush=True)
        return int(error.exit_code)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def die_at_operation(number: int, folder: str) -> None:
    """Kill this process right before its n-th file operation below the folder."""
    seen = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in FILE_OPERATIONS and str(arguments[0]).startswith(folder):
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


if __name__ == "__main__":
    main()
