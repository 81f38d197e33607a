"""`tweetbench backup` and `tweetbench restore`: one file that holds what cannot be made again."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import say, typed_command
from pipeline.runtime.clock import utc_now
from pipeline.runtime.lease import hold_lease
from pipeline.settings import load_settings


def backup(
    file: Annotated[Path | None, typer.Argument(help="File to write; default: tweetbench-DATE-TIME.tar here")] = None,
) -> None:
    """Write lake, accounts, mappings, files and the pseudonym key into one file, and read it back.

    What a run makes from them is left out. The file holds personal data as the data folder does: keep it where only
    you can read it.

    Examples:

      tweetbench backup

      tweetbench backup /media/disk/tweetbench.tar
    """
    from pipeline.maintain.backup import back_up

    settings, now = load_settings(), utc_now()
    target = file or Path(f"tweetbench-{now:%Y%m%d-%H%M%S}.tar")
    with hold_lease(settings, purpose="backup", now=now, without_readers=True):
        done = back_up(settings, target.absolute())
    say(f"backed up {done.file_count:,} files ({done.byte_count / 1e6:,.1f} MB) to {done.path}, and read them back")
    for name in done.left_out:
        say(f"  left out: {name} (a link, pipe or device)")
    if settings.hash_key is not None:
        say("  not in it: the pseudonym key, which is in TWEETBENCH_HASH_KEY (.env); keep a copy of that too")
    say(f"to restore it:  TWEETBENCH_DATA_DIR=NEW_FOLDER tweetbench restore {shlex.quote(str(done.path))}")


def restore(file: Annotated[Path, typer.Argument(help="A file that `tweetbench backup` wrote")]) -> None:
    """Make a new data folder from a backup. The next run builds the marts from it, without asking for anything again.

    Posts and accounts that were erased since the backup come back with it: erase them again with `tweetbench comply`.

    Example:

      TWEETBENCH_DATA_DIR=restored tweetbench restore tweetbench-20260105-061700.tar
    """
    from pipeline.maintain.restore import restore as restore_from

    settings = load_settings()
    done = restore_from(settings, file)
    settings.make_folders()
    # Where the folder was named for this command alone, the next ones would work on another.
    program = typed_command(settings.model_copy(update={"is_demo": False}))
    command = f"TWEETBENCH_DATA_DIR={shlex.quote(str(settings.data_dir))} {program}"
    say(f"restored {done.file_count:,} files to {settings.data_dir}, each as it was backed up")
    if settings.lake_url:
        from pipeline.maintain.bucket import fill_bucket

        kept = "holds a lake already, which counts; that of the backup was left out"
        say(f"  {settings.lake_url} {'holds the lake now' if fill_bucket(settings) else kept}")
    say("next:")
    say(f"  {command} rebuild            (the marts from the lake, offline)")
    say(f"  {command} comply --probe     (what platforms have removed since then must go again)")
