"""Files that come close to an X archive, and archives of which nothing can be read: refused by their name.

What an archive may hold belongs to `members`.
"""

import re
import zipfile
from collections.abc import Sequence

from pipeline.errors import TweetbenchError
from pipeline.sources.files.protocol import InputFile
from pipeline.sources.lake_source import Row
from pipeline.sources.x_archive.members import Archive, is_archive

COUNTS = ("follower_count", "following_count", "post_count")
NEW_ARCHIVE = (
    "request a new archive from X (Settings, Your account, Download an archive) and ingest that ZIP as it came"
)
# The table that archives of 2012 to 2018 have next to their folder data/js.
TABLE_COLUMNS = {"tweet_id", "timestamp", "text", "retweeted_status_id", "expanded_urls"}
_TABLE = re.compile(r"(?:[^/]+/)*tweets\.csv")
_INNER = re.compile(r"(?:[^/]+/)*twitter-[^/]*\.zip", re.IGNORECASE)
SHOWN_NAMES = 5


def is_near_archive(names: Sequence[str]) -> bool:
    """True for a ZIP with the table of posts of an old archive alone, or with an archive inside."""
    return any(_TABLE.fullmatch(name) or _INNER.fullmatch(name) for name in names)


def is_table_of_posts(file: InputFile) -> bool:
    """True for the table of posts (tweets.csv) out of an archive of 2012 to 2018."""
    try:
        return set(file.sheet.normalised_header()) >= TABLE_COLUMNS
    except TweetbenchError:
        return False


def refuse_if_no_archive(file: InputFile) -> None:
    """Let files pass that have a member of an archive.

    Raises:
        TweetbenchError: a table instead of the archive, an archive in another ZIP, or a ZIP of another kind.
    """
    if not file.is_zip:
        if is_table_of_posts(file):
            raise _only_table(file.shown_name)
        raise TweetbenchError("this is not a ZIP archive", where=file.shown_name, next_step=NEW_ARCHIVE)
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # said by whoever opens it
    if is_archive(names):
        return
    if any(_INNER.fullmatch(name) for name in names):
        raise TweetbenchError(
            "the X archive is in another ZIP",
            where=file.shown_name,
            why="only the ZIP that came from X is opened, never one inside another",
            next_step="unpack this ZIP, then run: tweetbench ingest INNER.ZIP",
        )
    if any(_TABLE.fullmatch(name) for name in names):
        raise _only_table(file.shown_name)
    shown = ", ".join(repr(name[:60]) for name in names[:SHOWN_NAMES]) or "nothing"
    raise TweetbenchError(
        "this ZIP is not an X archive",
        where=file.shown_name,
        why=f"it has none of data/manifest.js, data/account.js, data/tweets.js; it holds {len(names):,} files: {shown}",
        next_step=NEW_ARCHIVE,
    )


def refuse_if_nothing(archive: Archive, posts: Sequence[Row], account: Row) -> None:
    """Let archives pass of which a post or a figure of the account could be read.

    Raises:
        TweetbenchError: neither is there; success with nothing read does not exist.
    """
    if posts or any(account[name] is not None for name in COUNTS):
        return
    first = archive.issues.rows[0] if archive.issues.rows else None
    found = ", ".join(sorted(archive.members)) or "nothing"
    raise TweetbenchError(
        "no post and no figure of the account can be read from this archive",
        where=first["subject"] if first else archive.issues.file_name,
        why=first["detail"] if first else f"of what is read from archives it has: {found}",
        next_step=NEW_ARCHIVE,
    )


def _only_table(shown_name: str) -> TweetbenchError:
    return TweetbenchError(
        "this is only the post table of an X archive of 2012 to 2018",
        where=shown_name,
        why="tweets.csv does not say whose posts they are, and has neither links nor mentions; the folder data/js does",
        next_step=f"ingest the whole ZIP that X gave then, or {NEW_ARCHIVE}",
    )
