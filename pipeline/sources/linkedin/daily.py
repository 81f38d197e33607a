"""LinkedIn's figures by day, of content and of followers, to rows of account_daily: one row for each day of a file.

Organic figures, and how often the page was shown for money; all else that was paid for stays in the payload. `Total
followers` of a day is its net gain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.errors import TweetbenchError
from pipeline.sources.files.issue_list import IssueList
from pipeline.sources.files.protocol import InputFile, Request
from pipeline.sources.lake_source import Row
from pipeline.sources.linkedin.counts import BadCell, CountReader, count_reader, rates_disagree
from pipeline.sources.linkedin.days import consecutive, read_days
from pipeline.sources.linkedin.tables import Line, Table

AGAIN = "export the period from LinkedIn again and ingest that file unopened: tweetbench ingest FILE"
ORGANIC, SPONSORED = " organic", " sponsored"


@dataclass(frozen=True)
class DayFigures:
    """The figures of one day as columns of the lake, and the row as it is in the file."""

    figures: Row
    original: dict[str, str]


def read_metrics(
    tables: Sequence[Table], file: InputFile, request: Request, issues: IssueList
) -> tuple[dict[date, DayFigures], list[str]]:
    """Organic impressions and engagements by day, and notes.

    Raises:
        TweetbenchError: most days are there twice with other figures, or the rates are not those of the figures.
    """
    for table in tables:
        refuse_if_rates_disagree(table, table.lines, file, ORGANIC)
    return _read(tables, file, request, issues, _organic)


def read_followers(
    tables: Sequence[Table], file: InputFile, request: Request, issues: IssueList
) -> tuple[dict[date, DayFigures], list[str]]:
    """The net gain of followers by day, and notes.

    Raises:
        TweetbenchError: most days are there twice with other figures.
    """
    return _read(tables, file, request, issues, lambda reader, line: {"net_follow_count": reader.read(line, "total")})


def add_bad_cells(bad: Sequence[BadCell], issues: IssueList) -> None:
    """One issue for each column with cells that are no figures."""
    for cell in bad:
        issues.add(
            cell.line.place, "not_a_count", f"{cell.detail}; the cell is left empty and the row used",
            AGAIN, line=cell.line.number, column=cell.column,
        )  # fmt: skip


def refuse_if_rates_disagree(table: Table, lines: Sequence[Line], file: InputFile, suffix: str = "") -> None:
    """Refuse columns that hold something else than their names say.

    Raises:
        TweetbenchError: most stated engagement rates are not those of the figures.
    """
    if found := rates_disagree(table, lines, suffix):
        raise TweetbenchError(
            "the columns of this export are not where LinkedIn writes them",
            where=file.shown_name,
            why=f"in {found[0]:,} of {found[1]:,} rows the engagement rate is not (clicks + reactions + comments + "
            "reposts) / impressions",
            next_step=AGAIN,
        )


def _organic(reader: CountReader, line: Line) -> Row:
    return {
        "impression_count": reader.read(line, f"impressions{ORGANIC}"),
        "like_count": reader.read(line, f"reactions{ORGANIC}"),
        "reply_count": reader.read(line, f"comments{ORGANIC}"),
        "repost_count": reader.read(line, f"reposts{ORGANIC}"),
        "engagement_count": reader.engagements(line, ORGANIC),
        "promoted_impression_count": reader.read(line, f"impressions{SPONSORED}"),
    }


def _read(
    tables: Sequence[Table],
    file: InputFile,
    request: Request,
    issues: IssueList,
    figures_of: Callable[[CountReader, Line], Row],
) -> tuple[dict[date, DayFigures], list[str]]:
    by_day: dict[date, dict[tuple[tuple[str, object], ...], tuple[Line, DayFigures]]] = {}
    notes: list[str] = []
    copies = 0
    for table in tables:
        reader = count_reader(table)
        read = read_days(table.column("day"), consecutive, last=request.now.date() + timedelta(days=1))
        notes += [read.note] if read.note else []
        for line, day in zip(table.lines, read.days, strict=True):
            if day is None:
                shown = table.cell(line, "day")
                is_shown = any(map(str.isdigit, shown))
                detail = f"{shown!r} is no day that LinkedIn can state" if is_shown else "the row has no day"
                issues.add(line.place, "impossible_date", detail, AGAIN, table.figures(line), line=line.number)
                continue
            figures = figures_of(reader, line)
            versions = by_day.setdefault(day, {})
            copies += (key := tuple(figures.items())) in versions
            versions.setdefault(key, (line, DayFigures(figures, table.original(line))))
        add_bad_cells([cell for cell in reader.bad if cell.line in table.lines], issues)
    contradicting = {day: versions for day, versions in by_day.items() if len(versions) > 1}
    if 2 * len(contradicting) > len(by_day):
        raise TweetbenchError(
            "the file holds two exports that contradict each other",
            where=file.shown_name,
            why=f"{len(contradicting):,} of {len(by_day):,} days are there more than once with other figures, as when "
            "the exports of two pages are put together",
            next_step="ingest the exports one by one, as LinkedIn wrote them: tweetbench ingest FILE --account PAGE",
        )
    for day, versions in contradicting.items():
        for line, kept in versions.values():
            detail = f"{day} is there {len(versions)} times with other figures, and nothing tells which is right"
            issues.add(line.place, "contradicting_day", detail, AGAIN, kept.original, line=line.number)
    notes += [f"{copies:,} copies of days were passed over"] if copies else []
    days = {day: kept for day, versions in by_day.items() if len(versions) == 1 for _, kept in versions.values()}
    return days, notes
