"""What a run reports at its end: the files, what was set aside, what is missing; and its exit code."""

import typer

from pipeline.cli.console import err, say, say_error
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.run_note import RunNote, read_note
from pipeline.publish.reader import open_published
from pipeline.settings import Settings
from pipeline.sources.account_registry import NAME as REGISTRY
from pipeline.sources.issue_summary import IssueGroup, join_summaries

ISSUES = """
    select problem, subject, detail, next_step, line_count as count from issues
    where run_id = ? order by problem, subject, detail
"""


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


def set_aside_in_all(settings: Settings) -> int:
    """How many lines, rows and answers the published table `issues` covers."""
    with open_published(settings) as connection:
        row = connection.execute("select coalesce(sum(line_count), 0)::bigint from issues").fetchone()
    return int(row[0]) if row else 0


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
