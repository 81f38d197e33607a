"""The ratio map: followers against accounts followed, both on a log scale, where styles are bands between diagonals."""

import math
from typing import Any

import altair as alt

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import data, spec_of
from pipeline.report.charts.theme import dashed, drawn, hollow, note, paint, solid, value
from pipeline.report.definitions import STYLES, thresholds
from pipeline.report.figures import Rows

HEIGHT = 440
# X lets every account follow this many, and beyond it about 1.1 times its followers.
FOLLOW_LIMIT, FOLLOW_LIMIT_RATIO = 5000, 1.1
COUNTS = "datum.value >= 1e6 ? format(datum.value / 1e6, ',') + 'M' : format(datum.value, ',')"


# Names stand on a ground of their own, because points lie behind them.
NAMED = (
    {"stroke": paint("ground"), "strokeWidth": 4, "strokeJoin": "round", "fontWeight": "bold"},
    value(fontWeight="bold"),
)


def ratio_map(rows: Rows) -> dict[str, Any]:
    """Points of accounts by style, the edges of the bands, the follow limit, and own accounts ringed and named."""
    # A log scale has no nought: who follows nobody stands on the edge, at one.
    placed = [
        {**row, "x": max(1, row["following_count"]), "y": max(1, row["follower_count"])}
        for row in rows
        if row["following_count"] is not None and row["follower_count"] is not None
    ]
    ends = _ends([value for row in placed for value in (row["x"], row["y"])])
    scale = alt.Scale(type="log", domain=ends, nice=False)
    axis: dict[str, Any] = {"labelExpr": COUNTS, "values": _ticks(ends)}
    across = alt.X("x:Q", scale=scale, axis=alt.Axis(title=say("chart.accounts_followed"), **axis))
    up = alt.Y("y:Q", scale=scale, axis=alt.Axis(title=say("chart.followers"), **axis))
    points = (
        alt.Chart()
        .mark_point(filled=True, stroke=None, size=52, opacity=0.82, clip=True)
        .encode(
            x=across,
            y=up,
            color=alt.Color("ratio_style:N", scale=alt.Scale(domain=list(STYLES)), legend=None),
            tooltip=[
                alt.Tooltip("handle:N", title=say("chart.account")),
                alt.Tooltip("follower_count:Q", title=say("chart.followers"), format=","),
                alt.Tooltip("following_count:Q", title=say("chart.follows"), format=","),
                alt.Tooltip("followers_per_following:Q", title=say("chart.ratio_short"), format=",.2f"),
            ],
        )
    )
    own = alt.Chart(data([row for row in placed if row["is_own"]])).encode(x=across, y=up)
    layers = [_zone(ends, across, up), *_lines(ends, across, up, with_limit=_has_x(rows)), points]
    if any(row["is_own"] for row in placed):
        layers += [
            own.mark_point(**{**hollow("ink"), "fill": None}, size=130),
            *(own.mark_text(**look, align="right", dx=-11).encode(text="handle:N") for look in NAMED),
        ]
    return spec_of(alt.layer(*layers).properties(height=HEIGHT), placed)


def _ends(values: list[float]) -> list[float]:
    """Both ends of the scales: all values with a margin, and at least two decades, so that one account has a place."""
    low, high = math.log10(min(values)), math.log10(max(values))
    room = max(0.15, 0.05 * (high - low), (2 - (high - low)) / 2)
    return [max(1, 10 ** (low - room)), 10 ** (high + room)]


def _ticks(ends: list[float]) -> list[float]:
    """Powers of ten, and threes between them where there is room."""
    decades = range(math.floor(math.log10(ends[0])), math.ceil(math.log10(ends[1])) + 1)
    steps = (1, 3) if len(decades) <= 6 else (1,)
    return [step * 10.0**decade for decade in decades for step in steps if ends[0] <= step * 10.0**decade <= ends[1]]


def _zone(ends: list[float], across: alt.X, up: alt.Y) -> alt.Chart:
    """The band of about one to one."""
    known = thresholds()
    low, high = known["ratio_interpersonal_from"], known["ratio_interpersonal_to"]
    edges = [{"x": x, "y": x * low, "top": x * high} for x in ends]
    zone: alt.Chart = alt.Chart(data(edges)).mark_area(**solid("band"), clip=True).encode(x=across, y=up, y2="top:Q")
    return zone


def _has_x(rows: Rows) -> bool:
    """Whether the limit is drawn: other platforms have none, or one that differs by server."""
    return any(str(row["account_key"]).startswith("x:") for row in rows)


def _lines(ends: list[float], across: alt.X, up: alt.Y, *, with_limit: bool) -> list[alt.Chart]:
    ratio = thresholds()["ratio_mass_communication_from"]
    diagonal = [{"x": x, "y": x * ratio} for x in ends]
    limit = [
        {"x": FOLLOW_LIMIT, "y": ends[0]},
        {"x": FOLLOW_LIMIT, "y": FOLLOW_LIMIT / FOLLOW_LIMIT_RATIO},
        {"x": ends[1], "y": ends[1] / FOLLOW_LIMIT_RATIO},
    ]
    top = ends[1] / 10**0.06
    notes = [{"x": top / ratio, "y": top, "text": say("chart.ratio_to_one", ratio=f"{ratio:g}"), "side": "left"}]
    made = [
        alt.Chart(data(diagonal)).mark_line(**drawn("muted", 1), clip=True).encode(x=across, y=up),
        alt.Chart(data(notes)).mark_text(**note(align="right", dx=-8)).encode(x=across, y=up, text="text:N"),
    ]
    if with_limit and ends[0] < FOLLOW_LIMIT < ends[1]:
        name = [{"x": FOLLOW_LIMIT, "y": ends[0] * 10**0.08, "text": say("chart.follow_limit")}]
        made.append(alt.Chart(data(limit)).mark_line(**dashed(), clip=True).encode(x=across, y=up, order="y:Q"))
        made.append(alt.Chart(data(name)).mark_text(**note(align="left", dx=6)).encode(x=across, y=up, text="text:N"))
    return made
