"""What people see of every asset besides its own description: who looks after it and how fresh it should be."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import dagster as dg

from pipeline import sources

OWNERS = {
    "lake": "team:data-engineering",
    "raw": "team:data-engineering",
    "seeds": "team:analytics",
    "staging": "team:analytics",
    "intermediate": "team:analytics",
    "marts": "team:analytics",
    "published": "team:analytics",
}
# dagster-dbt adds the template of the SQL below each description, which says nothing to an analyst.
RAW_SQL = "\n\n#### Raw SQL"
# A day of a platform that was missed cannot be read later: one late daily run is a warning, two are a failure.
READ_DAILY = dg.FreshnessPolicy.time_window(warn_window=timedelta(hours=26), fail_window=timedelta(hours=50))
# A run that finds nothing new publishes nothing, so a quiet week is normal and a quiet month is not.
PUBLISHED_MONTHLY = dg.FreshnessPolicy.time_window(warn_window=timedelta(days=8), fail_window=timedelta(days=35))


def present(assets: Iterable[dg.AssetsDefinition]) -> Sequence[dg.AssetsDefinition | dg.AssetSpec]:
    """The same assets with owners, freshness policies and descriptions for analysts."""
    return dg.map_asset_specs(presented, list(assets))


def presented(spec: dg.AssetSpec) -> dg.AssetSpec:
    """One asset's specification, completed."""
    stage = spec.key.path[0]
    changed = spec.replace_attributes(
        owners=[OWNERS[stage]], description=(spec.description or "").split(RAW_SQL)[0].strip()
    )
    policy = freshness(spec.key)
    return changed if policy is None else changed.replace_attributes(freshness_policy=policy)


def freshness(key: dg.AssetKey) -> dg.FreshnessPolicy | None:
    """How often an asset should be remade; None where that depends on people who drop files."""
    if key.path[0] == "lake" and key.path[1] in {source.NAME for source in sources.API_SOURCES}:
        return READ_DAILY
    return PUBLISHED_MONTHLY if key.path[0] == "published" else None
