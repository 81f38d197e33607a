"""Stretches of time in which a handle means one account: a handle passes on, and rows may bear nothing else."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

START_OF_TIME, END_OF_TIME = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class HandleSpan:
    """A handle, or its digest, and the time in which it means one account: from the first moment, up to the second.

    Outside of what is known to be held the span only means the nearest holder: enough for a row of a table that a
    person named for the account, not for a reading of a profile.
    """

    handle: str
    valid_from: str = START_OF_TIME.isoformat()
    valid_to: str = END_OF_TIME.isoformat()
    is_held: bool = True

    def covers(self, moment: datetime) -> bool:
        """True if the moment lies in the span."""
        return datetime.fromisoformat(self.valid_from) <= moment < datetime.fromisoformat(self.valid_to)


def read_spans(entries: Iterable[str | Mapping[str, Any]]) -> tuple[HandleSpan, ...]:
    """Spans from JSON; before handles had spans, there were only their digests."""
    return tuple(HandleSpan(entry) if isinstance(entry, str) else HandleSpan(**entry) for entry in entries)


def join_spans(known: Collection[HandleSpan], more: Iterable[HandleSpan]) -> tuple[HandleSpan, ...]:
    """Known spans and those of other handles."""
    names = {span.handle for span in known}
    return tuple(sorted({*known, *(span for span in more if span.handle not in names)}))


def always_meant(spans: Iterable[HandleSpan]) -> frozenset[str]:
    """Handles whose spans leave no time out."""
    reached: dict[str, str] = {}
    for span in sorted(spans):
        if span.valid_from == reached.get(span.handle, START_OF_TIME.isoformat()):
            reached[span.handle] = span.valid_to
    return frozenset(handle for handle, end in reached.items() if end == END_OF_TIME.isoformat())


def handle_digest(handle: str | None) -> str:
    """What is kept of a handle: enough to know it again, without a file that spells it. Empty without a handle.

    No key: who can guess the handle can look up the account's id as well, and the id stays in any case.
    """
    folded = (handle or "").strip().removeprefix("@").casefold()
    return hashlib.sha256(f"x:@{folded}".encode()).hexdigest()[:32] if folded else ""
