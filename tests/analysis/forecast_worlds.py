"""Follower histories of known kinds, read to a day and, out of the forecast's sight, 13 weeks further."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.analysis.forecast import forecast_followers
from pipeline.analysis.forecast.outlooks import HORIZON

FIRST_MONDAY = date(2025, 1, 6)
SCHEMA = pa.schema(
    [
        ("account_key", pa.string()),
        ("week_start_date", pa.date32()),
        ("date", pa.date32()),
        ("level", pa.int64()),
        ("basis", pa.string()),
    ]
)
KINDS = ("steady", "persistent", "jumps", "shared_shocks", "proportional")


@dataclass(frozen=True)
class Drawn:
    """Levels at the ends of weeks (A, W + 13); the forecast sees the first W."""

    levels: npt.NDArray[np.int64]
    seen: int


def draw_levels(kind: str, accounts: int, weeks: int, rng: np.random.Generator) -> Drawn:
    """Histories whose weekly changes are independent, move slowly, jump at times, move together, or grow with size."""
    shape = (accounts, weeks + HORIZON)
    start = np.exp(rng.uniform(5, 10, accounts))[:, None]
    pace = start * rng.uniform(0.001, 0.008, accounts)[:, None]
    noise = rng.normal(0, 1, shape)
    if kind == "persistent":
        for week in range(1, shape[1]):
            noise[:, week] = 0.95 * noise[:, week - 1] + 0.31 * noise[:, week]
    elif kind == "shared_shocks":
        noise = 0.7 * noise + 0.7 * rng.normal(0, 1, shape[1])
    changes = pace * (1 + 0.6 * noise)
    if kind == "jumps":
        changes = changes + (rng.random(shape) < 0.03) * pace * rng.exponential(8, shape)
    if kind == "proportional":
        levels = start * np.exp(np.cumsum(changes / start, axis=1))
    else:
        levels = start + np.cumsum(changes, axis=1)
    return Drawn(np.maximum(np.rint(levels), 0).astype(np.int64), weeks)


def list_readings(
    levels: npt.NDArray[np.int64], *, every: int = 1, keys: Sequence[str] | None = None, basis: str = "followers"
) -> pa.Table:
    """Readings on Sundays, of every week or every so many."""
    rows = [
        {
            "account_key": keys[account] if keys else f"x:{account}",
            "week_start_date": FIRST_MONDAY + timedelta(weeks=week),
            "date": FIRST_MONDAY + timedelta(weeks=week, days=6),
            "level": int(level),
            "basis": basis,
        }
        for account, line in enumerate(levels)
        for week, level in enumerate(line)
        if (len(line) - 1 - week) % every == 0
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def list_accounts(keys: Sequence[str], *, own: Sequence[str] = (), bridged: Sequence[str] = ()) -> pa.Table:
    """What the mart of accounts tells of them."""
    return pa.Table.from_pylist(
        [{"account_key": key, "is_own": key in own, "is_bridged": key in bridged} for key in keys],
        schema=pa.schema([("account_key", pa.string()), ("is_own", pa.bool_()), ("is_bridged", pa.bool_())]),
    )


def forecast_world(drawn: Drawn, *, every: int = 1) -> list[dict[str, object]]:
    """The forecast's rows, made from what it may see."""
    readings = list_readings(drawn.levels[:, : drawn.seen], every=every)
    keys = [f"x:{account}" for account in range(len(drawn.levels))]
    rows: list[dict[str, object]] = forecast_followers(readings, list_accounts(keys)).to_pylist()
    return rows


def count_held(drawn: Drawn, rows: Sequence[dict[str, object]], scenario: str) -> tuple[int, int]:
    """Forecasts of followers made, and those that held what came 13 weeks later; not for good weeks."""
    made = [row for row in rows if row["scenario"] == scenario and row["status"] == "ok"]
    held = 0
    for row in made:
        came = int(drawn.levels[int(str(row["account_key"]).partition(":")[2]), -1])
        held += int(str(row["follower_count_low"])) <= came <= int(str(row["follower_count_high"]))
    return len(made), held


def real_histories(data: Path) -> Iterator[tuple[str, dict[date, int]]]:
    """Followers by day of nine real accounts: a brand on seven, an organisation by month, a LinkedIn page by day."""
    for path in sorted((data / "platforms" / "followers_decred").glob("*.tsi")):
        if re.search("followers|subscribers", path.name):
            lines = [line.split(",") for line in path.read_text().splitlines() if line[:1].isdigit()]
            yield path.stem, {datetime.fromtimestamp(int(at), UTC).date(): int(float(count)) for at, count in lines}
    with (data / "ropensci_tweets" / "twitter_metrics_monthly_rOpenSci.csv").open() as file:
        months = [row for row in csv.DictReader(file) if row["followers"] != "NA"]
    yield "ropensci", {date.fromisoformat(row["date"]): int(row["followers"]) for row in months}
    gains = data / "platforms" / "linkedin_posit" / "posit-software_followers_1772479856546.csv"
    lines = [re.match(r"(\d\d)/(\d\d)/(\d{4}),\d+,\d+,\d+,(\d+)", line) for line in gains.read_text().splitlines()]
    days = sorted((date(int(m[3]), int(m[1]), int(m[2])), int(m[4])) for m in lines if m)
    totals = np.cumsum([gain for _, gain in days])
    yield "posit", {day: 80_000 + int(total) for (day, _), total in zip(days, totals, strict=True)}


def read_real_histories(data: Path) -> pa.Table:
    """Their readings, the last of each week."""
    by_week: dict[tuple[str, date], tuple[date, int]] = {}
    for name, history in real_histories(data):
        for day in sorted(history):
            by_week[f"x:{name}", day - timedelta(days=day.weekday())] = (day, history[day])
    rows = [
        {"account_key": key, "week_start_date": monday, "date": day, "level": level, "basis": "followers"}
        for (key, monday), (day, level) in by_week.items()
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)
