"""X's export by post (account_analytics_content_*.csv), in both spellings of its English header and in other languages.

Rows of the export by day belong to `x_analytics_overview`.
"""

from dataclasses import replace

from pipeline.sources.analytics.counts import is_count
from pipeline.sources.analytics.exports import (
    CONTENT,
    CONTENT_ORDER,
    is_post_link,
    most_rows_fit,
    named_export,
    sheet_or_none,
)
from pipeline.sources.analytics.header import ENGLISH, fold
from pipeline.sources.analytics.layout import find_layout
from pipeline.sources.analytics.posts import read_posts
from pipeline.sources.files.protocol import InputFile, Reading, Request, issue_row
from pipeline.sources.files.tabular import Sheet
from pipeline.sources.lake_source import Row

NAME = "x_analytics_content"
DESCRIPTION = "X Analytics, Content: one row per post with its figures over a period of at most 90 days"
TABLES: tuple[str, ...] = ("posts", "post_metrics", "post_daily", "issues")

MOST_ROWS = 1_000  # X asks its server for at most so many posts and does not say when there were more


def recognises(file: InputFile, request: Request) -> bool:  # noqa: ARG001 - the seam gives both
    """True for the names of this export in a language that is known, or rows of its shape below other names."""
    sheet = sheet_or_none(file)
    return sheet is not None and (named_export(sheet) is CONTENT or _has_its_shape(sheet))


def read(file: InputFile, request: Request) -> Reading:
    """Rows of posts, post_metrics, post_daily and issues.

    Raises:
        TweetbenchError: no row can be used, the file is another account's, or its columns are not where they belong.
    """
    layout = find_layout(file, CONTENT, dialect=lambda language: _dialect(file.sheet, language))
    reading = read_posts(file, request, layout)
    posts, metrics = reading.tables["posts"], reading.tables["post_metrics"]
    daily = [_daily_row(post, metric) for post, metric in zip(posts, metrics, strict=True)]
    issues, notes = list(reading.tables["issues"]), reading.notes
    if reading.row_count == MOST_ROWS:
        issues.append(_truncation(file, request))
        notes = (f"exactly {MOST_ROWS:,} rows: X cuts exports there, posts may be missing", *notes)
    return replace(reading, tables={**reading.tables, "post_daily": daily, "issues": issues}, notes=notes)


def _has_its_shape(sheet: Sheet) -> bool:
    link = CONTENT_ORDER.index("link")
    counts = dict.fromkeys(range(link + 1, len(CONTENT_ORDER)), is_count)
    return len(sheet.header) == len(CONTENT_ORDER) and most_rows_fit(sheet, {link: is_post_link, **counts})


def _dialect(sheet: Sheet, language: str) -> str:
    if language != ENGLISH:
        return language
    is_older = {"link", "share"} & set(map(fold, sheet.header))
    return "Link, Share" if is_older else "Post Link, Shares"


def _daily_row(post: Row, metric: Row) -> Row:
    kept = {name: value for name, value in metric.items() if name != "metric_scope"}
    return {**kept, "date": post["created_date"], "utc_offset_minutes": post["utc_offset_minutes"]}


def _truncation(file: InputFile, request: Request) -> Row:
    return issue_row(
        file.shown_name,
        "truncated_export",
        detail=f"the file has exactly {MOST_ROWS:,} rows, where X cuts exports off without a word",
        next_step="export shorter periods with fewer posts each, then run: tweetbench ingest FILE...",
        request=request,
    )
