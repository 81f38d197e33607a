"""Asset `published/warehouse`: the marts as a verified, immutable version for analysts and BI tools."""

from collections.abc import Sequence

import dagster as dg

from pipeline.basis import marts_basis
from pipeline.clock import utc_now
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.publish import publish


def published_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset that publishes all marts."""

    @dg.asset(
        key=["published", "warehouse"],
        group_name="published",
        deps=marts,
        description=(
            "What analysts and BI tools open: published/current/warehouse.duckdb with schema marts, and the same "
            "tables as Parquet beside it. Every version is read back in full before it becomes the current one."
        ),
        kinds={"duckdb", "parquet"},
        pool=POOL,
        required_resource_keys=RESOURCES,
    )
    def warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        settings = settings_of(context)
        basis = marts_basis(settings, lake_of(settings))
        done = publish(settings, run_id=context.run.run_id, now=utc_now(), basis=basis)
        rows = [f"{name} | {count}" for name, count in done.row_counts.items()]
        return dg.MaterializeResult(
            metadata={
                "version": done.version,
                "file": dg.MetadataValue.path(str(done.folder / "warehouse.duckdb")),
                "rows": dg.MetadataValue.md("\n".join(["mart | rows", "--- | ---", *rows])),
                "is_demo": settings.is_demo,
            }
        )

    return warehouse
