"""Where a company's audience is: odd inputs whose right answer was written down first, and worlds with known truth."""

import math
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.marts.company_stand import (
    MODELS,
    MONDAY,
    Row,
    draw_companies,
    posted,
    registered,
    watched,
)
from tests.marts.stand import build_from_raw, build_models, read_rows

DAYS = 7 * 20


def _levels(start: int, weekly: float, days: Iterable[int] = range(DAYS)) -> dict[int, int | None]:
    return {day: round(start * (1 + weekly) ** (day / 7)) for day in days}


def _odd_companies() -> dict[str, list[Row]]:
    """What people really have: see the tests for the right answers."""
    rows: dict[str, list[Row]] = {name: [] for name in ("account_registry", "accounts", "posts", "post_metrics")}
    rows["account_daily"] = []

    def add(platform: str, handle: str, company: str | None, levels: dict[int, int | None], **more: Any) -> None:
        rows["account_registry"].append(registered(platform, handle, company, is_own=company == "Acme Ltd"))
        rows["accounts"] += watched(platform, handle, levels, **more)

    def post(platform: str, handle: str, weeks: Iterable[int], each: int, reactions: int) -> None:
        for week in weeks:
            for number in range(each):
                at = MONDAY + timedelta(weeks=week, days=number, hours=9)
                for table, row in posted(platform, handle, 10 * week + number, at, reactions + number):
                    rows[table].append(row)

    add("x", "acme", "Acme Ltd", _levels(10_000, 0.002))
    post("x", "acme", range(2, 19), 3, 49)
    add("bluesky", "acme.example", "acme  ltd ", _levels(1_000, 0.02))
    post("bluesky", "acme.example", range(2, 19), 3, 19)
    # Joined fifteen weeks after the others: five weeks of growth, one post.
    add("mastodon", "acme@m.example", "Acme Ltd", _levels(400, 0.01, range(105, DAYS)), created_at=_day(104))
    post("mastodon", "acme@m.example", [17], 1, 4)
    # A page that states one total and the net gains of all days.
    add("linkedin", "acme-page", "Acme Ltd", {DAYS - 1: 5_000})
    rows["account_daily"] += [
        {"platform": "linkedin", "account_id": "acme-page", "handle": "acme-page", "captured_at": _day(DAYS),
         "source": "linkedin_followers", "date": _day(day).date(), "net_follow_count": 5}
        for day in range(DAYS)
    ]  # fmt: skip
    add("x", "solo", "Solo", _levels(3_000, 0.0))
    add("x", "nobody", None, _levels(3_000, 0.0))
    add("x", "tiny", "Tiny", _levels(40, 0.05))
    add("bluesky", "tiny.example", "Tiny", dict.fromkeys(range(DAYS), 0))
    post("bluesky", "tiny.example", range(2, 19), 3, 0)
    add("bluesky", "silent.example", "Silent", _levels(2_000, 0.01))
    post("bluesky", "silent.example", range(2, 19), 3, -0)
    add("x", "silent", "Silent", dict.fromkeys(range(DAYS)))
    # Left one server for another; the old account has more followers.
    add("mastodon", "old@m.example", "Mover", _levels(9_000, -0.001), status="moved")
    add("mastodon", "new@n.example", "Mover", _levels(800, 0.03))
    add("x", "mover", "Mover", _levels(2_000, 0.0, range(40)))
    return rows


def _day(day: int) -> Any:
    return MONDAY + timedelta(days=day)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    selection = ["+company_platform_differences", "+company_platform_migration"]
    return build_from_raw(tmp_path_factory.mktemp("companies"), _odd_companies(), selection)


def _platforms(warehouse: Path, company: str) -> dict[str, dict[str, Any]]:
    rows = read_rows(warehouse, f"from marts.company_platforms where company = '{company}'")
    return {str(row["platform"]): dict(row) for row in rows}


def _pair(warehouse: Path, company: str, measure: str, one: str, other: str) -> dict[str, Any]:
    rows = read_rows(
        warehouse,
        f"from marts.company_platform_differences where company = '{company}' and measure = '{measure}' "
        f"and platform = '{one}' and other_platform = '{other}'",
    )
    return dict(rows[0])


def test_the_faster_platform_and_the_livelier_one_are_found_with_limits_over_the_same_weeks(odd: Path) -> None:
    """2 % a week on Bluesky and 0.2 % on X; 20 of 1,300 and 50 of 10,250 followers react."""
    found = _platforms(odd, "Acme Ltd")
    assert found["bluesky"]["weekly_growth_rate"] == pytest.approx(math.log(1.02), abs=2e-4)
    assert found["x"]["weekly_growth_rate"] == pytest.approx(math.log(1.002), abs=1e-4)
    assert found["x"]["engagement_per_1000_followers"] == pytest.approx(50 / 10.25, rel=0.01)
    assert (found["x"]["week_count"], found["x"]["post_count"], found["x"]["status"]) == (12, 36, "ok")
    assert found["x"]["follower_change"] == 244
    growth = _pair(odd, "Acme Ltd", "weekly_growth_rate", "bluesky", "x")
    assert growth["conf_low"] < math.log(1.02 / 1.002) + 2e-4
    assert growth["conf_high"] > math.log(1.02 / 1.002) - 2e-4
    assert (growth["week_count"], growth["pair_count"], growth["is_distinct"]) == (12, 3, True)
    ratio = _pair(odd, "Acme Ltd", "engagement_per_1000_followers", "bluesky", "x")
    assert ratio["conf_low"] < ratio["estimate"] == pytest.approx(15.53 / 4.875, rel=0.01)
    assert ratio["is_distinct"]


def test_one_company_is_one_whatever_its_spaces_and_capitals_and_followers_are_never_added(odd: Path) -> None:
    found = _platforms(odd, "Acme Ltd")
    assert {name: row["follower_count"] for name, row in found.items()} == {
        "bluesky": 1482, "linkedin": 5000, "mastodon": 487, "x": 10405
    }  # fmt: skip
    assert {row["platform_count"] for row in found.values()} == {4}
    assert all("same people may follow on several platforms" in row["follower_share_note"] for row in found.values())


def test_a_page_that_states_net_gains_and_one_total_has_growth_and_its_clicks_are_named(odd: Path) -> None:
    """35 more a week on about 4,800."""
    page = _platforms(odd, "Acme Ltd")["linkedin"]
    assert page["weekly_growth_rate"] == pytest.approx(35 / 4790, rel=0.02)
    assert "its own engagement counts clicks" in page["engagement_note"]
    assert (page["growth_status"], page["engagement_status"]) == ("ok", "insufficient_data")


def test_a_young_account_gets_no_figure_but_the_day_of_the_first_one(odd: Path) -> None:
    """Five of eight weeks on the 24th of May: three more; one post a week needs nineteen more weeks."""
    young = _platforms(odd, "Acme Ltd")["mastodon"]
    assert (young["weekly_growth_rate"], young["engagement_per_1000_followers"]) == (None, None)
    assert young["status_reason"].startswith("growth: 5 of 8 weeks; enough about 2026-06-14; reactions: 1 of 20 posts")
    assert young["expected_answer_date"] == date(2026, 9, 28)


def test_one_platform_no_company_no_followers_and_no_counts_each_have_their_words(odd: Path) -> None:
    solo = _platforms(odd, "Solo")["x"]
    assert solo["follower_share_note"].startswith("The only platform")
    assert (solo["weekly_growth_rate"], solo["growth_rate_low"], solo["growth_rate_high"]) == (0.0, 0.0, 0.0)
    assert read_rows(odd, "from marts.company_platforms where account_key = 'x:nobody'") == []
    reasons = {
        "none": _platforms(odd, "Tiny")["bluesky"]["status_reason"],
        "small": _platforms(odd, "Tiny")["x"]["status_reason"],
        "null": _platforms(odd, "Silent")["x"]["status_reason"],
        "stopped": _platforms(odd, "Mover")["x"]["status_reason"],
    }
    assert reasons["none"].startswith("no followers at the last reading; reactions: no follower count near the days")
    assert reasons["small"].startswith("growth: 1 of 8 weeks; enough about 2026-07-12"), "100 followers only since May"
    assert reasons["null"].startswith("no follower count was reported")
    assert "last read on 2026-02-13" in reasons["stopped"]
    assert _pair(odd, "Tiny", "weekly_growth_rate", "bluesky", "x")["estimate"] is None


def test_who_moved_counts_with_the_account_that_is_alive_though_the_old_one_has_more_followers(odd: Path) -> None:
    mover = _platforms(odd, "Mover")["mastodon"]
    assert (mover["account_key"], mover["account_count"]) == ("mastodon:new@n.example", 2)
    assert mover["follower_share_note"].endswith("; the largest of 2 accounts on this platform")


def test_growth_around_the_first_post_on_a_new_platform_waits_for_four_weeks_after_it(odd: Path) -> None:
    """Created on the 19th of April, first post on Monday the 4th of May; the data end on the 24th."""
    rows = {str(row["platform"]): row for row in read_rows(odd, "from marts.company_platform_migration")}
    assert {(row["company"], row["event"], row["event_start_date"]) for row in rows.values()} == {
        ("Acme Ltd", "first post on Mastodon", date(2026, 5, 4))
    }
    assert (rows["x"]["week_count_before"], rows["x"]["week_count_after"], rows["x"]["difference"]) == (8, 2, None)
    assert rows["x"]["status_reason"] == "2 of 4 weeks after the date; enough about 2026-06-08"
    assert rows["x"]["growth_rate_before"] == pytest.approx(0.002, abs=2e-4)
    assert rows["mastodon"]["status"] == "not_testable"


def test_limits_hold_the_truth_in_invented_companies_as_often_as_they_say(tmp_path: Path) -> None:
    """300 companies, heavy-tailed weeks, skewed posts, shocks in common; more in benchmarks/platform_worlds.py."""
    parents = draw_companies(300, spread=1.0, week_spread=0.3, posts=60, growth=0.003, more_growth=0.0, ratio=1.0)
    file = build_models(tmp_path / "data", parents, MODELS)
    (held,) = read_rows(
        file,
        "select avg((0.003 between growth_rate_low and growth_rate_high)::int) as growth, "
        "avg((5 between per_1000_followers_low and per_1000_followers_high)::int) as reactions "
        "from marts.company_platforms",
    )
    assert 0.93 < float(str(held["growth"])) < 0.99
    assert 0.90 < float(str(held["reactions"])) < 0.98
    (false,) = read_rows(
        file,
        "select avg(is_distinct::int) filter (where measure = 'weekly_growth_rate') as growth, "
        "avg(is_distinct::int) filter (where comparison = 'ratio') as reactions "
        "from marts.company_platform_differences",
    )
    assert float(str(false["growth"])) < 0.06
    assert float(str(false["reactions"])) < 0.1
