"""What an account says of itself by a label or by its handle. Pure."""

from datetime import datetime
from typing import Any, Protocol

from pipeline.sources.api.json_values import real_time_of, text_of
from pipeline.sources.bluesky.structs import Label, part_of

NO_HANDLE = "handle.invalid"
HIDDEN = "!no-unauthenticated"
# What Bridgy Fed puts on its copies, also on those with a handle of their own domain, and where the original lives.
BRIDGED = "bridged-from-bridgy-fed"
ORIGINS = {"activitypub": "an account on Mastodon or its like", "web": "a website's posts", "nostr": "a Nostr account"}
COPY = "a copy that a bridge keeps of"  # which the models know it by


class Labelled(Protocol):
    """An account as it comes with an answer."""

    did: str | None
    labels: Any


def is_hidden(account: Labelled, *, at: datetime) -> bool:
    """True where the account asks, by a label on itself, not to be shown to readers without a login."""
    return HIDDEN in _own_labels(account, at)


def copy_of(account: Labelled, *, at: datetime) -> str | None:
    """What an account is where a bridge made it, as a sentence without its subject; None for an account of its own."""
    for label in _own_labels(account, at):
        mark, _, origin = label.partition(f"{BRIDGED}-")
        if label == BRIDGED or (not mark and origin):
            return f"{COPY} {ORIGINS.get(origin, 'an account elsewhere')}"
    return None


def real_handle(handle: Any) -> str | None:
    """The handle, or None for the mark of one that does not resolve now."""
    text = text_of(handle)
    return None if not text or text.lower() == NO_HANDLE else text


def _own_labels(account: Labelled, at: datetime) -> list[str]:
    """Labels that an account has put on itself and that hold."""
    given = account.labels if isinstance(account.labels, list) else []
    labels = [label for each in given if (label := part_of(each, Label))]
    return [label.val for label in labels if isinstance(label.val, str) and _holds(label, account.did, at)]


def _holds(label: Label, did: str | None, at: datetime) -> bool:
    expires = real_time_of(label.exp)
    return label.src in (None, did) and label.neg is not True and not (expires and expires <= at)
