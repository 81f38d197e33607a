"""The short benchmarks, one after the other: what a run costs, and parsing pages against other readers.

python benchmarks/run.py        under five minutes; results in benchmarks/results/
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SHORT = (["floor.py", "--rounds", "1"], ["extract_pages.py", "--posts", "20000", "--rounds", "1"])


def main() -> int:
    """Run each in a process of its own; the exit code of the first that fails, or 0."""
    for script, *arguments in SHORT:
        sys.stdout.write(f"== {script} {' '.join(arguments)}\n")
        sys.stdout.flush()
        done = subprocess.run([sys.executable, FOLDER / script, *arguments], check=False)  # noqa: S603
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
