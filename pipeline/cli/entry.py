"""Where the `tweetbench` command starts: settings that numpy reads when it is first imported come before everything."""

import os
import sys
from importlib.util import find_spec

# What a Python that somebody has built themselves may lack, and no program of ours starts without.
PARTS_OF_PYTHON = {"_bz2": "bz2", "_ctypes": "ctypes", "_sqlite3": "sqlite3", "_ssl": "ssl"}


def main() -> None:
    """Run the command with one BLAS thread: many small matrices take seven times as long with more."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.flags.optimize > 1:
        print(
            "error: Python was started without docstrings, from which the charts and the help are made\n"
            "next: unset PYTHONOPTIMIZE, or start Python without -OO",
            file=sys.stderr,
        )
        sys.exit(78)
    if missing := [name for name in PARTS_OF_PYTHON if find_spec(name) is None]:
        print(
            f"error: this Python was built without {', '.join(PARTS_OF_PYTHON[name] for name in missing)}\n"
            f"where: {sys.executable}\n"
            "next: install what it needs for them (Debian: apt-get install libbz2-dev libffi-dev libsqlite3-dev "
            "libssl-dev), build Python again and then the environment; or use the system's Python",
            file=sys.stderr,
        )
        sys.exit(78)
    os.environ["PYTHONSAFEPATH"] = "1"  # no process that this one starts looks for modules in the current folder
    try:
        from pipeline.cli.tick import skip_if_unchanged

        if skip_if_unchanged(sys.argv[1:]):
            return
        from pipeline.runtime.garbage import search_seldom

        search_seldom()
        from pipeline.cli.main import main as run_command
    except KeyboardInterrupt:  # before the command could begin
        sys.exit(130)
    run_command()


if __name__ == "__main__":
    main()
