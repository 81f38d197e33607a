"""Collecting what one file holds that cannot be used, with the place in the file. Decides nothing about rows."""

from dataclasses import dataclass, field

from pipeline.errors import TweetbenchError
from pipeline.sources.protocol import Request, Row, issue_row


@dataclass(frozen=True)
class IssueList:
    """Rows of `issues` for one file, in the order in which they were found."""

    file_name: str
    request: Request
    rows: list[Row] = field(default_factory=list)

    def add(self, place: str, problem: str, detail: str, next_step: str, original: object = None) -> None:
        """Add one issue; `place` is a line, column or member of the file, empty for the whole file."""
        subject = f"{self.file_name}, {place}" if place else self.file_name
        self.rows.append(
            issue_row(subject, problem, detail=detail, next_step=next_step, request=self.request, original=original)
        )

    def nothing_usable(self, what: str) -> TweetbenchError:
        """The error for a file of which nothing can be used, with the first issue as the reason."""
        first = self.rows[0] if self.rows else None
        return TweetbenchError(
            what,
            where=first["subject"] if first else self.file_name,
            why=first["detail"] if first else "",
            next_step=first["next_step"] if first else "export it again, then run: tweetbench ingest FILE",
        )
