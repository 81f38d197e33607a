"""What was read and not used, shown alike by every command: reasons with counts, one example each, what to do."""

from collections.abc import Sequence

from pipeline.cli.console import say
from pipeline.sources.issue_summary import IssueGroup

# Reasons shown where the table `issues` has them all.
MOST_SHOWN = 8


def say_set_aside(groups: Sequence[IssueGroup], *, query: str = "", when: str = "", indent: str = "  ") -> None:
    """Show the most frequent reasons; count the rest, with the `query` that lists them and `when` it will.

    Without a query all are shown.
    """
    if not groups:
        return
    count = sum(group.count for group in groups)
    say(f"{indent}set aside: {count:,} {'item' if count == 1 else 'items'} that could not be used as given")
    shown = groups[:MOST_SHOWN] if query else groups
    width = max(len(f"{group.count:,}") for group in shown)
    for group in shown:
        say(f"{indent}  {group.count:>{width},} x {group.problem}")
        say(f"{indent}      {'such as ' if group.count > 1 else ''}{group.subject}: {group.detail}")
        if group.next_step:
            say(f"{indent}      next: {group.next_step}")
    rest = groups[len(shown) :]
    if rest:
        issues = sum(group.count for group in rest)
        reasons = "another reason" if len(rest) == 1 else f"{len(rest):,} other reasons"
        say(f"{indent}  and {issues:,} more for {reasons}")
    if query:
        say(f"{indent}  to list all{when}: {query}")


def listing_query(command: str, run_id: str) -> str:
    """The command that lists what a run or an ingest set aside, once it is published."""
    return f"{command} sql \"from issues where run_id = '{run_id}' order by problem, subject\""
