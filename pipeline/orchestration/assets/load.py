"""Assets `raw/<table>`: new lake files into the build warehouse, each exactly once. One step for all tables: a step of
Dagster and the opening of the warehouse cost more than what most tables have to load.
"""

from collections.abc import Iterator

import dagster as dg

from pipeline import sources, warehouse
from pipeline.orchestration.assets.extract import REFUSED
from pipeline.orchestration.assets.metadata import schema_metadata
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.runtime.program import require_same_program
from pipeline.schemas import TABLES, table_description


def raw_spec(table: str) -> dg.AssetSpec:
    """The asset of one lake table in the warehouse."""
    return dg.AssetSpec(
        ["raw", table],
        group_name="raw",
        deps=lake_parents(table),
        description=table_description(table),
        kinds={"duckdb", "python"},
        metadata=schema_metadata(TABLES[table]),
    )


def raw_assets() -> dg.AssetsDefinition:
    """The assets of all lake tables, made by one step."""

    @dg.multi_asset(
        name="lake_to_raw",
        description="Loads new files of the lake into the raw tables of the build warehouse",
        specs=[raw_spec(table) for table in TABLES],
        can_subset=True,
        pool=POOL,
        required_resource_keys=RESOURCES,
    )
    def lake_to_raw(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        """Load the new files of every selected table."""
        require_same_program()
        settings = settings_of(context)
        chosen = {key.path[1] for key in context.selected_asset_keys}
        for done in warehouse.load_tables(settings, lake_of(settings), [table for table in TABLES if table in chosen]):
            for problem in done.damaged:
                context.log.error(f"left out: {problem}")
            yield dg.MaterializeResult(
                asset_key=["raw", done.table],
                metadata={
                    "dagster/row_count": done.rows_total,
                    "rows_added": done.rows_added,
                    "files_added": done.files_added,
                    "damaged_files": list(done.damaged),
                },
            )

    return lake_to_raw


def lake_parents(table: str) -> list[dg.AssetKey]:
    """Every lake asset that holds rows of this table."""
    parents = [dg.AssetKey(["lake", source.NAME, table]) for source in sources.ALL_SOURCES if table in source.TABLES]
    return [*parents, REFUSED] if table == "issues" else parents
