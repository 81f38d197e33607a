"""How far the clicks of a link were read, and whether it is due. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.sources.api.source import unusable_bookmark

DAY = timedelta(days=1)
# Days read once more: Bitly may count late.
OVERLAP_DAYS = 2
# A link that is this old and brought nothing is asked for once in so many days; no day of it is missed.
QUIET_AFTER_DAYS, QUIET_EVERY_DAYS = 30, 7


@dataclass(frozen=True)
class LinkBookmark:
    """Last UTC day that was read, and whether the link is old and brought no click in its last reading."""

    read_to: date
    is_quiet: bool = False

    def as_state(self) -> dict[str, object]:
        """What the lake's state keeps."""
        return {"read_to": self.read_to.isoformat(), "is_quiet": self.is_quiet}


def read_bookmark(value: object, *, key: str, now: datetime) -> LinkBookmark | None:
    """A committed bookmark; None where there is none.

    Raises:
        TweetbenchError: it is damaged, or ahead of the clock.
    """
    if value is None:
        return None
    try:
        fields = dict(value)  # type: ignore[call-overload]
        bookmark = LinkBookmark(date.fromisoformat(fields["read_to"]), fields["is_quiet"] is True)
    except (TypeError, ValueError, KeyError):
        raise unusable_bookmark(key, "it is damaged", "Bitly") from None
    if bookmark.read_to >= now.date():
        raise unusable_bookmark(key, f"it says that {bookmark.read_to} was read, which is not over", "Bitly")
    return bookmark


def days_due(
    bookmark: LinkBookmark | None, created: date | None, *, yesterday: date, backfill_days: int
) -> date | None:
    """The first day to ask for; None where nothing is due."""
    first = yesterday - (backfill_days - 1) * DAY
    if bookmark is not None:
        unread = (yesterday - bookmark.read_to).days
        if unread < (QUIET_EVERY_DAYS if bookmark.is_quiet else 1):
            return None
        # What was missed is asked for, however long ago it is: the plan decides what is still shown.
        first = bookmark.read_to - (OVERLAP_DAYS - 1) * DAY
    if created is not None and created > yesterday:
        return None
    return max(first, created) if created else first
