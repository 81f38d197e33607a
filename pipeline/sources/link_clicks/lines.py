"""Rows of a table of clicks to counts by link and day, each once; what cannot be used becomes an issue."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import groupby

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cells import DateOrder, counted, infer_date_order, parse_time
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.links import link_id_of
from pipeline.sources.files.numbers import choose_mark, decimal_marks, parse_count
from pipeline.sources.files.personal_data import find_kind, mask
from pipeline.sources.files.records import Record
from pipeline.sources.files.sheet import Sheet
from pipeline.sources.files.table_header import is_total_row
from pipeline.sources.lake_source import as_payload

AGAIN = "correct the cells, or export the table again, then run: tweetbench ingest FILE"
DAYS = (
    "write days as 2026-03-31, or write date_order: month_first or day_first into a mapping of kind link_clicks (see "
    "data/README.md), then run: tweetbench ingest FILE"
)
TOTAL_ROW, DAY_NOT_OVER = "total_row", "day_not_over"
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Clicks:
    """Clicks on one link on one day; null where none are reported. `long_url`: where the link leads."""

    count: int | None
    long_url: str | None
    payload: str | None


def read_clicks(
    sheet: Sheet, columns: dict[str, int], order: DateOrder | None, issues: IssueList, *, today: date
) -> tuple[dict[tuple[str, date], Clicks], list[str]]:
    """Clicks by link and day, and notes.

    Args:
        sheet: the table.
        columns: position by field.
        order: which of day and month comes first, where a mapping says it.
        issues: gets what cannot be used.
        today: the day that is not over.

    Raises:
        TweetbenchError: most days of links are there several times with other figures.
    """
    days = [record.cells[columns["date"]].strip() for record in sheet.records]
    counts = [record.cells[columns["clicks"]] for record in sheet.records]
    order, mark = order or infer_date_order(days), choose_mark(decimal_marks(counts, whole=True))
    read: list[tuple[tuple[str, date], Record, Clicks]] = []
    for record in sheet.records:
        place, line = f"line {record.line}", record.line
        if not any(cell.strip() for cell in record.cells) or is_total_row(record.cells):
            issues.add(place, TOTAL_ROW, "the row is empty or adds others up; left out", "nothing to do", line=line)
            continue
        cells = {field: record.cells[at].strip() for field, at in columns.items()}
        column = "link"
        try:
            link = _link(cells["link"])
            column = "date"
            day = _day(cells["date"], order)
            if day >= today:
                words = "the day is not over, so that its clicks are not all there; left out"
                issues.add(place, DAY_NOT_OVER, words, "export the table again on a later day", line=line)
                continue
            column = "clicks"
            count = parse_count(cells["clicks"], mark)
        except ValueError as error:
            shown = mask(cells[column])
            detail = f"{error} in column {sheet.header[columns[column]]!r}" + (f": {shown!r}" if shown else "")
            issues.add(place, f"bad_{column}", detail, DAYS if column == "date" else AGAIN, line=line, column=column)
            continue
        target = cells.get("long_url") or None
        target = None if target is None or find_kind(target) else target
        kept = {**cells, "long_url": target} if "long_url" in cells else dict[str, str | None](cells)
        read.append(((link, day), record, Clicks(count, target, as_payload(kept))))
    return _once(read, issues)


def _once(
    read: list[tuple[tuple[str, date], Record, Clicks]], issues: IssueList
) -> tuple[dict[tuple[str, date], Clicks], list[str]]:
    """Each link and day once. Only a row that is the same in every cell is a copy: others can be parts of a day."""
    found: dict[tuple[str, date], Clicks] = {}
    contradicting: list[tuple[tuple[str, date], list[Record]]] = []
    copies = 0
    for key, group in groupby(sorted(read, key=lambda each: each[0]), key=lambda each: each[0]):
        rows = list(group)
        distinct = {record.cells: record for _, record, _ in reversed(rows)}
        copies += len(rows) - len(distinct)
        if len(distinct) > 1:
            contradicting.append((key, list(distinct.values())))
        else:
            found[key] = rows[0][2]
    if contradicting and 2 * len(contradicting) >= len(found) + len(contradicting):
        raise TweetbenchError(
            "the table has several rows for one link and day, and nothing says whether they are to be added up",
            where=issues.file_name,
            why=f"{len(contradicting):,} of {len(found) + len(contradicting):,} days of links are there more than "
            "once, as when clicks are split by country or referrer, or two exports are put together",
            next_step="export the clicks by link and day without a breakdown, then run: tweetbench ingest FILE",
        )
    for (_, day), records in contradicting:
        for record in records:
            detail = f"{day} of this link is in {len(records)} different rows, and nothing tells which is right"
            issues.add(f"line {record.line}", "contradicting_day", detail, AGAIN, line=record.line)
    return found, [f"{counted(copies, 'repeated row')} passed over"] if copies else []


def _link(cell: str) -> str:
    if find_kind(cell):
        raise ValueError("the link holds personal data, which is not stored,")
    return link_id_of(cell)


def _day(cell: str, order: DateOrder | None) -> date:
    if not cell:
        raise ValueError("no day")
    moment = parse_time(cell, UTC, order, latest=END_OF_TIME)
    if moment.time() != time():
        raise ValueError("a time of day where a day is expected")
    return moment.date()
