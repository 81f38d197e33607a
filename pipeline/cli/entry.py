"""Where the `tweetbench` command starts: settings that numpy reads when it is first imported come before everything."""

import os
import sys


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
