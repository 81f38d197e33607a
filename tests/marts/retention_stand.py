"""Accounts whose last post is known, watched for a while, through the retention models. A segment is a world."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.marts.stand import build_models

LAST_DAY = date(2026, 11, 1)
WATCHED = (60, 90, 180, 365)
# Share that stops posting within its first week.
TRUTH = 0.6
MODELS = ["int_retention_spells", "int_retention_estimates"]
ACCOUNT_SCHEMA = pa.schema(
    [
        ("account_key", pa.string()),
        ("created_date", pa.date32()),
        ("first_watched_date", pa.date32()),
        ("first_post_date", pa.date32()),
        ("last_post_date", pa.date32()),
        ("last_watched_date", pa.date32()),
        ("exclusion_reason", pa.string()),
    ]
)


def draw_accounts(world: str, watched_days: int, count: int, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Founded on any day of the watching; 60 % post for less than a week, the others for about a year.

    Those that still post do so every third day on average, so that the last post seen is a few days old.
    """
    for number in range(count):
        age = int(rng.integers(0, watched_days))
        life = int(rng.integers(0, 7)) if rng.random() < TRUTH else 7 + int(rng.exponential(365))
        last = life if life <= age else max(0, age - int(rng.geometric(1 / 3)) + 1)
        yield {
            "account_key": f"x:{world}_{number}",
            "created_date": LAST_DAY - timedelta(days=age),
            "first_watched_date": LAST_DAY - timedelta(days=age),
            "first_post_date": LAST_DAY - timedelta(days=age),
            "last_post_date": LAST_DAY - timedelta(days=age - last),
            "last_watched_date": LAST_DAY,
        }


def build_worlds(data_dir: Path, accounts: list[dict[str, object]]) -> Path:
    """Warehouse with the curves of every world; the segment is the world's name."""
    segments = [
        {
            "account_key": row["account_key"],
            "segment_dimension": "platform",
            "segment": str(row["account_key"]).removeprefix("x:").rsplit("_", 1)[0],
        }
        for row in accounts
    ]
    parents = {
        "int_retention_accounts": pa.Table.from_pylist(accounts, schema=ACCOUNT_SCHEMA),
        "int_ratio_segments": pa.Table.from_pylist(segments),
    }
    return build_models(data_dir, parents, MODELS)
