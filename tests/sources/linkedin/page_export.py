"""Invented exports of one LinkedIn page: a month of days, posts and gains in the columns that LinkedIn writes."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

POSTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
DAYS = [date(2026, 3, 1) + timedelta(days=number) for number in range(30)]
SOMEBODY, ADDRESS = "Jane Canary", "jane@canary.example"
GAINS = ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"]
POSTS = [
    *("Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Campaign start date"),
    *("Campaign end date", "Audience", "Impressions", "Views", "Offsite Views", "Clicks", "Click through rate (CTR)"),
    *("Likes", "Comments", "Reposts", "Follows", "Engagement rate", "Content Type"),
]
_FIGURES = ("Impressions", "Clicks", "Reactions", "Comments", "Reposts", "Engagement rate")
_SCOPES = ("organic", "sponsored", "total")
GERMAN_POSTS = [
    *("Titel des Beitrags", "Link veröffentlichen", "Art des Beitrags", "Kampagnenname", "Veröffentlicht von"),
    *("Erstellt am", "", "", "Zielgruppe", "Impressions", "Aufrufe", "", "Klicks", "Klickrate (CTR)", "Likes"),
    *("Kommentare", "Direkt geteilte Beiträge", "", "Engagement Rate", ""),
]
_GERMAN = {
    "Impressions": "Impressions", "Clicks": "Klicks", "Reactions": "Reaktionen", "Comments": "Kommentare",
    "Reposts": "Geteilte Inhalte", "Engagement rate": "Engagement-Rate",
}  # fmt: skip
_GERMAN_SCOPES = {"organic": "organische Updates", "sponsored": "Sponsored Updates", "total": "insgesamt"}
Rows = list[list[str]]


def metrics_header(*, is_german: bool = False) -> list[str]:
    """The columns of the daily figures of content."""
    names = [f"{figure} ({scope})" for figure in _FIGURES for scope in _SCOPES]
    names.insert(3, "Unique impressions (organic)")
    if is_german:
        names = [f"{_GERMAN[figure]} ({_GERMAN_SCOPES[scope]})" for figure in _FIGURES for scope in _SCOPES]
        names.insert(3, "Individuelle Impressions (organische Updates)")
    return ["Datum" if is_german else "Date", *names]


def activity(at: datetime, number: int = 0) -> str:
    """The link of a post; its id holds the time in milliseconds."""
    return f"https://www.linkedin.com/feed/update/urn:li:activity:{(int(at.timestamp() * 1000) << 22) + number}"


def post(kind: str, impressions: object, *, number: int = 0, title: str = "Our news https://lnkd.in/abc") -> list[Any]:
    """The row of a post with 7 clicks, 5 reactions, 2 comments and a repost."""
    rate = 15 / impressions if isinstance(impressions, int) else ""
    return [
        *(title, activity(POSTED, number), kind, "", SOMEBODY, "03/02/2026", "", ""),
        *("All followers", impressions, "", "", 7, 0.07, 5, 2, 1, "", rate, ""),
    ]


def metrics_day(day: date, impressions: int, sponsored: int = 0) -> list[Any]:
    """A day with 15 engagements, all of them organic."""
    both = impressions + sponsored
    counts = [count for each in (7, 5, 2, 1) for count in (each, 0, each)]
    return [f"{day:%m/%d/%Y}", impressions, sponsored, both, impressions, *counts, 15 / impressions, 0, 15 / both]


def content(*posts: list[Any], is_german: bool = False) -> dict[str, Rows]:
    """Both sheets of an export of content: 100 impressions on the first day and one more on each that follows."""
    days = [metrics_day(day, 100 + number, sponsored=40) for number, day in enumerate(DAYS)]
    header = GERMAN_POSTS if is_german else POSTS
    return as_text({
        "Metrics": [["Aggregated engagement metrics."], metrics_header(is_german=is_german), *days],
        "All posts": [["Engagement metrics for individual posts."], header, *posts],
    })  # fmt: skip


def followers() -> dict[str, Rows]:
    """The sheet of new followers, 1 to 5 a day and one lost on the sixth, and one of an audience: 89 in all."""
    gains = [[f"{day:%m/%d/%Y}", 0, number % 5, 1, number % 5 + 1] for number, day in enumerate(DAYS)]
    gains[5] = [gains[5][0], 0, -1, 0, -1]
    return as_text({"New followers": [GAINS, *gains], "Location": [["Location", "Total followers"], ["Ulm", 3]]})


def as_text(sheets: Mapping[str, list[list[Any]]]) -> dict[str, Rows]:
    """Cells as they look."""
    return {name: [[str(cell) for cell in row] for row in rows] for name, rows in sheets.items()}
