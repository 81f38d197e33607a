"""`tweetbench survey`: drafts a mapping for an unknown survey export, for a person to correct."""

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.console import say, say_error, say_facts, say_json
from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.mappings import parse_mapping_text
from pipeline.ingest.pseudonyms import Pseudonyms
from pipeline.reading.sandbox import Reader, open_reader
from pipeline.runtime.clock import utc_now
from pipeline.runtime.files import replace_text
from pipeline.settings import load_settings
from pipeline.sources import survey as survey_source
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import InputFile, Request
from pipeline.sources.survey.inspection import Inspection, Options
from pipeline.sources.survey.inspection.draft import SCHEMA_FILE
from pipeline.sources.survey.schema import render

SHOWN_DOUBTS = 15

survey = typer.Typer(name="survey", help="Inspect a survey export and draft its mapping.", no_args_is_help=True)


@survey.callback()
def _commands() -> None:
    """Keeps `inspect` a subcommand while it is the only one."""


@survey.command()
def inspect(
    file: Annotated[Path, typer.Argument(help="Export of a survey tool: CSV, Excel (.xlsx) or SPSS (.sav)")],
    survey_id: Annotated[str | None, typer.Option("--id", help="Short name of the survey; default: the file's")] = None,
    header_rows: Annotated[
        int | None, typer.Option("--header-rows", min=1, max=3, help="Rows of the header, if the guess is wrong")
    ] = None,
    skip_rows: Annotated[
        int | None, typer.Option("--skip-rows", min=0, help="Lines above the header, if the guess is wrong")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="Sheet of a workbook; default: the first with rows")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing mapping")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Guess what the columns of a survey export are and write a mapping into surveys/.

    No answers are stored: `ingest` does that once the mapping is right.

    Examples:

      tweetbench survey inspect ~/Downloads/export.csv

      tweetbench survey inspect wave_2.xlsx --id wave_2 --force

      tweetbench survey inspect export.csv --skip-rows 2 --header-rows 2
    """
    settings, now = load_settings(), utc_now()
    opened = open_input(file, settings.max_file_mb)
    with open_reader(settings) as reader:
        found = reader.inspect(opened, Request(now), Options(survey_id, header_rows, skip_rows, sheet))
        target = settings.surveys_dir / f"{found.survey_id}.yml"
        if target.exists() and not force:
            raise TweetbenchError(
                f"surveys/{target.name} already exists",
                why="it may contain somebody's corrections",
                next_step="choose another name with --id NAME, or overwrite it with --force",
                exit_code=Exit.USAGE,
            )
        settings.surveys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_text(settings.surveys_dir / SCHEMA_FILE, render())
        replace_text(target, found.text)
        trial = _try(reader, opened, found, target, Request(now, pseudonym=_throwaway(target)))
    if json_output:
        say_json({"file": opened.shown_name, "mapping": str(target), **found.found(), **trial})
        return
    _show(found, target, trial)


def _throwaway(target: Path) -> Pseudonyms:
    """Pseudonyms with a throwaway key: the trial stores nothing, so it needs no key of ours."""
    return Pseudonyms(None, target.with_name(f".no-key-{secrets.token_hex(4)}"), is_kept=False)


def _try(reader: Reader, file: InputFile, found: Inspection, target: Path, request: Request) -> dict[str, Any]:
    """What reading the file with the draft would give: rows and issues, or the error."""
    try:
        mapping = parse_mapping_text(found.text, found.survey_id, f"surveys/{target.name}")
        with_mapping = Request(request.now, mappings=(mapping,), pseudonym=request.pseudonym)
        _, reading = reader.read(file, with_mapping, survey_source.NAME)
    except TweetbenchError as error:
        return {"reads": False, "error": dict(error.lines())}
    issues = [f"{row['problem']}: {row['detail']}" for row in reading.tables["issues"]]
    return {"reads": True, "rows": {name: len(rows) for name, rows in reading.tables.items()}, "issues": issues}


def _show(found: Inspection, target: Path, trial: dict[str, Any]) -> None:
    facts = found.found()
    say(f"surveys/{target.name}: written")
    say_facts(
        {
            "tool": f"{facts['tool']}, {facts['header_rows']} header row{'s' if facts['header_rows'] > 1 else ''}",
            "responses": f"{facts['respondents']:,}",
            "questions": ", ".join(f"{count} {kind}" for kind, count in facts["questions"].items()),
            "segments": ", ".join(facts["segments"]),
            "weight": facts["weight"],
            "personal, never stored": ", ".join(facts["personal"]),
            "free text, never stored": ", ".join(facts["free_text"]),
        }
    )
    if found.doubts:
        say(f"\nplease check ({len(found.doubts):,}), the most doubtful first; also at the top of the draft:")
        for doubt in found.doubts[:SHOWN_DOUBTS]:
            say(f"  - {doubt}")
        if len(found.doubts) > SHOWN_DOUBTS:
            say(f"  - and {len(found.doubts) - SHOWN_DOUBTS:,} more")
    if trial["reads"]:
        if trial["issues"]:
            say("\nreading the file with this draft would report:")
        for issue in trial["issues"][:10]:
            say(f"  - {issue}")
    else:
        error = trial["error"]
        say("\nthe draft is written, but the file cannot yet be read with it:")
        say_error(TweetbenchError(error["what"], where=error.get("where", ""), why=error.get("why", "")))
    say(f"\nnext: read and correct {target}")
    say("then: tweetbench ingest FILE --check")
