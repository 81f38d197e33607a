"""Lines that repeat the header, as files put together have them: never a person or an account."""

from dataclasses import replace

from pipeline.sources.issue_list import IssueList
from pipeline.sources.tabular import Sheet


def without_repeated_headers(sheet: Sheet, issues: IssueList) -> Sheet:
    """The sheet without lines that are its header again; they become an issue."""
    header = tuple(name.casefold() for name in sheet.header)
    repeated = [record for record in sheet.records if tuple(cell.strip().casefold() for cell in record.cells) == header]
    if not repeated:
        return sheet
    for record in repeated:
        detail = "the line repeats the names of the columns, and is left out"
        issues.add(f"line {record.line}", "repeated_header", detail, "nothing to do: files were put together")
    lines = {record.line for record in repeated}
    return replace(sheet, records=tuple(record for record in sheet.records if record.line not in lines))
