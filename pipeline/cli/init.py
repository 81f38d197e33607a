"""`tweetbench init`: the files and folders of a new data folder, each explained."""

import secrets
from pathlib import Path

from pipeline.cli.console import say
from pipeline.durable import replace_text
from pipeline.settings import load_settings
from pipeline.sources import account_registry

ENV_FILE = Path(".env")
ENV_TEXT = """\
# Settings of tweetbench. Keep this file to yourself: it may hold secrets.
TWEETBENCH_DATA_DIR={data_dir}
# Turns personal identifiers in surveys into pseudonyms. If it changes, the same person gets another pseudonym.
TWEETBENCH_HASH_KEY={hash_key}
"""


def init() -> None:
    """Write accounts.csv, .env and the folders; what exists already is left as it is.

    Example:

      TWEETBENCH_DATA_DIR=~/tweetbench-data tweetbench init
    """
    settings = load_settings()
    settings.make_folders()
    say(f"data folder {settings.data_dir}")
    _write(
        settings.accounts_file,
        ",".join(account_registry.COLUMNS) + "\n",
        "the accounts to watch; mark your own with is_own = true",
    )
    if not settings.hash_key_file.exists() and settings.hash_key is None:
        text = ENV_TEXT.format(data_dir=settings.data_dir, hash_key=secrets.token_hex(32))
        _write(ENV_FILE, text, "settings and the pseudonym key, readable by you only")
    for folder, purpose in (
        (settings.inbox_dir, "drop exports, archives and surveys here; each is read once and then moved"),
        (settings.surveys_dir, "one mapping (.yml) for each survey: its segments, questions, weights"),
        (settings.mappings_dir, "one mapping (.yml) for each follower table with columns of its own"),
        (settings.quarantine_dir, "files that could not be used, each with a note that says why"),
        (settings.lake_dir, "everything ever read, as Parquet; back this folder up"),
        (settings.published_dir, "what analysts and BI tools open: current/warehouse.duckdb"),
    ):
        say(f"  {folder.name + '/':<14} {purpose}")
    say("\nnext:")
    say("  1. list accounts in accounts.csv")
    say("  2. tweetbench ingest FILE...   or drop files into inbox/")
    say("  3. tweetbench run")
    say("  4. tweetbench ui, then under Automation switch on daily_refresh (every day at 06:17 UTC)")
    say("     and inbox_files (a run as soon as a file is dropped). Both are off until you do.")
    say("     Follower counts of a past day cannot be read later: switch the schedule on first.")


def _write(path: Path, text: str, purpose: str) -> None:
    if path.exists():
        say(f"  {path.name:<14} kept as it is: {purpose}")
        return
    replace_text(path, text)
    say(f"  {path.name:<14} {purpose}")
