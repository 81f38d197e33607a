"""Asset `published/warehouse`: the marts as a verified, immutable version for analysts and BI tools."""

from collections.abc import Sequence

import dagster as dg

from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.publish import publish
from pipeline.report.at_publish import report_writer
from pipeline.runtime.clock import utc_now
from pipeline.transform.fingerprint import inputs_fingerprint

KEY = dg.AssetKey(["published", "warehouse"])
REPORT_CHECK = "report_is_complete"
REPORT_CHECK_MEANING = "Every figure of the report could be made. A fault is shown on the page; the data are published."


def published_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset that publishes all marts."""

    @dg.asset(
        key=KEY,
        group_name="published",
        deps=marts,
        description=(
            "What analysts and BI tools open: published/current/warehouse.duckdb with schema marts, and the same "
            "tables as Parquet next to it, and report/index.html: findings, charts, tables and their SQL on one page. "
            "Every version is read back in full before it becomes the current one."
        ),
        kinds={"duckdb", "parquet", "html"},
        pool=POOL,
        required_resource_keys=RESOURCES,
        check_specs=[dg.AssetCheckSpec(REPORT_CHECK, asset=KEY, description=REPORT_CHECK_MEANING)],
    )
    # Dagster 1.13 does not take the parametrised result for an asset with checks.
    def warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        settings = settings_of(context)
        basis = inputs_fingerprint(settings, lake_of(settings))
        report = report_writer(settings)
        done = publish(settings, run_id=context.run.run_id, now=utc_now(), basis=basis, write_report=report)
        rows = [f"{name} | {count}" for name, count in done.row_counts.items()]
        return dg.MaterializeResult(
            metadata={
                "version": done.version,
                "file": dg.MetadataValue.path(str(done.folder / "warehouse.duckdb")),
                "rows": dg.MetadataValue.md("\n".join(["mart | rows", "--- | ---", *rows])),
                "report": dg.MetadataValue.path(str(done.folder / "report" / "index.html")),
                "is_demo": settings.is_demo,
            },
            check_results=[_report_check(done.report_problems)],
        )

    return warehouse


def _report_check(problems: Sequence[str]) -> dg.AssetCheckResult:
    # A warning: the data are published and sound, and a blocking check would keep them from their readers.
    return dg.AssetCheckResult(
        check_name=REPORT_CHECK,
        passed=not problems,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": dg.MetadataValue.md("\n".join(f"- {problem}" for problem in problems) or "none")},
    )
