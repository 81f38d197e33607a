"""Assets `lake/x_api/<table>`: what the X API says of the registered accounts, within budget and time."""

import time
from collections.abc import Iterator, Sequence

import dagster as dg

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest.registry import registry_rows, x_api_config
from pipeline.ingest.run_note import note_reasons
from pipeline.lake import Lake
from pipeline.orchestration.assets.extract import lake_specs, row_totals
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.runtime.clock import utc_now
from pipeline.sources import x_api

ACCOUNTS = dg.AssetKey(["lake", x_api.NAME, "accounts"])
COMPLETE = "everything_was_read"
COMPLETE_MEANING = (
    "Every account was read to its end. Counts of a day cannot be read later. The rest is published all the same: a "
    "warning where some of X is missing, an error where nothing of it could be read."
)


def x_assets(max_usd: float) -> dg.AssetsDefinition:
    """What X is asked for; the limit of the settings, in US dollars, is what the Launchpad offers to change."""

    @dg.multi_asset(
        name="x_to_lake",
        description="Account snapshots, new posts and their metrics from the X API; does nothing without a token",
        specs=lake_specs([x_api]),
        check_specs=[dg.AssetCheckSpec(COMPLETE, asset=ACCOUNTS, description=COMPLETE_MEANING)],
        pool=POOL,
        required_resource_keys=RESOURCES,
        config_schema={
            "max_usd": dg.Field(
                float, default_value=max_usd, description="Hard stop for paid requests of this run, in US dollars"
            )
        },
    )
    def x_to_lake(
        context: dg.AssetExecutionContext,
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        """Read what is new of every registered account."""
        limit = context.op_execution_context.op_config["max_usd"]
        settings = settings_of(context).model_copy(update={"max_usd_per_run": limit})
        lake, now = lake_of(settings), utc_now()
        access = x_api_config(settings)
        result = x_api.XApiResult()
        if access is None:
            context.log.info("TWEETBENCH_X_BEARER_TOKEN is not set: nothing is read from X")
        else:
            rows = registry_rows(settings, now=now)
            try:
                result = x_api.extract(
                    access, lake, rows, run_id=context.run.run_id, now=now, sleep=time.sleep, monotonic=time.monotonic
                )
            except TweetbenchError as error:
                if error.exit_code is not Exit.AUTHENTICATION:
                    raise
                # What was read before, and every file, is published all the same; the command ends with 77.
                result = x_api.XApiResult(shortfalls=(error,))
        for shortfall in result.shortfalls:
            context.log.warning(str(shortfall))
        note_reasons(settings, result.shortfalls)
        yield from _results(result, lake)
        if context.selected_asset_check_keys:
            yield _is_complete(result.shortfalls)

    return x_to_lake


def _is_complete(shortfalls: Sequence[TweetbenchError]) -> dg.AssetCheckResult:
    is_unread = any(shortfall.exit_code is not Exit.INCOMPLETE for shortfall in shortfalls)
    return dg.AssetCheckResult(
        passed=not shortfalls,
        asset_key=ACCOUNTS,
        check_name=COMPLETE,
        severity=dg.AssetCheckSeverity.ERROR if is_unread else dg.AssetCheckSeverity.WARN,
        metadata={"reasons": dg.MetadataValue.md("\n\n".join(map(str, shortfalls)) or "none")},
    )


def _results(result: x_api.XApiResult, lake: Lake) -> Iterator[dg.MaterializeResult[None]]:
    totals = row_totals(lake)
    for table in x_api.TABLES:
        yield dg.MaterializeResult(
            asset_key=["lake", x_api.NAME, table],
            metadata={
                "dagster/row_count": totals[(x_api.NAME, table)],
                "rows_added": result.row_counts.get(table, 0),
                "requests": result.request_count,
                "usd": result.usd,
                "partial": result.partial_reason or "; ".join(map(str, result.shortfalls)) or "no",
            },
        )
