"""Exports with one row per post: to rows of posts and post_metrics.

Which column holds what comes in as a `Layout`; rows of days belong to `analytics_days`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.errors import TweetbenchError
from pipeline.sources.analytics.columns import Layout, UnusableRowError, read_counts, read_day
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
from pipeline.sources.protocol import InputFile, Reading, Request, Row, issue_row
from pipeline.sources.snowflake import created_at, infer_offset_minutes
from pipeline.sources.tabular import Record, Sheet
from pipeline.sources.values import (
    BIGINT_MAX,
    NO_ACCOUNT,
    decode_entities,
    find_handles,
    find_hashtags,
    find_links,
    parse_day,
    parse_id,
    parse_status_link,
    parse_time,
    post_kind,
)


@dataclass(frozen=True)
class PostRow:
    """One usable row of an export by post."""

    record: Record
    post_id: str
    handle: str | None  # account in the row's link
    day: date | None  # as printed
    created_at: datetime | None
    text: str | None
    counts: dict[str, int | None]


def read_posts(file: InputFile, request: Request, layout: Layout) -> Reading:
    """Rows of posts, post_metrics and issues from an export with one row per post.

    Raises:
        TweetbenchError: no row can be used, or the file is another account's.
    """
    sheet = file.sheet
    rows, rejected = split_rows(sheet, lambda record: _read_post(sheet, layout, record, request.now))
    refuse_if_empty(rows, rejected, file)
    account, notes = find_account([row.handle for row in rows if row.handle], file, request)
    rows, foreign = _without_foreign_posts(rows, account)
    rows, repeated, copy_notes = _without_repeated_posts(rows)
    offset, offset_notes = _find_offset(rows)
    rewritten, date_notes = _unread_dates(rows, layout, file, request)
    moments = [row.created_at for row in rows if row.created_at]
    frame = make_frame(file, request, account, _known_days(rows, file), moments)
    posts, metrics = [], []
    for row in rows:
        cells = row.record.cells
        posts.append({**frame.row(cells, with_period=False), **_post_fields(row, account, offset)})
        metric = {"post_id": row.post_id, "metric_scope": "export", **row.counts}
        metrics.append({**frame.row(cells, with_period=True), **metric})
    issues = row_issues(rejected + foreign + repeated, file, request) + rewritten
    tables = {"posts": posts, "post_metrics": metrics, "issues": issues}
    return frame.reading(tables, layout, [*notes, *offset_notes, *date_notes, *copy_notes])


def _read_post(sheet: Sheet, layout: Layout, record: Record, now: datetime) -> PostRow:
    handle, linked_id = parse_status_link(layout.cell(record, "link")) or (None, None)
    cell = layout.cell(record, "post_id")
    if not cell.strip() or linked_id == "undefined":
        raise UnusableRowError("missing_post_id", "the row has no post id")
    try:
        post_id = parse_id(cell)
    except ValueError as error:
        raise UnusableRowError("damaged_post_id", str(error)) from error
    if int(post_id) > BIGINT_MAX:
        raise UnusableRowError("damaged_post_id", f"{post_id} is larger than any id of X")
    if linked_id and linked_id != post_id:
        raise UnusableRowError("damaged_post_id", f"the id {post_id} differs from the id {linked_id} in the link")
    printed_time = read_day(layout.cell(record, "time"), parse_time, now)
    day = printed_time.date() if printed_time else read_day(layout.cell(record, "day"), parse_day, now)
    text = decode_entities(layout.cell(record, "text"))
    named = handle if handle and handle.casefold() != NO_ACCOUNT else None
    moment = created_at(post_id)
    if moment is None or moment > now + timedelta(days=1):  # a time in the future shows that the id is no real one
        moment = printed_time
    return PostRow(record, post_id, named, day, moment, text or None, read_counts(sheet, layout, record))


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


def _find_offset(rows: list[PostRow]) -> tuple[int | None, list[str]]:
    found = infer_offset_minutes((row.post_id, row.day) for row in rows if row.day)
    if found is None:
        return None, []
    minutes, misses = found
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    note = f"dates are printed at UTC{sign}{hours:02}:{rest:02}, inferred from the ids"
    return minutes, [f"{note}; {misses:,} rows contradict it" if misses else note]


def _unread_dates(
    rows: list[PostRow], layout: Layout, file: InputFile, request: Request
) -> tuple[list[Row], list[str]]:
    """One issue for all dates that a spreadsheet program has rewritten, and a note on empty ones.

    The rows themselves are kept, because their ids tell the time.
    """
    field = "time" if "time" in layout.columns else "day"
    cells = [layout.cell(row.record, field).strip() for row in rows if not row.day]
    rewritten = [cell for cell in cells if cell]
    empty_count = len(cells) - len(rewritten)
    notes = [f"{empty_count:,} rows have no date"] if empty_count and field in layout.columns else []
    if not rewritten:
        return [], notes
    detail = f"{len(rewritten):,} dates such as {rewritten[0]} can be read as day/month or month/day; the ids are used"
    issue = issue_row(file.shown_name, "rewritten_dates", detail=detail, next_step=AGAIN, request=request)
    return [issue], notes
