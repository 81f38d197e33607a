"""Exports with one row per post: to rows of posts and post_metrics.

Which column holds what comes in as a `Layout`; rows of days belong to `days`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from sys import intern

from pipeline.errors import TweetbenchError
from pipeline.runtime.progress import counted_off
from pipeline.schemas.row_streams import Rows, RowStream
from pipeline.sources.analytics.cells import UnusableRowError, read_day
from pipeline.sources.analytics.counts import CountReader, count_issues, count_reader, refuse_if_implausible
from pipeline.sources.analytics.export import (
    AGAIN,
    Rejected,
    find_account,
    make_frame,
    refuse_if_empty,
    reject,
    row_issues,
    split_rows,
)
from pipeline.sources.analytics.layout import Layout
from pipeline.sources.analytics.offset import infer_offset
from pipeline.sources.analytics.post_rows import PostRow, date_field, issues_of_dates, issues_of_ids
from pipeline.sources.analytics.printed_days import parse_printed_day
from pipeline.sources.analytics.witnesses import are_rounded, find_post_id
from pipeline.sources.files.cell_values import (
    decode_entities,
    find_handles,
    find_hashtags,
    find_links,
    parse_time,
    post_kind,
)
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.files.records import StoredRecords
from pipeline.sources.files.tabular import Record, Sheet
from pipeline.sources.lake_source import Row
from pipeline.sources.snowflake import created_at


def read_posts(file: InputFile, request: Request, layout: Layout) -> Reading:
    """Rows of posts, post_metrics and issues from an export with one row per post.

    The rows are looked at once to decide what they mean together, and read again when they are written.

    Raises:
        TweetbenchError: no row can be used, the file is another account's, or its columns are not where they belong.
    """
    sheet = file.sheet
    reader = count_reader(sheet, layout)
    refuse_if_implausible(file, layout, reader)
    is_rounded = are_rounded(layout.column(sheet, "post_id"))
    rows, rejected = split_rows(
        sheet, lambda record: _read_post(layout, reader, record, request.now, ids_are_rounded=is_rounded)
    )
    refuse_if_empty(rows, rejected, file)
    account, notes = find_account([row.handle for row in rows if row.handle], file, request)
    rows, foreign = _without_foreign_posts(rows, account)
    rows, repeated, copy_notes = _without_repeated_posts(rows)
    rejected += _with_cells({**foreign, **repeated}, sheet)
    offsets, offset_notes = _find_offsets(rows, layout)
    moments = [row.created_at for row in rows if row.created_at]
    frame = make_frame(file, request, account, _known_days(rows, file), moments)
    kept = {row.line: (row, offset) for row, offset in zip(rows, offsets, strict=True)}

    def used(table: str) -> Iterator[tuple[Record, PostRow, int | None]]:
        for record in counted_off(sheet.records, len(sheet.records), f"reading rows for {table}"):
            if record.line in kept:
                yield record, *kept[record.line]

    def posts() -> Iterator[Row]:
        for record, row, offset in used("posts"):
            text = decode_entities(layout.cell(record, "text")) or None
            yield {**frame.row(record.cells, with_period=False), **_post_fields(row, text, account, offset)}

    def metrics() -> Iterator[Row]:
        for record, row, _ in used("post_metrics"):
            metric = {"post_id": row.post_id, "metric_scope": "export", **reader.read(record).values}
            yield {**frame.row(record.cells, with_period=True), **metric}

    id_issues, id_notes = issues_of_ids(rows, layout, file, request)
    date_issues, date_notes = issues_of_dates(rows, layout, file, request)
    issues = row_issues(rejected, file, request)
    issues += [*id_issues, *date_issues, *count_issues([row.counts for row in rows], layout, file, request)]
    streams = {"posts": RowStream(len(kept), posts), "post_metrics": RowStream(len(kept), metrics)}
    tables = {name: rows_held(stream, sheet) for name, stream in streams.items()}
    notes += [*id_notes, *offset_notes, *date_notes, *copy_notes]
    return frame.reading({**tables, "issues": issues}, layout, notes)


def rows_held(stream: RowStream, sheet: Sheet) -> Rows:
    """The rows of a stream in memory where the sheet itself is; those of a large one are made as they are written."""
    return stream if isinstance(sheet.records, StoredRecords) else list(stream)


def _read_post(layout: Layout, reader: CountReader, record: Record, now: datetime, *, ids_are_rounded: bool) -> PostRow:
    found = find_post_id(layout.cell(record, "post_id"), layout.cell(record, "link"), ids_are_rounded=ids_are_rounded)
    moment = created_at(found.post_id)
    if moment is not None and moment > now + timedelta(days=1):  # the id is no real one
        moment = None
    printed_time, day, bad_date = None, None, None
    try:
        printed_time = read_day(layout.cell(record, "time"), parse_time, now)
        day = printed_time.date() if printed_time else read_day(layout.cell(record, "day"), parse_printed_day, now)
    except UnusableRowError as error:
        if moment is None:
            raise
        bad_date = str(error)
    counts = reader.read(record)
    return PostRow(
        line=record.line,
        cells_key=hash(record.cells),
        post_id=found.post_id,
        handle=found.handle and intern(found.handle),
        damaged=found.damaged,
        day=day,
        unread_date="" if day or bad_date else layout.cell(record, date_field(layout)).strip(),
        bad_date=bad_date,
        created_at=moment or printed_time,
        impression_count=counts.get("impression_count"),
        counts=counts.check(),
    )


def _post_fields(row: PostRow, text: str | None, account: str, offset: int | None) -> Row:
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


Reasons = dict[int, tuple[str, str]]  # problem and detail by line


def _without_foreign_posts(rows: list[PostRow], account: str) -> tuple[list[PostRow], Reasons]:
    own = account.casefold()
    foreign = {
        row.line: ("other_account", f"the link leads to a post of @{row.handle}, not of @{account}")
        for row in rows
        if row.handle and row.handle.casefold() != own
    }
    return [row for row in rows if row.line not in foreign], foreign


def _without_repeated_posts(rows: list[PostRow]) -> tuple[list[PostRow], Reasons, list[str]]:
    """One row per post, the rows set aside, and a note on exact copies.

    Of rows that differ, the one with the most impressions is kept, of equal ones the last: counts grow, so it is newer.
    """
    times = Counter(row.post_id for row in rows)
    versions: dict[str, dict[int, PostRow]] = {}
    for row in rows:
        if times[row.post_id] > 1:
            versions.setdefault(row.post_id, {}).setdefault(row.cells_key, row)
    repeated: Reasons = {}
    copies = sum(times[post_id] - len(distinct) for post_id, distinct in versions.items())
    dropped = {row.line for row in rows if row.post_id in versions}
    for post_id, distinct in versions.items():
        newest = max(distinct.values(), key=lambda row: (row.impression_count or 0, row.line))
        detail = f"post {post_id} is in line {newest.line} too, with figures that look newer"
        repeated |= {row.line: ("repeated_post", detail) for row in distinct.values() if row is not newest}
        dropped.discard(newest.line)
    notes = [f"{copies:,} exact copies of rows were passed over"] if copies else []
    return [row for row in rows if row.line not in dropped], repeated, notes


def _with_cells(reasons: Reasons, sheet: Sheet) -> list[Rejected]:
    """Rows set aside after they were read, with their cells."""
    if not reasons:
        return []
    return [reject(record, *reasons[record.line]) for record in sheet.records if record.line in reasons]


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
