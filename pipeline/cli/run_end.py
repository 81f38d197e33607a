"""What a run says when it has ended: what became of the files, what was set aside, what is missing; its exit code."""

import typer

from pipeline.cli.console import err, say, say_error
from pipeline.errors import Exit, TweetbenchError
from pipeline.issue_summary import IssueGroup, join_summaries, summarise_issues
from pipeline.lake import Lake
from pipeline.run_note import RunNote, read_note
from pipeline.settings import Settings
from pipeline.sources.account_registry import NAME as REGISTRY

COLUMNS = ["subject", "problem", "detail", "next_step"]


def note_of_run(settings: Settings, run_id: str) -> RunNote:
    """The note that a run left; one without entries where it left none."""
    note = read_note(settings)
    return note if note is not None and note.run_id == run_id else RunNote(run_id, "")


def issues_of_run(settings: Settings, run_id: str) -> tuple[IssueGroup, ...]:
    """What a run set aside, by problem, as the table `issues` has it."""
    lake = Lake(settings.lake_dir)
    files = [file for commit, file in lake.files("issues") if commit.run_id == run_id]
    return join_summaries(
        group for file in files for group in summarise_issues(lake.read_file(file).select(COLUMNS).to_pylist())
    )


def say_files(note: RunNote) -> None:
    """What became of each file that the run looked at."""
    # The registry is looked at in every run; it is worth a line when it is new or cannot be read.
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
            say(f"    next: {error.get('next', 'see the note beside the file in quarantine/')}")


def end_incomplete(note: RunNote, *, version: int) -> None:
    """Say what is missing although the run came to its end, and end the command with its code.

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
    err.print(f"published, but incomplete: all else is in version {version} (exit code {int(code)})")
    raise typer.Exit(int(code))
