"""`tweetbench export`: the published marts as a workbook, CSV or Parquet files."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.console import say, say_json
from pipeline.errors import Exit, TweetbenchError
from pipeline.publish.files import refuse_existing, write_csv_files, write_parquet_files
from pipeline.publish.marts import read_marts, read_version
from pipeline.publish.reader import open_published
from pipeline.settings import load_settings


class Format(StrEnum):
    """Formats in which marts leave the warehouse."""

    XLSX = "xlsx"
    CSV = "csv"
    PARQUET = "parquet"


def export(
    form: Annotated[Format, typer.Option("--format", help="A workbook, or a folder of files")] = Format.XLSX,
    mart: Annotated[list[str] | None, typer.Option("--mart", help="Only this mart; repeat for more")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="File (xlsx) or folder; default: named by version")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an existing file or folder")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False,
) -> None:
    """Export the published marts for a spreadsheet program or another tool.

    Ids stay text, nothing can run as a formula, every column carries its description.

    Examples:

      tweetbench export

      tweetbench export --mart account_weeks --mart ratio_styles --to weeks.xlsx

      tweetbench export --format csv --to /srv/share/tweetbench --replace
    """
    with open_published(load_settings()) as connection:
        version, marts = read_version(connection), read_marts(connection, mart)
        target = to or Path(f"{version.name}.xlsx" if form is Format.XLSX else f"{version.name}-{form}")
        refuse_existing(target, replace=replace)
        notes: list[str] = []
        try:
            if form is Format.XLSX:
                # The writer costs a tenth of a second to import, which `tweetbench --help` need not pay.
                from pipeline.publish.workbook import write_workbook

                notes = write_workbook(connection, marts, version, target)
            elif form is Format.CSV:
                write_csv_files(connection, marts, version, target)
            else:
                write_parquet_files(connection, marts, version, target)
        except OSError as error:
            raise TweetbenchError(
                f"the export could not be written: {error.strerror or error}",
                where=str(target),
                why="the disk is full or the folder is not writable; nothing was replaced",
                next_step="give another path with --to",
                exit_code=Exit.IO,
            ) from error
    rows = {one.name: one.row_count for one in marts}
    if json_output:
        say_json(
            {"path": str(target), "version": version.number, "is_demo": version.is_demo, "rows": rows, "notes": notes}
        )
        return
    say(f"{target}: {len(rows)} marts, {sum(rows.values()):,} rows of version {version.number}")
    if version.is_demo:
        say("DEMO: all data is synthetic")
    for note in notes:
        say(f"note: {note}")
