"""What an account says of itself by a label or by its handle. Pure."""

from datetime import datetime
from typing import Any, Protocol

from pipeline.sources.api.json_values import real_time_of, text_of
from pipeline.sources.bluesky.structs import Label, part_of

NO_HANDLE = "handle.invalid"
HIDDEN = "!no-unauthenticated"


class Labelled(Protocol):
    """An account as it comes with an answer."""

    did: str | None
    labels: Any


def is_hidden(account: Labelled, *, at: datetime) -> bool:
    """True where the account asks, by a label on itself, not to be shown to readers without a login."""
    given = account.labels if isinstance(account.labels, list) else []
    labels = (part_of(label, Label) for label in given)
    return any(_hides(label, account.did, at) for label in labels if label)


def real_handle(handle: Any) -> str | None:
    """The handle, or None for the mark of one that does not resolve now."""
    text = text_of(handle)
    return None if not text or text.lower() == NO_HANDLE else text


def _hides(label: Label, did: str | None, at: datetime) -> bool:
    expires = real_time_of(label.exp)
    is_own = label.src in (None, did)
    return label.val == HIDDEN and is_own and label.neg is not True and not (expires and expires <= at)
