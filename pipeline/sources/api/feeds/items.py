"""What one answer of a feed holds, entry by entry, and what in it could not be used. Pure; what a field means is the
source's.

An entry is looked into only as far as the run needs it at once; its text waits for the lake's commit, where
`conversion` makes rows of many. Nothing here raises on odd data: what cannot be used becomes an issue, and the rest of
the page lands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

import msgspec

from pipeline.sources.api.json_text import repaired
from pipeline.sources.api.json_values import count_of, payload_of, text_of
from pipeline.sources.api.responses import ANSWERS, RawResponse
from pipeline.sources.lake_source import BIGINT_MAX, Row

Kind = TypeVar("Kind")
Issue = Callable[..., Row]  # `api_issue` with the platform filled in


@dataclass(frozen=True, eq=False)
class Context:
    """What entries of one answer share: when and by what it was asked for, whose it is (see `RawResponse.origin`)."""

    at: datetime
    endpoint: str
    origin: str
    handles: Mapping[str, str | None]


class Item(NamedTuple):
    """One entry of a feed, its text in JSON. `at`: when it came into the feed, which the window is measured by.

    `is_own`: a post of the account itself, which has metrics; a repost has none, its reactions belong to its author.
    """

    account_id: str
    post_id: str
    at: datetime | None
    text: bytes
    context: Context
    is_own: bool = True
    is_pinned: bool = False


@dataclass
class Page:
    """What one answer holds: its entries, what could not be used, the cursor of the next page."""

    items: list[Item] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    cursor: str | None = None
    entry_count: int = 0


def tables_of(items: Iterable[Item]) -> dict[str, list[Row]]:
    """Entries as the journal takes them; one that stands twice in an answer is one reading."""
    answers: dict[Context, list[Item]] = {}
    for item in {item.post_id: item for item in items}.values():
        answers.setdefault(item.context, []).append(item)
    return {ANSWERS: [_answer_row(context, listed) for context, listed in answers.items()]}


def _answer_row(context: Context, items: Sequence[Item]) -> Row:
    text = b"[%b]" % b",".join([item.text for item in items]).replace(b"\n", b" ")
    handles = {account_id: context.handles.get(account_id) for account_id in {item.account_id for item in items}}
    return vars(RawResponse(text, context.at, context.endpoint, handles, len(items), context.origin))


def read_objects(
    texts: Iterable[msgspec.Raw], kind: type[Kind], issue: Issue, *, endpoint: str, at: datetime
) -> tuple[list[tuple[Kind, bytes]], list[Row]]:
    """The objects of an answer, each with its text, and an issue for each that is none."""
    raws = list(map(bytes, texts))
    try:
        whole = b"[%b]" % b",".join(raws)
        if not whole.isascii():
            whole.decode()
        return list(zip(_list_decoder(kind).decode(whole), raws, strict=True)), []  # type: ignore[arg-type]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # at least one is odd
    decoder = msgspec.json.Decoder(kind)
    good, issues = [], []
    for raw in raws:
        try:
            good.append(_read(decoder, raw))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            issues.append(malformed(issue, endpoint, str(error), raw, at))
    return good, issues


@cache
def _list_decoder(kind: type[Kind]) -> msgspec.json.Decoder[list[Kind]]:
    return msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]


def _read(decoder: msgspec.json.Decoder[Kind], raw: bytes) -> tuple[Kind, bytes]:
    """An object and its text, which is repaired where a value in it is none."""
    try:
        raw.decode()
        return decoder.decode(raw), raw
    except (msgspec.DecodeError, UnicodeDecodeError):
        raw = repaired(raw)
        return decoder.decode(raw), raw


def read_page(
    texts: Iterable[msgspec.Raw],
    kind: type[Kind],
    item_of: Callable[[Kind, bytes], Item],
    issue: Issue,
    context: Context,
) -> tuple[Page, list[Kind]]:
    """Entries of an answer, and the objects that they were read from; `item_of` raises ValueError or TypeError.

    An odd entry is an issue.
    """
    entries, issues = read_objects(texts, kind, issue, endpoint=context.endpoint, at=context.at)
    page = Page(issues=issues, entry_count=len(entries) + len(issues))
    for entry, raw in entries:
        try:
            page.items.append(item_of(entry, raw))
        except (ValueError, TypeError, RecursionError) as error:
            page.issues.append(malformed(issue, context.endpoint, str(error), raw, context.at))
    return page, [entry for entry, _ in entries]


def missing_counts(objects: Sequence[object], required: Mapping[str, str], issue: Issue, context: Context) -> list[Row]:
    """An alarm for each required count that no object of a page has: a renamed field looks like that.

    Args:
        objects: what the page's own posts were read from.
        required: attributes of the counts by lake column.
        issue: makes a row of `issues`.
        context: the answer.
    """
    lost = [
        name
        for name, attribute in required.items()
        if objects and all(count_of(getattr(each, attribute)) is None for each in objects)
    ]
    step = "see whether the platform renamed the field (payload has the originals), then run: tweetbench doctor"
    return [
        issue(
            context.endpoint,
            "missing_required_metric",
            detail=f"{name} is missing in all {len(objects)} items of a page",
            next_step=step,
            at=context.at,
        )
        for name in lost
    ]


def odd_counts(subject: str, given: Mapping[str, Any], issue: Issue, *, at: datetime) -> list[Row]:
    """An issue for counts of one item that are negative or no numbers; they are taken as not reported."""
    odd = {name: value for name, value in given.items() if value is not None and count_of(value) is None}
    detail = f"not usable as counts: {', '.join(sorted(odd))}"
    step = "nothing to do: the counts are taken as not reported; the original is kept here"
    return [issue(subject, "unusable_metric", detail=detail, next_step=step, at=at, original=odd)] if odd else []


def are_plain(objects: Iterable[object], names: Iterable[str]) -> bool:
    """True where all these attributes are counts as they should be: nothing has to be said of any."""
    values = list(chain.from_iterable(map(attrgetter(*names), objects)))
    return set(map(type, values)) <= {int} and min(values, default=0) >= 0 and max(values, default=0) <= BIGINT_MAX


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
