"""What one answer of a feed holds, as rows, and what in it could not be used. Pure; what a field means is the source's.

Nothing here raises on odd data: what cannot be used becomes an issue, and the rest of the page lands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from pipeline.sources.api.json_text import repaired
from pipeline.sources.api.json_values import count_of, payload_of, text_of
from pipeline.sources.lake_source import Row

Kind = TypeVar("Kind")
Issue = Callable[..., Row]  # `api_issue` with the platform filled in


@dataclass(frozen=True)
class Item:
    """One entry of a feed as rows. `at`: when it came into the feed, which the window is measured by."""

    post: Row
    metrics: Row | None
    at: datetime | None
    is_pinned: bool = False


@dataclass
class Page:
    """What one answer holds: its entries, what could not be used, the cursor of the next page."""

    items: list[Item] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    cursor: str | None = None
    entry_count: int = 0


def tables_of(items: Sequence[Item]) -> dict[str, list[Row]]:
    """Rows of entries by lake table; an entry that stands twice in an answer is one reading."""
    distinct = {item.post["post_id"]: item for item in items}.values()
    return {
        "posts": [item.post for item in distinct],
        "post_metrics": [item.metrics for item in distinct if item.metrics is not None],
    }


def read_objects(
    texts: Iterable[msgspec.Raw], kind: type[Kind], issue: Issue, *, endpoint: str, at: datetime
) -> tuple[list[tuple[Kind, bytes]], list[Row]]:
    """The objects of an answer, each with its text, and an issue for each that is none."""
    decoder = msgspec.json.Decoder(kind)
    good, issues = [], []
    for text in texts:
        raw = bytes(text)
        try:
            good.append(_read(decoder, raw))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            issues.append(malformed(issue, endpoint, str(error), raw, at))
    return good, issues


def _read(decoder: msgspec.json.Decoder[Kind], raw: bytes) -> tuple[Kind, bytes]:
    """An object and its text, which is repaired where a value in it is none."""
    try:
        raw.decode()
        return decoder.decode(raw), raw
    except (msgspec.DecodeError, UnicodeDecodeError):
        raw = repaired(raw)
        return decoder.decode(raw), raw


def read_page(
    texts: Sequence[msgspec.Raw],
    kind: type[Kind],
    item_of: Callable[[Kind], Item],
    issue: Issue,
    *,
    endpoint: str,
    at: datetime,
) -> tuple[Page, list[Kind]]:
    """Entries of an answer as rows, and the objects that they were made of; `item_of` raises ValueError or TypeError.

    An odd entry is an issue.
    """
    entries, issues = read_objects(texts, kind, issue, endpoint=endpoint, at=at)
    page = Page(issues=issues, entry_count=len(texts))
    for entry, raw in entries:
        try:
            page.items.append(item_of(entry))
        except (ValueError, TypeError, RecursionError) as error:
            page.issues.append(malformed(issue, endpoint, str(error), raw, at))
    return page, [entry for entry, _ in entries]


def missing_counts(
    rows: Sequence[Row], required: Iterable[str], issue: Issue, *, endpoint: str, at: datetime
) -> list[Row]:
    """An alarm for each required count that no row of a page has: a renamed field looks like that."""
    lost = [name for name in required if rows and all(row[name] is None for row in rows)]
    step = "see whether the platform renamed the field (payload has the originals), then run: tweetbench doctor"
    return [
        issue(
            endpoint,
            "missing_required_metric",
            detail=f"{name} is missing in all {len(rows)} items of a page",
            next_step=step,
            at=at,
        )
        for name in lost
    ]


def odd_counts(subject: str, given: Mapping[str, Any], issue: Issue, *, at: datetime) -> list[Row]:
    """An issue for counts of one item that are negative or no numbers; they are taken as not reported."""
    odd = {name: value for name, value in given.items() if value is not None and count_of(value) is None}
    detail = f"not usable as counts: {', '.join(sorted(odd))}"
    step = "nothing to do: the counts are taken as not reported; the original is kept here"
    return [issue(subject, "unusable_metric", detail=detail, next_step=step, at=at, original=odd)] if odd else []


def status_row(
    status: str, detail: str, *, platform: str, account_id: str | None, handle: str | None, at: datetime, original: Any
) -> Row:
    """An account that is not there, as the platform words it; its counts are not reported."""
    return {
        "platform": platform,
        "captured_at": at,
        "account_id": account_id,
        "handle": handle,
        "status": status,
        "status_detail": text_of(detail),
        "payload": payload_of(original),
    }


def malformed(issue: Issue, endpoint: str, why: str, raw: bytes, at: datetime) -> Row:
    """An issue for an item that cannot be used."""
    return issue(
        endpoint,
        "malformed_item",
        detail=f"an item of the answer cannot be used: {why}",
        next_step="nothing to do: the item is kept here; report it if it comes again",
        at=at,
        original=raw.decode("utf-8", "replace"),
    )
