"""The few forms that the charts are made of: dots with intervals, columns, steps and lines over time. Every function
returns a Vega-Lite specification without width, so that the page and the pictures can set their own.
"""

import copy
import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any

import altair as alt

from pipeline.report.catalogue import language, say
from pipeline.report.charts.theme import drawn, hollow, paint, solid, value
from pipeline.report.figures import Row, Rows

# Height of one row of a dot plot in pixels, and characters of its label before it wraps.
ROW_HEIGHT = 26
LABEL_WIDTH = 22
# Parts of a specification that belong to the page.
DROPPED = ("$schema", "config", "data")
PER_CENT = "datum.value == null ? '' : format(100 * datum.value, '.3~f') + ' %'"
SIGNED_PER_CENT = "replace(format(100 * datum.value, '.3~f'), '-', '−') + ' %'"


def data(rows: Rows) -> alt.InlineData:
    """A few rows as the data of one layer."""
    return alt.InlineData(values=plain(rows))


def spec_of(chart: Any, rows: Rows) -> dict[str, Any]:
    """The specification as JSON-ready values, on `rows` wherever a layer brings no data of its own.

    The rows join last because Altair copies what it holds with every layer; and the schema of Vega-Lite is checked by
    the tests, where it takes seconds once, and not with every report.
    """
    made: dict[str, Any] = chart.to_dict(validate=False)
    kept = {part: _without_placeholders(made[part]) for part in made if part not in DROPPED}
    return {"data": {"values": plain(rows)}, **kept} if rows else kept


def _without_placeholders(part: Any) -> Any:
    """Altair names a data set `empty` wherever a layer has no data of its own; the rows of the chart belong there."""
    if isinstance(part, list):
        return [_without_placeholders(entry) for entry in part]
    if isinstance(part, dict):
        kept = {name: entry for name, entry in part.items() if (name, entry) != ("data", {"name": "empty"})}
        return {name: _without_placeholders(entry) for name, entry in kept.items() if name != "empty"}
    return part


def plain(rows: Rows) -> list[Row]:
    """Rows with dates as text."""
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def wrap(text: object, width: int = LABEL_WIDTH) -> str:
    """A label in lines; at most three, so that a long answer of a survey stays a label."""
    return "\n".join(textwrap.wrap(str(text), width, max_lines=3, placeholder=" …") or [""])


def rows_axis() -> alt.Y:
    """A row for each label, in the order of the data, labels of several lines centred on it."""
    lines = "length(split(datum.label, '\\n'))"
    offset = {"test": f"{lines} > 2", "value": -13}, {"test": f"{lines} == 2", "value": -6.5}
    axis = alt.Axis(
        title=None,
        labelExpr="split(datum.label, '\\n')",
        labelLineHeight=13,
        labelBaseline="middle",
        labelOffset={"condition": list(offset), "value": 0},
    )
    return alt.Y("label:N", sort=None, axis=axis)


def dots_with_intervals(
    rows: Rows,
    domain: Sequence[float],
    *,
    colour: str = "accent",
    reference: str | None = None,
    filled: str | None = None,
    zero: bool = False,
    label_expression: str | None = None,
) -> dict[str, Any]:
    """A dot at `value` with its 95 % interval from `low` to `high` and its value in figures (`label_text`), one row for
    each `label`. Where `filled` names a field, dots are open unless it is true; `reference` names a field whose value
    gets a tick. Each row is painted in its own `colour` if it has one. With `zero` the values are changes.
    """
    height = len({row["label"] for row in rows}) * max(ROW_HEIGHT + 4, 13 * _most_lines(rows) + 10)
    labels = label_expression or (SIGNED_PER_CENT if zero else PER_CENT)
    made = copy.deepcopy(_dots(language(), reference, _kinds_of_dots(rows, filled), zero, labels))
    for layer in made["layer"]:
        layer["encoding"]["x"].setdefault("scale", {}).update(domain=list(domain), nice=False, zero=False)
    painted = [{"colour": paint(colour), **row} for row in plain(rows)]
    return {"data": {"values": painted}, "height": height, **made}


# Altair takes 20 ms to make one of these, and a report holds a hundred that differ in rows, domain and height only.
@cache
def _dots(
    _language: str, reference: str | None, kinds: tuple[tuple[bool, str], ...], zero: bool, label_expression: str
) -> dict[str, Any]:
    base = alt.Chart().encode(y=rows_axis())
    axis = alt.Axis(title=None, labelExpr=label_expression, tickCount=4)
    tooltip = [alt.Tooltip("label:N", title=" "), alt.Tooltip("tooltip:N", title=say("chart.interval"))]
    layers: list[alt.Chart] = []
    if zero:
        nought = alt.Chart().mark_rule(**drawn("muted", 1))
        layers.append(nought.encode(x=alt.X(datum=0, type="quantitative", axis=axis)))
    if reference:
        tick = base.mark_tick(**solid("muted"), orient="vertical", size=15, thickness=2, clip=True)
        layers.append(tick.encode(x=alt.X(f"{reference}:Q", axis=axis)))
    painted: dict[str, Any] = {"scale": None, "legend": None}
    interval = base.mark_rule(strokeWidth=2, clip=True).encode(stroke=alt.Stroke("colour:N", **painted))
    layers.append(interval.encode(x=alt.X("low:Q", axis=axis), x2=alt.X2("high:Q")))
    for is_open, test in kinds:
        points = base.mark_point(size=64, opacity=1, **(hollow("muted") if is_open else {"stroke": None}))
        channel: dict[str, Any] = {"stroke": alt.Stroke("colour:N", **painted)}
        if not is_open:
            channel = {"fill": alt.Fill("colour:N", **painted)}
        layers.append(points.transform_filter(test).encode(x="value:Q", tooltip=tooltip, **channel))
    texts = base.mark_text(**value(align="left", baseline="bottom", dx=-6, dy=-5))
    layers.append(texts.encode(x="value:Q", text="label_text:N"))
    return spec_of(alt.layer(*layers), ())


def _most_lines(rows: Rows) -> int:
    return max(str(row["label"]).count("\n") + 1 for row in rows)


def _kinds_of_dots(rows: Rows, filled: str | None) -> tuple[tuple[bool, str], ...]:
    if filled is None or all(row[filled] is None for row in rows):
        return ((False, "true"),)
    return ((True, f"!datum.{filled}"), (False, f"datum.{filled}"))


def padded(rows: Rows, fields: Sequence[str], *, include: Sequence[float] = ()) -> list[float]:
    """A domain that holds all known values of the fields, with a little room; for scales shared by small multiples."""
    known = [row[field] for row in rows for field in fields if row.get(field) is not None]
    values = [*(float(value) for value in known), *include]
    if not values:
        return [0.0, 1.0]
    low, high = min(values), max(values)
    room = 0.06 * (high - low or abs(high) or 1.0)
    return [low if low in include else low - room, high + room]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
