"""The whole suite again and again while another process takes a core: a test that fails once in ten is a fault.

`python -m tests.guarantees.green_runs [--runs 10] [--load COMMAND]`. Each run is `make test`, as everybody calls it;
meanwhile a loop is busy, or COMMAND works. Every run is added to benchmarks/results/green_runs.json when it ends, with
the commit that it tested; what failed is on the screen and in the file.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime

from pipeline.settings import PROJECT_DIR

RESULT = PROJECT_DIR / "benchmarks" / "results" / "green_runs.json"
BUSY = f'{sys.executable} -c "while True: pass"'


def main() -> None:
    """Run, record, and end with 1 if a run was not green."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--load", default=BUSY, help="a command that works meanwhile, by default a busy loop")
    options = parser.parse_args()
    red = 0
    for _ in range(options.runs):
        with subprocess.Popen(shlex.split(options.load), stdout=subprocess.DEVNULL) as load:
            try:
                done = one_run()
                done["load"] = "a busy loop" if options.load == BUSY else options.load
                done["load_lasted"] = load.poll() is None
            finally:
                load.terminate()
        red += bool(done["failed"])
        record(done)
        sys.stdout.write(json.dumps(done) + "\n")
        sys.stdout.flush()
    sys.exit(1 if red else 0)


def one_run() -> dict[str, object]:
    """`make test`: how it ended and which tests failed."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    started = time.monotonic()
    done = subprocess.run(["make", "test"], cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stdout.write(done.stdout + done.stderr)
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return {
        "commit": commit[:8],
        "recorded_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - started),
        # A run that ended without naming a test failed as well.
        "failed": failed or ([] if done.returncode == 0 else [f"make ended with {done.returncode}"]),
    }


def record(done: dict[str, object]) -> None:
    """Add one run to the file."""
    runs = json.loads(RESULT.read_text()) if RESULT.exists() else []
    RESULT.write_text(json.dumps([*runs, done], indent=1) + "\n")


if __name__ == "__main__":
    main()
