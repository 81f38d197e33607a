"""LinkedIn's table of posts to rows of posts, post_metrics and post_daily.

A post that was advertised has a row `Organic`, one for each campaign and one `Total`. The organic row is the post's own
figures; those of campaigns are added up and kept apart; the total is never added to its parts.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote

from pipeline.sources.files.cell_values import find_hashtags, find_links
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.protocol import InputFile, Request
from pipeline.sources.lake_source import Row
from pipeline.sources.linkedin.counts import CountReader, count_reader
from pipeline.sources.linkedin.daily import AGAIN, add_bad_cells, refuse_if_rates_disagree
from pipeline.sources.linkedin.days import FIRST_DAY, Days, read_days
from pipeline.sources.linkedin.header_words import scope_of
from pipeline.sources.linkedin.tables import Line, Table

# As LinkedIn exports links, and as people copy them: /posts/acme_our-news-activity-7434168120115200000-aBcD
_URN = re.compile(r"(?:urn:li:|[-_])(?:activity|share|ugcPost|groupPost-\d+)[:-](\d{15,20})(?!\d)", re.IGNORECASE)
_TIME_BITS = 22  # of an id below its milliseconds since 1970


@dataclass
class Post:
    """What a file says of one post: its first row, and the figures by scope."""

    post_id: str
    created_at: datetime
    printed: date | None
    table: Table
    line: Line
    organic: dict[tuple[str, ...], Line] = field(default_factory=dict)
    sponsored: dict[tuple[str, ...], Line] = field(default_factory=dict)
    total_count: int = 0


@dataclass(frozen=True)
class PostRows:
    """Rows by lake table without what all rows of a file share, each with its original."""

    posts: list[Row]
    metrics: list[Row]
    notes: list[str]


def read_posts(tables: Sequence[Table], file: InputFile, request: Request, issues: IssueList) -> PostRows:
    """Rows of posts and of their figures.

    Raises:
        TweetbenchError: most stated engagement rates are not those of the figures.
    """
    found: dict[str, Post] = {}
    readers = {id(table): count_reader(table) for table in tables}
    notes: list[str] = []
    copies = 0
    for table in tables:
        organic = [line for line in table.lines if scope_of(table.cell(line, "type")) == "organic"]
        refuse_if_rates_disagree(table, organic, file)
        copies += _collect(table, found, request, issues, notes)
    metrics = []
    for post in found.values():
        reader = readers[id(post.table)]
        if post.organic:
            metrics.append(_organic(post, reader, issues))
        if post.sponsored:
            metrics.append(_promoted(post, reader))
        if not post.organic and not post.sponsored:
            detail = f"post {post.post_id} has only a row of its total, in which ads are not distinguished"
            issues.add(
                post.line.place, "total_row_alone", f"{detail}; its figures are not used", AGAIN, line=post.line.number
            )
    for table in tables:
        add_bad_cells(readers[id(table)].bad, issues)
    paid = sum(bool(post.sponsored) for post in found.values())
    totals = sum(post.total_count for post in found.values())
    notes += [f"{paid:,} posts were advertised: figures of campaigns are kept apart"] if paid else []
    notes += [f"{totals:,} rows of totals were passed over"] if totals else []
    notes += [f"{copies:,} exact copies of rows were passed over"] if copies else []
    return PostRows([_post_row(post) for post in found.values()], metrics, notes)


def _collect(table: Table, found: dict[str, Post], request: Request, issues: IssueList, notes: list[str]) -> int:
    """Sort the rows of a table by post; the number of exact copies."""
    moments = [_moment(table.cell(line, "link"), request.now) for line in table.lines]

    def agreeing(days: Days) -> float:
        return sum(moment is not None and day == moment[1].date() for day, moment in zip(days, moments, strict=True))

    read = read_days(
        table.column("day") or [""] * len(table.lines), agreeing, last=request.now.date() + timedelta(days=1)
    )
    notes += [read.note] if read.note else []
    copies = 0
    for line, moment, printed in zip(table.lines, moments, read.days, strict=True):
        scope = scope_of(table.cell(line, "type"))
        if moment is None or scope is None:
            cell = table.cell(line, "link" if moment is None else "type")
            problem = "damaged_post_id" if moment is None else "unknown_post_type"
            what = "no link to a post on LinkedIn" if moment is None else "none of Organic, Sponsored and Total"
            # A cell that is no link may be anybody's note.
            is_shown = "://" in cell if moment is None else cell
            shown = (
                f"{cell[:80]!r} is {what}" if is_shown else f"the row has {'no link' if moment is None else 'no type'}"
            )
            issues.add(line.place, problem, shown, AGAIN, table.figures(line), line=line.number)
            continue
        post = found.setdefault(moment[0], Post(*moment, printed, table, line))
        if scope == "total":
            post.total_count += 1
            continue
        rows = post.organic if scope == "organic" else post.sponsored
        copies += line.cells in rows
        rows.setdefault(line.cells, line)
    return copies


def _moment(link: str, now: datetime) -> tuple[str, datetime] | None:
    """The id in a link and the UTC time that it carries; None where there is no id that LinkedIn could have given."""
    match = _URN.search(unquote(link))
    if match is None:
        return None
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(match[1]) >> _TIME_BITS)
    is_possible = FIRST_DAY <= moment.date() <= now.date() + timedelta(days=1)
    return (match[1], moment) if is_possible else None


def _organic(post: Post, reader: CountReader, issues: IssueList) -> Row:
    """The figures of the organic row; of several that differ the one with most impressions, as figures grow."""
    versions = sorted(post.organic.values(), key=lambda line: (reader.read(line, "impressions") or 0, line.number))
    for line in versions[:-1]:
        detail = f"post {post.post_id} is in line {versions[-1].number} too, with figures that look newer"
        issues.add(line.place, "repeated_post", detail, AGAIN, line=line.number)
    return _figures(post, reader, [versions[-1]], "export")


def _promoted(post: Post, reader: CountReader) -> Row:
    lines = list(post.sponsored.values())
    row = _figures(post, reader, lines, "promoted")
    return {**row, "new_follow_count": _sum(reader.read(line, "follows") for line in lines)}


def _figures(post: Post, reader: CountReader, lines: Sequence[Line], scope: str) -> Row:
    title = post.table.header[post.table.columns["title"]] if "title" in post.table.columns else ""
    originals = [{name: cell for name, cell in post.table.original(line).items() if name != title} for line in lines]
    return {
        "post_id": post.post_id,
        "metric_scope": scope,
        "impression_count": _sum(reader.read(line, "impressions") for line in lines),
        "like_count": _sum(reader.read(line, "reactions") for line in lines),
        "reply_count": _sum(reader.read(line, "comments") for line in lines),
        "repost_count": _sum(reader.read(line, "reposts") for line in lines),
        "engagement_count": _sum(reader.engagements(line) for line in lines),
        "payload": originals[0] if len(originals) == 1 else originals,
    }


def _sum(values: Iterable[int | None]) -> int | None:
    """The sum, null where a part of it is not reported."""
    parts = list(values)
    return None if None in parts else sum(part for part in parts if part is not None)


def _post_row(post: Post) -> Row:
    text = post.table.cell(post.line, "title") or None
    return {
        "post_id": post.post_id,
        "created_at": post.created_at,
        "created_date": post.printed,
        "utc_offset_minutes": 0 if post.printed else None,
        "text": text,
        "post_kind": "original" if text else "unknown",
        "link_urls": None if text is None else find_links(text),
        "hashtags": None if text is None else find_hashtags(text),
        "availability": "available",
        "payload": post.table.original(post.line),
    }
