"""Worlds of posts with a known truth: cells of weekly quality and the panel, in the shapes that the models take.

Quality, growth and posts are drawn account by account and week by week; a week's measured quality is made from its
posts by the formulas of int_account_week_quality_cells, sampling variances included, so that nothing true is handed
over. Much faster than the SQL, which a test next to the stand holds it to.
"""

import datetime
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.growth.shrinkage import read_first_step

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
MONDAY = datetime.date(2026, 1, 5)
WARM_UP = 12
SPREAD_FROM = 10  # engagements a week: the threshold spread_engagements_from
VOLUME_SD = 0.45
RATE = "engagement_per_impression"


@dataclass(frozen=True)
class PostWorld:
    """Truth of one world; growth is weekly log growth, effects are per swing: per SD of quality, per VOLUME_SD.

    `same_share` of both effects acts in the week of the posts, the rest in the week after. `reliability` is that of a
    week with the usual number of posts. `feedback` is by how many SD quality rises for one SD of noise in growth the
    week before. `reach` moves growth and reactions to every post of the same week: growth in one SD of its own.
    """

    accounts: int = 60
    weeks: int = 52
    quality: float = 0.004
    volume: float = 0.0008
    same_share: float = 0.8
    persistence: float = 0.5
    reliability: float = 0.4
    feedback: float = 0.0
    reach: float = 0.0
    quality_sd: float = 0.3
    noise_sd: float = 0.008
    posts: float = 4.0
    basis: str = RATE
    has_heavy_posts: bool = False


@dataclass(frozen=True)
class Drawn:
    """One draw: tables for the models, and the true quality (accounts, weeks) behind the cells."""

    panel: pa.Table
    cells: pa.Table
    quality: FloatArray


def draw_posts_world(world: PostWorld, seed: int) -> Drawn:
    """Panel and cells of `world.weeks` usable weeks; the draw depends on the world and the seed alone."""
    rng = np.random.default_rng(seed)
    shape = (world.accounts, world.weeks + 3)
    posts, loudness = _draw_volume(rng, world, shape)
    quality, growth, reach = _draw_paths(rng, world, loudness, posts > 0)
    level = rng.normal(8, 1, world.accounts)[:, None] + np.cumsum(growth, axis=1)
    following = rng.normal(0, 0.01, shape)
    # More reach brings more reactions to a post, and as many to an impression.
    cells = _measure(rng, world, quality if world.basis == RATE else quality + reach, posts)
    return Drawn(_build_panel(world, cells, posts, loudness, growth, level, following), cells, quality)


def _draw_volume(rng: np.random.Generator, world: PostWorld, shape: tuple[int, int]) -> tuple[IntArray, FloatArray]:
    """Original posts and ln(1 + posts): accounts differ, weeks swing, some are silent, some accounts rest for weeks."""
    usual = rng.normal(np.log(world.posts), 0.5, shape[0])[:, None]
    swing = _autoregress(rng, shape, 0.4, 0.45)
    counts = rng.poisson(np.exp(usual + swing))
    counts[rng.random(shape) < 0.04] = 0
    return counts, np.log1p(counts)


def _autoregress(rng: np.random.Generator, shape: tuple[int, int], persistence: float, sd: float) -> FloatArray:
    drawn = rng.normal(0, sd, shape)
    for week in range(1, shape[1]):
        drawn[:, week] = persistence * drawn[:, week - 1] + np.sqrt(1 - persistence**2) * drawn[:, week]
    return drawn


def _draw_paths(
    rng: np.random.Generator, world: PostWorld, loudness: FloatArray, has_posts: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Quality, growth and reach. Shocks are common to a week, common to an account's weeks, and rare and large."""
    accounts, weeks = loudness.shape
    common = rng.normal(0, 0.3, weeks)
    own_share = np.sqrt(1 - 0.3**2)
    shocks = rng.normal(size=(accounts, weeks + WARM_UP)) * np.sqrt(1 - world.persistence**2)
    # Scaled to an SD of one; five degrees of freedom leave rare large weeks.
    noise = rng.standard_t(5, size=(accounts, weeks)) * np.sqrt(3 / 5)
    for week in range(1, weeks):
        noise[:, week] = 0.2 * noise[:, week - 1] + np.sqrt(1 - 0.2**2) * noise[:, week]
    spread = rng.lognormal(0, 0.3, accounts)
    reach = rng.normal(size=(accounts, weeks)) * (world.reach > 0)
    own = shocks[:, 0].copy()
    for week in range(1, WARM_UP):
        own = world.persistence * own + shocks[:, week]
    quality, growth = np.zeros((accounts, weeks)), np.zeros((accounts, weeks))
    usual = rng.normal(0.001, 0.003, accounts)
    week_effect = rng.normal(0, 0.003, weeks) + 0.002 * common
    for week in range(weeks):
        own = world.persistence * own + shocks[:, WARM_UP + week]
        if week:
            own = own + world.feedback * (growth[:, week - 1] - usual - week_effect[week - 1]) / world.noise_sd
        quality[:, week] = world.quality_sd * (own_share * own + common[week])
        growth[:, week] = usual + week_effect[week] + world.noise_sd * spread * noise[:, week]
        growth[:, week] += world.reach * world.noise_sd * reach[:, week]
        for share, back in ((world.same_share, 0), (1 - world.same_share, 1)):
            at = max(week - back, 0)
            growth[:, week] += share * world.quality / world.quality_sd * quality[:, at] * has_posts[:, at]
            growth[:, week] += share * world.volume / VOLUME_SD * loudness[:, at]
    return quality, growth, 0.5 * reach


def _measure(rng: np.random.Generator, world: PostWorld, quality: FloatArray, posts: IntArray) -> pa.Table:
    """Cells of weekly quality from single posts, by the formulas of the SQL."""
    accounts, weeks = posts.shape
    cell = np.repeat(np.arange(posts.size), posts.ravel())
    account, count = cell // weeks, len(cell)
    is_rate = world.basis == RATE
    wanted = world.quality_sd**2 * (1 - world.reliability) / world.reliability
    concentration = 0.40 if is_rate else 0.30
    post_variance = np.log1p(np.expm1(wanted) / concentration) if is_rate else wanted / concentration
    noise = rng.normal(0, np.sqrt(post_variance), count)
    if world.has_heavy_posts:
        noise = rng.standard_t(8, count) * np.sqrt(6 / 8 * post_variance)
    latent = (rng.normal(0, 0.4, accounts)[account] + quality.ravel()[cell] + noise).clip(-8, 3.5)
    if is_rate:
        weight = np.round(np.exp(rng.normal(8, 1, accounts)[account] + rng.normal(0, 0.5, count))) + 30
        score = rng.binomial(weight.astype(np.int64), np.minimum(0.02 * np.exp(latent), 0.9)).astype(np.float64)
    else:
        weight = np.ones(count)
        score = np.log1p(rng.poisson(40 * np.exp(latent)))
    return make_cells(cell, account, weight, score / weight, weeks, world.basis)


def make_cells(
    cell: IntArray, account: IntArray, weight: FloatArray, value: FloatArray, weeks: int, basis: str
) -> pa.Table:
    """Cells by the formulas of int_account_week_quality_cells.

    `cell` is account times `weeks` plus week of each post, ascending; `value` is a rate or a log score.
    """
    is_rate = basis == RATE
    known, at = np.unique(cell, return_inverse=True)
    size = len(known)

    def add(values: FloatArray) -> FloatArray:
        return np.bincount(at, values, size)

    owner, total, number = known // weeks, add(weight), add(np.ones(len(cell)))
    log_value = np.log((weight * value + 0.5) / (weight + 1)) if is_rate else value
    if is_rate:
        rate = (add(weight * value) + 0.5) / (total + 1)
        sums, parts = np.bincount(owner, total), np.bincount(owner, total / rate)
        usual = np.minimum(np.divide(sums, parts, out=np.ones_like(sums), where=parts > 0), 1.0)
        log_mean, binomial = np.log(rate), (1 - usual[owner]) / (usual[owner] * total)
        chance = (1 - usual[account]) / (usual[account] * weight)
        seen = usual[account] * weight >= SPREAD_FROM
    else:
        log_mean, binomial = add(value) / number, np.zeros(size)
        chance, seen = np.zeros(len(cell)), np.ones(len(cell), bool)
    concentration = add(weight**2) / total**2
    many = np.maximum(add(seen.astype(float)), 1e-300)
    squares = add(log_value**2 * seen) - add(log_value * seen) ** 2 / many
    degrees = np.maximum(add(seen.astype(float)) - 1, 0.0)
    beyond = np.where(degrees > 0, squares - add(chance * seen) * degrees / many, 0.0)
    post_variance = max(float(beyond.sum() / degrees.sum()), 0.0) if degrees.sum() else 0.0
    curvature = 0.5 * concentration if is_rate else np.zeros(size)
    return pa.table(
        {
            "account_key": _name_accounts(owner),
            "week_start_date": _name_weeks(known % weeks),
            "quality_basis": pa.array([basis] * size),
            "cell_mean": log_mean + curvature * post_variance,
            "post_variance": np.full(size, post_variance),
            "curvature": curvature,
            "binomial_variance": binomial,
            "concentration": concentration,
            "spread_beyond_chance": beyond,
            "spread_degrees": degrees.astype(np.int64),
        }
    )


def _name_accounts(numbers: IntArray) -> pa.Array:
    return pa.array([f"x:{number:04d}" for number in range(int(numbers.max()) + 1)]).take(pa.array(numbers))


def _name_weeks(numbers: IntArray) -> pa.Array:
    return pa.array(np.datetime64(MONDAY) + 7 * numbers)


def _build_panel(
    world: PostWorld,
    cells: pa.Table,
    posts: IntArray,
    loudness: FloatArray,
    growth: FloatArray,
    level: FloatArray,
    following: FloatArray,
) -> pa.Table:
    accounts, weeks = posts.shape
    measured = np.full(posts.shape, np.nan)
    weeks_of = (cells["week_start_date"].to_numpy() - np.datetime64(MONDAY)).astype("timedelta64[D]").astype(int) // 7
    owners = np.array([int(key[2:]) for key in cells["account_key"].to_pylist()])
    # Cells are in the order of account and week, as in the first step.
    measured[owners, weeks_of] = read_first_step(cells).shrunk[:-1]
    row, now = (part.ravel() for part in np.indices((accounts, weeks)))
    inside = (now >= 2) & (now < weeks - 1)
    row, now = row[inside], now[inside]
    outcome = growth[row, now]
    table = {
        "account_key": _name_accounts(row),
        "week_start_date": _name_weeks(now),
        "growth_rate": outcome,
        "winsorised_growth_rate": np.clip(outcome, -0.05, 0.05),
        "new_follow_count": pa.nulls(len(row), pa.int64()),
        "quality_basis": pa.array([world.basis] * len(row)),
        "follower_level_lag": level[row, now - 1],
        "growth_lag": growth[row, now - 1],
        "is_in_panel": np.ones(len(row), bool),
        "exclusion_reason": pa.nulls(len(row), pa.string()),
    }
    for name, back in (("same", 0), ("lag", 1), ("lead", -1)):
        quality = measured[row, now - back]
        table[f"quality_{name}"] = pa.array(quality, mask=np.isnan(quality))
        table[f"is_silent_{name}"] = posts[row, now - back] == 0
        table[f"volume_{name}"] = loudness[row, now - back]
    return pa.table(table | {"following_change_lag": following[row, now - 1]})


def true_effects(world: PostWorld, drawn: Drawn) -> tuple[float, float]:
    """Effect of quality in both weeks together: per log point, and per SD of true quality within accounts and weeks."""
    slope, quality = world.quality / world.quality_sd, drawn.quality[:, 2:-1]
    left = quality - quality.mean(axis=1, keepdims=True)
    left = left - left.mean(axis=0)
    return slope, slope * float(np.sqrt((left**2).sum() / (left.size - 1)))
