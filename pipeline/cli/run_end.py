"""What a run reports at its end: the files, what was set aside, what is missing; and its exit code."""

from collections import Counter

import typer

from pipeline.cli.console import err, say, say_error
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.run_note import RunNote, read_note
from pipeline.publish.reader import open_published
from pipeline.settings import Settings
from pipeline.sources import API_SOURCES
from pipeline.sources.account_registry import NAME as REGISTRY
from pipeline.sources.issue_summary import IssueGroup, join_summaries

ISSUES = """
    select problem, subject, detail, next_step, line_count as count from issues
    where run_id = ? order by problem, subject, detail
"""
KINDS = "select source, problem, sum(line_count)::bigint from issues group by source, problem order by problem, source"


def note_of_run(settings: Settings, run_id: str) -> RunNote:
    """The note that a run left; one without entries where it left none."""
    note = read_note(settings)
    return note if note is not None and note.run_id == run_id else RunNote(run_id, "")


def issues_of_run(settings: Settings, run_id: str) -> tuple[IssueGroup, ...]:
    """What a run set aside, by problem, as the table `issues` has it."""
    with open_published(settings) as connection:
        rows = connection.execute(ISSUES, [run_id]).fetchall()
    return join_summaries(
        IssueGroup(problem, count, subject, detail or "", next_step or "")
        for problem, subject, detail, next_step, count in rows
    )


def say_set_aside_in_all(settings: Settings) -> None:
    """Show what the published table `issues` covers by kind: a suspended account is no fault of anybody's data."""
    with open_published(settings) as connection:
        rows = connection.execute(KINDS).fetchall()
    platforms = {source.NAME for source in API_SOURCES}
    own, answers = ([row for row in rows if (row[0] in platforms) is is_platform] for is_platform in (False, True))
    if own:
        say(f"{_by_kind(own, 'item')} of your files could not be used, or only in part; see the table issues")
    if answers:
        say(f"{_by_kind(answers, 'request')} for an account or a post brought no data; its status is kept")


def _by_kind(rows: list[tuple[str, str, int]], noun: str) -> str:
    """The number and the problems, the most frequent first: 12 requests (7 suspended, 5 not found)."""
    counts = Counter[str]()
    for _, problem, count in rows:
        counts[problem.removeprefix("api_").replace("_", " ")] += count
    kinds = ", ".join(f"{count:,} {problem}" for problem, count in counts.most_common())
    return f"{counts.total():,} {noun}{'' if counts.total() == 1 else 's'} ({kinds})"


def say_files(note: RunNote) -> None:
    """The outcome for each file that the run looked at."""
    # Every run looks at the registry; it deserves a line only when it is new or cannot be read.
    shown = [entry for entry in note.files if (entry["kind"], entry["status"]) != (REGISTRY, "already_known")]
    if shown:
        say("files")
    for entry in shown:
        rows = (entry["found"] or {}).get("rows_by_table", {})
        held = ", ".join(f"{table} {count:,}" for table, count in rows.items())
        status = entry["status"].replace("_", " ")
        say(
            f"  {entry['file']}: {status}"
            + (f" as {entry['kind']}" if entry["kind"] else "")
            + f" ({held})" * bool(held)
        )
        error = entry["error"]
        if error:
            say(f"    {'; '.join(error[label] for label in ('what', 'why') if label in error)}")
            say(f"    next: {error.get('next', 'see the note next to the file in quarantine/')}")


def end_incomplete(note: RunNote, *, version: int | None = None) -> None:
    """Say what is missing although the run has finished, and exit with its code; without a version nothing was built.

    Raises:
        typer.Exit: something is missing.
    """
    code = note.exit_code
    if code is Exit.OK:
        return
    for reason in note.reasons:
        steps = {"where": reason.get("where", ""), "why": reason.get("why", ""), "next_step": reason.get("next", "")}
        title = "incomplete" if reason["exit_code"] == Exit.INCOMPLETE else "error"
        say_error(TweetbenchError(reason["what"], **steps), title)
    rest = (
        "read, but incomplete"
        if version is None
        else f"published, but incomplete: everything else is in version {version}"
    )
    err.print(f"{rest} (exit code {int(code)})")
    raise typer.Exit(int(code))
