"""The own accounts against their peers, and the parts of their growth; follows by day belong to `own_days`."""

import math

from pipeline.report.catalogue import say, say_reason
from pipeline.report.charts.bars import places_among_peers, signed_bars
from pipeline.report.charts.marks import SIGNED_PER_CENT, padded, wrap
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.own_days import OWN_DAYS
from pipeline.report.sections.shared import (
    common,
    describe_gaps,
    distinct,
    interval,
    rows_with_estimates,
    tooltip_text,
)
from pipeline.report.writing import (
    start_sentence,
    write,
    write_count,
    write_decimal,
    write_growth,
    write_number_of,
    write_range,
)

METRIC_FORMS = {
    "weekly_growth_rate": "growth",
    "reply_share": "share",
    "engagement_per_impression": "share",
}
PARTS = ("quality_part", "volume_part", "following_part", "unexplained_part")


def _form(metric: str) -> str:
    return METRIC_FORMS.get(metric, "decimal")


def _read_places(rows: Rows) -> list[str]:
    said = []
    several = distinct(row["handle"] for row in rows) > 1
    for row in rows_with_estimates(rows):
        if row["percentile"] is not None and (row["percentile"] >= 75 or row["percentile"] <= 25):
            is_above = row["percentile"] >= 75
            share = row["percentile"] if is_above else 100 - row["percentile"]
            peers = write(row["peer_median"], _form(row["metric"]))
            limits = write_range(row["conf_low"], row["conf_high"], _form(row["metric"]))
            value = tooltip_text(row, "value", "value_low", "value_high", _form(row["metric"]))
            said.append(
                say(
                    "own.above" if is_above else "own.below",
                    whose=row["handle"] + ", " if several else "",
                    metric=label(row["metric"]),
                    value=value,
                    share=write_decimal(share, 0),
                    peer_count=write_count(row["peer_count"]),
                    peers=peers,
                    limits=limits,
                )
            )
    return [
        *(said or ([say("own.ordinary")] if _are_placed(rows) else [])),
        *describe_gaps(rows, "metric"),
    ]


def _are_placed(rows: Rows) -> bool:
    return any(row["percentile"] is not None for row in rows_with_estimates(rows))


def _draw_places(rows: Rows) -> list[Drawing]:
    kept = [row for row in rows_with_estimates(rows) if row["percentile"] is not None and row["value"] is not None]
    panels = []
    for handle in dict.fromkeys(row["handle"] for row in kept):
        marked = [_place(row) for row in kept if row["handle"] == handle]
        basis = next(row["peer_group"] for row in kept if row["handle"] == handle)
        panels.append(Panel(say("own.among", handle=handle, basis=basis), places_among_peers(marked), str(handle)))
    alt = say("own.alt_places")
    return [Drawing(tuple(panels), alt)] if panels else []


def _place(row: Row) -> Row:
    form = _form(row["metric"])
    value = tooltip_text(row, "value", "value_low", "value_high", form)
    peers = write(row["peer_median"], form)
    limits = write_range(row["conf_low"], row["conf_high"], form)
    return {
        "label": wrap(label(row["metric"])),
        "percentile": row["percentile"],
        "label_text": say("own.value_and_peers", value=write(row["value"], form), peers=peers),
        "tooltip": say(
            "own.tooltip", value=value, peer_count=write_count(row["peer_count"]), peers=peers, limits=limits
        ),
    }


def _draw_parts(rows: Rows) -> list[Drawing]:
    kept = rows_with_estimates(rows)
    marked = {
        row["handle"]: [
            {"label": label(part), "value": row[part], "label_text": write_growth(row[part])}
            for part in PARTS
            if row[part] is not None
        ]
        for row in kept
    }
    domain = padded([entry for entries in marked.values() for entry in entries], ["value"], include=[0])
    panels = [
        Panel(
            handle,
            signed_bars(
                entries,
                field="value",
                domain=domain,
                axis_title=say("own.axis_parts"),
                label_expression=SIGNED_PER_CENT,
            ),
            str(handle),
        )
        for handle, entries in marked.items()
        if entries
    ]
    return [Drawing(tuple(panels), say("own.alt_parts"))] if panels else []


def _read_parts(rows: Rows) -> list[str]:
    said = []
    for row in rows_with_estimates(rows):
        grown = math.expm1(row["growth_rate_total"])
        change = say("own.grew" if grown >= 0 else "own.shrank", change=write_decimal(100 * abs(grown), 0))
        parts = [
            *_say_part(row["volume_part"], say("own.posting_more"), say("own.posting_less")),
            *_say_part(row["quality_part"], say("own.response_better"), say("own.response_weaker")),
            *filter(None, [say_reason(row["quality_part_reason"])]),
        ]
        linked = start_sentence("; ".join(parts))
        period = write_number_of(row["week_count"], "week")
        said.append(say("own.growth", handle=row["handle"], change=change, period=period, linked=linked))
    return said + describe_gaps(rows, "handle")


def _say_part(value: float | None, more: str, less: str) -> list[str]:
    """The part linked to one driver, in points of log growth; it may exceed the whole."""
    if value is None:
        return []
    points = say("own.points", points=write_decimal(100 * abs(value), 0 if abs(value) >= 0.015 else 1))
    return [
        say("own.part_more", more=more, points=points) if value >= 0 else say("own.part_less", less=less, points=points)
    ]


OWN = Section(
    "own",
    (
        Figure(
            "own_among_peers",
            """
select
    coalesce(accounts.account_label, benchmark.account_key) as handle, benchmark.metric, benchmark.value,
    benchmark.value_low, benchmark.value_high, benchmark.peer_median, benchmark.conf_low, benchmark.conf_high,
    benchmark.percentile, benchmark.peer_count,
    benchmark.peer_group, benchmark.status, benchmark.status_reason
from marts.benchmark
left join marts.accounts using (account_key)
where benchmark.is_own
order by handle, benchmark.metric
""",
            {
                **common("handle"),
                "metric": "label",
                **interval("value", "measure"),
                **interval("peer_median", "measure", "conf"),
                "percentile": "count",
                "peer_count": "count",
                "peer_group": "text",
                **common("status_reason"),
            },
            _read_places,
            _draw_places,
        ),
        Figure(
            "own_growth_parts",
            """
select
    coalesce(accounts.account_label, growth_by_account.account_key) as handle, growth_by_account.growth_rate_total,
    growth_by_account.quality_part, growth_by_account.quality_part_reason,
    growth_by_account.volume_part, growth_by_account.following_part,
    growth_by_account.unexplained_part, growth_by_account.week_count, growth_by_account.status,
    growth_by_account.status_reason
from marts.growth_by_account
inner join marts.accounts using (account_key)
where accounts.is_own
order by handle
""",
            {
                **common("handle"),
                "growth_rate_total": "growth",
                "quality_part": "growth",
                "quality_part_reason": "reason",
                "volume_part": "growth",
                "following_part": "growth",
                "unexplained_part": "growth",
                "week_count": "count",
                **common("status_reason"),
            },
            _read_parts,
            _draw_parts,
        ),
        OWN_DAYS,
    ),
)
