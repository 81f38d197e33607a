"""What `tweetbench run` answers a scheduler when nothing is new, before anything heavy is imported."""

from collections.abc import Sequence

from pipeline.cli.console import say, say_json, typed_command
from pipeline.cli.idle import IdleNote, has_inbox, idle_note
from pipeline.errors import TweetbenchError
from pipeline.settings import Settings, load_settings

PLAIN_RUN = (["run"], ["run", "--json"])
NO_FILE = "no file waits in the inbox"


def skip_if_unchanged(arguments: Sequence[str]) -> bool:
    """True if this was a plain run with nothing to do, and that has been said; False leaves everything to the run."""
    is_for_files = list(arguments) == ["run", "--if-files"]
    if not is_for_files and list(arguments) not in PLAIN_RUN:
        return False
    try:
        settings = load_settings()
    except (TweetbenchError, OSError):
        return False  # the run reports it
    if is_for_files:
        if has_inbox(settings):
            return False
        say(NO_FILE)
        return True
    note = idle_note(settings)
    if note is None:
        return False
    if "--json" in arguments:
        published = {"version": note.version, "published_at": note.published_at}
        nothing: dict[str, object] = {"files": [], "issues": [], "partial": False, "reasons": []}
        say_json({"run_id": None, "seconds": 0.0, "published": published, "rows": None, **nothing})
    else:
        say_unchanged(settings, note)
    return True


def say_unchanged(settings: Settings, note: IdleNote) -> None:
    """Say that the published version is still current, and what would make a new one."""
    say(f"nothing new: version {note.version} of {note.published_at} is still current")
    say(f"  warehouse  {settings.published_file}")
    say(f"next: {typed_command(settings)} ingest FILE...   or: {typed_command(settings)} run --full")
