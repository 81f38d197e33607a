"""How often the answers about ratios, follow churn and retention are right in worlds whose truth is known.

`python benchmarks/ratio_worlds.py [--seeds 10] [--samples 4000]`. Gap: shares of the three answers and coverage of the
interval by number of accounts. Churn: accounts by answer for each way of following, read daily, daily with 40 % of the
days missing, and weekly. Retention: coverage and mean of the share that quit by day 7 after so many days of
watching. Churn and retention run through the real SQL. Writes results/ratio_worlds.json.
"""

import argparse
import math
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pyarrow as pa

from benchmarks.measuring import write_result
from pipeline.analysis.gap_density import gap_density
from pipeline.analysis.multimodality import antimode_test
from tests.marts import follow_paths, retention_stand
from tests.marts.stand import SNAPSHOT_SCHEMA, build_models, read_rows

COUNTS = (20, 30, 50, 80, 150)
# One ratio inside each band, the last in none; shares of the bands about one, between, 5 to 20, elsewhere.
INSIDE = (1.0, 2.0, 8.0, 30.0)
MIXTURES = {
    "gap_of_three_tenths": (0.40, 0.08, 0.27, 0.25),
    "twenty_per_cent_between": (0.35, 0.20, 0.25, 0.20),
    "gap_of_one_half": (0.30, 0.15, 0.30, 0.25),
    "as_dense_as_one_style": (0.30, 0.30, 0.30, 0.10),
    "flat": (*(math.log(ratio) / 4 for ratio in (1.25 / 0.8, 4, 4)), 1 - math.log(1.25 / 0.8 * 16) / 4),
}
CHURN_MODELS = [
    "int_ratio_styles",
    "int_follow_purge_days",
    "int_follow_days",
    "int_follow_legs",
    "int_follow_windows",
    "follow_churn",
]


def measure_gap(samples: int) -> dict[str, Any]:
    """Shares of the answers and of intervals that hold the true density, by mixture and number of accounts."""
    found: dict[str, Any] = {}
    for name, shares in MIXTURES.items():
        widths = (math.log(1.25 / 0.8), math.log(4), math.log(4))
        inner, between, outer = (share / width for share, width in zip(shares[:3], widths, strict=True))
        truth = between / min(inner, outer)
        for count in COUNTS:
            rng = np.random.default_rng(count)
            gaps = [
                gap_density(antimode_test(np.repeat(INSIDE, rng.multinomial(count, shares)))) for _ in range(samples)
            ]
            held = [gap.conf_low <= truth * (1 + 1e-12) and truth <= (gap.conf_high or math.inf) for gap in gaps]
            answers = Counter(gap.gap_class for gap in gaps)
            found.setdefault(name, {"true_density": round(truth, 3)})[str(count)] = {
                **{answer: round(number / samples, 4) for answer, number in sorted(answers.items())},
                "coverage": round(float(np.mean(held)), 4),
            }
    return found


def measure_churn(seeds: int, folder: Path) -> dict[str, Any]:
    """Accounts by answer, for each way of following and of reading."""
    rows: list[dict[str, object]] = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        daily = [*follow_paths.draw_snapshots(seed), *follow_paths.draw_lookalikes(seed)]
        for row in daily:
            key, name = f"{row['account_key']}s{seed}", str(row["account_key"]).rsplit("_", 1)[0]
            rows.append({**row, "account_key": key})
            if "_weekly" not in name and not name.startswith("mastodon"):
                if rng.random() >= 0.4:
                    rows.append({**row, "account_key": key.replace("x:", "x:gaps_")})
                if name.split(":")[1] in follow_paths.COUNTS and row["date"].weekday() == seed % 7:  # type: ignore[attr-defined]
                    rows.append({**row, "account_key": key.replace("x:", "x:weekly_")})
    snapshots = pa.Table.from_pylist(rows, schema=SNAPSHOT_SCHEMA)
    parents = {
        "int_account_snapshots_daily": snapshots,
        "int_accounts_bridged": pa.table({"account_key": pa.array([], pa.string())}),
        "int_settled_weeks": pa.table({"last_settled_week_date": pa.array([None], pa.date32())}),
    }
    warehouse = build_models(folder, parents, CHURN_MODELS)
    found: dict[str, Any] = {}
    for row in read_rows(warehouse, "select account_key, churn_class from marts.follow_churn"):
        name = str(row["account_key"]).split(":")[1].rsplit("_", 1)[0]
        answers = found.setdefault(name, Counter())
        answers[row["churn_class"] or "insufficient_data"] += 1
    return {name: dict(sorted(answers.items())) for name, answers in sorted(found.items())}


def measure_retention(worlds: int, folder: Path) -> dict[str, Any]:
    """Coverage and mean of the share that quit by day 7, by days of watching; the truth is 0.6."""
    rng = np.random.default_rng(1)
    accounts = [
        row
        for days in retention_stand.WATCHED
        for world in range(worlds)
        for row in retention_stand.draw_accounts(f"{days}w{world}", days, 200, rng)
    ]
    warehouse = retention_stand.build_worlds(folder, accounts)
    rows = read_rows(
        warehouse,
        "select split_part(segment, 'w', 1)::integer as watched_days, count(*) as worlds, "
        "avg((0.6 between 1 - conf_high and 1 - conf_low)::integer) as coverage, "
        "avg(1 - survival_share) as mean_share, avg(account_count) as accounts "
        "from intermediate.int_retention_estimates "
        "where segment_dimension = 'platform' and silence_days = 30 and day = 7 group by watched_days order by all",
    )
    return {str(row.pop("watched_days")): {name: round(float(str(row[name])), 4) for name in row} for row in rows}


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--samples", type=int, default=4000)
    parser.add_argument("--worlds", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = {
            "gap": measure_gap(chosen.samples),
            "churn": measure_churn(chosen.seeds, Path(folder) / "churn"),
            "retention": measure_retention(chosen.worlds, Path(folder) / "retention"),
        }
    write_result("ratio_worlds", result)


if __name__ == "__main__":
    main()
