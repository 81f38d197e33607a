"""Clicks on tracked links by day, from tables: exports of Bitly and other shorteners, reports of tagged links.

By the names of its columns, or by a mapping of kind link_clicks. Which post carries a link is not asked here.
"""

from datetime import UTC, date, datetime, time, timedelta

from pipeline.sources.files.cells import counted
from pipeline.sources.files.claims import Claim, has_claims
from pipeline.sources.files.column_mappings import choose, claims_of, positions
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.mapping_errors import parse
from pipeline.sources.files.personal_data import mask
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.repeated_headers import without_repeated_headers
from pipeline.sources.lake_source import Row
from pipeline.sources.link_clicks.columns import find_click_columns, missing_names
from pipeline.sources.link_clicks.lines import DAY_NOT_OVER, TOTAL_ROW, Clicks, read_clicks
from pipeline.sources.link_clicks.mapping import ClickMapping

NAME = "link_clicks"
DESCRIPTION = "Tables of links, days and click counts (Bitly and others), with known column names or a mapping"
TABLES: tuple[str, ...] = ("link_clicks", "issues")
HARMLESS = {TOTAL_ROW, DAY_NOT_OVER, "repeated_header"}
UNLISTED = (
    "if the tool leaves out days without clicks, write missing_days: zero into a mapping (see data/README.md): without "
    "it these clicks cannot measure posts"
)
PLATFORM = "links"  # of the record: where a link was posted is not known here


def recognises(file: InputFile, request: Request) -> bool:
    """True for a table with columns for link, day and clicks, or one that a mapping fits."""
    return has_claims(claims, file, request)


def claims(file: InputFile, request: Request) -> list[Claim]:
    """What this reader explains of a table, by its column names and by each mapping that may be for it.

    Raises:
        TweetbenchError: the file is no table.
    """
    by_mapping = [claim for claim, _ in claims_of(NAME, file, request)]
    known = find_click_columns(file.sheet)
    return [*([Claim(NAME, frozenset(known.values()))] if known else []), *by_mapping]


def read(file: InputFile, request: Request) -> Reading:
    """Clicks by link and UTC day, and what of the table could not be used.

    Raises:
        TweetbenchError: the mapping does not fit, most days of links are there several times with other figures, or no
            row can be used.
    """
    columns, mapping = _layout(file, request)
    issues = IssueList(file.shown_name, request, platform=PLATFORM)
    for row in file.sheet.set_aside:
        issues.add(f"line {row.line}", row.problem, row.detail, "look for a stray separator on that line")
    sheet = without_repeated_headers(file.sheet, issues)
    order = mapping.date_order if mapping else None
    found, notes = read_clicks(sheet, columns, order, issues, today=request.now.date())
    if not found:
        raise issues.nothing_usable("no row can be used" if sheet.records else "the file has a header and no lines")
    days = sorted({day for _, day in found})
    gaps = _gaps(found, days)
    if gaps:
        is_whole = {row["problem"] for row in issues.rows} <= HARMLESS
        if mapping and mapping.missing_days == "zero" and is_whole:
            found |= {key: Clicks(0, None, None) for key in gaps}
            notes.append(f"{counted(len(gaps), 'day')} of links are not listed, and read as days without clicks")
        else:
            notes.append(
                f"{counted(len(gaps), 'day')} of links between {days[0]} and {days[-1]} are not listed, and not read "
                "as zero; " + (UNLISTED if is_whole else "rows that could not be used may be those of such days")
            )
    if unread := missing_names(sheet.header, columns):
        notes.append(f"columns not read: {mask(unread)}")
    end = datetime.combine(days[-1] + timedelta(days=1), time(), UTC)
    at = request.captured_at or min(end, request.now)
    return Reading(
        tables={
            "link_clicks": [_row(link, day, clicks, at) for (link, day), clicks in sorted(found.items())],
            "issues": issues.rows,
        },
        dialect=sheet.form,
        row_count=len(file.sheet.records) + len(file.sheet.set_aside),
        period_start=days[0],
        period_end=days[-1],
        notes=(f"{counted(len({link for link, _ in found}), 'link')}; days are read as UTC days", *notes),
        options={
            **({"mapping": mapping.digest("file_name")} if mapping else {}),
            **({"captured_at": request.captured_at.isoformat()} if request.captured_at else {}),
        },
    )


def _layout(file: InputFile, request: Request) -> tuple[dict[str, int], ClickMapping | None]:
    """Field -> position, by the mapping that fits the file, else by the names of its columns."""
    known = find_click_columns(file.sheet)
    fitting = [claim for claim, _ in claims_of(NAME, file, request) if not claim.missing or not known]
    if known and not fitting:
        return known, None
    chosen = choose(NAME, file, request)
    mapping = parse(chosen, ClickMapping)
    return positions(mapping.columns, file.sheet.header, chosen), mapping


def _gaps(found: dict[tuple[str, date], Clicks], days: list[date]) -> list[tuple[str, date]]:
    """Days of the file's period that a link lacks."""
    span = [days[0] + timedelta(days=at) for at in range((days[-1] - days[0]).days + 1)]
    links = {link for link, _ in found}
    return [(link, day) for link in links for day in span if (link, day) not in found]


def _row(link: str, day: date, clicks: Clicks, at: datetime) -> Row:
    return {
        "platform": PLATFORM,
        "captured_at": at,
        "link_id": link,
        "bucket_start_at": datetime.combine(day, time(), UTC),
        "bucket_unit": "day",
        "long_url": clicks.long_url,
        "click_count": clicks.count,
        "payload": clicks.payload,
    }
