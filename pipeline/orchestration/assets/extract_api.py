"""Assets `lake/<API source>/<table>`: what an API says of the registered accounts, within budget and time."""

import time
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime

import dagster as dg

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.registry import registry_rows
from pipeline.ingest.run_note import note_reasons
from pipeline.lake import Lake
from pipeline.orchestration.assets.extract import lake_specs, row_totals
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.runtime.clock import utc_now
from pipeline.runtime.shard import shard_of
from pipeline.settings import Settings
from pipeline.sources.api.run import ApiRun
from pipeline.sources.api.sharing import AccountShare
from pipeline.sources.api.source import ApiResult, ApiSource, has_accounts
from pipeline.sources.lake_source import Row

COMPLETE = "everything_was_read"
COMPLETE_MEANING = (
    "Every account was read to its end. Counts of a day cannot be read later. The rest is published all the same: a "
    "warning where some of {platform} is missing, an error where nothing of it could be read."
)


def api_assets(
    source: ApiSource, max_usd: float, partitions: dg.StaticPartitionsDefinition | None = None
) -> dg.AssetsDefinition:
    """What one platform is asked for; the limit of the settings, in US dollars, can be changed in the Launchpad.

    With partitions, each is a part of the accounts, and has its share of the limit.
    """
    if partitions:
        max_usd /= len(partitions.get_partition_keys())

    @dg.multi_asset(
        name=f"{source.PLATFORM}_to_lake",
        description=f"{source.DESCRIPTION}; does nothing without accounts of {source.PLATFORM_NAME}"
        + (", or until you " + source.SETUP if source.SETUP else "")
        if has_accounts(source)
        else f"{source.DESCRIPTION}; does nothing until you {source.SETUP}",
        specs=lake_specs([source]),
        check_specs=[_check_spec(source, partitions)],
        partitions_def=partitions,
        pool=None if partitions else POOL,  # parts are read side by side, and while the warehouse is made
        required_resource_keys=RESOURCES,
        config_schema={
            "max_usd": dg.Field(
                float, default_value=max_usd, description="Hard limit for paid requests of this run, in US dollars"
            )
        },
    )
    def platform_to_lake(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        """Read what is new of every registered account."""
        limit = context.op_execution_context.op_config["max_usd"]
        settings = settings_of(context).model_copy(update={"max_usd_per_run": limit})
        lake, now = lake_of(settings), utc_now()
        result = ApiResult()
        shard = shard_of(settings)
        if shard and not shard.is_reader:
            context.log.info(f"{source.PLATFORM_NAME} is read by the readers of parts (TWEETBENCH_SHARD)")
        elif not source.is_configured(settings):
            context.log.info(f"nothing is read from {source.PLATFORM_NAME}; to read it: {source.SETUP}")
        else:
            rows = registry_rows(settings, now=now)
            try:
                result = _extract(source, settings, lake, rows, run_id=context.run.run_id, now=now)
            except TweetbenchError as error:
                if error.exit_code is not Exit.AUTHENTICATION:
                    raise
                # What was read before, and every file, is published all the same; the command ends with 77.
                result = ApiResult(shortfalls=(error,))
        for shortfall in result.shortfalls:
            context.log.warning(str(shortfall))
        note_reasons(settings, result.shortfalls)
        yield from _results(source, result, lake)
        if context.selected_asset_check_keys:
            yield _is_complete(source, result.shortfalls)

    return platform_to_lake


def _extract(
    source: ApiSource, settings: Settings, lake: Lake, rows: list[Row], *, run_id: str, now: datetime
) -> ApiResult:
    """Read the platform; where no account of it is registered, only what a crashed run left is committed."""
    shard, share = shard_of(settings), None
    if shard:
        share = AccountShare(shard, [row for row in rows if (row["platform"] or "x") == source.PLATFORM])
        rows = share.own_rows()
    is_asked = any((row["platform"] or "x") == source.PLATFORM for row in rows)
    if not has_accounts(source):  # what belongs to a token is the first reader's
        is_asked = shard is None or shard.number == 1
    if not is_asked and not (share and share.rows):
        return ApiResult(recovered_segment_count=source.recover(lake, now=now))
    return source.extract(settings, lake, rows, ApiRun(run_id, now, time.sleep, time.monotonic, share=share))


def _checked(source: ApiSource) -> dg.AssetKey:
    return dg.AssetKey(["lake", source.NAME, source.TABLES[0]])


def _check_spec(source: ApiSource, partitions: dg.StaticPartitionsDefinition | None) -> dg.AssetCheckSpec:
    meaning = COMPLETE_MEANING.format(platform=source.PLATFORM_NAME)
    with warnings.catch_warnings():
        # Dagster still tries this out; without it the answer for one part would stand for all.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(COMPLETE, asset=_checked(source), description=meaning, partitions_def=partitions)


def _is_complete(source: ApiSource, shortfalls: Sequence[TweetbenchError]) -> dg.AssetCheckResult:
    is_unread = any(shortfall.exit_code is not Exit.INCOMPLETE for shortfall in shortfalls)
    return dg.AssetCheckResult(
        passed=not shortfalls,
        asset_key=_checked(source),
        check_name=COMPLETE,
        severity=dg.AssetCheckSeverity.ERROR if is_unread else dg.AssetCheckSeverity.WARN,
        metadata={"reasons": dg.MetadataValue.md("\n\n".join(map(str, shortfalls)) or "none")},
    )


def _results(source: ApiSource, result: ApiResult, lake: Lake) -> Iterator[dg.MaterializeResult[None]]:
    totals = row_totals(lake)
    for table in source.TABLES:
        yield dg.MaterializeResult(
            asset_key=["lake", source.NAME, table],
            metadata={
                "dagster/row_count": totals[(source.NAME, table)],
                "rows_added": result.row_counts.get(table, 0),
                "requests": result.request_count,
                "usd": result.usd,
                "partial": result.partial_reason or "; ".join(map(str, result.shortfalls)) or "no",
            },
        )
