"""What systemd or cron is given to run a data folder's refresh without an open UI. Texts only; nothing is installed."""

import hashlib
import shlex
import unicodedata
from pathlib import Path

from pipeline.errors import Exit, TweetbenchError
from pipeline.runtime.processes import own_module
from pipeline.settings import Settings

# The daily run as the schedule of the UI has it; the inbox is looked at every ten minutes.
DAILY, INBOX = "refresh", "inbox"
AT = {DAILY: "*-*-* 06:17:00 UTC", INBOX: "*:0/10"}
CRON = {DAILY: "17 6 * * *", INBOX: "*/10 * * * *"}
WHAT = {DAILY: "daily refresh", INBOX: "files in the inbox"}
ARGUMENTS = {DAILY: ["run"], INBOX: ["run", "--if-files"]}
# Control characters, halves of characters, and what separates lines or paragraphs.
_ENDS_A_LINE = {"Cc", "Cs", "Zl", "Zp"}
KILLED_FROM = 129  # what shells return for a command that a signal ended


def unit_name(settings: Settings, part: str) -> str:
    """Name of a unit without its ending; each data folder has its own."""
    mark = hashlib.sha256(str(settings.data_dir).encode()).hexdigest()[:8]
    return f"tweetbench-{mark}-{part}"


def units(settings: Settings, working_folder: Path) -> dict[str, str]:
    """File name and text of every systemd unit; `working_folder` is where the .env with tokens and keys lies."""
    for path in (settings.data_dir, working_folder):
        refuse_unwritable(path)
    made = {}
    for part, when in AT.items():
        name = unit_name(settings, part)
        made[f"{name}.service"] = SERVICE.format(
            what=WHAT[part],
            folder=_plain(settings.data_dir),
            # Only here a dollar sign begins a variable.
            command=" ".join(_quoted(word).replace("$", "$$") for word in own_module("tweetbench", *ARGUMENTS[part])),
            working_folder=_plain(working_folder),
            data_dir=_quoted(f"TWEETBENCH_DATA_DIR={settings.data_dir}"),
        )
        made[f"{name}.timer"] = TIMER.format(what=WHAT[part], folder=_plain(settings.data_dir), when=when)
    return made


def cron_lines(settings: Settings, working_folder: Path) -> list[str]:
    """Lines for `crontab -e`, at the machine's own time: what systemd's units do. A killed run is repeated once."""
    for path in (settings.data_dir, working_folder):
        refuse_unwritable(path)
    lines = []
    for part, when in CRON.items():
        # With `env`: an assignment in quotes would be the name of a command.
        folder = f"TWEETBENCH_DATA_DIR={settings.data_dir}"
        run = shlex.join(["env", folder, *own_module("tweetbench", *ARGUMENTS[part])])
        log = shlex.quote(str(settings.dagster_dir / f"service_{part}.log"))
        again = f"{{ {run}; [ $? -lt {KILLED_FROM} ] || {run}; }} > {log} 2>&1"
        # cron ends a command at % and hands it the rest.
        # cron's shell opens the log, not we: it is nobody else's either.
        lines.append(f"{when} umask 077; cd {shlex.quote(str(working_folder))} && {again}".replace("%", r"\%"))
    return lines


def refuse_unwritable(path: Path) -> None:
    """Let pass a folder whose name a line of text can hold.

    Raises:
        TweetbenchError: its name would end the line, so that the rest of it would be a setting of its own.
    """
    text = str(path)
    if {unicodedata.category(each) for each in text} & _ENDS_A_LINE or text.endswith(("\\", " ")):
        raise TweetbenchError(
            "the name of a folder cannot be written into a timer",
            where=ascii(text),
            why="it holds a line end or another character that is not printed, or ends with a blank or a backslash",
            next_step="rename the folder, then repeat the command",
            exit_code=Exit.CONFIGURATION,
        )


def _quoted(word: str) -> str:
    """A word of a unit file: in quotes, with what systemd would replace written twice."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


def _plain(path: Path) -> str:
    return str(path).replace("%", "%%")


SERVICE = """\
[Unit]
Description=tweetbench: {what} of {folder}
Documentation=man:systemd.service(5)
# A run that was killed is repeated once; one that failed says why in the log, and the next timer tries again.
StartLimitIntervalSec=540
StartLimitBurst=2

[Service]
Type=oneshot
ExecStart={command}
WorkingDirectory={working_folder}
Environment={data_dir}
# 3: published, but a platform was not read completely. 75: another run is at work.
SuccessExitStatus=3 75
Restart=on-abnormal
RestartSec=5
TimeoutStartSec=3h
TimeoutStopSec=60
Nice=5
UMask=0077
NoNewPrivileges=true
PrivateTmp=true
"""

TIMER = """\
[Unit]
Description=tweetbench: when the {what} of {folder} run

[Timer]
OnCalendar={when}
# A day on which the machine slept is made up for when it wakes.
Persistent=true

[Install]
WantedBy=timers.target
"""
