"""Columns and bars: counts in bins, spans of time, parts of a whole."""

from typing import Any

import altair as alt

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import PER_CENT, data, rows_axis, spec_of
from pipeline.report.charts.theme import dashed, drawn, note, paint, solid, value
from pipeline.report.definitions import thresholds
from pipeline.report.figures import Rows

TICKS = [ends * 10.0**decade for decade in range(-4, 8) for ends in (1, 3)]
# A label near an edge runs inwards.
SIDES = (
    ("left", "datum.percentile < 15"),
    ("center", "datum.percentile >= 15 && datum.percentile <= 80"),
    ("right", "datum.percentile > 80"),
)


def histogram_of_ratios(rows: Rows) -> dict[str, Any]:
    """Shares of accounts by followers per followed, on a log scale, with the edges of the bands."""
    known = thresholds()
    edges = ("ratio_interpersonal_from", "ratio_interpersonal_to", "ratio_mass_communication_from")
    marked = [{"edge": known[name], "text": f"{known[name]:g}"} for name in edges]
    across = alt.X(
        "bin_low:Q",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(title=say("chart.ratio"), labelExpr="format(datum.value, ',.4~f')", values=TICKS, grid=False),
    )
    bars = alt.Chart().mark_rect(fill=paint("muted"), fillOpacity=0.55, stroke=paint("ground"))
    at_edge = alt.Chart(data(marked)).encode(x=alt.X("edge:Q"))
    return spec_of(
        alt.layer(
            bars.encode(
                x=across,
                x2="bin_high:Q",
                y=alt.Y(
                    "account_share:Q",
                    axis=alt.Axis(title=say("chart.share_of_accounts"), labelExpr=PER_CENT, tickCount=4),
                ),
                y2=alt.datum(0),
                tooltip=[
                    alt.Tooltip("bin_low:Q", title=say("chart.from"), format=",.2f"),
                    alt.Tooltip("bin_high:Q", title=say("chart.to"), format=",.2f"),
                    alt.Tooltip("account_count:Q", title=say("chart.accounts")),
                ],
            ),
            at_edge.mark_rule(**dashed()),
            at_edge.mark_text(**note(align="left", dx=4, y=6)).encode(text="text:N"),
        ).properties(height=220),
        rows,
    )


def bars(rows: Rows, *, field: str, colour: str = "muted", axis_title: str | None = None) -> dict[str, Any]:
    """A bar with its count for each label."""
    base = alt.Chart().encode(y=rows_axis())
    highest = max((row[field] or 0 for row in rows), default=1)
    across = alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=[0, highest * 1.15], nice=False),
        axis=alt.Axis(title=axis_title, tickCount=4),
    )
    return spec_of(
        alt.layer(
            base.mark_bar(**solid(colour), fillOpacity=0.6, height=13).encode(x=across),
            base.mark_text(**value(align="left", dx=5)).encode(x=across, text=alt.Text(f"{field}:Q", format=",")),
        ).properties(height=max(1, len({row["label"] for row in rows})) * 32),
        rows,
    )


def signed_bars(
    rows: Rows, *, field: str, domain: list[float], axis_title: str, label_expression: str
) -> dict[str, Any]:
    """Parts of a sum to both sides of nought, each with its value in figures."""
    base = alt.Chart().encode(y=rows_axis())
    across = alt.X(
        f"{field}:Q",
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(title=axis_title, labelExpr=label_expression, tickCount=4),
    )
    nought = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(**drawn("muted", 1))
    return spec_of(
        alt.layer(
            base.mark_bar(**solid("accent"), fillOpacity=0.65, height=13).encode(x=across),
            nought.encode(x=alt.X("zero:Q", scale=alt.Scale(domain=domain, nice=False))),
            base.mark_text(**value(baseline="bottom", dy=-8)).encode(x=across, text="label_text:N"),
        ).properties(height=max(1, len({row["label"] for row in rows})) * 34),
        rows,
    )


def spans(rows: Rows) -> dict[str, Any]:
    """First to last day covered by each source."""
    base = alt.Chart().encode(y=rows_axis())
    axis = alt.Axis(title=None, format="%b %Y", tickCount=5)
    return spec_of(
        alt.layer(
            base.mark_rule(**drawn("accent", 7), strokeOpacity=0.55, strokeCap="butt").encode(
                x=alt.X("first_day:T", axis=axis), x2="last_day:T"
            ),
            base.mark_text(**value(align="left", baseline="bottom", dy=-6)).encode(
                x=alt.X("first_day:T", axis=axis), text="label_text:N"
            ),
        ).properties(height=max(1, len({row["label"] for row in rows})) * 38),
        rows,
    )


def places_among_peers(rows: Rows) -> dict[str, Any]:
    """Where an account stands among its peers: a strip from 0 to 100 for each measure, the middle half shaded."""
    base = alt.Chart().encode(y=rows_axis())
    scale = alt.Scale(domain=[0, 100], nice=False)
    axis = alt.Axis(title=say("chart.percentile"), values=[0, 25, 50, 75, 100])
    return spec_of(
        alt.layer(
            base.mark_bar(**solid("band"), height=12).encode(x=alt.X("from:Q", scale=scale, axis=axis), x2="to:Q"),
            base.mark_tick(**solid("muted"), size=12, orient="vertical").encode(x=alt.X("middle:Q", scale=scale)),
            base.mark_point(**solid("accent"), size=110, opacity=1).encode(
                x=alt.X("percentile:Q", scale=scale),
                tooltip=[
                    alt.Tooltip("label:N", title=say("chart.measure")),
                    alt.Tooltip("tooltip:N", title=say("chart.value")),
                ],
            ),
            *(
                base.mark_text(**value(baseline="bottom", dy=-8, align=align))
                .transform_filter(test)
                .encode(x=alt.X("percentile:Q", scale=scale), text="label_text:N")
                for align, test in SIDES
            ),
        ).properties(height=max(1, len(rows)) * 44),
        [{**row, "from": 25, "to": 75, "middle": 50} for row in rows],
    )
