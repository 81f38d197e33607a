"""What the Dagster UI shows with the asset of growth attribution: picture, verdict, diagnostics.

Reads the marts; the picture itself is described in `growth_chart`, generic metadata of tables are in `metadata`.
"""

from pathlib import Path

import dagster as dg
import duckdb

from pipeline.orchestration.assets.growth_chart import describe_effects
from pipeline.orchestration.assets.plots import Begun, begin_drawing
from pipeline.report.painters import Painters

ASSET = "growth_attribution"
_EFFECTS = """
select term, standardised_estimate, standardised_low, standardised_high
from intermediate.int_growth_estimates
where specification = 'same_and_previous_week' and segment_dimension = 'all' and status = 'ok'
-- Sums of both weeks and single terms; a single week of a sum has no share of its own.
and explained_share is not null
"""
_VERDICT = "select * from intermediate.int_growth_verdicts where segment_dimension = 'all'"
_MODEL = """
select max(method) as method, max(dropped_count) as dropped_count
from intermediate.int_growth_estimates
where specification = 'same_and_previous_week' and segment_dimension = 'all'
"""
_EXCLUDED = """
select exclusion_reason, count(*)
from intermediate.int_account_week_panel
where exclusion_reason is not null
group by exclusion_reason
order by count(*) desc, exclusion_reason
"""
METHODS = {
    "crv1": "CRV1: at least 50 accounts, none of which holds a tenth of the leverage",
    "crv3": "CRV3 (jackknife) and a wild bootstrap: fewer than 50 accounts, or one that dominates",
    "none": "none: fewer than 10 accounts",
}


def begin_effects(
    connection: duckdb.DuckDBPyConnection, painters: Painters, folder: Path, *, is_demo: bool
) -> Begun | None:
    """The coefficient plot of the primary model on all accounts while it is drawn; None without any interval."""
    try:
        spec = describe_effects(_read(connection, _EFFECTS), is_demo=is_demo)
    except ValueError:
        return None
    return begin_drawing(spec, _summary(connection).replace("]", ")"), folder / ASSET, painters)


def growth_metadata(
    connection: duckdb.DuckDBPyConnection, effects: Begun | None, *, is_demo: bool
) -> dict[str, dg.MetadataValue]:
    """Coefficient plot, verdict and diagnostics of the primary model on all accounts."""
    (verdict,) = _read(connection, _VERDICT) or [{}]
    return {
        "verdict": dg.MetadataValue.text(str(verdict.get("verdict") or "insufficient_data")),
        "verdict_in_words": dg.MetadataValue.md(("**Demo data.** " if is_demo else "") + _summary(connection)),
        "diagnostics": dg.MetadataValue.md(_diagnose(connection, verdict)),
        "effects": effects.markdown() if effects else dg.MetadataValue.md("No picture: no effect has an interval."),
    }


def _summary(connection: duckdb.DuckDBPyConnection) -> str:
    (verdict,) = _read(connection, _VERDICT) or [{}]
    return str(verdict.get("summary_text") or "There is no panel yet.")


def _diagnose(connection: duckdb.DuckDBPyConnection, verdict: dict[str, object]) -> str:
    (model,) = _read(connection, _MODEL)
    excluded = connection.execute(_EXCLUDED).fetchall()
    purges = connection.execute(
        "select count(distinct week_start_date) from intermediate.int_account_week_panel "
        "where exclusion_reason = 'purge_week'"
    ).fetchone()
    lines: list[tuple[str, object]] = [
        ("accounts", verdict.get("account_count")),
        ("weeks", verdict.get("week_count")),
        ("account-weeks", verdict.get("observation_count")),
        ("within-R2", verdict.get("within_r2")),
        ("placebo p (next week's quality)", verdict.get("placebo_p_value")),
        (
            "effect of the placebo (the order is open if significant and half of quality's)",
            verdict.get("placebo_effect"),
        ),
        ("reliability of weekly quality", verdict.get("reliability")),
        ("p of no difference", verdict.get("p_value")),
        ("the same by wild bootstrap", verdict.get("p_value_wild")),
        ("errors", METHODS.get(str(model.get("method")))),
        ("weeks dropped as purges of the platform", purges[0] if purges else None),
        ("complete rows left out as singletons", model.get("dropped_count")),
        ("measures of quality", verdict.get("quality_bases")),
        *((f"account-weeks left out: {reason}", count) for reason, count in excluded),
    ]
    written = [f"{name} | {'not known' if value is None else _write(value)}" for name, value in lines]
    return "\n".join(["what | figure", "--- | ---", *written])


def _read(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, object]]:
    # Not by `sql`: DuckDB 2 refuses it while a result of an earlier `execute` was not read to its end.
    found = connection.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _write(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
