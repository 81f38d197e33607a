"""Signs that X changed its answers: required counts missing from whole pages, and counts that are none. Pure."""

from datetime import datetime

from pipeline.sources.api.json_values import Record, count_of
from pipeline.sources.lake_source import Row
from pipeline.sources.x_api.problems import api_issue
from pipeline.sources.x_api.values import record_of


def missing_metrics(
    rows: list[Row], required: tuple[str, ...], endpoint: str, at: datetime, scope: str | None = None
) -> list[Row]:
    """An alarm for each required count that no row of the page has: a renamed field looks like that."""
    counted = [row for row in rows if scope is None or row["metric_scope"] == scope]
    lost = [name for name in required if counted and all(row[name] is None for row in counted)]
    return [alarm(name, endpoint, len(counted), at) for name in lost]


def alarm(name: str, endpoint: str, count: int, at: datetime) -> Row:
    """An issue that says which required field a whole page lacks."""
    return api_issue(
        endpoint,
        "missing_required_metric",
        detail=f"{name} is missing in all {count} items of a page",
        next_step="see whether X renamed the field (payload has the originals), then run: tweetbench doctor",
        at=at,
    )


def odd_counts(item: Record, subject: str, at: datetime) -> list[Row]:
    """An issue for an item whose counts are negative or no numbers; none where all are fine."""
    counts = record_of(item, "public_metrics")
    odd = {name: value for name, value in counts.items() if value is not None and count_of(value) is None}
    if not odd:
        return []
    detail = f"not usable as counts: {', '.join(sorted(map(str, odd)))}"
    step = "nothing to do: the counts are taken as not reported; the original is kept here"
    return [api_issue(subject, "unusable_metric", detail=detail, next_step=step, at=at, original=odd)]
