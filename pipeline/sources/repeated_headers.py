"""Lines that repeat the header, as files put together have them: never a person or an account."""

from collections.abc import Sequence
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


def repeats_header(header: Sequence[str], cells: Sequence[str]) -> bool | None:
    """True for a row that repeats the header, in another spelling as well; False for the header of another table.

    None for a row that does not begin like the header. A name in another place belongs to another table.
    """
    names, found = [name.casefold() for name in header], [cell.strip().casefold() for cell in cells]
    if not names[0] or names[0] != found[0]:
        return None
    same = sum(bool(name) and name == cell for name, cell in zip(names, found, strict=True))
    moved = any(cell and cell != name and cell in names for name, cell in zip(names, found, strict=True))
    return not moved and 2 * same >= len(names)
