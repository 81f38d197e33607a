"""The one exception that reaches a person: what happened, where, why, and the next command."""

from collections.abc import Iterator
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of every command; the numbers follow sysexits.h, which has none for work that is done in part."""

    OK = 0
    USAGE = 2
    INCOMPLETE = 3
    BAD_DATA = 65
    UNAVAILABLE = 69
    REPLACED = 72
    IO = 74
    BUSY = 75
    AUTHENTICATION = 77
    CONFIGURATION = 78


class TweetbenchError(Exception):
    """A failure that a person can act on. Messages hold no secrets and no personal data."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        why: str = "",
        next_step: str = "",
        exit_code: Exit = Exit.BAD_DATA,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.next_step = next_step
        self.exit_code = exit_code

    def lines(self) -> list[tuple[str, str]]:
        """The labelled lines that the command line, quarantine notes and run logs all show."""
        labelled = [("what", self.what), ("where", self.where), ("why", self.why), ("next", self.next_step)]
        return [(label, text) for label, text in labelled if text]

    def __str__(self) -> str:
        return "; ".join(f"{label}: {text}" if label != "what" else text for label, text in self.lines())


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it, causes first, each once: libraries build chains that lead back to themselves."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        link = pending.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        pending += [*getattr(link, "exceptions", ()), link.__context__, link.__cause__]
        yield link
