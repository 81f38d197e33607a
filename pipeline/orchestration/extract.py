"""Assets `lake/<source>/<table>`: what people dropped into the inbox, and the registry, as Parquet."""

from collections import Counter
from collections.abc import Iterable, Iterator

import dagster as dg

from pipeline.clock import utc_now
from pipeline.inbox import ingest_inbox
from pipeline.ingest import Outcome, build_request, ingest_registry
from pipeline.lake import Lake
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.schemas import table_description
from pipeline.sources import SOURCES
from pipeline.sources.protocol import LakeSource


def lake_specs(sources: Iterable[LakeSource]) -> list[dg.AssetSpec]:
    """One asset for each table that each source can fill."""
    return [
        dg.AssetSpec(
            ["lake", source.NAME, table],
            group_name="lake",
            description=f"{source.DESCRIPTION}\n\n{table_description(table)}.",
            kinds={"parquet", "python"},
        )
        for source in sources
        for table in source.TABLES
    ]


@dg.multi_asset(
    name="files_to_lake",
    description="Reads what lies in the inbox, and accounts.csv if it changed, into the lake",
    specs=lake_specs(SOURCES),
    can_subset=True,
    pool=POOL,
    required_resource_keys=RESOURCES,
)
def files_to_lake(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """Read the inbox into the lake."""
    settings = settings_of(context)
    lake, now = lake_of(settings), utc_now()
    request = build_request(settings, now=now)
    registry = ingest_registry(lake, settings, request, run_id=context.run.run_id)
    kinds = {key.path[1] for key in context.selected_asset_keys}
    outcomes = [outcome for outcome in [registry] if outcome]
    outcomes += ingest_inbox(lake, settings, request, run_id=context.run.run_id, kinds=_all_or(kinds))
    for outcome in outcomes:
        context.log.info(_line(outcome))
    yield from _results(outcomes, context.selected_asset_keys, lake)


def _all_or(kinds: set[str]) -> set[str] | None:
    """Files of an unknown kind are only judged when every kind is selected."""
    return None if kinds >= {source.NAME for source in SOURCES} else kinds


def _results(outcomes: list[Outcome], selected: set[dg.AssetKey], lake: Lake) -> Iterator[dg.MaterializeResult[None]]:
    added: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        for table, count in (outcome.commit.row_counts() if outcome.commit else {}).items():
            added[(str(outcome.source), table)] += count
    totals = row_totals(lake)
    for key in sorted(selected):
        pair = (key.path[1], key.path[2])
        files = [outcome.file for outcome in outcomes if outcome.commit and outcome.source == pair[0]]
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={"dagster/row_count": totals[pair], "rows_added": added[pair], "files": files},
        )


def row_totals(lake: Lake) -> Counter[tuple[str, str]]:
    """Rows in the lake by source and table."""
    totals: Counter[tuple[str, str]] = Counter()
    for commit in lake.commits():
        for table, count in commit.row_counts().items():
            totals[(commit.source, table)] += count
    return totals


def _line(outcome: Outcome) -> str:
    if outcome.error:
        return f"refused {outcome.file}: {outcome.error}"
    return f"{outcome.status.replace('_', ' ')}: {outcome.file} ({outcome.source})"
