"""A wheel in an environment of its own, for a user without rights. Holds no test."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

from pipeline.settings import PROJECT_DIR

# A number that is no user's, so without a home: what containers are given.
AS_NOBODY = ["unshare", "--user", "--map-user=54321", "--map-group=54321"]


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and an empty folder to work in."""

    environment: Path
    folder: Path

    @property
    def site(self) -> Path:
        return next(self.environment.glob("lib/python3*/site-packages"))

    def command(self, *arguments: str) -> list[str]:
        """A program of the environment, as it is started by a user without rights."""
        return self.as_user(str(self.environment / "bin" / arguments[0]), *arguments[1:])

    @staticmethod
    def as_user(*arguments: str) -> list[str]:
        """Any program, as it is started by a user without rights."""
        return [*_without_rights(), *arguments]

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"LANG": "C", "PATH": os.defpath, **environment}
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, env=given, capture_output=True, text=True, check=False
        )

    def install(self, wheel: Path) -> None:
        """What `pip install --upgrade` does with the wheel of another version."""
        pip = [sys.executable, "-m", "pip", "--python", str(self.environment / "bin" / "python"), "install", "--quiet"]
        subprocess.run([*pip, "--no-index", "--no-deps", "--upgrade", str(wheel)], check=True, capture_output=True)


def _without_rights() -> list[str]:
    """What turns root into a user whom the modes of files hold for; nothing where the tests are no root's."""
    if os.getuid() or shutil.which("unshare") is None:
        return []
    return AS_NOBODY if subprocess.run([*AS_NOBODY, "true"], capture_output=True, check=False).returncode == 0 else []


def build_wheel(folder: Path, source: Path = PROJECT_DIR) -> Path:
    """The wheel of a checkout."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def make_environment(place: Path) -> Installed:
    """An environment with the packages that tweetbench needs and without tweetbench, next to an empty folder."""
    made = Installed(place / "env", place / "mein Ordner")
    venv.create(made.environment, with_pip=False)
    # The locked packages lie here already; a path in a .pth file brings no .pth file of theirs, so not the checkout.
    (made.site / "locked.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    made.folder.mkdir()
    return made
