"""The demo world is like the world: measured from what it shows and from its truth, within ranges of real accounts.

Ranges are those of real accounts: a year of daily figures of one of them, years of posts of a few others.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.analysis.multimodality import antimode_test, dip_statistic
from pipeline.analysis.ratio_distribution import dip_p_value
from pipeline.simulate.cast import OWN
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.exports import overview_rows
from pipeline.simulate.history import history_rows
from pipeline.simulate.posts import count_originals, original_rows
from pipeline.simulate.truth import built_in, reliability, reliability_by_week, share_in_same_week, write_truth
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import DAY_MS
from tests.simulate.panel import latent_panel

Array = npt.NDArray[np.float64]
SEEDS = (7, 8)
LAGS = 8


@pytest.fixture(scope="module", params=SEEDS)
def any_world(request: pytest.FixtureRequest) -> World:
    """The default world and one of another seed: what holds must not hang on luck."""
    return World(seed=request.param)


def fit(columns: Array, outcome: Array) -> tuple[Array, Array]:
    """Slopes and their standard errors, a constant added and left out."""
    full = np.column_stack([np.ones(len(columns)), columns])
    slopes = np.linalg.lstsq(full, outcome, rcond=None)[0]
    residual = outcome - full @ slopes
    spread = residual @ residual / (len(outcome) - full.shape[1])
    errors = np.sqrt(np.diag(np.linalg.inv(full.T @ full)) * spread)
    return np.asarray(slopes[1:]), np.asarray(errors[1:])


def within(values: Array, is_used: npt.NDArray[np.bool_]) -> Array:
    """Deviations from each account's mean over the weeks used, flat."""
    mean = np.where(is_used, values, 0.0).sum(axis=1) / np.maximum(is_used.sum(axis=1), 1)
    return np.asarray((values - mean[:, None])[is_used])


def test_follows_come_on_the_day_of_the_reactions_and_hardly_on_the_seven_after(any_world: World) -> None:
    last = (any_world.end - timedelta(days=2)).date()
    rows = list(overview_rows(any_world, any_world.calendar.first_day + timedelta(days=1), last))[::-1]
    follows = np.log1p([row["New follows"] for row in rows])
    reactions = np.log1p([row["Engagements"] for row in rows])
    end = len(rows)
    lagged = np.column_stack([reactions[LAGS - 1 - lag : end - lag] for lag in range(LAGS)])
    slopes, errors = fit(lagged, follows[LAGS - 1 :])
    assert 0.4 < slopes[0] < 0.75
    assert errors[0] < 0.08
    assert np.abs(slopes[1:]).max() < 0.2
    assert np.abs(slopes[1:].sum()) < 0.3


def test_a_viral_day_has_most_of_its_follows_on_the_day_itself(any_world: World) -> None:
    viral = np.flatnonzero(any_world.posts.is_viral & (any_world.posts.account == OWN))
    days = any_world.calendar.day_of(any_world.posts.created_ms[viral])
    gained = any_world.growth.gained[OWN]
    usual = np.median(gained)
    shares = [(gained[day + 1] - usual) / (gained[day + 1 : day + 5] - usual).sum() for day in days]
    assert len(days) == 2
    assert all(0.5 < share < 0.8 for share in shares)
    assert all(gained[day + 1] > 8 * usual for day in days)


def test_at_least_four_fifths_of_the_response_come_on_the_day_and_nearly_all_in_the_week(any_world: World) -> None:
    shares = any_world.effects.day_shares
    assert 0.8 <= shares[0] <= 0.98
    assert sum(shares) == pytest.approx(1.0)
    assert 0.94 < share_in_same_week(any_world) < 1.0


def test_quality_lasts_from_week_to_week_and_differs_from_account_to_account(any_world: World) -> None:
    quality = any_world.drivers.quality
    by_account = [np.corrcoef(path[1:], path[:-1])[0, 1] for path in quality]
    assert 0.3 < np.median(by_account) < 0.7
    assert np.quantile(by_account, 0.9) - np.quantile(by_account, 0.1) > 0.3
    spread = quality.std(axis=1)
    assert np.quantile(spread, 0.9) > 1.4 * np.quantile(spread, 0.1)


def test_weekly_quality_is_measured_as_badly_as_that_of_real_accounts(any_world: World) -> None:
    by_week = reliability_by_week(any_world)
    is_known = np.isfinite(by_week)
    chosen = is_known.sum(axis=1) >= 12
    by_account = np.nanmean(by_week[chosen], axis=1)
    assert chosen.sum() > 120
    assert ((by_account >= 0.1) & (by_account <= 0.4)).mean() > 0.75
    assert 0.2 < np.median(by_account) < 0.35
    assert reliability(any_world) == pytest.approx(by_week[is_known].mean())


def test_odd_and_even_posts_of_a_week_agree_as_little_as_the_truth_says(any_world: World) -> None:
    """What anybody can measure: the halves of a week's posts, without the truth."""
    world = any_world
    rows = original_rows(world.posts)
    rows = rows[(world.finals[0, rows] > 0) & ~world.posts.is_viral[rows]]
    cell = world.posts.account[rows] * 1_000 + world.posts.week[rows]
    turn = np.concatenate([np.arange(count) % 2 for count in np.unique(cell, return_counts=True)[1]])
    halves = []
    for half in (0, 1):
        chosen = rows[turn == half]
        impressions, reactions = np.zeros(world.growth.quality.shape), np.zeros(world.growth.quality.shape)
        where = (world.posts.account[chosen], world.posts.week[chosen])
        np.add.at(impressions, where, world.finals[0, chosen])
        np.add.at(reactions, where, world.finals[1:5, chosen].sum(axis=0))
        halves.append((np.log((reactions + 0.5) / (impressions + 1)), impressions > 0))
    is_used = halves[0][1] & halves[1][1]
    (odd, even) = (within(values, is_used) for values, _ in halves)
    agreement = float(np.corrcoef(odd, even)[0, 1])
    # Spearman and Brown: from half the posts to all of them. Weeks with one post, the worst measured, have no halves.
    assert 0.2 < 2 * agreement / (1 + agreement) < 0.45


def test_the_luck_of_single_posts_has_heavy_tails(any_world: World) -> None:
    rows = original_rows(any_world.posts)
    reach = any_world.posts.reach[rows]
    assert reach.std() == pytest.approx(any_world.effects.reach_sd, rel=0.05)
    assert ((reach - reach.mean()) ** 4).mean() / reach.var() ** 2 > 4


def test_both_styles_are_there_on_the_first_and_on_the_last_day(any_world: World) -> None:
    calendar = any_world.calendar
    for day in (0, calendar.day_count - 1):
        is_there = any_world.cast.created_ms < calendar.start_ms + (day + 1) * DAY_MS
        followers, following = (
            np.floor(path[is_there, day])
            for path in (np.exp(any_world.growth.log_followers), any_world.growth.following)
        )
        ratio = followers[following > 0] / following[following > 0]
        bands = antimode_test(ratio.tolist())
        assert min(bands.interpersonal_count, bands.mass_count) > 3 * bands.dead_zone_count
        assert bands.p_value < 0.001
        assert dip_p_value(dip_statistic(np.log(ratio)), len(ratio)) < 0.05


def test_small_accounts_follow_and_post_in_proportion_and_move_more_by_chance(any_world: World) -> None:
    cast, calendar = any_world.cast, any_world.calendar
    is_plain = cast.with_role("plain") & (cast.style == 0)
    following = any_world.growth.following[is_plain]
    added = following[:, -1] / following[:, 0] - 1
    size = following[:, 0]
    is_small = size < np.median(size)
    assert np.median(added[is_small]) < 0.35
    assert abs(np.median(added[is_small]) - np.median(added[~is_small])) < 0.1
    mondays = np.flatnonzero(np.diff(calendar.week_of_day) > 0) + 1
    growth = np.diff(any_world.growth.log_followers[:, mondays], axis=1)
    start = cast.follower_start
    spread = growth.std(axis=1)
    is_old = np.less_equal(cast.start_day, 0)
    assert np.median(spread[is_old & (start < 500)]) > 1.15 * np.median(spread[is_old & (start > 5_000)])
    old = is_old & ~np.isin(cast.roles, ["spam", "chatty", "quitter"])
    assert np.corrcoef(np.log(start[old]), np.log(cast.post_rate[old]))[0, 1] > 0.1


def test_followers_are_whole_numbers_that_those_won_and_lost_add_up_to(any_world: World) -> None:
    growth = any_world.growth
    followers = np.exp(growth.log_followers)
    assert np.abs(followers - np.rint(followers)).max() < 0.01
    assert (followers >= np.rint(followers)).all()
    net = (growth.gained - growth.lost)[:, 1:-1]
    assert (np.diff(np.rint(followers), axis=1) == net).all()
    assert (growth.gained >= 0).all()
    assert (growth.lost >= 0).all()


def test_news_move_many_accounts_at_once_and_some_pay_for_reach(any_world: World) -> None:
    shocks = any_world.growth.shocks
    is_news = (shocks.growth > 0).mean(axis=0) > 0.9
    assert 2 <= is_news.sum() <= 12
    payers = np.asarray(shocks.is_boosted.any(axis=1))
    assert 4 <= payers.sum() <= 20
    assert not payers[OWN]
    assert 0.05 < shocks.is_boosted[payers].mean() < 0.35
    rows = original_rows(any_world.posts)
    cell = (any_world.posts.account[rows], any_world.posts.week[rows])
    views = np.log(any_world.finals[0, rows] + 1) - 0.85 * np.log(any_world.cast.follower_start)[cell[0]]
    of_payers = payers[cell[0]]
    paid, unpaid = views[of_payers & shocks.is_boosted[cell]], views[of_payers & ~shocks.is_boosted[cell]]
    assert np.median(paid) - np.median(unpaid) > 0.7


def test_every_weekday_has_accounts_that_are_read_once_a_week(any_world: World) -> None:
    weekdays = any_world.cast.reading_weekday
    counts = np.bincount(weekdays[weekdays >= 0], minlength=7)
    assert counts.tolist() == [3] * 7
    assert weekdays[OWN] == -1
    assert set(np.array(any_world.cast.roles)[weekdays >= 0]) == {"plain"}


def test_accounts_that_are_read_once_a_week_have_readings_on_their_weekday_only() -> None:
    world = World(account_count=40, day_count=70)
    last = (world.end - timedelta(days=1)).date()
    days: dict[str, list[int]] = {}
    for row in history_rows(world, world.calendar.first_day, last):
        days.setdefault(row["account_id"], []).append(row["captured_at"].weekday())
    for account, weekday in enumerate(world.cast.reading_weekday):
        seen = days[world.cast.account_ids[account]]
        assert set(seen) == ({int(weekday)} if weekday >= 0 else set(range(7)) & set(seen))
        assert len(seen) == 10 if weekday >= 0 else len(seen) > 10 or world.cast.start_day[account] > 50
    assert (world.cast.reading_weekday >= 0).sum() == 5


def test_the_effect_of_quality_is_larger_than_that_of_volume_which_is_there(any_world: World) -> None:
    truth = {(figure.name, figure.segment): figure.value for figure in built_in(any_world)}
    for segment in ("all", "b2b", "b2c", "both"):
        assert truth["volume_swing", segment] > 0.0005
        assert truth["quality_swing", segment] > 1.5 * truth["volume_swing", segment]
        difference = truth["quality_swing", segment] - truth["volume_swing", segment]
        assert truth["quality_minus_volume", segment] == difference
        for name in ("quality", "volume"):
            parts = truth[f"{name}_same_week", segment] + truth[f"{name}_previous_week", segment]
            assert parts == pytest.approx(truth[name, segment])


def test_a_regression_on_the_latent_drivers_finds_the_truth_that_is_written_beside_the_world(any_world: World) -> None:
    panel = latent_panel(any_world)
    effects, focus = any_world.effects, np.array(panel["customer_focus"].to_pylist())
    is_ordinary = ~(panel["has_spike"].to_numpy() | panel["is_purge_week"].to_numpy() | panel["is_spam"].to_numpy())
    truth = {(figure.name, figure.segment): figure.value for figure in built_in(any_world)}
    for segment in effects.b_quality:
        chosen = is_ordinary & (focus == segment)
        account, week = panel["account"].to_numpy()[chosen], panel["week"].to_numpy()[chosen]
        names = ("growth", "quality", "quality_lag", "volume", "volume_lag", "follow_back")
        columns = np.column_stack([panel[name].to_numpy()[chosen] for name in names])
        dummies = [*(week == w for w in np.unique(week)[1:]), *(account == a for a in np.unique(account)[1:])]
        slopes, _ = fit(np.column_stack([columns[:, 1:], *dummies]), columns[:, 0])
        quality = slopes[0] + slopes[1]
        assert quality == pytest.approx(truth["quality", segment] * effects.like_quality, abs=0.0025)
        assert slopes[2] + slopes[3] == pytest.approx(truth["volume", segment], abs=0.0013)
        assert slopes[0] / quality > 0.85


def test_the_truth_file_names_every_figure_once_and_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    for path in (first, second):
        write_truth(path, World(account_count=40, day_count=140))
    shown = json.loads(first.read_text(encoding="utf-8"))
    assert first.read_bytes() == second.read_bytes()
    keys = [(figure["name"], figure["segment_dimension"], figure["segment"]) for figure in shown["figures"]]
    assert len(keys) == len(set(keys)) == 39
    assert {figure["unit"] for figure in shown["figures"]} == {"growth", "share"}
    assert shown["seed"] == 7
    write_truth(second, World(account_count=40, day_count=140), is_alone=False)
    beside = json.loads(second.read_text(encoding="utf-8"))["figures"]
    of_x = [figure for figure in beside if (figure["segment_dimension"], figure["segment"]) == ("platform", "x")]
    assert [figure["value"] for figure in of_x] == [
        each["value"] for each in shown["figures"] if each["segment"] == "all"
    ]
    assert len(beside) == 39


def test_a_response_can_be_told_to_wait_for_the_week_after() -> None:
    """The world of a pure lag: tests of the models need it besides the one that is like the world."""
    nothing = {"b2b": 0.0, "b2c": 0.0, "both": 0.0}
    quiet = TrueEffects(noise_sd=0.0, week_effect_sd=0.0, news_rate=0.0, boosted_share=0.0, spike_rate=0.0)
    strong = {"b2b": 0.05, "b2c": 0.05, "both": 0.05}
    for waiting in (0.0, 0.5, 1.0):
        effects = replace(quiet, b_quality=strong, b_volume=nothing, next_week_share=waiting)
        panel = latent_panel(World(account_count=60, day_count=210, effects=effects))
        columns = np.column_stack([panel[name].to_numpy() for name in ("quality", "quality_lag")])
        account = panel["account"].to_numpy()
        dummies = [account == a for a in np.unique(account)[1:]]
        slopes, _ = fit(np.column_stack([columns, *dummies]), panel["growth"].to_numpy())
        assert slopes[:2].sum() == pytest.approx(0.05, abs=0.006)
        assert slopes[1] / slopes[:2].sum() == pytest.approx(waiting + (1 - waiting) * 0.04, abs=0.1)


def test_the_number_of_posts_is_that_of_a_working_panel(any_world: World) -> None:
    counts = count_originals(any_world.posts, any_world.cast, any_world.calendar)
    assert 35_000 < any_world.posts.size < 45_000
    assert 0.2 < (counts == 0).mean() < 0.35


@pytest.mark.parametrize(
    ("accounts", "days", "lacking"), [(2, 3, {"reliability", "quality"}), (12, 1, {"persistence"})]
)
def test_a_world_too_small_for_a_figure_leaves_it_out(accounts: int, days: int, lacking: set[str]) -> None:
    figures = built_in(World(account_count=accounts, day_count=days))
    assert all(np.isfinite(figure.value) for figure in figures)
    assert not lacking & {figure.name for figure in figures}


def test_a_world_of_one_account_has_the_figures_of_one_segment() -> None:
    segments = {figure.segment for figure in built_in(World(account_count=1, day_count=60))}
    assert "all" in segments
    assert len(segments) == 2


def test_an_export_that_begins_before_the_world_has_no_follows_then() -> None:
    world = World(account_count=20, day_count=30)
    last = (world.end - timedelta(days=1)).date()
    rows = list(overview_rows(world, last - timedelta(days=89), last))[::-1]
    assert [(row["New follows"], row["Unfollows"]) for row in rows[:60]] == [(0, 0)] * 60
    assert sum(row["New follows"] for row in rows[60:]) == world.growth.gained[OWN].sum() > 0


def test_what_the_platform_shows_are_whole_numbers_even_after_unheard_of_growth() -> None:
    effects = TrueEffects(spike_rate=0.2, spike_low=1.0, spike_high=2.0, purge_share=0.9)
    world = World(account_count=30, day_count=120, effects=effects)
    followers = np.exp(world.growth.log_followers)
    assert followers.max() > 1e7
    assert followers.min() >= 1
    assert (np.diff(np.floor(followers), axis=1) == (world.growth.gained - world.growth.lost)[:, 1:-1]).all()
