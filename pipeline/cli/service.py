"""`tweetbench service`: the daily refresh and the inbox without an open UI, by systemd or, without it, by cron."""

import os
import shutil
import subprocess
from pathlib import Path

import typer

from pipeline.cli.console import say
from pipeline.cli.service_units import AT, cron_lines, unit_name, units
from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.files import replace_text
from pipeline.settings import Settings, load_settings

service = typer.Typer(
    name="service", help="Run the daily refresh and the inbox without an open UI.", no_args_is_help=True
)
PREFIX = "TWEETBENCH_"
FOLDER = "TWEETBENCH_DATA_DIR"


@service.command()
def install() -> None:
    """Install user units of systemd with timers; where there is no systemd, print lines for `crontab -e`.

    The daily refresh starts at 06:17 UTC, the inbox is looked at every ten minutes. Settings come from .env in the
    current folder. Repeat the command after you have moved the data folder or the environment.

    Example:

      tweetbench service install
    """
    settings = load_settings()
    settings.make_folders()
    _warn_of_lost_settings()
    if not has_systemd():
        say("no systemd for users here. Put these lines into your crontab (crontab -e):\n")
        for line in cron_lines(settings, Path.cwd()):
            say(line)
        return
    unit_folder().mkdir(parents=True, exist_ok=True)
    for name, text in units(settings, Path.cwd()).items():
        replace_text(unit_folder() / name, text)
    timers = [f"{unit_name(settings, part)}.timer" for part in AT]
    _systemctl("daemon-reload")
    _systemctl("enable", "--now", *timers)
    say(f"installed: daily refresh at 06:17 UTC, inbox every ten minutes, for {settings.data_dir}")
    say(f"  log     journalctl --user -u {unit_name(settings, 'refresh')}")
    say("  state   tweetbench service status")
    say("  so that it runs while nobody is logged in:  loginctl enable-linger")


@service.command()
def remove() -> None:
    """Stop the timers and remove their units; the data folder stays."""
    settings = load_settings()
    names = sorted(units(settings, Path.cwd()))
    there = [name for name in names if (unit_folder() / name).exists()]
    if has_systemd() and there:
        _systemctl("disable", "--now", *[name for name in there if name.endswith(".timer")])
    for name in there:
        (unit_folder() / name).unlink()
    if has_systemd() and there:
        _systemctl("daemon-reload")
    say(f"removed {len(there)} units" if there else "no units of this data folder were installed; see crontab -l")


@service.command()
def status() -> None:
    """Say whether the timers are installed, and when they start next."""
    settings = load_settings()
    if not is_installed(settings):
        say("no service installed")
    elif has_systemd():
        names = [f"{unit_name(settings, part)}.timer" for part in AT]
        say(_systemctl("list-timers", "--no-pager", *names))


def is_installed(settings: Settings) -> bool:
    """Whether the units of this data folder lie where systemd looks."""
    return all((unit_folder() / name).exists() for name in units(settings, Path.cwd()))


def has_systemd() -> bool:
    """Whether systemd takes units of this user."""
    if shutil.which("systemctl") is None:
        return False
    state = subprocess.run(["systemctl", "--user", "is-system-running"], capture_output=True, text=True, check=False)  # noqa: S607
    return state.stdout.strip() in {"running", "degraded", "starting", "initializing"}


def unit_folder() -> Path:
    """Where units of this user lie."""
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "systemd" / "user"


def _warn_of_lost_settings() -> None:
    """A shell's variables do not reach systemd or cron."""
    env = Path(".env")
    written = env.read_text(encoding="utf-8") if env.is_file() else ""
    lost = sorted(name for name in os.environ if name.startswith(PREFIX) and name != FOLDER and name not in written)
    if lost:
        say(
            f"set in this shell only, so the service will not see it: {', '.join(lost)}; write it into {env.absolute()}"
        )


def _systemctl(*arguments: str) -> str:
    done = subprocess.run(["systemctl", "--user", *arguments], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise TweetbenchError(
            "systemd refuses",
            where=f"systemctl --user {' '.join(arguments)}",
            why=(done.stderr or done.stdout).strip()[-500:],
            next_step="repeat the command in a login session of this user, or use the lines for cron in docs/server.md",
            exit_code=Exit.UNAVAILABLE,
        )
    return done.stdout.rstrip()
