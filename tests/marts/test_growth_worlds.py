"""Worlds with a known truth through the real SQL and the estimation; the long version is a benchmark."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.growth.fits import Effort, fit_rows
from pipeline.analysis.growth.shrinkage import CELL_COLUMNS, FirstStep, read_first_step
from pipeline.analysis.growth.specifications import PLACEBO_TERM, PRIMARY, find_specification
from pipeline.analysis.panel.data import read_labels
from pipeline.simulate.effects import TrueEffects
from pipeline.simulate.world import World
from tests.analysis.growth_posts import make_cells
from tests.marts.growth_stand import GrowthStand, let_growth_come_first, prepare_stand, show_true_quality, true_slopes

QUICK = Effort(wild_draws=0, share_draws=0, seed=0, gives_second_opinion=False)
SMALL = {"account_count": 60, "day_count": 210}
STRONG = TrueEffects(
    b_quality={"b2b": 0.03, "b2c": 0.03, "both": 0.03},
    b_volume={"b2b": 0.006, "b2c": 0.006, "both": 0.006},
    noise_sd=0.003,
)
# Ten worlds tell a mean ratio no better than to 0.055; four times as many to 0.027.
WORLDS = 40
Tables = Mapping[str, pa.Table]


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> GrowthStand:
    return prepare_stand(tmp_path_factory.mktemp("worlds") / "data")


@pytest.fixture(scope="module")
def worlds(stand: GrowthStand) -> list[tuple[World, Tables]]:
    made = [World(seed=seed, effects=STRONG, **SMALL) for seed in range(900, 900 + WORLDS)]
    return [(world, stand.run(world)) for world in made]


def fit_terms(tables: Tables, specification: str, step: FirstStep | None = None) -> dict[str, Mapping[str, object]]:
    step = step or read_first_step(tables["int_account_week_quality_cells"])
    panel = step.attach(tables["int_account_week_panel"])
    rows = fit_rows(panel, find_specification(specification), QUICK, step)
    return {row["term"]: row for row in rows}


def test_true_effects_lie_inside_the_intervals_of_most_worlds(worlds: list[tuple[World, Tables]]) -> None:
    hits = {"quality": 0, "volume": 0}
    ratios = []
    for world, tables in worlds:
        truths = true_slopes(world, tables["int_account_week_panel"], quality_scale=world.effects.like_quality)
        rows = fit_terms(tables, PRIMARY)
        for term, truth in zip(hits, truths, strict=True):
            hits[term] += rows[term]["conf_low"] <= truth <= rows[term]["conf_high"]
        ratios.append(rows["quality"]["estimate"] / truths[0])
    # 38 of 40 on average, fewer than 34 once in 70 times.
    assert min(hits.values()) >= 0.85 * WORLDS
    # Neither diluted by chance in the posts, nor inflated by its correction.
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.05)


def test_the_model_finds_the_truth_where_quality_is_known(worlds: list[tuple[World, Tables]]) -> None:
    ratios = []
    for world, tables in worlds[:10]:
        step = show_true_quality(world, tables)
        truth, _ = true_slopes(world, tables["int_account_week_panel"], quality_scale=world.effects.like_quality)
        ratios.append(fit_terms(tables, PRIMARY, step)["quality"]["estimate"] / truth)
    # Growth that is counted in other weeks than the posts, or a control that is itself an outcome of growth, as the
    # follows back of the same week are, take 5 to 15 % away.
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.04)


def test_published_errors_carry_the_chance_in_quality_and_plain_ones_stay_beside_them(
    worlds: list[tuple[World, Tables]],
) -> None:
    wider = []
    for _, tables in worlds:
        quality = fit_terms(tables, PRIMARY)["quality"]
        wider.append(quality["standard_error"] / quality[f"se_{quality['method']}"])
    # An earlier step can make up for the later one in a single world, not on average.
    assert np.mean(wider) > 1.05


def test_the_repeated_shrinkage_is_that_of_the_sql(worlds: list[tuple[World, Tables]]) -> None:
    tables = worlds[0][1]
    published = tables["int_account_week_quality"]
    published = published.sort_by([("account_key", "ascending"), ("week_start_date", "ascending")])
    assert published["quality_basis"].unique().to_pylist() == ["engagement_per_impression"]
    # Cells are in the order of account and week.
    step = read_first_step(tables["int_account_week_quality_cells"])
    assert step.shrunk[:-1] == pytest.approx(published["log_quality"].to_numpy(), abs=1e-8)


def test_worlds_of_posts_measure_quality_as_the_sql_does(worlds: list[tuple[World, Tables]]) -> None:
    tables = worlds[0][1]
    order = [("account_key", "ascending"), ("week_start_date", "ascending")]
    posts = tables["int_account_week_quality_chosen"].sort_by(order)
    expected = tables["int_account_week_quality_cells"].sort_by(order)
    accounts = read_labels(posts, "account_key")[0]
    days = posts["week_start_date"].cast(pa.int32()).to_numpy() // 7
    cell = accounts * 1000 + days - days.min()
    weight, value = (posts[name].to_numpy().astype(float) for name in ("weight", "value"))
    made = make_cells(cell, accounts, weight, value, 1000, "engagement_per_impression")
    assert made.num_rows == expected.num_rows
    for column in set(CELL_COLUMNS) - {"account_key", "week_start_date", "quality_basis"}:
        assert made[column].to_numpy() == pytest.approx(expected[column].to_numpy(), abs=1e-9), column


def test_errors_do_not_depend_on_the_order_of_the_rows(worlds: list[tuple[World, Tables]]) -> None:
    tables = dict(worlds[0][1])
    expected = fit_terms(tables, PRIMARY)["quality"]
    order = np.random.default_rng(1)
    for name in ("int_account_week_panel", "int_account_week_quality_cells"):
        tables[name] = tables[name].take(order.permutation(tables[name].num_rows))
    assert fit_terms(tables, PRIMARY)["quality"] == expected


def test_worlds_without_effects_are_hardly_ever_given_one(stand: GrowthStand) -> None:
    nothing = {"b2b": 0.0, "b2c": 0.0, "both": 0.0}
    effects = TrueEffects(b_quality=nothing, b_volume=nothing)
    rejected = 0
    for seed in range(920, 930):
        rows = fit_terms(stand.run(World(seed=seed, effects=effects, **SMALL)), PRIMARY)
        rejected += rows["quality"]["p_value"] < 0.05
    assert rejected <= 2


def test_growth_that_comes_first_is_caught_by_the_placebo(stand: GrowthStand) -> None:
    p_values = []
    for seed in range(930, 942):
        # Thirty weeks of few posts: at 12 half of the worlds are caught, the errors of the tails of posts included.
        world = let_growth_come_first(World(seed=seed, **SMALL), 20.0)
        # Where quality cannot be distinguished from chance there is no row with a p.
        p_values.append(fit_terms(stand.run(world), "lead_placebo")[PLACEBO_TERM].get("p_value"))
    assert sum(p is not None and p < 0.05 for p in p_values) >= 9
