"""Assets `raw/<table>`: new lake files into the build warehouse, each exactly once."""

import dagster as dg

from pipeline import sources, warehouse
from pipeline.orchestration.assets.extract import REFUSED
from pipeline.orchestration.assets.metadata import schema_metadata
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.schemas import TABLES, table_description


def raw_asset(table: str) -> dg.AssetsDefinition:
    """The asset that loads one lake table."""

    @dg.asset(
        key=["raw", table],
        group_name="raw",
        deps=lake_parents(table),
        description=table_description(table),
        kinds={"duckdb", "python"},
        metadata=schema_metadata(TABLES[table]),
        pool=POOL,
        required_resource_keys=RESOURCES,
    )
    def load(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        settings = settings_of(context)
        done = warehouse.load_table(settings, lake_of(settings), table)
        for problem in done.damaged:
            context.log.error(f"left out: {problem}")
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": done.rows_total,
                "rows_added": done.rows_added,
                "files_added": done.files_added,
                "damaged_files": list(done.damaged),
            }
        )

    return load


def lake_parents(table: str) -> list[dg.AssetKey]:
    """Every lake asset that holds rows of this table."""
    parents = [dg.AssetKey(["lake", source.NAME, table]) for source in sources.ALL_SOURCES if table in source.TABLES]
    return [*parents, REFUSED] if table == "issues" else parents


def raw_assets() -> list[dg.AssetsDefinition]:
    """One asset for each lake table."""
    return [raw_asset(table) for table in TABLES]
