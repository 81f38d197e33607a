"""What an installed tweetbench is called from outside.

In a wheel this package also holds the folders of the project, `pipeline` among them: by itself that name would be in
the way of anybody else's `pipeline`. Importing this package makes ours the one that is found, here and in children.
"""

import os
import sys
from pathlib import Path

INSTALLED = Path(__file__).resolve().parent

if (INSTALLED / "pipeline").is_dir() and str(INSTALLED) not in sys.path:
    sys.path.insert(0, str(INSTALLED))
    # First of all, for the processes that this one starts: runs, readers of files, dbt.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(INSTALLED), os.environ.get("PYTHONPATH")]))

try:
    Path.home()
except RuntimeError:
    # Libraries ask for it when they are imported, and a container may run under a number that is no user's.
    os.environ["HOME"] = "/nonexistent"


def main() -> None:
    """The `tweetbench` command."""
    from pipeline.cli.entry import main as run_command

    run_command()
