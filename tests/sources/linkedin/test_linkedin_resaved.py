"""LinkedIn's exports after a spreadsheet program has saved them again: the same figures, or a refusal."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Reading, Request
from pipeline.sources.linkedin.export import PAGE_EXPORTS
from tests.sources.linkedin.resaving import PROGRAMS, Rows, cells_of

REQUEST = Request(now=datetime(2026, 11, 28, tzinfo=UTC), account="page")
Program = Callable[[Rows, Path], Path]
# Of real files, sheet by sheet: what every program's version must give.
POSIT_POSTS = "platforms/linkedin_posit/All_posts-Table_1.csv"
POSIT_DAYS = "platforms/linkedin_posit/Metrics-Table_1.csv"
POSIT_FOLLOWERS = "platforms/linkedin_posit/posit-software_followers_1772479856546.csv"
YOUNG_PAGE = "platforms/linkedin_bs4cl/followers_1739343974503.xlsx"
COMPETITORS = "platforms/linkedin_bs4cl/competitor_analytics_1739343948666.xlsx"
OLD_FORMAT = "platforms/linkedin_doorly/doorly_content_1774355108388.xls"


def read(path: Path) -> Reading:
    file = open_input(path, 50)
    (source,) = (each for each in PAGE_EXPORTS if each.recognises(file, REQUEST))
    return source.read(file, REQUEST)


def total(rows: list[dict[str, Any]], name: str) -> int:
    return sum(row[name] for row in rows if row[name] is not None)


def posts_of(reading: Reading) -> tuple[int, int, int, str, str]:
    organic = [row for row in reading.tables["post_metrics"] if row["metric_scope"] == "export"]
    posts = reading.tables["posts"]
    days = sorted(str(row["created_date"]) for row in posts)
    return len(posts), total(organic, "impression_count"), total(organic, "engagement_count"), days[0], days[-1]


def days_of(reading: Reading) -> list[tuple[Any, ...]]:
    names = ("date", "impression_count", "like_count", "engagement_count", "net_follow_count")
    return [tuple(row.get(name) for name in names) for row in reading.tables["account_daily"]]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_year_of_real_posts_has_the_same_figures_from_every_program(
    shared_data: Path, tmp_path: Path, program: Program
) -> None:
    untouched = read(shared_data / POSIT_POSTS)
    saved = read(program(cells_of(shared_data / POSIT_POSTS)[""], tmp_path))
    assert posts_of(saved) == posts_of(untouched)
    assert posts_of(saved)[:2] == (340, 3_138_061)
    assert len(saved.tables["issues"]) == 0


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.parametrize(("file", "sheet", "count"), [
    (POSIT_DAYS, "", 365), (POSIT_FOLLOWERS, "", 365), (OLD_FORMAT, "Metrics", 90), (YOUNG_PAGE, "New followers", 365),
])  # fmt: skip
def test_real_days_have_the_same_figures_from_every_program(
    shared_data: Path, tmp_path: Path, program: Program, file: str, sheet: str, count: int
) -> None:
    saved = read(program(cells_of(shared_data / file)[sheet], tmp_path))
    days = days_of(saved)
    assert (len(days), days) == (count, days_of(read(shared_data / file)))
    assert len(saved.tables["issues"]) == 0


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_totals_of_real_competitors_survive_every_program_and_match_the_days(
    shared_data: Path, tmp_path: Path, program: Program
) -> None:
    (rows,) = cells_of(shared_data / COMPETITORS).values()
    saved = read(program(rows, tmp_path))
    assert 153 in {row["follower_count"] for row in saved.tables["accounts"]}
    assert total(read(shared_data / YOUNG_PAGE).tables["account_daily"], "net_follow_count") == 153
    assert (str(saved.period_start), str(saved.period_end)) == ("2024-02-12", "2025-02-10")


UNKNOWN = ["Datum", "Visningar (organiska)", "Visningar (sponsrade)", "Visningar (totalt)", "Unika visningar",
           *(f"{figure} ({scope})" for figure in ("Klick", "Reaktioner", "Kommentarer", "Delningar", "Grad")
             for scope in ("organiska", "sponsrade", "totalt"))]  # fmt: skip


def test_a_language_that_nobody_taught_it_is_refused_and_not_guessed(tmp_path: Path) -> None:
    days = [[f"2026-03-{day:02d}", "90", "10", "100", "50", *("3", "1", "4") * 4, "0,1", "0,1", "0,1"] for day in
            range(1, 11)]  # fmt: skip
    path = tmp_path / "export.csv"
    path.write_text("\n".join(";".join(row) for row in (UNKNOWN, *days)) + "\n", encoding="utf-8")
    with pytest.raises(TweetbenchError, match="in a language that is not known") as refused:
        read(path)
    assert "set LinkedIn to English" in refused.value.next_step
