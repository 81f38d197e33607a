"""The account of an X archive, as far as it is public, and its former handles.

Its e-mail address, phone number and birth date never leave the function that reads it. Posts belong to `posts`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.sources.files.cell_values import parse_time
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.lake_source import Row, as_payload
from pipeline.sources.x_archive.members import Archive, as_mapping
from pipeline.sources.x_archive.posts import Owner

_PROFILE_FIELDS = {"description": "bio", "location": "location", "url": "website"}
_ACCOUNT_FIELDS = ("accountId", "username", "accountDisplayName", "createdAt")


def restrict_account(record: Mapping[str, Any]) -> dict[str, str]:
    """The public part of the account; the rest of the record is private and is dropped here."""
    account = as_mapping(record.get("account", record))
    return {name: str(account[name]) for name in _ACCOUNT_FIELDS if account.get(name)}


def account_of_manifest(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The public part of the account as the archive's own list states it."""
    user = as_mapping(manifest.get("userInfo"))
    named = {"accountId": "accountId", "username": "userName", "accountDisplayName": "displayName"}
    named["createdAt"] = "createdAt"
    return {name: str(user[key]) for name, key in named.items() if user.get(key)}


def account_row(
    archive: Archive, account: Mapping[str, str], profile: Mapping[str, Any], owner: Owner, read_count: int
) -> Row:
    """The snapshot of the account; a count is null where a part of what is counted is missing."""
    described = as_mapping(profile.get("description"))
    created = account.get("createdAt")
    return {
        "platform": "x",
        "account_id": owner.account_id,
        "handle": owner.handle,
        "name": account.get("accountDisplayName"),
        "created_at": time_or_none(created) if created else None,
        **{name: str(described[key]) if described.get(key) else None for name, key in _PROFILE_FIELDS.items()},
        "follower_count": archive.count("follower"),
        "following_count": archive.count("following"),
        # Without the archive's own list of its files nothing shows that the posts are complete.
        "post_count": read_count if archive.has_all_posts() else None,
        "payload": as_payload(account),
    }


def read_change(record: Mapping[str, Any], issues: IssueList) -> Row | None:
    """A change of handle; the archive wraps it twice."""
    outer = as_mapping(record.get("screenNameChange", record))
    change = as_mapping(outer.get("screenNameChange", outer))
    changed_at = time_or_none(str(change.get("changedAt")))
    if changed_at is None or not change.get("changedTo"):
        remedy = "nothing to do: the posts are not affected"
        issues.add("screen-name-change.js", "unusable_change", "a change of handle without time or name", remedy)
        return None
    return {
        "platform": "x",
        "account_id": str(outer["accountId"]) if outer.get("accountId") else None,
        "handle": str(change["changedTo"]),
        "previous_handle": str(change["changedFrom"]) if change.get("changedFrom") else None,
        "changed_at": changed_at,
        "payload": as_payload(record),
    }


def time_or_none(text: str) -> datetime | None:
    """The time in a text of X, None where it is none."""
    try:
        return parse_time(text)
    except (ValueError, OverflowError):
        return None
