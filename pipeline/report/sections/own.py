"""The own accounts against their peers, and the parts of their growth; follows by day belong to `own_days`."""

import math

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
from pipeline.report.writing import GAP, write, write_count, write_growth, write_number_of, write_range

METRIC_FORMS = {
    "weekly_growth_rate": "growth",
    "reply_share": "share",
    "engagement_per_impression": "share",
}
PARTS = (
    ("quality_part", "Response to posts"),
    ("volume_part", "Number of posts"),
    ("following_part", "Following others"),
    ("unexplained_part", "Everything else"),
)
MARK_OWN = "Set is_own to true for your accounts in accounts.csv; a comparison needs at least ten other accounts."


def _form(metric: str) -> str:
    return METRIC_FORMS.get(metric, "decimal")


def _read_places(rows: Rows) -> list[str]:
    said = []
    several = distinct(row["handle"] for row in rows) > 1
    for row in rows_with_estimates(rows):
        if row["percentile"] is not None and (row["percentile"] >= 75 or row["percentile"] <= 25):
            side = "above" if row["percentile"] >= 75 else "below"
            share = row["percentile"] if side == "above" else 100 - row["percentile"]
            peers = write(row["peer_median"], _form(row["metric"]))
            limits = write_range(row["conf_low"], row["conf_high"], _form(row["metric"]))
            value = tooltip_text(row, "value", "value_low", "value_high", _form(row["metric"]))
            said.append(
                f"{row['handle'] + ', ' if several else ''}{label(row['metric'])}: {value}, {side} {share:.0f} % of "
                f"{write_count(row['peer_count'])} peers (median {peers}, {limits})."
            )
    return [
        *(said or ["Nothing stands out: every measure is within the middle half of the peers."]),
        *describe_gaps(rows, "metric"),
    ]


def _draw_places(rows: Rows) -> list[Drawing]:
    kept = [row for row in rows_with_estimates(rows) if row["percentile"] is not None and row["value"] is not None]
    panels = []
    for handle in dict.fromkeys(row["handle"] for row in kept):
        marked = [_place(row) for row in kept if row["handle"] == handle]
        basis = next(row["peer_group"] for row in kept if row["handle"] == handle)
        panels.append(Panel(f"{handle} among {basis}", places_among_peers(marked)))
    alt = "Share of peers with a lower value than your account, for each measure."
    return [Drawing(tuple(panels), alt)] if panels else []


def _place(row: Row) -> Row:
    form = _form(row["metric"])
    value = tooltip_text(row, "value", "value_low", "value_high", form)
    peers = write(row["peer_median"], form)
    limits = write_range(row["conf_low"], row["conf_high"], form)
    return {
        "label": wrap(label(row["metric"])),
        "percentile": row["percentile"],
        "label_text": f"{write(row['value'], form)}, peers {peers}",
        "tooltip": f"{value}; median of {write_count(row['peer_count'])} peers {peers} ({limits})",
    }


def _draw_parts(rows: Rows) -> list[Drawing]:
    kept = rows_with_estimates(rows)
    marked = {
        row["handle"]: [
            {"label": name, "value": row[part], "label_text": write_growth(row[part])}
            for part, name in PARTS
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
                axis_title="Sum of weekly log growth",
                label_expression=SIGNED_PER_CENT,
            ),
        )
        for handle, entries in marked.items()
        if entries
    ]
    return [Drawing(tuple(panels), "Growth split by driver.")] if panels else []


def _read_parts(rows: Rows) -> list[str]:
    said = []
    for row in rows_with_estimates(rows):
        grown = math.expm1(row["growth_rate_total"])
        change = f"{'grew' if grown >= 0 else 'shrank'} by {100 * abs(grown):.0f}{GAP}%"
        parts = [
            *_say_part(row["volume_part"], "posting more than others", "posting less than others"),
            *_say_part(row["quality_part"], "a better response than others", "a weaker response than others"),
            *filter(None, [row["quality_part_reason"]]),
        ]
        linked = "; ".join(parts)
        period = write_number_of(row["week_count"], "week")
        said.append(f"{row['handle']} {change} in {period}. {linked[:1].upper()}{linked[1:]}.")
    return said + describe_gaps(rows, "handle")


def _say_part(value: float | None, more: str, less: str) -> list[str]:
    """The part linked to one driver, in points of log growth; it may exceed the whole."""
    if value is None:
        return []
    points = f"{100 * abs(value):.0f} points" if abs(value) >= 0.015 else f"{100 * abs(value):.1f} points"
    return [f"{more} is linked to about {points} of that" if value >= 0 else f"{less} is linked to about {points} less"]


OWN = Section(
    "own",
    "Your accounts against their peers",
    "Your accounts compared with others on the same platform, of the same audience size and industry. An account is "
    "never its own peer.",
    (
        Figure(
            "own_among_peers",
            "Where do your accounts stand?",
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
                "metric": ("Measure", "label"),
                **interval("value", "Value", "measure"),
                **interval("peer_median", "Median of peers", "measure", "conf"),
                "percentile": ("Peers below (%)", "count"),
                "peer_count": ("Peers", "count"),
                "peer_group": ("Peer group", "text"),
                **common("status_reason"),
            },
            _read_places,
            MARK_OWN,
            _draw_places,
            if_empty_on={
                "linkedin": "Export the table of competitors from LinkedIn about once a week (Analytics, Competitors, "
                "Followers) and ingest it: only it states the followers of pages. A comparison needs ten other pages."
            },
            note="The shaded band is the middle 50 % of the peers; the tick is their median.",
        ),
        Figure(
            "own_growth_parts",
            "Where did the growth come from?",
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
                "growth_rate_total": ("Total", "growth"),
                "quality_part": ("Response", "growth"),
                "quality_part_reason": ("Why none", "text"),
                "volume_part": ("Posts", "growth"),
                "following_part": ("Following", "growth"),
                "unexplained_part": ("Everything else", "growth"),
                "week_count": ("Weeks", "count"),
                **common("status_reason"),
            },
            _read_parts,
            "Needs an account of your own (is_own in accounts.csv) with complete weeks in the growth panel.",
            _draw_parts,
            if_empty_on={
                "linkedin": "Needs weeks with follower totals; only LinkedIn's table of competitors states them."
            },
        ),
        OWN_DAYS,
    ),
)
