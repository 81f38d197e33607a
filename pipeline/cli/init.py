"""`tweetbench init`: the files and folders of a new data folder, each explained."""

import re
import secrets
import shlex
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import say
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.pseudonyms import another_key, key_mark, mark_file
from pipeline.ingest.registry import is_blank
from pipeline.lake.opening import open_lake
from pipeline.runtime.files import replace_text
from pipeline.settings import PROJECT_DIR, Settings, load_settings
from pipeline.sources import account_registry

ENV_FILE = Path(".env")
ENV_TEXT = """\
# Settings of tweetbench. Keep this file to yourself: it may hold secrets.
TWEETBENCH_DATA_DIR={data_dir}
# Turns personal identifiers in surveys into pseudonyms. If it changes, the same person gets another pseudonym.
TWEETBENCH_HASH_KEY={hash_key}
"""
# Rows of these tables are keyed by pseudonyms.
KEYED_TABLES = {"survey_respondents", "contacts", "followers"}


def init(
    env_here: Annotated[
        bool, typer.Option("--env-here", help="Write .env into the current folder, whatever that folder is")
    ] = False,
) -> None:
    """Create accounts.csv, .env and the folders; existing ones are kept.

    .env is written where commands will be run: into the project folder, or into the folder that contains the data
    folder. Anywhere else it is written only with --env-here.

    Examples:

      tweetbench init

      TWEETBENCH_DATA_DIR=~/tweetbench-data tweetbench init --env-here
    """
    settings = load_settings()
    env_folder = _env_value(settings.data_dir)
    hash_key = _new_key(settings)
    settings.make_folders()
    say(f"data folder {settings.data_dir}")
    _write(
        settings.accounts_file,
        ",".join(account_registry.COLUMNS) + "\n",
        "the accounts to watch; mark your own with is_own = true",
    )
    _write_env(
        settings, env_folder, hash_key, is_wanted=env_here or Path.cwd() in {PROJECT_DIR, settings.data_dir.parent}
    )
    for folder, purpose in (
        (settings.inbox_dir, "drop exports, archives and surveys here; each is read once and then moved"),
        (settings.surveys_dir, "one mapping (.yml) per survey: its segments, questions, weights"),
        (settings.mappings_dir, "one mapping (.yml) per follower table with its own columns"),
        (settings.quarantine_dir, "files that could not be used, each with a note that says why"),
        (settings.lake_dir, "everything ever read, as Parquet; back this folder up"),
        (settings.published_dir, "what analysts and BI tools open: current/warehouse.duckdb"),
    ):
        say(f"  {folder.name + '/':<14} {purpose}")
    say("\nnext:")
    say("  1. tweetbench watch @name name.bsky.social @name@server   (or list accounts in accounts.csv)")
    say("  2. tweetbench ingest FILE...   or drop files into inbox/")
    say("  3. tweetbench run")
    say("  4. tweetbench ui, then under Automation switch on daily_refresh (every day at 06:17 UTC)")
    say("     and inbox_files (a run as soon as a file is dropped). Both are off by default.")
    say("     Follower counts of a past day cannot be read later, so switch the schedule on first.")


def _new_key(settings: Settings) -> str | None:
    """A key for a data folder that has none; None where one is at hand.

    Raises:
        TweetbenchError: the data folder has pseudonyms of a key that is not at hand (exit code 78).
    """
    if settings.hash_key_file.exists() or settings.hash_key is not None:
        return None
    if mark_file(settings.hash_key_file).exists():
        raise another_key(settings.hash_key_file, "its key was in TWEETBENCH_HASH_KEY, which is not set here")
    if any(file.table in KEYED_TABLES for commit in open_lake(settings).commits() for file in commit.files):
        raise another_key(settings.hash_key_file, "its lake has pseudonyms, and their key is missing")
    return secrets.token_hex(32)


def _env_value(folder: Path) -> str:
    """A folder as .env has to have it: where a name is bare, ` #` begins a comment and quotes belong to no name.

    Raises:
        TweetbenchError: the name would be read as another one, in quotes as well.
    """
    text = str(folder)
    if re.fullmatch(r"[\w/.,:+@-]+", text):
        return text
    if "${" in text or not text.isprintable():
        raise TweetbenchError(
            "the name of the data folder cannot be written into .env",
            where=ascii(text),
            why="it holds a character that is not printed, or ${, which begins a variable there",
            next_step="choose another folder with TWEETBENCH_DATA_DIR",
            exit_code=Exit.CONFIGURATION,
        )
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _write_env(settings: Settings, env_folder: str, hash_key: str | None, *, is_wanted: bool) -> None:
    purpose = "settings and the pseudonym key, readable by you only"
    if hash_key is None:
        return
    if not is_wanted and not ENV_FILE.exists():
        say(f"  {ENV_FILE.name:<14} not written: {Path.cwd()} is not the folder that contains the data folder.")
        shown = shlex.quote(str(settings.data_dir))
        say(f"  {'':<14} Here, and wherever you run tweetbench, set TWEETBENCH_DATA_DIR={shown},")
        say(f"  {'':<14} or write it here with: tweetbench init --env-here")
        return
    if _write(ENV_FILE, ENV_TEXT.format(data_dir=env_folder, hash_key=hash_key), purpose):
        say(f"  {'':<14} written to {ENV_FILE.absolute()}; keep a copy of the key in it")
        # So that another folder's .env, or none, cannot bring a second key.
        replace_text(mark_file(settings.hash_key_file), key_mark(hash_key.encode()))


def _write(path: Path, text: str, purpose: str) -> bool:
    """Write a file that is not there, or has nothing in it; true where it was written."""
    if path.exists() and not is_blank(path):
        say(f"  {path.name:<14} kept: {purpose}")
        return False
    replace_text(path, text)
    say(f"  {path.name:<14} {purpose}")
    return True
