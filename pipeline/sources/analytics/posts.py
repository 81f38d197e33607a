"""Exports with one row per post: to rows of posts and post_metrics.

Which column holds what comes in as a `Layout`; rows of days belong to `days`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.cells import UnusableRowError, read_day
from pipeline.sources.analytics.counts import CountReader, Counts, count_issues, count_reader, refuse_if_implausible
from pipeline.sources.analytics.export import (
    AGAIN,
    Rejected,
    find_account,
    make_frame,
    refuse_if_empty,
    reject,
    row_issues,
    split_rows,
    without_copies,
)
from pipeline.sources.analytics.layout import Layout
from pipeline.sources.analytics.offset import infer_offset
from pipeline.sources.analytics.witnesses import Damage, are_rounded, find_post_id
from pipeline.sources.protocol import InputFile, Reading, Request, Row, issue_row
from pipeline.sources.snowflake import created_at
from pipeline.sources.tabular import Record
from pipeline.sources.values import (
    decode_entities,
    find_handles,
    find_hashtags,
    find_links,
    parse_day,
    parse_time,
    post_kind,
)

UNOPENED = "ingest the file that came from X, unopened: a spreadsheet program changes ids and dates"


@dataclass(frozen=True)
class PostRow:
    """One usable row of an export by post."""

    record: Record
    post_id: str
    handle: str | None  # account in the row's link
    damaged: Damage | None  # which witness of the id was passed over
    day: date | None  # as printed
    bad_date: str | None  # why the printed date is none
    created_at: datetime | None
    text: str | None
    counts: Counts


def read_posts(file: InputFile, request: Request, layout: Layout) -> Reading:
    """Rows of posts, post_metrics and issues from an export with one row per post.

    Raises:
        TweetbenchError: no row can be used, the file is another account's, or its columns are not where they belong.
    """
    sheet = file.sheet
    reader = count_reader(sheet, layout)
    refuse_if_implausible(file, layout, reader)
    is_rounded = are_rounded([layout.cell(record, "post_id") for record in sheet.records])
    rows, rejected = split_rows(
        sheet, lambda record: _read_post(layout, reader, record, request.now, ids_are_rounded=is_rounded)
    )
    refuse_if_empty(rows, rejected, file)
    account, notes = find_account([row.handle for row in rows if row.handle], file, request)
    rows, foreign = _without_foreign_posts(rows, account)
    rows, repeated, copy_notes = _without_repeated_posts(rows)
    offsets, offset_notes = _find_offsets(rows, layout)
    moments = [row.created_at for row in rows if row.created_at]
    frame = make_frame(file, request, account, _known_days(rows, file), moments)
    posts, metrics = [], []
    for row, offset in zip(rows, offsets, strict=True):
        cells = row.record.cells
        posts.append({**frame.row(cells, with_period=False), **_post_fields(row, account, offset)})
        metric = {"post_id": row.post_id, "metric_scope": "export", **row.counts.values}
        metrics.append({**frame.row(cells, with_period=True), **metric})
    id_issues, id_notes = _about_ids(rows, layout, file, request)
    date_issues, date_notes = _about_dates(rows, layout, file, request)
    issues = row_issues(rejected + foreign + repeated, file, request)
    issues += [*id_issues, *date_issues, *count_issues([row.counts for row in rows], layout, file, request)]
    tables = {"posts": posts, "post_metrics": metrics, "issues": issues}
    return frame.reading(tables, layout, [*notes, *id_notes, *offset_notes, *date_notes, *copy_notes])


def _read_post(layout: Layout, reader: CountReader, record: Record, now: datetime, *, ids_are_rounded: bool) -> PostRow:
    found = find_post_id(layout.cell(record, "post_id"), layout.cell(record, "link"), ids_are_rounded=ids_are_rounded)
    moment = created_at(found.post_id)
    if moment is not None and moment > now + timedelta(days=1):  # the id is no real one
        moment = None
    printed_time, day, bad_date = None, None, None
    try:
        printed_time = read_day(layout.cell(record, "time"), parse_time, now)
        day = printed_time.date() if printed_time else read_day(layout.cell(record, "day"), parse_day, now)
    except UnusableRowError as error:
        if moment is None:
            raise
        bad_date = str(error)
    text = decode_entities(layout.cell(record, "text")) or None
    counts = reader.read(record)
    return PostRow(
        record, found.post_id, found.handle, found.damaged, day, bad_date, moment or printed_time, text, counts
    )


def _post_fields(row: PostRow, account: str, offset: int | None) -> Row:
    text = row.text
    return {
        "post_id": row.post_id,
        "created_at": row.created_at,
        "created_date": row.day,
        "utc_offset_minutes": offset,
        "text": text,
        "post_kind": post_kind(text, account),
        "link_urls": None if text is None else find_links(text),
        "hashtags": None if text is None else find_hashtags(text),
        "mentioned_handles": None if text is None else find_handles(text),
        "availability": "available",
    }


def _without_foreign_posts(rows: list[PostRow], account: str) -> tuple[list[PostRow], list[Rejected]]:
    foreign = [row for row in rows if row.handle and row.handle.casefold() != account.casefold()]
    lines = {row.record.line for row in foreign}
    return [row for row in rows if row.record.line not in lines], [
        reject(row.record, "other_account", f"the link leads to a post of @{row.handle}, not of @{account}")
        for row in foreign
    ]


def _without_repeated_posts(rows: list[PostRow]) -> tuple[list[PostRow], list[Rejected], list[str]]:
    """One row per post, the rows set aside, and a note on exact copies.

    Of rows that differ, the one with the most impressions is kept, of equal ones the last: counts grow, so it is newer.
    """
    kept, rejected = [], []
    groups, notes = without_copies((row.post_id, row) for row in rows)
    for versions in groups:
        newest = max(versions, key=lambda row: (row.counts.get("impression_count") or 0, row.record.line))
        kept.append(newest)
        detail = f"post {newest.post_id} is in line {newest.record.line} too, with figures that look newer"
        rejected += [reject(row.record, "repeated_post", detail) for row in versions if row is not newest]
    return kept, rejected, notes


def _known_days(rows: list[PostRow], file: InputFile) -> list[date]:
    days = [day for row in rows if (day := row.day or (row.created_at and row.created_at.date()))]
    if not days:
        raise TweetbenchError(
            "no row says when it was posted",
            where=file.shown_name,
            why="the dates cannot be read, and the ids carry no time",
            next_step=f"{AGAIN}; then run: tweetbench ingest FILE",
        )
    return days


def _find_offsets(rows: Sequence[PostRow], layout: Layout) -> tuple[list[int | None], list[str]]:
    """The offset from UTC of each printed day, null where nothing tells it, and a note on it."""
    if "time" in layout.columns:  # printed in UTC
        return [0 if row.day else None for row in rows], []
    dated = [(moment, row.day) for row in rows if row.day and (moment := created_at(row.post_id))]
    found = infer_offset(dated)
    if found is None:
        return [None] * len(rows), []
    offsets = iter(found.minutes)
    return [next(offsets) if row.day and created_at(row.post_id) else None for row in rows], [found.note()]


def _about_ids(
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
        detail = f"{what} and used, e.g. {first.post_id} in line {first.record.line}"
        lines = {"lines": [row.record.line for row in damaged[:100]]}
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


def _about_dates(
    rows: Sequence[PostRow], layout: Layout, file: InputFile, request: Request
) -> tuple[list[Row], list[str]]:
    """One issue for all dates that a spreadsheet program has rewritten, one for impossible ones, a note on empty ones.

    The rows themselves are kept, because their ids tell the time.
    """
    field = "time" if "time" in layout.columns else "day"
    undated = [row for row in rows if not row.day]
    rewritten = [cell for row in undated if not row.bad_date and (cell := layout.cell(row.record, field).strip())]
    impossible = [row for row in undated if row.bad_date]
    empty_count = len(undated) - len(rewritten) - len(impossible)
    notes = [f"{empty_count:,} rows have no date"] if empty_count and field in layout.columns else []
    issues = []
    if rewritten:
        detail = (
            f"{len(rewritten):,} dates such as {rewritten[0]} can be read as day/month or month/day; the ids are used"
        )
        issues.append(issue_row(file.shown_name, "rewritten_dates", detail=detail, next_step=AGAIN, request=request))
    if impossible:
        first = impossible[0]
        detail = (
            f"{len(impossible):,} dates are none, e.g. in line {first.record.line}: {first.bad_date}; the ids are used"
        )
        lines = {"lines": [row.record.line for row in impossible[:100]]}
        issues.append(
            issue_row(
                file.shown_name, "impossible_dates", detail=detail, next_step=AGAIN, request=request, original=lines
            )
        )
    return issues, notes
