"""Curves: shares that survive, means by bin, values over days and around an event, and what lies ahead."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import PER_CENT, SIGNED_PER_CENT, data, rows_axis, spec_of
from pipeline.report.charts.theme import dashed, drawn, note, paint, solid
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


def means_by_bin(
    rows: Rows, *, colour: str, domain: Sequence[float], axis_title: str, zero: bool = False
) -> dict[str, Any]:
    """Adjusted means with intervals over ordered bins; with `zero` they are changes, and no change is marked."""
    order = [row["label"] for row in rows]
    base = alt.Chart().encode(
        x=alt.X("label:N", sort=None, scale=alt.Scale(domain=order), axis=alt.Axis(title=axis_title, labelAngle=0))
    )
    up = alt.Scale(domain=list(domain), nice=False, zero=False)
    axis = alt.Axis(title=None, labelExpr=SIGNED_PER_CENT, tickCount=5)
    nought = alt.Chart(data([{"zero": 0}])).mark_rule(**drawn("muted", 1)).encode(y=alt.Y("zero:Q", scale=up))
    return spec_of(
        alt.layer(
            *((nought,) if zero else ()),
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


def outlook(past: Rows, ways: Rows, ends: Rows, *, axis_title: str) -> dict[str, Any]:
    """A level so far, ways to continue from its last value (`way` names the line), and their ends with limits."""
    across = alt.X("date:T", axis=alt.Axis(title=None, format="%b %Y", tickCount=3, grid=False, labelFlush=25))
    up = alt.Y("level:Q", scale=alt.Scale(zero=False), axis=alt.Axis(title=axis_title, tickCount=4, format=",d"))
    own: dict[str, Any] = {"scale": None, "legend": None}
    reached = alt.Chart(data(ends)).encode(x=across)
    layers = [
        alt.Chart(data(ways))
        .mark_line(strokeWidth=2, strokeDash=[5, 3])
        .encode(x=across, y=up, detail="way:N", stroke=alt.Stroke("colour:N", **own)),
        reached.mark_rule(strokeWidth=2).encode(
            y=alt.Y("low:Q", scale=alt.Scale(zero=False)), y2="high:Q", stroke=alt.Stroke("colour:N", **own)
        ),
        reached.mark_point(size=60, opacity=1, stroke=None).encode(
            y=up,
            fill=alt.Fill("colour:N", **own),
            tooltip=[alt.Tooltip("label:N", title=" "), alt.Tooltip("tooltip:N", title=say("chart.interval_90"))],
        ),
    ]
    if past:
        layers.append(alt.Chart(data(past)).mark_line(**drawn("ink", 1.6)).encode(x=across, y=up))
    return spec_of(alt.layer(*layers).properties(height=HEIGHT), ())


def around_event(rows: Rows, *, domain: Sequence[float], first_day: int, last_day: int) -> dict[str, Any]:
    """A ratio by day around an event, with its 95 % band; the days before it are shaded, 1 is as usual."""
    # Half a day to each side, so that the shade ends before the day of the event.
    span = alt.Scale(domain=[first_day - 0.5, last_day + 0.5], nice=False)
    ticks = [*range(first_day, 0, 7), *range(0, last_day + 1, 7)]
    across = alt.X("day:Q", scale=span, axis=alt.Axis(title=say("chart.days_from_post"), values=ticks, grid=False))
    up = alt.Scale(domain=list(domain), nice=False, zero=False)
    axis = alt.Axis(title=say("chart.times_usual"), tickCount=5)
    before = alt.Chart(data([{"from": first_day - 0.5, "to": -0.5, "text": say("chart.before_the_post")}]))
    usual = alt.Chart(data([{"usual": 1}])).mark_rule(**dashed())
    base = alt.Chart().encode(x=across)
    return spec_of(
        alt.layer(
            before.mark_rect(fill=paint("band"), stroke=None).encode(x=alt.X("from:Q", scale=span), x2="to:Q"),
            before.mark_text(**note(align="left", baseline="top", dx=4, dy=4)).encode(
                x=alt.X("from:Q", scale=span), y=alt.value(0), text="text:N"
            ),
            usual.encode(y=alt.Y("usual:Q", scale=up)),
            base.mark_area(fill=paint("accent"), fillOpacity=0.18, stroke=None, clip=True).encode(
                y=alt.Y("low:Q", scale=up, axis=axis), y2="high:Q"
            ),
            base.mark_line(**drawn("accent"), clip=True).encode(y=alt.Y("value:Q", scale=up)),
            base.mark_point(**solid("accent"), size=40, opacity=1, clip=True).encode(
                y=alt.Y("value:Q", scale=up),
                tooltip=[
                    alt.Tooltip("day:Q", title=say("chart.days_from_post")),
                    alt.Tooltip("tooltip:N", title=say("chart.times_usual")),
                ],
            ),
        ).properties(height=HEIGHT),
        rows,
    )


def schedule(rows: Rows) -> dict[str, Any]:
    """Weeks of a plan in the row of what each asks for, over, running or ahead by colour."""
    own: dict[str, Any] = {"scale": None, "legend": None}
    base = alt.Chart().encode(y=rows_axis(), x=alt.X("from:T", axis=alt.Axis(title=None, format="%d %b", tickCount=5)))
    bars = base.mark_bar(height=15, stroke=paint("ground"), strokeWidth=2).encode(
        x2="to:T",
        fill=alt.Fill("colour:N", **own),
        tooltip=[alt.Tooltip("tooltip:N", title=" ")],
    )
    return spec_of(bars.properties(height=34 * max(1, len({row["label"] for row in rows}))), rows)
