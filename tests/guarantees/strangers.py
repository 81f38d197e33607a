"""Acting as somebody who may not do everything: tests often run as root, to whom no mode says no."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.settings import PROJECT_DIR

NOBODY = 65534
# Root's own folders may hold the interpreter; in a view of the file system for this command alone they are opened.
_OPENED = """
set -e
for wanted in "$INTERPRETER" "$PROJECT"; do
  closed=$wanted
  while [ "$closed" != / ]; do
    case $(stat -c %A "$closed") in *x|*t) ;; *) top=$closed ;; esac
    closed=$(dirname "$closed")
  done
  [ -n "$top" ] || continue
  if [ "$top" != "$wanted" ]; then
    aside=$(mktemp -d) && mount --bind "$wanted" "$aside"
    mount -t tmpfs -o mode=755 tmpfs "$top" && mkdir -p "$wanted" && mount --bind "$aside" "$wanted"
  fi
  top=
done
exec setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that everybody can reach, and that nobody in particular owns."""
    folder = Path(tempfile.mkdtemp(prefix="stranger-"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    try:
        yield folder
    finally:
        for path in [folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())]:
            path.chmod(0o700)
        shutil.rmtree(folder)


@contextmanager
def as_nobody() -> Iterator[None]:
    """This process without root's rights, for what it does in the block; nothing changes for anybody else."""
    if os.geteuid() != 0:
        yield
        return
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def command_of_nobody(command: list[str]) -> tuple[list[str], dict[str, str]]:
    """A command, and what its environment needs, as somebody without root's rights would run it."""
    if os.geteuid() != 0:
        return command, {}
    opened = {"INTERPRETER": sys.base_prefix, "PROJECT": str(PROJECT_DIR)}
    return ["unshare", "--mount", "sh", "-c", _OPENED, "sh", *command], opened
