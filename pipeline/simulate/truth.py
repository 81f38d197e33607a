"""What was built into a world, as figures to compare with what the warehouse finds.

Effects are in log growth a week. A regression weighs an account by how far its driver moves, so the figures over all
accounts are weighted in the same way.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pipeline.simulate.effects import FOCUSES
from pipeline.simulate.posts import original_rows
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import Flags, Floats

REACTIONS = slice(1, 5)  # likes, reposts, replies and quotes in the order of METRICS


@dataclass(frozen=True)
class BuiltIn:
    """One figure. `unit` is growth (log growth a week) or share (0 to 1)."""

    name: str
    segment_dimension: str
    segment: str
    unit: str
    value: float


def built_in(world: World) -> list[BuiltIn]:
    """Effects of both weeks together and of each, for a unit and for a typical swing, and what the world is like.

    A small world may lack a figure: nobody of a segment, no post, or a driver that never moves.
    """
    same = share_in_same_week(world)
    shares = {
        "share_in_same_week": same,
        "persistence": persistence(world),
        "reliability": reliability(world),
    }
    found = [BuiltIn(name, "all", "all", "share", value) for name, value in shares.items() if np.isfinite(value)]
    everybody = ~world.cast.with_role("spam")
    groups = [("all", "all", everybody)]
    groups += [("customer_focus", focus, everybody & (world.cast.focus == i)) for i, focus in enumerate(FOCUSES)]
    for dimension, segment, members in groups:
        effects = dict(_effects(world, members, same))
        if "quality_swing" in effects and "volume_swing" in effects:
            effects["quality_minus_volume"] = effects["quality_swing"] - effects["volume_swing"]
        found += [BuiltIn(name, dimension, segment, "growth", value) for name, value in effects.items()]
    return found


def write_truth(path: Path, world: World, *, is_alone: bool = True) -> None:
    """Write the figures as JSON, with the seed of the world.

    Where other platforms are watched too, what holds for all accounts of the world holds for those of X.
    """
    figures = [asdict(figure) for figure in built_in(world)]
    for figure in figures:
        if figure["segment_dimension"] == "all" and not is_alone:
            figure |= {"segment_dimension": "platform", "segment": "x"}
    shown = {"seed": world.seed, "figures": figures}
    path.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")


def _effects(world: World, members: Flags, same: float) -> Iterator[tuple[str, float]]:
    """Names as the warehouse has them for terms; `_swing` for one typical swing within accounts and weeks.

    Quality is in log points of reactions per impression, which move less than latent quality.
    """
    scale = world.effects.like_quality
    drivers = {
        "quality": (scale * world.growth.quality, np.array(world.effects.quality_slopes()) / scale),
        "volume": (world.growth.volume, np.array(world.effects.volume_slopes())),
    }
    for name, (driver, slopes) in drivers.items():
        # Quality is that of weeks with posts, volume that of all weeks in which the account was there.
        is_used = _living_weeks(world) & ((world.growth.volume > 0) | (name == "volume"))
        variance, weeks = _variance_within(driver, is_used & members[:, None])
        weights = variance * weeks
        if not weights.any():
            continue
        effect = float(np.average(slopes[world.cast.focus], weights=weights))
        yield name, effect
        yield f"{name}_same_week", same * effect
        yield f"{name}_previous_week", (1 - same) * effect
        yield f"{name}_swing", effect * float(np.sqrt(np.average(variance, weights=weeks)))


def share_in_same_week(world: World) -> float:
    """Share of the response to posts that comes before the Monday after, 06:00 UTC; NaN without a post."""
    rows = original_rows(world.posts)
    if not len(rows):
        return float("nan")
    weekday = world.calendar.day_of(world.posts.created_ms[rows])
    days_left = 6 - (weekday + world.calendar.first_day.weekday()) % 7
    by_day = np.cumsum(world.effects.day_shares)
    in_time = by_day[np.minimum(days_left, len(by_day) - 1)]
    return float((1 - world.effects.next_week_share) * in_time.mean())


def persistence(world: World) -> float:
    """Correlation of the latent quality of two weeks in a row, within accounts; NaN where it never moves."""
    now, before = world.drivers.quality[:, 1:].ravel(), world.drivers.quality[:, :-1].ravel()
    if len(now) < 2 or not now.any() or not before.any():
        return float("nan")
    return float(np.corrcoef(now, before)[0, 1])


def reliability(world: World) -> float:
    """Share of what is true in a week's measured quality, mean over the account-weeks with posts; NaN without any."""
    by_week = reliability_by_week(world)
    known = by_week[np.isfinite(by_week)]
    return float(known.mean()) if len(known) else float("nan")


def reliability_by_week(world: World) -> Floats:
    """True variance of the account over true and chance variance of the week, shape (accounts, weeks).

    Chance is the luck of single posts, weighted by their impressions, and the counting of reactions. NaN where the
    week has no post that was seen, and for accounts with one such week.
    """
    posts, shape = world.posts, world.growth.quality.shape
    rows = original_rows(posts)
    cells, seen = (posts.account[rows], posts.week[rows]), world.finals[0, rows].astype(float)
    impressions, squares, reactions = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(impressions, cells, seen)
    np.add.at(squares, cells, seen**2)
    np.add.at(reactions, cells, world.finals[REACTIONS, rows].sum(axis=0))
    is_used = impressions > 0
    usual_rate = (reactions.sum(axis=1) + 0.5) / (impressions.sum(axis=1) + 1)
    shown = np.where(is_used, impressions, np.nan)
    luck = world.effects.rate_sd**2 * squares / shown**2
    counting = (1 - usual_rate[:, None]) / (usual_rate[:, None] * shown)
    true, weeks = _variance_within(world.effects.like_quality * world.drivers.quality, is_used)
    true = np.where(weeks > 1, true, np.nan)
    return np.asarray(true[:, None] / (true[:, None] + luck + counting))


def _living_weeks(world: World) -> Flags:
    weeks = np.arange(world.calendar.week_count)
    first, last = (
        np.clip(day, 0, world.calendar.day_count) // 7 for day in (world.cast.start_day, world.cast.stop_day)
    )
    return (weeks >= first[:, None]) & (weeks < last[:, None])


def _variance_within(values: Floats, is_used: Flags) -> tuple[Floats, Floats]:
    """Variance around each account's own mean, and the number of weeks used; shape (accounts,)."""
    weeks = is_used.sum(axis=1).astype(float)
    count = np.maximum(weeks, 1.0)
    mean = np.where(is_used, values, 0.0).sum(axis=1) / count
    square = np.where(is_used, (values - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return square / np.maximum(weeks - 1, 1.0), weeks
