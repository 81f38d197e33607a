"""A person with a LinkedIn page alone: three files, no token, no line in accounts.csv."""

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from python_calamine import load_workbook

from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.simulate.cast import OWN
from pipeline.simulate.elsewhere import draw_page
from pipeline.simulate.linkedin_files import POSTED_BY, write_page_exports
from pipeline.simulate.world import World
from tests.command import Said, Tweetbench
from tests.guarantees.stand import places_of

SMALL_AUDIENCE = "Demo Town"


@dataclass(frozen=True)
class Person:
    """A data folder, the three files, and what the commands said."""

    tweetbench: Tweetbench
    slug: str
    title: str
    files: list[Path]
    said: dict[str, Said]

    @property
    def key(self) -> str:
        """The account's key."""
        return f"linkedin:@{self.slug}"

    def cells(self, sheet: str, column: str) -> list[Any]:
        """What the files hold in a column, from top to bottom."""
        for book in map(load_workbook, map(str, self.files)):
            if sheet in book.sheet_names:
                rows = book.get_sheet_by_name(sheet).to_python()
                header = next(row for row in rows if column in row)
                return [row[header.index(column)] for row in rows[rows.index(header) + 1 :]]
        raise LookupError(sheet)

    @property
    def report(self) -> str:
        """Words of the published report."""
        page = self.tweetbench.data_dir / "published/current/report/index.html"
        body = page.read_text(encoding="utf-8").split("<body", 1)[1]
        return " ".join(unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)).split())


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    folder = tmp_path_factory.mktemp("linkedin")
    page = draw_page(World(account_count=40, day_count=120))
    at = page.world.end - timedelta(hours=18)
    (folder / "downloads").mkdir()
    content, followers, competitors = write_page_exports(folder / "downloads", page, at)
    slug, clock = page.world.handle(OWN, at), {NOW_VARIABLE: at.isoformat()}
    tweetbench = Tweetbench(folder / "data")
    assert tweetbench("init").code == 0
    said = {
        "content": tweetbench("ingest", content, **clock),
        "followers": tweetbench("ingest", followers, **clock),
        "whose": tweetbench("ingest", competitors, **clock),
        "competitors": tweetbench("ingest", competitors, "--account", slug, **clock),
        "run": tweetbench("run", "--json", **clock),
    }
    return Person(tweetbench, slug, page.world.cast.names[OWN], [content, followers, competitors], said)


def test_three_files_are_read_and_only_the_one_without_a_page_asks_whose_it_is(person: Person) -> None:
    codes = {name: said.code == 0 for name, said in person.said.items()}
    assert codes == {"content": True, "followers": True, "whose": False, "competitors": True, "run": True}
    assert "tweetbench ingest FILE --account HANDLE" in person.said["whose"].err


def test_the_page_is_the_person_s_own_with_its_days_and_posts(person: Person) -> None:
    (account,) = person.tweetbench.rows(f"from accounts where account_key = '{person.key}'")
    total = person.cells("COMPETITORS", "Total Followers")[person.cells("COMPETITORS", "Page").index(person.title)]
    assert (account["is_own"], account["name"], account["follower_count"]) == (True, person.title, total)
    gains = person.cells("New followers", "Total followers")
    days = person.tweetbench.rows(f"from account_days where account_key = '{person.key}' order by date")
    assert [row["net_follow_count"] for row in days] == gains
    assert [row["is_follower_count_derived"] for row in days] == [True] * (len(gains) - 1) + [False]
    assert [row["follower_count"] for row in days] == [total - sum(gains[at + 1 :]) for at in range(len(gains))]
    assert {row["new_follow_count"] for row in days} == {None}
    posts = person.tweetbench.rows("select impression_count, link_click_count, post_kind from posts")
    assert sorted(row["impression_count"] for row in posts) == sorted(person.cells("All posts", "Impressions"))
    assert {(row["link_click_count"], row["post_kind"]) for row in posts} == {(None, "original")}


def test_growth_by_days_is_of_net_follows_and_has_intervals(person: Person) -> None:
    rows = person.tweetbench.rows("from own_account_growth where term = 'response' and specification = 'same_day'")
    (row,) = rows
    assert (row["status"], row["follow_basis"], row["response_basis"]) == ("ok", "net_follows", "engagements_by_day")
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert f"{person.slug}: " in person.report
    assert "net follows on the same day" in person.report


def test_top_posts_and_times_are_filled(person: Person) -> None:
    top = person.tweetbench.rows("from top_posts where status = 'ok' order by rank")
    assert [row["rank"] for row in top] == list(range(1, 11))
    times = person.tweetbench.rows("from post_timing where time_basis = 'weekday' and status = 'ok'")
    assert {row["account_key"] for row in times} == {person.key}
    assert {row["weekday"] for row in times} >= {1, 2, 3, 4, 5}


def test_the_report_gives_a_reason_for_what_is_empty_and_none_that_is_meant_for_x(person: Person) -> None:
    said = person.report
    assert "LinkedIn does not state whom a page follows" in said
    assert re.findall(r"[^.]*\bNone\b[^.]*\.", said) == []
    assert re.findall(r"[^.]*(?:new follows on the same day|tweetbench run|archive|token)[^.]*\.", said) == []


def test_no_name_of_an_employee_and_no_small_audience_is_kept(person: Person) -> None:
    for words in (POSTED_BY, SMALL_AUDIENCE):
        assert places_of(person.tweetbench.data_dir, words) == []
