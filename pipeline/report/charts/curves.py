"""Curves: shares that survive, means by bin, values over days."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import PER_CENT, SIGNED_PER_CENT, spec_of
from pipeline.report.charts.theme import drawn, paint, solid
from pipeline.report.figures import Rows

HEIGHT = 220


def survival(rows: Rows, *, colour: str = "accent", last_day: float, height: int = HEIGHT) -> dict[str, Any]:
    """A Kaplan-Meier step curve with its 95 % band."""
    first = rows[0]
    start = {**first, "day": 0, "survival_share": 1.0, "conf_low": 1.0, "conf_high": 1.0}
    # Where nobody is left there are no limits: the band ends there instead of falling to nought.
    steps = [start, *rows] if first["day"] > 0 else list(rows)
    base = alt.Chart().encode(
        x=alt.X(
            "day:Q",
            scale=alt.Scale(domain=[0, last_day], nice=False),
            axis=alt.Axis(title=say("chart.days_since_first_post"), grid=False, tickCount=5),
        )
    )
    up = alt.Scale(domain=[0, 1])
    axis = alt.Axis(title=None, labelExpr=PER_CENT, values=[0, 0.25, 0.5, 0.75, 1])
    band = base.transform_filter("datum.conf_low != null").mark_area(
        fill=paint(colour), fillOpacity=0.18, stroke=None, interpolate="step-after"
    )
    line = base.mark_line(**drawn(colour), interpolate="step-after")
    points = base.mark_point(**solid(colour), size=40, opacity=0).encode(
        y=alt.Y("survival_share:Q", scale=up),
        tooltip=[
            alt.Tooltip("day:Q", title=say("chart.day")),
            alt.Tooltip("survival_share:Q", title=say("chart.still_posting"), format=".1%"),
            alt.Tooltip("at_risk_count:Q", title=say("chart.watched")),
        ],
    )
    return spec_of(
        alt.layer(
            band.encode(y=alt.Y("conf_low:Q", scale=up, axis=axis), y2="conf_high:Q"),
            line.encode(y=alt.Y("survival_share:Q", scale=up, axis=axis)),
            points,
        ).properties(height=height),
        steps,
    )


def means_by_bin(rows: Rows, *, colour: str, domain: Sequence[float], axis_title: str) -> dict[str, Any]:
    """Adjusted means with intervals over ordered bins."""
    order = [row["label"] for row in rows]
    base = alt.Chart().encode(
        x=alt.X("label:N", sort=None, scale=alt.Scale(domain=order), axis=alt.Axis(title=axis_title, labelAngle=0))
    )
    up = alt.Scale(domain=list(domain), nice=False, zero=False)
    axis = alt.Axis(title=None, labelExpr=SIGNED_PER_CENT, tickCount=5)
    return spec_of(
        alt.layer(
            base.mark_line(**drawn(colour), strokeOpacity=0.45).encode(
                y=alt.Y("mean_growth_rate:Q", scale=up, axis=axis)
            ),
            base.mark_rule(**drawn(colour)).encode(y=alt.Y("conf_low:Q", scale=up), y2="conf_high:Q"),
            base.mark_point(**solid(colour), size=70, opacity=1).encode(
                y=alt.Y("mean_growth_rate:Q", scale=up),
                tooltip=[
                    alt.Tooltip("label:N", title=axis_title),
                    alt.Tooltip("tooltip:N", title=say("chart.growth_a_week")),
                ],
            ),
        ).properties(height=HEIGHT),
        rows,
    )


def over_days(
    rows: Rows, *, field: str, colour: str, title: str, domain: Sequence[float] | None = None, height: int = 120
) -> dict[str, Any]:
    """A count over days; a day without a reading breaks the line."""
    scale = alt.Scale(zero=True) if domain is None else alt.Scale(domain=list(domain), nice=False, zero=False)
    chart = alt.Chart().mark_line(**drawn(colour, 1.6), interpolate="step-after")
    return spec_of(
        chart.encode(
            x=alt.X("date:T", axis=alt.Axis(title=None, format="%b %Y", tickCount=4, grid=False)),
            y=alt.Y(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, tickCount=3, format=",d")),
        ).properties(height=height),
        rows,
    )
