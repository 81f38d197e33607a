"""Showing a page to whoever sits at this machine. Nothing is opened where nobody does."""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def show_page(page: Path) -> bool:
    """Open a file in the browser of the desktop, without waiting for it; False where there is no desktop.

    Not by `webbrowser`: on a machine without one it starts a text browser in the terminal.
    """
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    program = shutil.which(opener)
    is_seen = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if program is None or not is_seen or not sys.stdout.isatty():
        return False
    try:
        subprocess.Popen(  # noqa: S603 - the file manager's own program, with a file of ours
            [program, page.as_uri()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    return True
