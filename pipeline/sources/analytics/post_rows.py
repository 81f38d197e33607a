"""What single posts of an export by post say, without their cells, and the issues about their ids and dates.

Reading the rows belongs to `posts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.sources.analytics.counts import CountCheck
from pipeline.sources.analytics.export import AGAIN
from pipeline.sources.analytics.layout import Layout
from pipeline.sources.analytics.witnesses import Damage
from pipeline.sources.files.protocol import InputFile, Request, issue_row
from pipeline.sources.lake_source import Row

UNOPENED = "ingest the file that came from X, unopened: a spreadsheet program changes ids and dates"


@dataclass(frozen=True, slots=True)
class PostRow:
    """What one usable row of an export by post says, without its cells: a file may have a million of them."""

    line: int
    cells_key: int  # equal for exact copies
    post_id: str
    handle: str | None  # account in the row's link
    damaged: Damage | None  # which witness of the id was passed over
    day: date | None  # as printed
    unread_date: str  # the printed date where it cannot be read
    bad_date: str | None  # why the printed date is none
    created_at: datetime | None
    impression_count: int | None
    counts: CountCheck


def date_field(layout: Layout) -> str:
    """The field that holds the printed date: exports of the former Twitter print a time in UTC."""
    return "time" if "time" in layout.columns else "day"


def issues_of_ids(
    rows: Sequence[PostRow], layout: Layout, file: InputFile, request: Request
) -> tuple[list[Row], list[str]]:
    """One issue and a note for ids that a program has damaged, and for links; the other witness is used."""
    if "post_id" not in layout.columns:
        return [], ["the file has no column of ids: they are taken from the links"]
    issues, notes = [], []
    for witness, other in (("id", "link"), ("link", "id")):
        damaged = [row for row in rows if row.damaged == witness]
        if not damaged:
            continue
        first = damaged[0]
        what = (
            f"{len(damaged):,} of {len(rows):,} {witness}s are damaged or missing; the {other}s of these rows are whole"
        )
        detail = f"{what} and used, e.g. {first.post_id} in line {first.line}"
        lines = {"lines": [row.line for row in damaged[:100]]}
        issues.append(
            issue_row(
                file.shown_name,
                f"damaged_{witness}s",
                detail=detail,
                next_step=f"nothing to do for these rows; next time {UNOPENED}",
                request=request,
                original=lines,
            )
        )
        notes.append(f"{what} and used")
    return issues, notes


def issues_of_dates(
    rows: Sequence[PostRow], layout: Layout, file: InputFile, request: Request
) -> tuple[list[Row], list[str]]:
    """One issue for all dates that a spreadsheet program has rewritten, one for impossible ones, a note on empty ones.

    The rows themselves are kept, because their ids tell the time.
    """
    undated = [row for row in rows if not row.day]
    rewritten = [row.unread_date for row in undated if row.unread_date]
    impossible = [row for row in undated if row.bad_date]
    empty_count = len(undated) - len(rewritten) - len(impossible)
    notes = [f"{empty_count:,} rows have no date"] if empty_count and date_field(layout) in layout.columns else []
    issues = []
    if rewritten:
        detail = (
            f"{len(rewritten):,} dates such as {rewritten[0]} can be read as day/month or month/day; the ids are used"
        )
        issues.append(issue_row(file.shown_name, "rewritten_dates", detail=detail, next_step=AGAIN, request=request))
    if impossible:
        first = impossible[0]
        detail = f"{len(impossible):,} dates are none, e.g. in line {first.line}: {first.bad_date}; the ids are used"
        lines = {"lines": [row.line for row in impossible[:100]]}
        issues.append(
            issue_row(
                file.shown_name, "impossible_dates", detail=detail, next_step=AGAIN, request=request, original=lines
            )
        )
    return issues, notes
