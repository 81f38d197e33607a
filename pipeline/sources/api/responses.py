"""What an API answered, between the request and the lake: text that is not read yet, rows, issues."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from pipeline.sources.api.json_values import text_of
from pipeline.sources.lake_source import Row, issue_at

ANSWERS = "answers"  # next to the lake tables among a page's rows: one row per answer that is still text


@dataclass(frozen=True)
class RawResponse:
    """The text of one usual answer: read at, asked for by, handles by account as then known, number of posts.

    `text` is JSON on one line. `origin`: whose feed it is, or the server that its ids belong to; empty where the posts
    say so themselves.
    """

    text: bytes
    at: datetime
    endpoint: str
    handles: Mapping[str, str | None]
    post_count: int
    origin: str = ""


@dataclass
class Converted:
    """Rows by lake table: Arrow tables without `source` and `run_id`, and rows of what was not usual."""

    blocks: dict[str, list[pa.Table]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add_rows(self, tables: Mapping[str, list[Row]]) -> None:
        """Add rows by lake table."""
        for name, rows in tables.items():
            if rows:
                self.rows.setdefault(name, []).extend(rows)

    def row_counts(self) -> dict[str, int]:
        """Rows by lake table."""
        counts = {name: len(rows) for name, rows in self.rows.items()}
        for name, blocks in self.blocks.items():
            counts[name] = counts.get(name, 0) + sum(block.num_rows for block in blocks)
        return counts


def api_issue(
    subject: str,
    problem: str,
    *,
    detail: str,
    next_step: str,
    at: datetime,
    platform: str,
    original: object = None,
) -> Row:
    """A row of `issues` from an API, its text cleaned."""
    row = issue_at(at, subject, problem, detail=detail, next_step=next_step, original=original, platform=platform)
    return {name: text_of(value) if isinstance(value, str) else value for name, value in row.items()}


def damaged_issue(answer: RawResponse, platform: str) -> Row:
    """An issue for an answer that the journal does not give back as it was."""
    return api_issue(
        answer.endpoint,
        "journal_damaged",
        detail=f"an answer that held {answer.post_count} posts cannot be read back from the journal",
        next_step="check the disk; the posts are read again within the overlap of the next runs",
        at=answer.at,
        platform=platform,
    )
