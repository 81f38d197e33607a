"""Rows below a header that are no responses: header rows that come again, totals, and the notes that end a table."""

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.sources.files.cells import tidy
from pipeline.sources.files.records import Record
from pipeline.sources.files.sheet import SetAside
from pipeline.sources.files.table_header import TOTALS, is_total_row

MOST_BELOW = 40  # rows at the end of a table that are looked at
_NOTE = re.compile(
    r"([*†‡¹²³]|(notes?|sources?|remarks?|legend|anmerkung(en)?|hinweise?|quellen?|legende|nota|notas|fuente|fonte"
    r"|remarques?|opmerking(en)?|bron|uwaga|źródło|примечание|источник|注|出典)\s*[:：])",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(%|in %|n ?=).*|(?P<word>grand total|[^\W\d_]+)"
    r"( ?[:(=].*|,? \d.*| (of|n|responses|respondents|answers|yes|no)\b.*)?",
    re.IGNORECASE,
)


def find_no_responses(records: Sequence[Record], header: Sequence[Sequence[str]]) -> list[SetAside]:
    """The rows that nobody answered, in the order of the file.

    Args:
        records: all rows below the header.
        header: the header rows, tidied.
    """
    repeated = {tuple(row) for row in header}
    first_cells = {row[0] for row in header}
    found = {}
    for record in records:
        if tidy(record.cells[0]) in first_cells and tuple(tidy(cell) for cell in record.cells) in repeated:
            found[record.line] = ("header_row", "a header row that comes again; it is no response")
        elif is_total_row(record.cells):
            found[record.line] = ("total_row", "a row of totals or averages; it is no response")
    found |= _below(records)
    return [SetAside(line, *found[line], ()) for line in sorted(found)]


def _below(records: Sequence[Record]) -> dict[int, tuple[str, str]]:
    """Totals and notes at the end of a table, by their lines.

    There a total may hold words next to its figures (`12 yes`). A note is a sentence alone in its row: it begins as
    notes do, or a total, a blank line or another note stands above it.
    """
    tail = [records[at] for at in range(max(0, len(records) - MOST_BELOW), len(records))]
    start = len(tail)
    while start > 1 and (_is_total(tail[start - 1].cells) or _is_sentence(tail[start - 1].cells)):
        start -= 1
    found: dict[int, tuple[str, str]] = {}
    for above, record in pairwise(tail[start - 1 :]):
        if _is_total(record.cells):
            found[record.line] = ("total_row", "a row of totals or averages; it is no response")
        elif above.line in found or record.line > above.line + 1 or _NOTE.match(_filled(record.cells)[0]):
            found[record.line] = ("note_row", "a note below the table; it is no response")
    return found


def _filled(cells: Sequence[str]) -> list[str]:
    return [text for cell in cells if (text := tidy(cell))]


def _is_total(cells: Sequence[str]) -> bool:
    """A word for a total, alone or before what it counts (`Total: 26 members`, `% yes`), and figures."""
    filled = _filled(cells)
    head = _TOTAL.fullmatch(filled[0]) if filled else None
    is_named = head is not None and (head["word"] is None or head["word"].casefold() in TOTALS)
    return is_named and all(any(map(str.isdigit, text)) for text in filled[1:])


def _is_sentence(cells: Sequence[str]) -> bool:
    filled = _filled(cells)
    return len(cells) > 2 and len(filled) == 1 and " " in filled[0] and sum(map(str.isalpha, filled[0])) > 5
