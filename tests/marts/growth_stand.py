"""Demo worlds through the real SQL: follower paths and posts in, the panel of growth attribution out.

dbt builds the first world and leaves its compiled SQL; further worlds run the same statements in place, because a
start of dbt takes longer than a world. Reading pages and exports is not part of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.analysis.growth.audience import measure_audience
from pipeline.analysis.growth.shrinkage import FirstStep, read_first_step
from pipeline.simulate.drivers import Drivers
from pipeline.simulate.metrics import METRICS, counts_at, draw_finals
from pipeline.simulate.posts import KINDS, OWN_KINDS
from pipeline.simulate.world import World
from pipeline.simulate.world_calendar import DAY_MS, KNOT_HOUR, NEVER_MS
from tests.marts.stand import build_models, compiled_model

AUDIENCE = "int_growth_audience_slopes"  # made in Python
MODELS = (
    "int_account_week_levels",
    "int_account_week_ends",
    "int_account_week_intervals",
    "int_account_week_post_sums",
    "int_account_week_posts",
    "int_account_week_growth",
    "int_settled_weeks",
    "int_account_week_quality_posts",
    "int_account_week_quality_chosen",
    "int_account_week_quality_cells",
    "int_account_week_quality",
    "int_growth_audience_weeks",
    AUDIENCE,
    "int_follow_purge_days",
    "int_growth_purge_weeks",
    "int_account_week_lagged",
    "int_account_week_panel",
)
AGE_MS = 7 * DAY_MS
REACTIONS = ("like_count", "repost_count", "reply_count", "quote_count")


@dataclass(frozen=True)
class GrowthStand:
    """A warehouse on which the compiled models run again for each world."""

    warehouse: Path
    statements: tuple[tuple[str, str], ...]  # model and its compiled code, in order of dependence

    def run(self, world: World, *, with_clicks: bool = False) -> dict[str, pa.Table]:
        """Tables of the panel and of what it is made from, by name of the model."""
        with duckdb.connect(str(self.warehouse), config={"threads": 1}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for name, table in world_parents(world, with_clicks=with_clicks).items():
                connection.register("parent", table)
                connection.execute(f"create or replace table intermediate.{name} as from parent")
            for name, statement in self.statements:
                remake(connection, name, statement)
            return {name: connection.table(f"intermediate.{name}").to_arrow_table() for name in MODELS}


def prepare_stand(folder: Path) -> GrowthStand:
    """The stand, its SQL compiled by dbt; `folder` must not exist yet."""
    warehouse = build_models(folder, world_parents(World(seed=1, account_count=12, day_count=42)), list(MODELS))
    return GrowthStand(warehouse, tuple((name, compiled_model(folder, name)) for name in MODELS))


def remake(connection: duckdb.DuckDBPyConnection, name: str, statement: str) -> None:
    """Rebuild the table of one model from the tables of its parents."""
    if name == AUDIENCE:
        weeks = connection.table("intermediate.int_growth_audience_weeks").to_arrow_table()
        connection.register("made", measure_audience(weeks, connection.table("seeds.thresholds").to_arrow_table()))
        statement = "from made"
    connection.execute(f"create or replace table intermediate.{name} as {statement}")


def world_parents(world: World, *, with_clicks: bool = False) -> dict[str, pa.Table]:
    """What the sources tell of a world: levels, posts, metrics at seven days, weeks of follow-and-cull accounts.

    `with_clicks` shows the link clicks of every account, as if all had handed in their exports.
    """
    posts, metrics = _posts(world), _metrics(world, with_clicks=with_clicks)
    keys = pa.array(_keys(world))
    cast, calendar = world.cast, world.calendar
    account, day = np.nonzero(np.arange(calendar.day_count)[None, :] >= cast.start_day[:, None])
    dates = np.array(calendar.first_day, "datetime64[D]") + np.arange(calendar.day_count)
    followers = np.exp(world.growth.log_followers)[account, day].astype(np.int64)
    identity = {"account_key": keys.take(pa.array(account)), "date": pa.array(dates[day])}
    # The hour of a world's knots: any other would give a reading the growth of hours that it has not seen.
    read_at = pa.array(
        dates[day].astype("datetime64[us]") + np.timedelta64(KNOT_HOUR, "h"), pa.timestamp("us", tz="UTC")
    )
    spam = np.flatnonzero(cast.with_role("spam"))
    mondays = [calendar.week_start(week) for week in range(calendar.week_count)]
    return {
        "int_account_snapshots_daily": pa.table(
            {
                **identity,
                "platform": pa.repeat("x", len(followers)),
                "follower_count": followers,
                "follower_count_at": read_at,
                "following_count": world.growth.following[account, day].astype(np.int64),
                "following_count_at": read_at,
            }
        ),
        "int_post_periods_covered": pa.table(
            {
                "source": pa.array(["simulated"] * len(_keys(world))),
                "account_key": keys,
                "start_date": pa.array(np.array(calendar.first_day, "datetime64[D]") + cast.start_day),
                "end_date": pa.array([calendar.first_day + timedelta(days=calendar.day_count - 1)] * len(_keys(world))),
            }
        ),
        "int_account_days_reported": pa.table(
            {
                "account_key": pa.array([], pa.string()),
                "date": pa.array([], pa.date32()),
                "new_follow_count": pa.array([], pa.int64()),
            }
        ),
        "int_accounts_bridged": pa.table({"account_key": pa.array([], pa.string())}),
        "int_posts": posts,
        "int_post_link_clicks": pa.table(
            {"post_key": pa.array([], pa.string()), "link_click_count": pa.array([], pa.int64())}
        ),
        "int_post_metrics_at_age": metrics,
        "int_growth_culled_weeks": pa.table(
            {
                "account_key": pa.array([_keys(world)[int(i)] for i in spam for _ in mondays], pa.string()),
                "week_start_date": pa.array([monday for _ in spam for monday in mondays], pa.date32()),
            }
        ),
    }


def true_slopes(world: World, panel: pa.Table, *, quality_scale: float) -> tuple[float, float]:
    """Growth per log point of measured quality and per unit of volume, averaged over the account-weeks of the panel.

    `quality_scale` is how far a measure moves with a log point of latent quality.
    """
    focus = dict(zip(_keys(world), world.cast.focus, strict=True))
    weeks = panel.filter(panel["is_in_panel"])["account_key"].to_pylist()
    groups = np.array([focus[key] for key in weeks])
    effects = world.effects
    quality = np.array(effects.quality_slopes())[groups].mean() / quality_scale
    return float(quality), float(np.array(effects.volume_slopes())[groups].mean())


def show_true_quality(world: World, tables: Mapping[str, pa.Table]) -> FirstStep:
    """The first step as if every week's latent quality had been measured without chance."""
    cells = tables["int_account_week_quality_cells"]
    step = read_first_step(cells)
    # Cells of a first step are in the order of account and week.
    cells = cells.sort_by([("account_key", "ascending"), ("week_start_date", "ascending")])
    account_of = {key: account for account, key in enumerate(_keys(world))}
    accounts = [account_of[key] for key in cells["account_key"].to_pylist()]
    mondays = cells["week_start_date"].to_numpy() - np.datetime64(world.calendar.week_start(0))
    quality = world.effects.like_quality * world.drivers.quality[accounts, mondays.astype(int) // 7]
    return replace(step, mean=np.append(quality, 0.0), variance=np.zeros_like(step.variance), spreads=())


def let_growth_come_first(world: World, strength: float) -> World:
    """The world, its posts drawn again: each week's quality rises by `strength` times the growth of the week before."""
    mondays = np.flatnonzero(np.diff(world.calendar.week_of_day, prepend=-1))
    growth = np.diff(world.growth.log_followers[:, mondays], axis=1)
    quality = world.drivers.quality.copy()
    quality[:, 1:] += strength * (growth - growth.mean(axis=0))
    drivers = Drivers(quality=quality, appetite=world.drivers.appetite)
    rng = np.random.default_rng([world.seed, 99])
    world.finals = draw_finals(rng, world.cast, world.calendar, drivers, world.posts, world.growth, world.effects)
    return world


def _keys(world: World) -> list[str]:
    return [f"x:{account_id}" for account_id in world.cast.account_ids]


def _shown_rows(world: World) -> np.ndarray:
    """Latest versions that were still there at the age of comparison and whose week is over by then."""
    posts = world.posts
    seen = posts.created_ms + AGE_MS
    return np.flatnonzero((posts.superseded_ms == NEVER_MS) & (posts.removed_ms > seen))


def _posts(world: World) -> pa.Table:
    posts, rows = world.posts, np.flatnonzero(world.posts.superseded_ms == NEVER_MS)
    return pa.table(
        {
            "post_key": pa.array([f"x:{row}" for row in rows]),
            "account_key": pa.array(_keys(world)).take(pa.array(posts.account[rows])),
            "created_at": pa.array(posts.created_ms[rows] * 1000, pa.timestamp("us", tz="UTC")),
            "post_kind": pa.array(KINDS).take(pa.array(posts.kind[rows])),
            "has_link": posts.has_link[rows],
            "link_domain": pa.nulls(len(rows), pa.string()),
        }
    )


def _metrics(world: World, *, with_clicks: bool) -> pa.Table:
    posts, rows = world.posts, _shown_rows(world)
    rows = rows[np.isin(posts.kind[rows], OWN_KINDS)]
    rows = rows[posts.created_ms[rows] + AGE_MS < world.calendar.start_ms + world.calendar.day_count * DAY_MS]
    counts = counts_at(posts, world.finals, rows, posts.created_ms[rows] + AGE_MS)
    by_name = dict(zip(METRICS, counts, strict=True))
    return pa.table(
        {
            "post_key": pa.array([f"x:{row}" for row in rows]),
            "age_basis": pa.array(["fixed_age"] * len(rows)),
            "impression_count": by_name["impression_count"],
            "engagement_count": sum(by_name[name] for name in REACTIONS),
            "link_click_count": pa.array(by_name["link_click_count"], mask=np.full(len(rows), not with_clicks)),
        }
    )
