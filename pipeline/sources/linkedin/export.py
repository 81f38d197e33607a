"""LinkedIn's page exports as sources: one file as a reading, whatever tables of LinkedIn it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pipeline.errors import TweetbenchError
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.protocol import InputFile, Reading, Request
from pipeline.sources.lake_source import Row, as_payload
from pipeline.sources.linkedin.competitors import read_competitors
from pipeline.sources.linkedin.daily import AGAIN, read_followers, read_metrics
from pipeline.sources.linkedin.page import PLATFORM, find_page
from pipeline.sources.linkedin.posts import read_posts
from pipeline.sources.linkedin.tables import Found, Kind, find_tables, has_foreign_shape

# What a file is called by: the first of these that it holds.
ORDER: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("linkedin_content", ("metrics", "posts")),
    ("linkedin_followers", ("followers",)),
    ("linkedin_competitors", ("competitors",)),
)
ALL_TABLES = ("posts", "post_metrics", "post_daily", "account_daily", "accounts", "issues")


@dataclass(frozen=True)
class _Frame:
    """What all rows of a file share."""

    slug: str
    captured_at: datetime
    period: Row

    def rows(self, rows: Iterable[Row], *, with_period: bool = False) -> list[Row]:
        shared: Row = {"platform": PLATFORM, "account_id": None, "handle": self.slug, "captured_at": self.captured_at}
        shared |= self.period if with_period else {}
        return [{**shared, **row, "payload": as_payload(row["payload"])} for row in rows]


def export_kind(file: InputFile) -> str | None:
    """The kind of a file by what it holds; None where LinkedIn did not make it.

    What LinkedIn exports and is not stored, or is in a language that is not known, counts as content: it is refused
    by its name when it is read.
    """
    if file.is_zip:
        return None
    found = find_tables(file)
    kinds = {table.kind for table in found.tables}
    for name, of_kind in ORDER:
        if kinds & set(of_kind):
            return name
    return ORDER[0][0] if "visitors" in kinds or has_foreign_shape(file) else None


def read_export(file: InputFile, request: Request) -> Reading:
    """Rows of all lake tables that the file's tables fill.

    Raises:
        TweetbenchError: nothing in it is stored, its names are in an unknown language, it is another page's, or no
            row can be used.
    """
    found = find_tables(file)
    _refuse_unread(found, file)
    slug, notes = find_page(file, request)
    issues = IssueList(file.shown_name, request, PLATFORM)
    for flag in found.flags:
        issues.add("", flag.problem, flag.detail, flag.next_step)
    for line in found.stray:
        detail = "the row belongs to no table of LinkedIn"
        issues.add(
            line.place,
            "other_table",
            detail,
            "nothing to do for notes; else save it as a file of its own",
            line=line.number,
        )
    options = {"account": slug}
    metrics, metric_notes = read_metrics(found.of("metrics"), file, request, issues)
    gains, gain_notes = read_followers(found.of("followers"), file, request, issues)
    posts = read_posts(found.of("posts"), file, request, issues)
    notes += [*metric_notes, *gain_notes, *posts.notes]
    days = [*metrics, *gains] or [row["created_date"] or row["created_at"].date() for row in posts.posts]
    accounts: list[Row] = []
    if found.of("competitors"):
        pages = read_competitors(found.of("competitors"), slug, file, request, issues)
        accounts, options["pages"] = pages.accounts, pages.known
        notes += pages.notes
        days = days or [pages.first, pages.last]
    if not (metrics or gains or posts.posts or accounts):
        raise _nothing(found, file, issues)
    if request.captured_at:
        options["captured_at"] = request.captured_at.isoformat()
    frame = _frame(slug, days, request)
    daily: list[Row] = []
    for day in sorted({*metrics, *gains}):
        parts = [each[day] for each in (metrics, gains) if day in each]
        figures = {name: value for part in parts for name, value in part.figures.items()}
        daily.append({"date": day, **figures, "payload": {k: v for part in parts for k, v in part.original.items()}})
    tables = {
        "posts": frame.rows(posts.posts),
        "post_metrics": frame.rows(posts.metrics, with_period=True),
        "post_daily": frame.rows(_by_period(posts.posts, posts.metrics), with_period=True),
        "account_daily": frame.rows(daily, with_period=True),
        "accounts": frame.rows(accounts),
        "issues": issues.rows,
    }
    first, last = min(days), max(days)
    return Reading(
        tables={name: rows for name, rows in tables.items() if rows or name == "issues"},
        dialect=_dialect(found),
        row_count=sum(len(table.lines) for table in found.tables if table.kind not in ("visitors", "audience")),
        account=slug,
        period_start=first,
        period_end=last,
        notes=(*dict.fromkeys(notes), *_left_aside(found)),
        public_columns=frozenset({"Page", "page", "period_start", "period_end"}),
        options=options,
    )


def _frame(slug: str, days: list[date], request: Request) -> _Frame:
    first, last = min(days), max(days)
    midnight = datetime.combine(last + timedelta(days=1), time(), UTC)
    return _Frame(slug, request.captured_at or midnight, {"period_start_date": first, "period_end_date": last})


def _by_period(posts: list[Row], metrics: list[Row]) -> list[Row]:
    """The organic figures of posts over the period of the export."""
    days = {post["post_id"]: post["created_date"] or post["created_at"].date() for post in posts}
    rows = [row for row in metrics if row["metric_scope"] == "export"]
    return [
        {**{name: value for name, value in row.items() if name != "metric_scope"}, "date": days[row["post_id"]],
         "utc_offset_minutes": 0}
        for row in rows
    ]  # fmt: skip


def _dialect(found: Found) -> str:
    read = [table for table in found.tables if table.language]
    return f"{', '.join(dict.fromkeys(table.kind for table in read))}; {read[0].language}"


def _left_aside(found: Found) -> list[str]:
    notes = []
    if audience := [table.header[0] for table in found.of("audience")]:
        notes.append(
            f"not stored, as they describe small groups of people: the audience by {', '.join(dict.fromkeys(audience))}"
        )
    if found.of("visitors"):
        notes.append("not stored: visits of the page (linkedin_visitors), which say nothing about posts or followers")
    if any("posted_by" in table.columns for table in found.tables):
        notes.append("not stored: names of the employees who posted")
    return notes


def _refuse_unread(found: Found, file: InputFile) -> None:
    kinds = {table.kind for table in found.tables}
    if kinds & {"metrics", "posts", "followers", "competitors"}:
        return
    if kinds and not has_foreign_shape(file):
        raise TweetbenchError(
            "this is LinkedIn's export of visitors (linkedin_visitors), which is not stored"
            if "visitors" in kinds
            else "this is LinkedIn's table of an audience, which is not stored",
            where=file.shown_name,
            why="it counts visits or describes small groups of people; posts and followers by day are not in it",
            next_step="nothing to do; export content, followers and competitors from LinkedIn instead",
        )
    raise TweetbenchError(
        "this looks like an export of LinkedIn in a language that is not known",
        where=file.shown_name,
        why="English, Portuguese and Spanish names of columns are known, and the German ones of content; it has "
        f"{', '.join(name[:40] for name in file.sheet.header[:4])} ...",
        next_step="set LinkedIn to English, export it again, then run: tweetbench ingest FILE",
    )


def _nothing(found: Found, file: InputFile, issues: IssueList) -> TweetbenchError:
    if any(table.lines for table in found.tables if table.language):
        return issues.nothing_usable("no row of this export can be used")
    return TweetbenchError(
        "the export has the names of its columns and no rows",
        where=file.shown_name,
        why="nothing was posted or counted in the exported period, or the export failed",
        next_step=f"export a longer period; {AGAIN}",
    )


@dataclass
class PageExport:
    """One kind of LinkedIn's page exports: a `Source`, as a module of its own would be."""

    NAME: str
    DESCRIPTION: str
    TABLES: tuple[str, ...] = ALL_TABLES

    def recognises(self, file: InputFile, request: Request) -> bool:  # noqa: ARG002 - the seam gives both
        """True for a file whose tables make it this kind, in any sheet."""
        return export_kind(file) == self.NAME

    def read(self, file: InputFile, request: Request) -> Reading:
        """Rows of all tables that the file fills.

        Raises:
            TweetbenchError: see `read_export`.
        """
        return read_export(file, request)


PAGE_EXPORTS = (
    PageExport(
        "linkedin_content", "LinkedIn page, content: organic figures by day, and one row per post; campaigns apart"
    ),
    PageExport("linkedin_followers", "LinkedIn page, followers: the net gain of each day"),
    PageExport(
        "linkedin_competitors",
        "LinkedIn page, competitors: followers of the page and of those that it compares itself with",
    ),
)
