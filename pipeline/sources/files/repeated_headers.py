"""Lines that repeat the header, as files put together have them: never a person or an account.

Below a header that names the columns in another order another table begins; its rows are not read by these places.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.tabular import Sheet

FEWEST_NAMES = 2  # of a header in a row that does not begin like it
Repeats = Callable[[Sequence[str]], bool | None]


def without_repeated_headers(sheet: Sheet, issues: IssueList) -> Sheet:
    """The sheet without lines that are its header again, and without other tables below; both become issues."""
    repeats, dropped, is_below = header_finder(sheet.header), set(), False
    for record in sheet.records:
        found = repeats(record.cells)
        is_below = is_below if found is None else not found
        if found is None and not is_below:
            continue
        dropped.add(record.line)
        if is_below:
            detail = "another table begins here, with other columns" if found is False else "the line belongs to it"
            remedy = "save the table that begins there as a file of its own, then run: tweetbench ingest FILE"
            issues.add(f"line {record.line}", "other_table", detail, remedy)
        else:
            detail = "the line repeats the names of the columns, and is left out"
            issues.add(f"line {record.line}", "repeated_header", detail, "nothing to do: files were put together")
    if not dropped:
        return sheet
    return replace(sheet, records=tuple(record for record in sheet.records if record.line not in dropped))


def header_finder(header: Sequence[str]) -> Repeats:
    """What tells of a row whether it repeats the header.

    True for the same names in their places, most of them at least: tools spell some of them otherwise. False for the
    header of another table: with names in other places, or few of them. None for any other row.
    """
    names = [name.casefold() for name in header]
    known = frozenset({*names, *header} - {""})

    def repeats(cells: Sequence[str]) -> bool | None:
        begins_alike = bool(names[0]) and cells[0].strip().casefold() == names[0]
        if not begins_alike and known.isdisjoint(cells):
            return None
        found = [cell.strip().casefold() for cell in cells]
        filled = [cell for cell in found if cell]
        held = sum(cell in known for cell in filled)
        if not begins_alike and (held < FEWEST_NAMES or 2 * held < len(filled)):
            return None
        same = sum(bool(name) and name == cell for name, cell in zip(names, found, strict=True))
        is_moved = any(cell in known and cell != name for name, cell in zip(names, found, strict=True))
        return not is_moved and 2 * same >= len([name for name in names if name])

    return repeats
