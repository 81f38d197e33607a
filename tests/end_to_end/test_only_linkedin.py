"""A person with a LinkedIn page alone: three files, no token, no line in accounts.csv."""

import re
from dataclasses import dataclass
from datetime import date
from html import unescape

import pytest

from pipeline.runtime.clock import NOW_VARIABLE
from pipeline.simulate.linkedin_exports import FOLLOWERS_AT_START, Page, PageHistory, draw_page, write_page_exports
from tests.command import Said, Tweetbench
from tests.guarantees.stand import places_of

LAST = date(2026, 9, 30)
CLOCK = {NOW_VARIABLE: "2026-10-02T06:00:00+00:00"}
EMPLOYEE, PLACE = "Canary Employee", "Canary Hamlet"
PAGE = Page("demo-page", "Demo Page", "software", ("Demo Rival One", "Demo Rival Two"), EMPLOYEE, PLACE)
KEY = "linkedin:@demo-page"


@dataclass(frozen=True)
class Person:
    """A data folder, what was invented, and what the commands said."""

    tweetbench: Tweetbench
    history: PageHistory
    said: dict[str, Said]

    @property
    def report(self) -> str:
        """Words of the published report."""
        page = self.tweetbench.data_dir / "published/current/report/index.html"
        body = page.read_text(encoding="utf-8").split("<body", 1)[1]
        return " ".join(unescape(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", body, flags=re.DOTALL)).split())


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    folder = tmp_path_factory.mktemp("linkedin")
    history = draw_page(7, LAST, 182)
    content, followers, competitors = write_page_exports(folder / "downloads", PAGE, history)
    tweetbench = Tweetbench(folder / "data")
    assert tweetbench("init").code == 0
    said = {
        "content": tweetbench("ingest", content, **CLOCK),
        "followers": tweetbench("ingest", followers, **CLOCK),
        "whose": tweetbench("ingest", competitors, **CLOCK),
        "competitors": tweetbench("ingest", competitors, "--account", PAGE.slug, **CLOCK),
        "run": tweetbench("run", "--json", **CLOCK),
    }
    return Person(tweetbench, history, said)


def test_three_files_are_read_and_only_the_one_without_a_page_asks_whose_it_is(person: Person) -> None:
    codes = {name: said.code == 0 for name, said in person.said.items()}
    assert codes == {"content": True, "followers": True, "whose": False, "competitors": True, "run": True}
    assert "tweetbench ingest FILE --account HANDLE" in person.said["whose"].err


def test_the_page_is_the_person_s_own_with_its_days_and_posts(person: Person) -> None:
    (account,) = person.tweetbench.rows(f"from accounts where account_key = '{KEY}'")
    total = FOLLOWERS_AT_START + int(person.history.gains.sum())
    assert (account["is_own"], account["name"], account["follower_count"]) == (True, "Demo Page", total)
    days = person.tweetbench.rows(f"from account_days where account_key = '{KEY}' order by date")
    assert [row["net_follow_count"] for row in days] == person.history.gains.tolist()
    assert [row["is_follower_count_derived"] for row in days] == [True] * 181 + [False]
    assert days[0]["follower_count"] == FOLLOWERS_AT_START + person.history.gains[0]
    assert {row["new_follow_count"] for row in days} == {None}
    posts = person.tweetbench.rows("select impression_count, link_click_count, post_kind from posts")
    assert sorted(row["impression_count"] for row in posts) == sorted(person.history.by_post[:, 0].tolist())
    assert {(row["link_click_count"], row["post_kind"]) for row in posts} == {(None, "original")}


def test_growth_by_days_is_of_net_follows_and_has_intervals(person: Person) -> None:
    rows = person.tweetbench.rows("from own_account_growth where term = 'response' and specification = 'same_day'")
    (row,) = rows
    assert (row["status"], row["follow_basis"], row["response_basis"]) == ("ok", "net_follows", "engagements_by_day")
    assert 0 < row["conf_low"] < row["estimate"] < row["conf_high"]
    assert "more net follows on the same day" in person.report


def test_top_posts_and_times_are_filled(person: Person) -> None:
    top = person.tweetbench.rows("from top_posts where status = 'ok' order by rank")
    assert [row["rank"] for row in top] == list(range(1, 11))
    times = person.tweetbench.rows("from post_timing where time_basis = 'weekday' and status = 'ok'")
    assert {row["account_key"] for row in times} == {KEY}
    assert {row["weekday"] for row in times} >= {1, 2, 3, 4, 5}


def test_the_report_gives_a_reason_for_what_is_empty_and_none_that_is_meant_for_x(person: Person) -> None:
    said = person.report
    assert "LinkedIn does not state whom a page follows" in said
    assert re.findall(r"[^.]*\bNone\b[^.]*\.", said) == []
    assert re.findall(r"[^.]*(?:new follows on the same day|tweetbench run|archive|token)[^.]*\.", said) == []


def test_no_name_of_an_employee_and_no_small_audience_is_kept(person: Person) -> None:
    for words in (EMPLOYEE, PLACE):
        assert places_of(person.tweetbench.data_dir, words) == []
