"""An experiment from its plan to its result, by real commands on a published version."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.ingest import experiments as registry
from pipeline.lake import Lake
from pipeline.publish.past_weeks import FEWEST_DAYS
from pipeline.report.definitions import thresholds
from tests.command import Tweetbench
from tests.publish.published_marts import publish_tables

# A Wednesday; the Monday to come is the 9th.
NOW = "2026-03-04T09:00:00+00:00"
ACCOUNTS = """
create table accounts as select * from (values
    ('x:1', 'x', '1', 'acme', true), ('bluesky:did:plc:a', 'bluesky', 'did:plc:a', 'acme.example', {second}),
    ('x:2', 'x', '2', 'rival', false)) as t(account_key, platform, account_id, handle, is_own)
"""
# A year of days: about twenty new follows, a tenth more or less from week to week.
DAYS = """
create table account_days as
select 'x:1' as account_key, date::date as date, 7::bigint as follower_change, null::bigint as net_follow_count,
    {follows} as new_follow_count
from generate_series(date '2025-03-03', date '2026-03-03', interval 1 day) as t(date)
"""
FOLLOWS = "(20 + (week(date) * 7919 % 5) - 2)::bigint"


@dataclass(frozen=True)
class Made:
    """A data folder with a published version."""

    folder: Path
    command: Tweetbench

    def ask(self, *words: str, now: str = NOW) -> tuple[int, str]:
        said = self.command("experiment", *words, TWEETBENCH_NOW=now)
        return said.code, said.out + said.err


def make(folder: Path, *, second: str = "false", follows: str = FOLLOWS) -> Made:
    publish_tables(folder, ACCOUNTS.format(second=second), DAYS.format(follows=follows))
    return Made(folder, Tweetbench(folder))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """One own account with a year of daily follows."""
    return make(tmp_path / "data")


def test_a_plan_says_how_long_it_takes_and_what_each_week_asks_for(made: Made) -> None:
    code, said = made.ask("plan", "more_posts", "--posts", "3,8", "--seed", "s1")
    assert code == 0, said
    assert "registered: more_posts, 12 weeks from 2026-03-09 to 2026-05-31" in said
    assert "12 weeks notice a difference of 25% four times out of five" in said
    plan = registry.find(Lake(made.folder / "lake"), "more_posts").plan
    assert (plan.arms, plan.outcome, plan.factor, plan.account.account_id) == (("3", "8"), "new_follows", "posts", "1")
    rows = [line.split("\t") for line in said.splitlines() if line[:1].isdigit()]
    assert [row[3] for row in rows] == [f"{plan.arms[arm == 'b']} originals" for arm in plan.week_arms]
    assert rows[0][1:3] == ["2026-03-09", "2026-03-15"]

    code, said = made.ask("status", now="2026-03-18T12:00:00+00:00")
    assert (code, f"this week   {plan.arm_of(date(2026, 3, 18))} originals" in said) == (0, True), said
    assert "this week   nothing yet" in made.ask("status")[1]


def test_an_effect_that_a_year_cannot_show_is_refused_with_what_it_can(tmp_path: Path) -> None:
    made = make(tmp_path / "data", follows="(10 + 9 * (week(date) * 7919 % 5 - 2) / 2)::bigint")
    code, said = made.ask("plan", "small", "--posts", "3,8", "--effect", "0.02")
    assert code == 2
    assert "a difference of 2% cannot be distinguished from chance within a year" in said
    assert "52 weeks notice a difference of " in said
    assert registry.registered(Lake(made.folder / "lake")) == {}
    code, said = made.ask("plan", "small", "--posts", "3,8", "--effect", "0.02", "--weeks", "14")
    assert (code, "14 weeks notice a difference of " in said) == (0, True), said


def test_without_new_follows_the_change_of_followers_is_compared(tmp_path: Path) -> None:
    made = make(tmp_path / "data", follows="null::bigint")
    code, said = made.ask("plan", "by_level", "--links", "--weeks", "12")
    assert (code, "follower_change, without the first 2 days" in said) == (0, True), said


def test_an_account_whose_usual_week_brings_nobody_has_no_share_to_notice_but_a_number(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    days = DAYS.format(follows="null::bigint").replace("7::bigint", "(week(date) % 3 - 1)::bigint")
    publish_tables(folder, ACCOUNTS.format(second="false"), days)
    made = Made(folder, Tweetbench(folder))
    code, said = made.ask("plan", "quiet", "--posts", "3,8")
    assert (code, "the usual week brings 0 follower_change: a share of that is no difference" in said) == (2, True), (
        said
    )
    code, said = made.ask("plan", "quiet", "--posts", "3,8", "--weeks", "20")
    assert code == 0, said
    assert re.search(r"20 weeks notice a difference of \d+\.\d follows a week four times out of five", said), said


def test_follows_of_too_few_days_are_refused_with_what_to_do(tmp_path: Path) -> None:
    made = make(tmp_path / "data")
    recent = "delete from account_days where date < date '2026-01-20'"
    publish_tables(made.folder, ACCOUNTS.format(second="false"), DAYS.format(follows=FOLLOWS), recent)
    code, said = made.ask("plan", "early", "--posts", "3,8", "--weeks", "12")
    assert code == 65
    assert "follows are known of too few days" in said
    assert "read the account daily for eight weeks" in said


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("Plan A", "--posts", "3,8"), "cannot be a name"),
        (("p",), "an experiment varies one thing"),
        (("p", "--posts", "3,8", "--links"), "an experiment varies one thing"),
        (("p", "--posts", "3"), "is not two arms"),
        (("p", "--posts", "3,3"), "its two arms must differ"),
        (("p", "--posts", "03,3"), "its two arms must differ"),
        (("p", "--compare", "3,8"), "for posts a week write --posts 3,8"),
        (("p", "--posts", "3,8", "--weeks", "13"), "13 weeks make no pairs"),
        (("p", "--posts", "3,8", "--weeks", "10"), "greater than or equal to 12"),
        (("p", "--posts", "3,8", "--start", "2026-03-10"), "2026-03-10 is not one"),
        (("p", "--posts", "3,8", "--start", "2026-03-02"), "2026-03-02 is not one"),
        (("p", "--posts", "3,8", "--washout", "4"), "less than or equal to 3"),
        (("p", "--posts", "3,8", "--account", "rival"), "no own accounts are rival"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_in_words(made: Made, words: tuple[str, ...], why: str) -> None:
    code, said = made.ask("plan", *words)
    assert (code, why in said) == (2, True), said
    assert registry.registered(Lake(made.folder / "lake")) == {}


def test_of_several_own_accounts_one_must_be_named(tmp_path: Path) -> None:
    made = make(tmp_path / "data", second="true")
    code, said = made.ask("plan", "p", "--posts", "3,8")
    assert (code, "2 own accounts are known" in said, "acme.example (bluesky:did:plc:a)" in said) == (2, True, True)
    assert made.ask("plan", "p", "--posts", "3,8", "--account", "@Acme")[0] == 0


def test_a_plan_that_has_begun_changes_only_with_a_reason_and_one_that_was_stopped_never(made: Made) -> None:
    assert made.ask("plan", "p", "--posts", "3,8")[0] == 0
    assert made.ask("plan", "p", "--posts", "3,9")[0] == 0  # not begun
    begun = "2026-03-20T12:00:00+00:00"
    code, said = made.ask("plan", "p", "--posts", "3,10", now=begun)
    assert (code, "the experiment p has begun" in said) == (2, True)
    assert made.ask("plan", "p", "--posts", "3,10", "--amend", "half the team is ill", now=begun)[0] == 0
    assert made.ask("note", "p", "trade fair", "--day", "2026-03-19", now=begun)[0] == 0
    assert made.ask("stop", "p", "--because", "sold", now=begun)[0] == 0
    assert made.ask("stop", "p", "--because", "sold", now=begun)[0] == 2
    assert made.ask("plan", "p", "--posts", "3,10", "--amend", "again", now=begun)[0] == 2
    assert made.ask("note", "q", "trade fair")[0] == 2
    rows = Lake(made.folder / "lake").read("experiment_events").to_pylist()
    assert [row["event"] for row in rows] == ["planned", "planned", "planned", "noted", "stopped"]
    assert [row["note"] for row in rows] == [None, None, "half the team is ill", "trade fair", "sold"]


def test_a_result_is_said_with_what_weakens_it_and_none_before_a_version_knows_it(made: Made) -> None:
    made.ask("plan", "p", "--posts", "3,8")
    code, said = made.ask("analyse", "p")
    assert (code, "no published version knows the experiment p yet" in said) == (78, True)
    publish_tables(
        made.folder,
        "create table experiments as select 'p' as experiment_id, '3' as arm_a, '8' as arm_b, 'new_follows' as outcome,"
        " date '2026-03-09' as start_date, date '2026-05-31' as end_date, 6 as pair_count, 0.5 as effect,"
        " 0.2 as effect_low, 0.9 as effect_high, 0.03125 as p_value, 'ok' as status, '' as status_reason,"
        " 2 as weeks_not_kept_count, 12 as weeks_over_count, 3 as plan_count, true as is_changed_after_start,"
        " 'ill' as change_reason, null::varchar as stop_reason",
    )
    said = made.ask("analyse", "p")[1]
    assert "new_follows: +50% (+20% to +90%), p = 0.031" in said
    assert "6 pairs of weeks; the difference is more than chance" in said
    assert "not kept in 2 of 12 weeks" in said
    assert "planned 3 times" in said
    assert "CHANGED AFTER ITS START (ill)" in said


def test_registered_arms_follow_from_the_seed_whoever_draws_them() -> None:
    account = registry.Account("x", "1", "acme")
    plan = registry.Plan("p", account, ("3", "8"), "new_follows", date(2026, 3, 9), 6, 2, 0.25, "s1")
    assert plan.end_date == date(2026, 3, 9) + timedelta(days=83)
    assert plan.week_arms == registry.draw_arms("s1", 6)
    assert datetime(2026, 3, 9, tzinfo=UTC).weekday() == 0


def test_past_weeks_count_where_weeks_of_an_experiment_would() -> None:
    assert thresholds()["experiment_days_from"] == FEWEST_DAYS
