"""LinkedIn's exports as people hand them in: untouched, saved again by programs, cut, put together, by anybody."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TweetbenchError
from pipeline.sources.files.opening import open_input
from pipeline.sources.files.protocol import Reading, Request
from pipeline.sources.linkedin.export import PAGE_EXPORTS
from tests.conftest import NOW
from tests.sources.linkedin import page_export
from tests.sources.linkedin.page_export import ADDRESS, POSTS, SOMEBODY, content, followers, post
from tests.sources.linkedin.resaved import CELLS, FORMS, Rows, as_csv, as_xlsx, cells_of

REQUEST = Request(now=NOW.replace(year=2026, month=12), account="page")
# Each way to write a cell once, each form of a text file once.
WAYS = [*zip(CELLS, [*list(FORMS)[1:], *list(FORMS)[:3]], strict=False)]
ORGANIC = [post("Organic", 100 + number, number=number) for number in range(8)]


def read(path: Path) -> Reading:
    file = open_input(path, 50)
    (source,) = (each for each in PAGE_EXPORTS if each.recognises(file, REQUEST))
    return source.read(file, REQUEST)


def figures(reading: Reading) -> dict[str, object]:
    """Rows and sums of a reading."""

    def added(table: str, name: str, **chosen: str) -> int:
        rows = [row for row in reading.tables.get(table, []) if chosen.items() <= row.items()]
        return sum(row.get(name) or 0 for row in rows)

    return {
        "posts": len(reading.tables.get("posts", [])),
        "days": len(reading.tables.get("account_daily", [])),
        "issues": len(reading.tables["issues"]),
        "post impressions": added("post_metrics", "impression_count", metric_scope="export"),
        "day impressions": added("account_daily", "impression_count"),
        "day engagements": added("account_daily", "engagement_count"),
        "net follows": added("account_daily", "net_follow_count"),
        "period": (str(reading.period_start), str(reading.period_end)),
    }


def expected(period: tuple[str, str], **given: int) -> dict[str, object]:
    names = ("posts", "days", "issues", "post impressions", "day impressions", "day engagements", "net follows")
    return {**dict.fromkeys(names, 0), **{name.replace("_", " "): value for name, value in given.items()},
            "period": period}  # fmt: skip


YEAR = ("2025-03-01", "2026-02-28")
REAL = {
    "posit/Metrics-Table_1.csv": expected(YEAR, days=365, day_impressions=3_213_766, day_engagements=195_631),
    "posit/All_posts-Table_1.csv": expected(("2025-03-03", "2026-02-27"), posts=340, post_impressions=3_138_061),
    "posit/posit-software_followers_1772479856546.csv": expected(YEAR, days=365, net_follows=7_167),
    "bs4cl/followers_1739343974503.xlsx": expected(("2024-02-12", "2025-02-10"), days=365, net_follows=153),
    "doorly/doorly_content_1774355108388.xls": (
        expected(
            ("2025-12-23", "2026-03-22"),
            posts=3,
            days=90,
            post_impressions=269,
            day_impressions=474,
            day_engagements=42,
        )
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_real_exports_keep_their_figures_however_they_are_saved_again(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    path = shared_data / f"platforms/linkedin_{name}"
    sheets = cells_of(path)
    found = {"untouched": figures(read(path)), "xlsx": figures(read(as_xlsx(tmp_path / "a.xlsx", sheets)))}
    found["dates"] = figures(read(as_xlsx(tmp_path / "b.xlsx", sheets, has_dates=True)))
    if len(sheets) == 1:
        for number, (cells, form) in enumerate(WAYS[1:3]):
            saved = as_csv(tmp_path / f"Book{number}.csv", sheets["Table 1"], cells, form)
            found[f"{cells}, {form}"] = figures(read(saved))
    assert found == dict.fromkeys(found, REAL[name])


@pytest.mark.parametrize(("cells", "form"), WAYS)
def test_one_table_saved_as_text_keeps_its_figures(tmp_path: Path, cells: str, form: str) -> None:
    of_days = read(as_csv(tmp_path / "Book1.csv", content()["Metrics"], cells, form))
    whole = ("2026-03-01", "2026-03-30")
    assert figures(of_days) == expected(whole, days=30, day_impressions=3_435, day_engagements=450)
    gains = read(as_csv(tmp_path / "Book2.csv", followers()["New followers"], cells, form))
    assert figures(gains) == expected(whole, days=30, net_follows=88)
    of_posts = read(as_csv(tmp_path / "Book3.csv", content(*ORGANIC)["All posts"], cells, form))
    assert figures(of_posts) == expected(("2026-03-02", "2026-03-02"), posts=8, post_impressions=828)


def test_a_workbook_with_other_sheet_names_and_real_dates_is_the_same_export(tmp_path: Path) -> None:
    read_whole = read(as_xlsx(tmp_path / "Mappe1.xlsx", content(*ORGANIC), has_dates=True))
    assert figures(read_whole) == expected(
        *(("2026-03-01", "2026-03-30"),),
        posts=8, days=30, post_impressions=828, day_impressions=3_435, day_engagements=450,
    )  # fmt: skip


def test_a_german_export_of_content_is_read_like_an_english_one(tmp_path: Path) -> None:
    rows = [[*row[:2], "Organisch", *row[3:]] for row in ORGANIC]
    german = read(as_xlsx(tmp_path / "Mappe1.xlsx", content(*rows, is_german=True)))
    english = read(as_xlsx(tmp_path / "Book1.xlsx", content(*ORGANIC)))
    assert (german.dialect, figures(german)) == ("metrics, posts; German", figures(english))
    assert SOMEBODY not in str(german.tables)


def test_names_of_columns_in_an_unknown_language_are_refused_as_such(tmp_path: Path) -> None:
    gains = [["Date", "Abonnés sponsorisés", "Abonnés organiques", "Abonnés invités", "Total des abonnés"]]
    gains += followers()["New followers"][1:]
    audiences = {f"Public {number}": [["Lieu", "Total des abonnés"], ["Lyon", "3"]] for number in range(5)}
    sheets = content(*ORGANIC)
    strange = [["Note"], [f"col{number}" for number in range(20)], *sheets["Metrics"][2:]]
    for each in ({"Nouveaux": gains, **audiences}, {"Indicateurs": strange}):
        with pytest.raises(TweetbenchError, match="in a language that is not known") as refused:
            read(as_xlsx(tmp_path / "Classeur1.xlsx", each))
        assert "set LinkedIn to English" in str(refused.value.next_step)


def test_a_page_that_only_advertises_has_posts_and_no_organic_figures(tmp_path: Path) -> None:
    paid = [post(kind, 900, number=number) for number in range(3) for kind in ("Sponsored", "Total")]
    reading = read(as_xlsx(tmp_path / "Book1.xlsx", content(*paid)))
    assert {(row["metric_scope"], row["impression_count"]) for row in reading.tables["post_metrics"]} == {
        ("promoted", 900)
    }
    assert (len(reading.tables["posts"]), "post_daily" in reading.tables) == (3, False)


def test_an_empty_page_is_refused_and_one_without_posts_still_has_days(tmp_path: Path) -> None:
    sheets = content()
    days_alone = figures(read(as_xlsx(tmp_path / "Book1.xlsx", sheets)))
    assert (days_alone["days"], days_alone["posts"]) == (30, 0)
    with pytest.raises(TweetbenchError, match="the names of its columns and no rows"):
        read(as_xlsx(tmp_path / "Book2.xlsx", {name: rows[:2] for name, rows in sheets.items()}))


def with_a_total(rows: Rows) -> Rows:
    return [*rows, ["Total", "0", "60", "28", "88"]]


def with_the_first_half_again(rows: Rows) -> Rows:
    return [*rows[:20], rows[0], *rows[10:]]


def with_blank_lines_and_times(rows: Rows) -> Rows:
    return [rows[0], *(line for row in rows[1:] for line in ([f"{row[0]} 00:00", *row[1:]], [""] * 5))]


def with_a_note(rows: Rows) -> Rows:
    return [[*rows[0], "Owner"], *([*row, f"{SOMEBODY} <{ADDRESS}>"] for row in rows[1:])]


ODD: dict[Callable[[Rows], Rows], int] = {
    with_a_total: 1,
    with_the_first_half_again: 0,
    with_blank_lines_and_times: 0,
    with_a_note: 0,
}


@pytest.mark.parametrize("change", ODD, ids=lambda change: change.__name__)
def test_what_people_add_to_a_table_changes_no_figure(tmp_path: Path, change: Callable[[Rows], Rows]) -> None:
    reading = read(as_csv(tmp_path / "Book1.csv", change(followers()["New followers"])))
    assert figures(reading) == expected(("2026-03-01", "2026-03-30"), days=30, net_follows=88, issues=ODD[change])
    assert "canary" not in str(reading.tables).lower()


def test_ten_days_that_a_program_took_for_months_are_put_right(tmp_path: Path) -> None:
    reading = read(as_csv(tmp_path / "Book1.csv", followers()["New followers"][:11], "German Excel"))
    assert reading.period_start == page_export.DAYS[0]
    assert reading.period_end == page_export.DAYS[9]
    assert "a spreadsheet program took the months for days, which is undone" in reading.notes


@pytest.mark.parametrize("cells", ["as it is", "day first", "German Excel", "ISO days", "short years"])
def test_the_period_of_competitors_is_one_that_linkedin_offers_however_its_days_are_written(
    shared_data: Path, tmp_path: Path, cells: str
) -> None:
    real = shared_data / "platforms/linkedin_bs4cl/competitor_analytics_1739343948666.xlsx"
    rows = cells_of(real)["COMPETITORS"]
    rows[0] = ["02/12/2024", "02/10/2025"]
    reading = read(as_csv(tmp_path / "Book1.csv", rows, cells))
    assert (str(reading.period_start), str(reading.period_end)) == ("2024-02-12", "2025-02-10")
    assert 153 in {row["follower_count"] for row in reading.tables["accounts"]}


def test_a_period_of_competitors_that_can_be_read_in_two_ways_is_asked_for(tmp_path: Path) -> None:
    rows = [["02/03/2026", "05/04/2026"], ["Page", "Total Followers", "New Followers"], ["Page", "153", "4"]]
    assert str(read(as_csv(tmp_path / "Book1.csv", rows)).period_end) == "2026-05-04"  # as LinkedIn writes it
    with pytest.raises(TweetbenchError, match="2026-02-03 to 2026-05-04 may be day and month") as refused:
        read(as_xlsx(tmp_path / "Book1.xlsx", {"": rows}, has_dates=True))
    assert "--captured-at DATE" in str(refused.value.next_step)


def test_the_days_of_two_pages_in_one_table_are_refused(tmp_path: Path) -> None:
    rows = followers()["New followers"]
    other: list[Any] = [[row[0], "0", "9", "1", "10"] for row in rows[1:]]
    with pytest.raises(TweetbenchError, match="two exports that contradict each other"):
        read(as_csv(tmp_path / "Book1.csv", [*rows, *other]))


def test_a_text_with_line_breaks_and_separators_stays_one_post(tmp_path: Path) -> None:
    title = 'First line;\n"quoted", #Launch\nhttps://example.com/a?b=1'
    rows = [[str(cell) for cell in row] for row in (POSTS, post("Organic", 100, title=title))]
    (found,) = read(as_csv(tmp_path / "Book1.csv", rows, form="semicolons with a mark of UTF-8")).tables["posts"]
    assert (found["text"], found["hashtags"]) == (title, ["Launch"])
    assert found["link_urls"] == ["https://example.com/a?b=1"]


def test_gains_in_brackets_are_no_figures_and_cost_no_other_day(tmp_path: Path) -> None:
    rows = followers()["New followers"]
    rows[6] = [rows[6][0], "0", "(1)", "0", "(1)"]
    reading = read(as_csv(tmp_path / "Book1.csv", rows))
    gains = [row["net_follow_count"] for row in reading.tables["account_daily"]]
    assert (gains[5], sum(gain for gain in gains if gain is not None)) == (None, 89)
    (issue,) = reading.tables["issues"]
    assert (issue["problem"], "'(1)' is not a whole number" in issue["detail"]) == ("not_a_count", True)
