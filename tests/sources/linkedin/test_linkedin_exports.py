"""LinkedIn's page exports: real ones next to the project, and invented ones of the same shape."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipeline.errors import TweetbenchError
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Reading, Request
from pipeline.sources.linkedin.export import PAGE_EXPORTS
from tests.sources.linkedin.page_export import GAINS, POSTED, POSTS, SOMEBODY, metrics_day, metrics_header, post

REQUEST = Request(now=datetime(2026, 11, 28, tzinfo=UTC), account="page")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
Cells = list[list[Any]]


def read(path: Path) -> tuple[str, Reading]:
    file = open_input(path, 50)
    (source,) = (each for each in PAGE_EXPORTS if each.recognises(file, REQUEST))
    return source.NAME, source.read(file, REQUEST)


@pytest.fixture
def save(tmp_path: Path) -> Callable[[Cells], Path]:
    """Save rows as a CSV file whose name says nothing."""

    def save_rows(rows: Cells, separator: str = ",") -> Path:
        quoted = [separator.join(f'"{cell}"' for cell in row) for row in rows]
        path = tmp_path / "Book1.csv"
        path.write_text("\n".join(quoted) + "\n", encoding="utf-8")
        return path

    return save_rows


REAL = {
    "posit/All_posts-Table_1.csv": ("content", {"posts": 340, "post_metrics": 362}, "2025-03-03", "2026-02-27"),
    "posit/Metrics-Table_1.csv": ("content", {"account_daily": 365}, "2025-03-01", "2026-02-28"),
    "doorly/doorly_content_1774355108388.xls": (
        *("content", {"account_daily": 90, "posts": 3}, "2025-12-23", "2026-03-22"),
    ),
    "doorly/doorly_followers_1774355119598.xls": ("followers", {"account_daily": 90}, "2025-12-23", "2026-03-22"),
    "bs4cl/competitor_analytics_1739343948666.xlsx": ("competitors", {"accounts": 10}, "2024-02-12", "2025-02-10"),
}


@pytest.mark.parametrize("file", REAL)
def test_real_exports_are_read_whole(shared_data: Path, file: str) -> None:
    kind, rows, first, last = REAL[file]
    found, reading = read(shared_data / f"platforms/linkedin_{file}")
    assert found == f"linkedin_{kind}"
    assert {name: len(reading.tables[name]) for name in rows} == rows
    assert (str(reading.period_start), str(reading.period_end)) == (first, last)
    assert "posted_by" not in str(reading.tables).lower().replace(" ", "_")


def test_organic_figures_of_real_posts_are_counted_once(shared_data: Path) -> None:
    _, reading = read(shared_data / "platforms/linkedin_posit/All_posts-Table_1.csv")
    organic = [row for row in reading.tables["post_metrics"] if row["metric_scope"] == "export"]
    assert sum(row["impression_count"] for row in organic) == 3_138_061
    assert {row["link_click_count"] for row in reading.tables["post_metrics"] if "link_click_count" in row} <= {None}


def test_paid_impressions_of_a_day_stand_beside_the_organic_ones(save: Callable[[Cells], Path]) -> None:
    days = [metrics_day(MONDAY, 100, sponsored=40), metrics_day(TUESDAY, 90)]
    _, reading = read(save([metrics_header(), *days]))
    shown = [(row["impression_count"], row["promoted_impression_count"]) for row in reading.tables["account_daily"]]
    assert shown == [(100, 40), (90, 0)]
    without = [name for name in metrics_header() if "sponsored" not in name]
    _, reading = read(
        save([without, [cell for cell, name in zip(days[0], metrics_header(), strict=True) if name in without]])
    )
    assert [row["promoted_impression_count"] for row in reading.tables["account_daily"]] == [None]


def test_the_days_of_a_young_page_add_up_to_its_total(shared_data: Path) -> None:
    _, followers = read(shared_data / "platforms/linkedin_bs4cl/followers_1739343974503.xlsx")
    assert sum(row["net_follow_count"] for row in followers.tables["account_daily"]) == 153
    _, competitors = read(shared_data / "platforms/linkedin_bs4cl/competitor_analytics_1739343948666.xlsx")
    assert 153 in {row["follower_count"] for row in competitors.tables["accounts"]}


def test_visitors_are_named_and_left_aside(shared_data: Path) -> None:
    with pytest.raises(TweetbenchError, match=r"export of visitors \(linkedin_visitors\), which is not stored"):
        read(shared_data / "platforms/linkedin_doorly/doorly_visitors_1774355114381.xls")


def test_a_lost_follower_is_a_negative_gain(save: Callable[[Cells], Path]) -> None:
    kind, reading = read(save([GAINS, ["03/02/2026", 0, 4, 1, 5], ["03/03/2026", 0, -1, 0, -1]]))
    gains = {row["date"]: row["net_follow_count"] for row in reading.tables["account_daily"]}
    assert (kind, gains) == ("linkedin_followers", {MONDAY: 5, TUESDAY: -1})
    assert {row.get("new_follow_count") for row in reading.tables["account_daily"]} == {None}


def test_days_that_excel_made_dates_are_the_same_days(tmp_path: Path) -> None:
    path = tmp_path / "saved again.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("New followers")
        sheet.write_row(0, 0, GAINS)
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for at, gained in enumerate((5, -1), start=1):
            sheet.write_datetime(at, 0, date(2026, 3, 1 + at), day)
            sheet.write_row(at, 1, [0, gained, 0, gained])
    _, reading = read(path)
    assert {row["date"]: row["net_follow_count"] for row in reading.tables["account_daily"]} == {MONDAY: 5, TUESDAY: -1}


def test_a_semicolon_between_cells_changes_nothing(save: Callable[..., Path]) -> None:
    _, reading = read(save([GAINS, ["03/02/2026", 0, 4, 1, 5], ["03/03/2026", 0, 2, 0, 2]], ";"))
    assert [row["net_follow_count"] for row in reading.tables["account_daily"]] == [5, 2]


def test_a_promoted_post_has_organic_figures_of_its_own_and_no_total(save: Callable[[Cells], Path]) -> None:
    rows = [POSTS, post("Organic", 100), post("Sponsored", 900), post("Total", 1_000)]
    _, reading = read(save(rows))
    assert len(reading.tables["posts"]) == 1
    scopes = {row["metric_scope"]: row["impression_count"] for row in reading.tables["post_metrics"]}
    assert scopes == {"export": 100, "promoted": 900}


def test_a_post_has_the_time_of_its_id_and_nobody_s_name(save: Callable[[Cells], Path]) -> None:
    _, reading = read(save([POSTS, post("Organic", 100)]))
    (found,) = reading.tables["posts"]
    assert found["created_at"] == POSTED
    assert SOMEBODY not in str(reading.tables)
    (metrics,) = reading.tables["post_metrics"]
    assert (metrics["engagement_count"], metrics.get("link_click_count")) == (7 + 5 + 2 + 1, None)


def test_a_link_that_was_copied_from_the_page_is_the_same_post(save: Callable[[Cells], Path]) -> None:
    exported = post("Organic", 100)
    number = str(exported[1]).rsplit(":", 1)[1]
    copied = [exported[0], f"https://www.linkedin.com/posts/acme_our-news-activity-{number}-aB3d", *exported[2:]]
    for row in (exported, copied):
        _, reading = read(save([POSTS, row]))
        assert [(found["post_id"], found["created_at"]) for found in reading.tables["posts"]] == [(number, POSTED)]


def test_a_damaged_figure_costs_the_figure(save: Callable[[Cells], Path]) -> None:
    _, reading = read(save([POSTS, post("Organic", "1O0"), post("Organic", 50, number=1)]))
    assert [row["impression_count"] for row in reading.tables["post_metrics"]] == [None, 50]
    assert len(reading.tables["issues"]) == 1


def test_an_empty_export_says_so(save: Callable[[Cells], Path]) -> None:
    with pytest.raises(TweetbenchError, match="has the names of its columns and no rows"):
        read(save([GAINS]))


def test_a_day_that_stands_twice_with_two_figures_is_not_added_up(save: Callable[[Cells], Path]) -> None:
    twice = [["03/02/2026", 0, 4, 1, 5], ["03/02/2026", 0, 5, 1, 6]]
    _, reading = read(save([GAINS, *twice, ["03/03/2026", 0, 2, 0, 2]]))
    assert [row["date"] for row in reading.tables["account_daily"]] == [TUESDAY]
    (issue,) = reading.tables["issues"]
    assert issue["problem"] == "contradicting_day"
    assert "2026-03-02 is there 2 times with other figures" in issue["detail"]
