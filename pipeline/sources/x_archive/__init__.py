"""The archive that X gives to the owner of an account: posts with their likes and reposts, the account, former handles.

Which members may be opened belongs to `members`, opening them safely to `safe_zip`, single posts to `posts`, the
account to `account`.
"""

import json
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cell_values import parse_handle
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.ownership import export_account
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.lake_source import Row
from pipeline.sources.snowflake import created_at as snowflake_time
from pipeline.sources.x_archive.account import (
    account_of_manifest,
    account_row,
    read_change,
    restrict_account,
    time_or_none,
)
from pipeline.sources.x_archive.members import AGAIN, MONTHS, Archive, as_mapping, is_archive, open_archive
from pipeline.sources.x_archive.nothing import (
    is_near_archive,
    is_table_of_posts,
    refuse_if_no_archive,
    refuse_if_nothing,
)
from pipeline.sources.x_archive.posts import Note, Owner, index_notes, read_metrics, read_note, read_post

NAME = "x_archive"
DESCRIPTION = "X archive (ZIP) of your own account: posts, likes and reposts, followers counted, former handles"
TABLES: tuple[str, ...] = ("posts", "post_metrics", "accounts", "handle_changes", "issues")
MOST_UNUSABLE = 10_000  # more are no accident; they would fill the memory
_DELETED = re.compile(r"(?:[^/]+/)*deleted-tweets?(?:[-.]part\d+)?\.js")


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - part of the protocol
    """True for a ZIP with manifest, account or posts in a folder `data`, at the top or in other folders.

    What comes close, such as the table of posts of an older archive, is recognised to be refused by its name.
    """
    if not file.is_zip:
        return is_table_of_posts(file)
    try:
        with zipfile.ZipFile(file.path) as archive:
            names = archive.namelist()
            return is_archive(names) or is_near_archive(names)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def read(file: InputFile, request: Request) -> Reading:
    """Posts, their likes and reposts, one snapshot of the account and its former handles.

    Raises:
        TweetbenchError: the archive is hostile, damaged, of another account, or does not say when it was made.
    """
    issues = IssueList(file.shown_name, request)
    refuse_if_no_archive(file)
    try:
        with zipfile.ZipFile(file.path) as zip_file:
            return _read_archive(open_archive(zip_file, issues), request)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise TweetbenchError(
            "the archive is damaged or incomplete", where=file.shown_name, why=str(error), next_step=AGAIN
        ) from error


def _read_archive(archive: Archive, request: Request) -> Reading:
    account = next(iter(archive.read("account", restrict_account)), {}) or account_of_manifest(archive.manifest)
    username = _handle_or_none(account.get("username"))
    handle, origin = export_account(
        [username] if username else [],
        request,
        file_name=archive.issues.file_name,
        silence="the archive has no readable data/account.js",
    )
    changes = [row for row in archive.read("screen-name-change", lambda each: read_change(each, archive.issues)) if row]
    former = {row["previous_handle"].casefold() for row in changes if row["previous_handle"]}
    owner = Owner(account.get("accountId"), username or handle, frozenset({handle.casefold(), *former}))
    notes = [note for note in archive.read("note-tweet", lambda each: _read_note(each, archive.issues)) if note]
    posts, metrics, entry_count, unusable_count = _read_posts(archive, owner, notes)
    profile = next(iter(archive.read("profile", lambda each: as_mapping(each.get("profile", each)))), {})
    if not profile:
        profile = {"description": archive.manifest.get("profile")}
    snapshot = account_row(archive, account, profile, owner, len(posts) + unusable_count)
    refuse_if_nothing(archive, posts, snapshot)
    captured_at, remark = _captured_at(archive, posts, request)
    tables = {"posts": posts, "post_metrics": metrics, "accounts": [snapshot], "handle_changes": changes}
    for rows in tables.values():
        for row in rows:
            row["captured_at"] = captured_at
    days = [post["created_at"].date() for post in posts]
    has_deleted = any(_DELETED.fullmatch(name) for name in archive.zip_file.namelist())
    return Reading(
        tables={**tables, "issues": archive.issues.rows},
        dialect=_dialect(archive),
        row_count=entry_count,
        account=owner.handle,
        period_start=min(days, default=None),
        period_end=max(days, default=None),
        notes=(
            f"account {origin if not username else 'from the archive itself'}",
            *([remark] if remark else []),
            *(["deleted posts are in the archive and are not read"] if has_deleted else []),
            *(["archives of 2012 to 2018 have no counts of likes and reposts"] if MONTHS in archive.members else []),
        ),
        options={
            **({} if username else {"account": handle.casefold()}),
            **({"captured_at": captured_at.isoformat()} if remark and request.captured_at else {}),
        },
    )


def _read_posts(archive: Archive, owner: Owner, notes: list[Note]) -> tuple[list[Row], list[Row], int, int]:
    """Posts and their metrics, each post once, how many entries there were, how many unusable."""
    issues = archive.issues
    index = index_notes(notes)
    used: set[Note] = set()
    unusable: list[str] = []

    def take(record: Mapping[str, Any]) -> tuple[Row, Row | None] | None:
        tweet = as_mapping(record.get("tweet", record))
        try:
            post, note = read_post(tweet, owner, index, issues.request.now)
        except ValueError as error:
            unusable.append(str(tweet.get("id_str") or tweet.get("id")))
            issues.add(f"post {unusable[-1]}", "unusable_post", str(error), AGAIN, tweet)
            if len(unusable) > MOST_UNUSABLE:
                raise ValueError(f"more than {MOST_UNUSABLE:,} posts cannot be used") from error
            return None
        used.update({note} if note else ())
        metric, problems = read_metrics(tweet, post)
        for problem in problems:
            issues.add(f"post {post['post_id']}", "not_a_count", problem, AGAIN, tweet)
        return post, metric

    entries = [*archive.read("tweets", take), *archive.read(MONTHS, take)]
    posts: dict[str, Row] = {}
    metrics: dict[str, Row] = {}
    for post, metric in filter(None, entries):
        earlier = posts.get(post["post_id"])
        if earlier is not None and earlier["payload"] != post["payload"]:
            detail = "it is in the archive twice with different content; the later one is used"
            issues.add(f"post {post['post_id']}", "duplicate_post", detail, AGAIN, json.loads(earlier["payload"]))
        posts[post["post_id"]] = post
        if metric:
            metrics[post["post_id"]] = metric
    undated_count = sum(_has_day_only(post) for post in posts.values()) if MONTHS in archive.members else 0
    if undated_count:
        detail = (
            f"{undated_count:,} posts from before November 2010 have their day and no time of day: they are at midnight"
        )
        issues.add(MONTHS, "day_without_time", detail, "request a new archive from X: it has the times")
    unused_count = len(set(notes) - used)
    if unused_count:
        detail = f"{unused_count} of {len(notes)} long texts belong to no post in the archive"
        issues.add("note-tweet.js", "note_without_post", detail, "nothing to do: such posts were deleted or are drafts")
    return list(posts.values()), list(metrics.values()), len(entries), len(unusable)


def _dialect(archive: Archive) -> str:
    if MONTHS in archive.members:
        return "X archive of 2012 to 2018"
    return "X archive" if archive.manifest else "X archive without manifest"


def _has_day_only(post: Row) -> bool:
    """True for a post whose id carries no time and whose printed time is midnight, as X wrote it where it had none."""
    created: datetime = post["created_at"]
    return created.time() == time() and snowflake_time(post["post_id"]) is None


def _captured_at(archive: Archive, posts: list[Row], request: Request) -> tuple[datetime, str | None]:
    """When the archive shows the account, and a remark where the archive does not say it.

    Raises:
        TweetbenchError: nothing says it.
    """
    printed = as_mapping(archive.manifest.get("archiveInfo")).get("generationDate")
    moment = time_or_none(str(printed)) if printed else None
    if moment and moment <= request.now + timedelta(days=1):
        return moment, None
    if printed:
        detail = f"the archive says that it was made at {str(printed)[:40]!r}"
        archive.issues.add(
            "data/manifest.js", "impossible_date", detail, "run: tweetbench ingest FILE --captured-at DATE"
        )
    if request.captured_at:
        return request.captured_at, "dated with --captured-at"
    if posts:
        return max(post["created_at"] for post in posts), "dated by its newest post: the archive does not say its day"
    raise TweetbenchError(
        "nothing says on which day this archive was made",
        where=archive.issues.file_name,
        why="it has no manifest with a generation date, and no posts",
        next_step="run: tweetbench ingest FILE --captured-at DATE",
    )


def _read_note(record: Mapping[str, Any], issues: IssueList) -> Note | None:
    try:
        return read_note(record)
    except ValueError as error:
        remedy = "nothing to do: its post keeps the shortened text"
        issues.add("note-tweet.js", "unusable_note", str(error), remedy, record)
        return None


def _handle_or_none(text: str | None) -> str | None:
    try:
        return parse_handle(text) if text else None
    except ValueError:
        return None
