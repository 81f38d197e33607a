"""What the report says of experiments: what is due while they run, their effect when they have ended, never before."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipeline.publish.reader import open_published
from pipeline.report.catalogue import GERMAN, speaking
from pipeline.report.run_figures import query_figure
from pipeline.report.sections.experiments import (
    EXPERIMENTS,
    draw_experiments,
    draw_weeks,
    open_experiments,
    open_weeks,
    read_experiments,
    state_of,
)
from pipeline.settings import Settings
from tests.report.rendered import page_of, visible
from tests.report.world_ahead import MONDAY

GAP = "\u00a0"
START = date(2026, 9, 14)
RUNNING: dict[str, Any] = {
    "experiment_id": "more_posts", "handle": "acme", "factor": "posts", "arm_a": "3", "arm_b": "8",
    "outcome": "new_follows", "start_date": START, "end_date": START + timedelta(weeks=12, days=-1), "plan_count": 1,
    "is_changed_after_start": False, "change_reason": None, "stopped_at": None, "stop_reason": None, "week_count": 12,
    "weeks_over_count": 5, "weeks_kept_count": 3, "weeks_not_kept_count": 2, "pair_count": 2, "effect": None,
    "effect_low": None, "effect_high": None, "p_value": None, "today": date(2026, 10, 26), "planned_now": "3",
    "planned_next": "8", "status": "insufficient_data", "status_reason": "5 of 12 weeks are over",
}  # fmt: skip
OVER = {"today": date(2026, 12, 10), "weeks_over_count": 12, "planned_now": None, "planned_next": None}
FOUND = {"effect": 0.3, "effect_low": 0.1, "effect_high": 0.6, "p_value": 0.031, "pair_count": 6}
ENDED = {**RUNNING, **OVER, **FOUND, "status": "ok", "status_reason": ""}


def test_a_running_experiment_says_what_is_due_and_next_and_nothing_of_its_effect() -> None:
    assert state_of(RUNNING) == "running"
    assert open_experiments([RUNNING]) == [
        "Experiment more_posts of acme is in week 7 of 12 weeks, until 2026-12-06: this week asks for 3 own posts. "
        "From 2026-11-02 it asks for 8 own posts."
    ]
    said = read_experiments([RUNNING])
    assert said == [
        "more_posts of acme: 3 of 5 weeks that are over were kept as planned; the others still count under the arm "
        "that chance gave them.",
        "more_posts of acme shows its effect after 2026-12-06 and not before: looking early finds what is not there.",
    ]
    assert draw_experiments([RUNNING]) == []


def test_the_last_week_has_no_next_one_and_a_plan_to_come_says_how_it_begins() -> None:
    last = {**RUNNING, "today": RUNNING["end_date"], "planned_next": None}
    assert open_experiments([last])[0].endswith("this week asks for 3 own posts.")
    ahead = {**RUNNING, "today": START - timedelta(days=3), "planned_now": None, "factor": "other", "arm_a": "tips",
             "arm_b": "news", "planned_next": "news", "weeks_kept_count": 0, "weeks_not_kept_count": 0}  # fmt: skip
    assert open_experiments([ahead]) == [
        "Experiment more_posts of acme starts on 2026-09-14 with news: 12 weeks of tips or news in an order drawn by "
        "chance, until 2026-12-06."
    ]
    assert len(read_experiments([ahead])) == 1


def test_an_ended_experiment_says_effect_limits_exact_p_and_weeks_kept() -> None:
    assert open_experiments([ENDED]) == [
        f"Experiment more_posts of acme: 8 own posts brought 30.0{GAP}% more new follows than 3 own posts (10.0 to "
        f"60.0{GAP}%; exact p 0.031; 6 pairs of weeks)."
    ]
    assert read_experiments([ENDED])[-1] == (
        "Chance decided the order of the weeks, so a difference is an effect and not only a pattern."
    )
    with speaking(GERMAN):
        assert open_experiments([ENDED])[0].startswith(
            f"Experiment more_posts von acme: „8 eigene Beiträge“ brachte 30,0{GAP}% mehr neue Follows als „3 eigene"
        )
    (drawing,) = draw_experiments([ENDED])
    assert drawing.panels[0].about == "acme"


def test_an_effect_within_chance_is_no_finding_and_follows_a_week_are_no_share() -> None:
    unclear = {**ENDED, "effect": -0.1, "effect_low": -0.4, "effect_high": 0.3, "p_value": 0.4}
    assert open_experiments([unclear])[0] == (
        f"Experiment more_posts of acme: no difference beyond chance between 8 own posts and 3 own posts: 10.0{GAP}% "
        f"fewer new follows (−40.0 to 30.0{GAP}%; exact p 0.400; 6 pairs of weeks)."
    )
    net = {**ENDED, "factor": "links", "arm_a": "without_link", "arm_b": "with_link", "outcome": "net_follows",
           "effect": 4.5, "effect_low": 1.0, "effect_high": 8.0}  # fmt: skip
    assert open_experiments([net])[0] == (
        "Experiment more_posts of acme: posts with a link brought 4.50 more net follows a week than posts without a "
        "link (1.00 to 8.00; exact p 0.031; 6 pairs of weeks)."
    )
    assert len(draw_experiments([net, ENDED])) == 2


def test_a_change_after_the_start_and_several_plans_are_marked() -> None:
    said = read_experiments([{**ENDED, "is_changed_after_start": True, "change_reason": "too slow", "plan_count": 3}])
    assert (
        "Caution: more_posts of acme was changed after its start (“too slow”). What came of it may have shaped it."
        in said
    )
    assert "more_posts of acme was planned 3 times; each time another order was drawn." in said
    assert not any("planned" in text and "times" in text for text in read_experiments([ENDED]))


def test_a_stopped_experiment_has_no_limits_and_one_without_a_result_no_figure() -> None:
    stopped = {**ENDED, "stopped_at": datetime(2026, 11, 3, tzinfo=UTC), "stop_reason": "illness", "p_value": None,
               "effect_low": None, "effect_high": None, "status": "not_testable",
               "status_reason": "stopped before its last week"}  # fmt: skip
    assert open_experiments([stopped]) == [
        f"Experiment more_posts of acme has no result; the difference so far: 30.0{GAP}% more new follows with 8 own "
        "posts than with 3 own posts (6 pairs of weeks)."
    ]
    assert (
        "more_posts of acme was stopped on 2026-11-03 (“illness”). Limits and a p would only hold if nobody had looked "
        "at the follows." in read_experiments([stopped])
    )
    few = {**RUNNING, **OVER, "status_reason": "4 whole pairs of weeks; a test at 5 % needs 6"}
    assert open_experiments([few]) == [
        "Experiment more_posts of acme has no result: 8 own posts cannot be compared with 3 own posts."
    ]
    assert read_experiments([few])[-1] == (
        "Insufficient data for more_posts of acme: 4 whole pairs of weeks; a test at 5 % needs 6."
    )


def test_weeks_that_are_over_and_not_yet_read_are_no_result() -> None:
    unread = {**RUNNING, **OVER, "weeks_over_count": 11}
    assert state_of(unread) == "unread"
    assert open_experiments([unread]) == [
        "Experiment more_posts of acme ended on 2026-12-06; its last weeks are not read yet, so there is no result."
    ]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_shows_a_running_and_an_ended_experiment(filled: Settings, language: str) -> None:
    text = visible(page_of(filled, language))
    ends = (MONDAY + timedelta(days=69)).strftime("%Y-%m-%d" if language == "en" else "%d.%m.%Y")
    assert ends in text
    for name in ("follower_forecast", "experiment_results", "experiment_weeks", "growth_timing", "growth_lags",
                 "growth_sensitivity", "post_factors"):  # fmt: skip
        assert f'id="{name}"' in text
    # What a user wrote stays a text.
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;”" in text or "onerror=alert(1)&gt;“)" in text


def test_follows_of_a_week_are_hidden_until_the_experiment_is_over(filled: Settings) -> None:
    with open_published(filled) as connection:
        first, weeks = (query_figure(connection, figure) for figure in EXPERIMENTS.figures)
    shown = {(row["experiment_id"], row["follows_per_week"]) for row in weeks.rows}
    assert shown == {("more_posts", None), ("earlier", 21.0)}
    assert [row["planned_now"] for row in first.rows] == ["8", None]
    (drawing,) = draw_weeks(weeks.rows)
    assert open_weeks(weeks.rows)[0] == "more_posts of account_0: 2 of 12 weeks are over."
    strip = drawing.panels[0].spec["data"]["values"]
    assert [row["colour"] for row in strip].count("var(--accent)") == 1
    assert next(row["label"] for row in strip) == "3 own posts"


def test_weeks_after_a_stop_are_none_of_the_plan(filled: Settings) -> None:
    with open_published(filled) as connection:
        weeks = query_figure(connection, EXPERIMENTS.figures[1]).rows
    stop = MONDAY - timedelta(days=9)
    stopped = [{**row, "is_stopped": True, "last_date": stop} for row in weeks if row["experiment_id"] == "more_posts"]
    assert open_weeks(stopped) == ["more_posts of account_0: 0 of 12 weeks are over."]
    (drawing,) = draw_weeks(stopped)
    assert [row["colour"] for row in drawing.panels[0].spec["data"]["values"]] == ["var(--muted)"]
    # One that was stopped before it began has no weeks at all.
    early = [{**row, "last_date": stop - timedelta(days=9)} for row in stopped]
    assert draw_weeks(early) == []
