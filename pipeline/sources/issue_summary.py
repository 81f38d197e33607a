"""What was set aside, in a few lines: rows of `issues` counted by their problem, each with one example. Pure.

Rows of `issues` hold nothing personal, so an example may be shown. Where it is shown belongs to the callers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

# How the payload of a grouped issue begins; the mart `issues` reads the same. A record may have a column of the name.
_GROUPED = re.compile(r'\{"line_count": (\d+), "lines": \[')


@dataclass(frozen=True)
class IssueGroup:
    """All issues with one problem: how many there are, and subject, detail and next step of the first."""

    problem: str
    count: int
    subject: str
    detail: str
    next_step: str

    def text(self) -> str:
        """The group in one line, its example included."""
        return f"{self.count:,} x {self.problem}, such as {self.subject}: {self.detail}"


def line_count(row: Mapping[str, Any]) -> int:
    """How many lines of the file an issue stands for: 1 unless its payload says more."""
    grouped = _GROUPED.match(row.get("payload") or "")
    return int(grouped[1]) if grouped else 1


def summarise_issues(rows: Iterable[Mapping[str, Any]]) -> tuple[IssueGroup, ...]:
    """Rows of the lake table `issues` by problem, the most frequent first."""
    return join_summaries(
        IssueGroup(
            row["problem"], line_count(row), *(row.get(name) or "" for name in ("subject", "detail", "next_step"))
        )
        for row in rows
    )


def join_summaries(groups: Iterable[IssueGroup]) -> tuple[IssueGroup, ...]:
    """Groups of several summaries as one summary; the example of the first group with a problem is kept."""
    joined: dict[str, IssueGroup] = {}
    for group in groups:
        known = joined.get(group.problem)
        joined[group.problem] = replace(known, count=known.count + group.count) if known else group
    return tuple(sorted(joined.values(), key=lambda group: -group.count))
