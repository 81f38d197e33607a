"""LinkedIn's export of competitors to rows of accounts: the only absolute numbers of followers that LinkedIn exports.

Pages are named by their titles. The page of the export, and pages that accounts.csv lists by this title, get their
slug; the others are known by the title alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pipeline.errors import TweetbenchError
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.protocol import InputFile, Request
from pipeline.sources.lake_source import Row
from pipeline.sources.linkedin.counts import count_reader
from pipeline.sources.linkedin.daily import AGAIN, add_bad_cells
from pipeline.sources.linkedin.days import Days, read_days
from pipeline.sources.linkedin.header_words import fold
from pipeline.sources.linkedin.page import PLATFORM, exported_on, named_page
from pipeline.sources.linkedin.tables import Table

LONGEST_PERIOD = 400  # days; LinkedIn exports at most a year
OFFERED_PERIODS = {7, 15, 30, 90, 365}  # days, both ends counted
# The totals are those at the end of the last day.
END_OF_DAY = time(23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True)
class CompetitorRows:
    """Snapshots of pages, the period of the export, and what decided which page is which."""

    accounts: list[Row]
    first: date
    last: date
    known: str
    notes: list[str]


def read_competitors(
    tables: Sequence[Table], slug: str, file: InputFile, request: Request, issues: IssueList
) -> CompetitorRows:
    """Rows of accounts at the end of the exported period.

    Raises:
        TweetbenchError: the table has no totals of followers, or no period above it.
    """
    accounts: dict[str, Row] = {}
    notes: list[str] = []
    periods: list[tuple[date, date]] = []
    known: dict[str, str] = {}
    for table in tables:
        if "total" not in table.columns:
            raise TweetbenchError(
                "the table of competitors has no total of followers",
                where=file.shown_name,
                why="new followers of a period say nothing without the number they are added to",
                next_step="in LinkedIn open Analytics, Competitors, Followers and export that table",
            )
        first, last, period_notes = _period(table, file, request)
        periods.append((first, last))
        notes += period_notes
        reader = count_reader(table)
        handles = _handles(table, slug, file, request)
        for line in table.lines:
            name = table.cell(line, "page")
            total = reader.read(line, "total")
            if not name or total is None or total < 0:
                detail = "the row names no page" if not name else f"{name!r} has no total of followers"
                issues.add(line.place, "no_follower_count", detail, AGAIN, table.original(line), line=line.number)
                continue
            handle = handles.get(name)
            known |= {name: handle} if handle else {}
            accounts[handle or name] = {
                "handle": handle or name,
                "name": name,
                "captured_at": datetime.combine(last, END_OF_DAY),
                "follower_count": total,
                "status": "active",
                "payload": {**table.original(line), "period_start": str(first), "period_end": str(last)},
            }
        add_bad_cells(reader.bad, issues)
    unknown = len(accounts) - len(set(known.values()))
    if slug not in accounts:
        names = ", ".join(list(accounts)[:5])
        detail = f"none of the pages is known to be {slug}: {names}; they are used under their titles"
        remedy = f"write the title of the page {slug} as LinkedIn shows it into the column name of accounts.csv, then "
        issues.add("", "own_page_not_found", detail, f"{remedy}ingest the file again")
    if unknown and accounts:
        notes.append(
            f"{unknown} pages are known by their title only; accounts.csv (handle, name) gives them their slug"
        )
    known_pages = ";".join(f"{name}={handle}" for name, handle in sorted(known.items()))
    return CompetitorRows(
        list(accounts.values()), min(start for start, _ in periods), max(end for _, end in periods), known_pages, notes
    )


def _handles(table: Table, slug: str, file: InputFile, request: Request) -> dict[str, str]:
    """Slugs by title: those that accounts.csv lists, and the page of the export by its file's name or its slug."""
    titles = [title for line in table.lines if (title := table.cell(line, "page"))]
    listed = {fold(name): handle for name, handle in request.handles_by_name.get(PLATFORM, {}).items()}
    own = fold(named_page(file) or "")
    found: dict[str, str] = {}
    for title in titles:
        if fold(title) in listed:
            found[title] = listed[fold(title)]
        elif (own and fold(title) == own) or _as_slug(title) == slug or len(set(titles)) == 1:
            found[title] = slug
    return found


def _as_slug(title: str) -> str:
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-")


def _period(table: Table, file: InputFile, request: Request) -> tuple[date, date, list[str]]:
    """First and last day of the export, from the row above the names of the columns.

    Raises:
        TweetbenchError: there is no such row.
    """
    cells = [cell for cell in table.above if cell.strip()]
    exported = exported_on(file)

    def fit(days: Days) -> float:
        if len(days) < 2 or not days[0] or not days[-1] or not 0 <= (days[-1] - days[0]).days <= LONGEST_PERIOD:
            return 0
        is_offered = (days[-1] - days[0]).days + 1 in OFFERED_PERIODS
        return 1 + is_offered + 2 * (exported is not None and 0 <= (exported - days[-1]).days <= 7)

    read = read_days(cells, fit, last=request.now.date() + timedelta(days=1))
    swapped = [date(day.year, day.day, day.month) if day and day.day <= 12 else None for day in read.days]
    # LinkedIn writes texts with slashes; a day of any other form was made by a program that may have swapped it.
    is_open = swapped != read.days and fit(swapped) == fit(read.days) > 0 and not all("/" in cell for cell in cells)
    if fit(read.days) and read.days[0] and read.days[-1] and not is_open:
        return read.days[0], read.days[-1], [read.note] if read.note else []
    if request.captured_at:
        day = request.captured_at.date()
        return day, day, []
    raise TweetbenchError(
        "the table of competitors does not say its period",
        where=file.shown_name,
        why=f"{' to '.join(cells)} may be day and month or month and day"
        if is_open
        else "the row with its first and last day, above the names of the columns, is missing or cannot be read",
        next_step="export it again, or give its last day: tweetbench ingest FILE --captured-at DATE",
    )
