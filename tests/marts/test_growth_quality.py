"""Quality of account weeks through the real dbt models: the reference case, what shrinkage is for, and the audience."""

import csv
import json
import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipeline.analysis.panel import fit_panel
from tests.conftest import SHARED
from tests.marts.stand import build_models, read_rows

ORACLE = SHARED / "oracles" / "06c_quality_within_account_eb"
MONDAY = date(2026, 1, 5)
MODELS = [
    "int_account_week_quality_cells",
    "int_account_week_quality",
    "int_growth_audience_weeks",
    "int_growth_audience_slopes",
]
CHOSEN = pa.schema(
    [
        ("post_key", pa.string()),
        ("account_key", pa.string()),
        ("week_start_date", pa.date32()),
        ("quality_basis", pa.string()),
        ("age_basis", pa.string()),
        ("weight", pa.int64()),
        ("value", pa.float64()),
    ]
)
ENDS = pa.schema(
    [
        ("account_key", pa.string()),
        ("week_start_date", pa.date32()),
        ("follower_count", pa.int64()),
    ]
)
AUDIENCE_SLOPE, TRUE_SD = -0.2, 0.4


def _oracle_posts() -> list[tuple[object, ...]]:
    if not ORACLE.is_dir():
        return []
    with (ORACLE / "input.csv").open(encoding="utf-8", newline="") as file:
        return [
            (
                row["tweet_id"],
                row["account_id"],
                MONDAY + timedelta(weeks=int(row["iso_week"])),
                "clicks_per_link_post",
                "fixed_age",
                1,
                math.log(1 + int(row["link_clicks"])),
            )
            for row in csv.DictReader(file)
        ]


def _made_up() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Posts whose engagement rate has a known true level per week, follower levels, and that truth."""
    rng = np.random.default_rng(5)
    posts, levels, truth = [], [], []
    for account in range(60):
        key, level = f"x:made{account}", rng.normal(7, 0.5)
        base = math.log(0.03) + rng.normal(0, 0.3)
        growth = np.cumsum(rng.normal(0.01, 0.05, 41))
        for week in range(40):
            monday = MONDAY + timedelta(weeks=week)
            followers = round(math.exp(level + growth[week]))
            levels.append((key, monday - timedelta(weeks=1), followers))
            latent = rng.normal(0, TRUE_SD)
            if rng.random() < 0.2:
                continue
            truth.append((key, monday, latent))
            for post in range(1 + rng.poisson(2)):
                shown = int(math.exp(level * 0.85 + rng.normal(0, 0.4))) + 20
                rate = math.exp(base + latent + AUDIENCE_SLOPE * math.log(followers / 1000) + rng.normal(0, 0.3))
                engaged = rng.binomial(shown, min(rate, 1.0))
                name = f"{key}-{week}-{post}"
                posts.append((name, key, monday, "engagement_per_impression", "fixed_age", shown, engaged / shown))
    return posts, levels, truth


def _table(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    posts, levels, _ = _made_up()
    parents = {
        "int_account_week_quality_chosen": _table([*posts, *_oracle_posts()], CHOSEN),
        "int_account_week_ends": _table(levels, ENDS),
    }
    return build_models(tmp_path_factory.mktemp("quality"), parents, MODELS)


def test_shrinkage_towards_the_account_equals_the_reference(warehouse: Path, oracles: Path) -> None:
    expected = json.loads((oracles / ORACLE.name / "expected.json").read_text())
    query = "from intermediate.int_account_week_quality where quality_basis = 'clicks_per_link_post'"
    found = {(row["account_key"], row["week_start_date"]): row for row in read_rows(warehouse, query)}
    assert len(found) == len(expected["rows"]) > 200
    for case in expected["rows"]:
        row = found[case["account_id"], MONDAY + timedelta(weeks=int(case["iso_week"]))]
        assert row["measured_post_count"] == case["n"]
        assert row["measured_quality"] == pytest.approx(case["m"], abs=1e-9)
        assert row["account_log_quality"] == pytest.approx(case["mu"], abs=1e-9)
        assert row["reliability"] == pytest.approx(case["B"], abs=1e-9)
        assert row["quality"] == row["log_quality"] == pytest.approx(case["eb"], abs=1e-9)
        assert row["post_variance"] == pytest.approx(expected["pooled_link_log_variance"], abs=1e-9)
        assert row["within_variance"] == pytest.approx(expected["tau2_within_account"], abs=1e-9)


def _joined(warehouse: Path) -> pa.Table:
    """Truth, measured and shrunk quality of the made-up weeks."""
    truth = {(key, monday): latent for key, monday, latent in _made_up()[2]}
    rows = read_rows(warehouse, "from intermediate.int_account_week_quality where account_key like 'x:made%'")
    return pa.Table.from_pylist(
        [
            {
                "account": row["account_key"],
                "week": row["week_start_date"],
                "truth": truth[row["account_key"], row["week_start_date"]],
                "shrunk": row["log_quality"],
                "measured": math.log(max(row["measured_quality"], 1e-4)),
            }
            for row in rows
        ]
    )


def test_a_point_of_shrunk_quality_is_worth_a_point_of_true_quality_and_a_measured_one_is_not(warehouse: Path) -> None:
    table = _joined(warehouse)
    slopes = {
        name: fit_panel(table, outcome="truth", regressors=[name], unit="account", time="week", wild_draws=0)
        for name in ("shrunk", "measured")
    }
    assert slopes["shrunk"].estimates["shrunk"].estimate == pytest.approx(1.0, abs=0.08)
    assert slopes["measured"].estimates["measured"].estimate < 0.85
    assert slopes["shrunk"].within_r2 > slopes["measured"].within_r2


def test_variances_of_the_made_up_weeks_are_those_they_were_made_with(warehouse: Path) -> None:
    (row,) = read_rows(
        warehouse,
        "select any_value(within_variance) as within, any_value(post_variance) as post, max(reliability) as most "
        "from intermediate.int_account_week_quality where quality_basis = 'engagement_per_impression'",
    )
    assert row["within"] == pytest.approx(TRUE_SD**2, rel=0.25)
    assert row["post"] == pytest.approx(0.3**2, rel=0.35)
    assert row["most"] < 1


def test_the_audience_slope_is_exact_on_a_panel_with_gaps(warehouse: Path) -> None:
    slopes = {row["quality_basis"]: row for row in read_rows(warehouse, "from intermediate.int_growth_audience_slopes")}
    made_up = slopes["engagement_per_impression"]
    rows = read_rows(
        warehouse,
        "select q.account_key as account, q.week_start_date as week, q.log_quality, ln(l.follower_count) as audience "
        "from intermediate.int_account_week_quality as q join intermediate.int_account_week_ends as l "
        "on q.account_key = l.account_key and q.week_start_date - 7 = l.week_start_date",
    )
    fit = fit_panel(
        pa.Table.from_pylist(rows),
        outcome="log_quality",
        regressors=["audience"],
        unit="account",
        time="week",
        wild_draws=0,
    )
    assert made_up["account_count"] == 60
    assert made_up["audience_slope"] == pytest.approx(fit.estimates["audience"].estimate, abs=1e-6)
    assert fit.estimates["audience"].conf_low < AUDIENCE_SLOPE < fit.estimates["audience"].conf_high
