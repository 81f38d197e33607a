"""The accounts of the registry that a source is to watch."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.sources.lake_source import Row


@dataclass(frozen=True)
class Target:
    """One account to watch; at least one of handle and account_id is given."""

    handle: str | None
    account_id: str | None
    is_own: bool = False
    since: date | None = None


def read_targets(
    registry_rows: Iterable[Mapping[str, Any]],
    platforms: Collection[str | None],
    identify: Callable[[str, str], tuple[str | None, str | None]],
    refuse: Callable[[str, str, str], Row],
) -> tuple[list[Target], list[Row]]:
    """Usable accounts of the registry, each once, and issues for the entries that cannot be asked for.

    Args:
        registry_rows: rows of `account_registry`.
        platforms: values of the column `platform` that mean this one; rows of others are passed over.
        identify: handle and account id, in the platform's form, of what the row says of both; raises ValueError.
        refuse: issue for a subject, of what was typed as the handle and why it cannot be used.
    """
    targets: dict[str, Target] = {}
    issues = []
    for row in registry_rows:
        if row.get("platform") not in platforms:
            continue
        given, account_id = str(row.get("handle") or "").strip(), str(row.get("account_id") or "").strip()
        try:
            handle, known_id = identify(given, account_id)
        except ValueError as error:
            issues.append(refuse(f"account {given or account_id or 'without handle'}", given, str(error)))
            continue
        since = row.get("since_date")
        target = Target(handle, known_id, bool(row.get("is_own")), since if isinstance(since, date) else None)
        targets.setdefault(known_id or str(handle).casefold(), target)
    return list(targets.values()), issues
