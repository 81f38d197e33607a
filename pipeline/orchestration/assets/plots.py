"""Small pictures that the Dagster UI shows with a mart. They carry no names and no texts, because Dagster keeps every
picture and removed content must not live on there; the report has the full charts.
"""

import base64
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from pipeline.report.painters import Painters

Spec = dict[str, Any]
WIDTH, HEIGHT = 520, 300
# Dots beyond this number only make the picture larger.
MOST_ROWS = 2000
PER_CENT = {"format": "%"}


@dataclass(frozen=True)
class Plot:
    """A question to a mart, and the marks and axes of its answer in Vega-Lite."""

    title: str
    sql: str
    layers: tuple[Spec, ...]


@dataclass(frozen=True)
class Begun:
    """A picture that is being drawn; `words` say what it shows to those who do not see it."""

    words: str
    path: Path
    drawn: "Future[bool]"

    def markdown(self) -> dg.MarkdownMetadataValue:
        """The picture itself inside Markdown, as SVG or JPEG: whichever takes less of Dagster's history."""
        if not self.drawn.result():
            return dg.MetadataValue.md("could not be drawn; the report has the full charts")
        vector, dots = (self.path.with_suffix(end).read_bytes() for end in (".svg", ".jpeg"))
        kind, picture = ("svg+xml", vector) if len(vector) <= len(dots) else ("jpeg", dots)
        return dg.MetadataValue.md(f"![{self.words}](data:image/{kind};base64,{base64.b64encode(picture).decode()})")


def begin_drawing(spec: Mapping[str, Any], words: str, path: Path, painters: Painters) -> Begun:
    """Have a Vega-Lite specification drawn into PATH.svg and PATH.jpeg."""
    job = {"spec": spec, "path": str(path), "dots": "jpeg", "scale": 1, "texts": {}, "locale": {}, "kept": None}
    return Begun(words, path, painters.draw(job))


def begin_plots(
    connection: duckdb.DuckDBPyConnection, marts: Collection[str], painters: Painters, folder: Path, *, is_demo: bool
) -> dict[str, Begun]:
    """By name, those of the marts that have a plot and rows to draw, while they are drawn into the folder."""
    begun = {}
    for mart in PLOTS.keys() & marts:
        plot = PLOTS[mart]
        cursor = connection.execute(plot.sql)
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(MOST_ROWS)]
        if rows:
            title = f"{plot.title} (demo: all data is synthetic)" if is_demo else plot.title
            begun[mart] = begin_drawing(spec_of(plot, rows, title), title, folder / mart, painters)
    return begun


def spec_of(plot: Plot, rows: list[dict[str, Any]], title: str) -> Spec:
    """The plot of these rows in Vega-Lite."""
    return {
        "title": {"text": title, "anchor": "start", "fontSize": 13},
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
        "padding": 12,
        "data": {"values": rows},
        "layer": list(plot.layers),
    }


def _axis(field: str, title: str, kind: str = "quantitative", **more: Any) -> Spec:
    return {"field": field, "type": kind, "title": title, **more}


def _log(field: str, title: str) -> Spec:
    return _axis(field, title, scale={"type": "log"}, axis={"format": "~s", "tickCount": 5})


COLOUR = {"field": "style", "type": "nominal", "title": None, "scale": {"scheme": "tableau10"}}
RATIOS = Plot(
    "Followers and accounts followed",
    "select replace(ratio_style, '_', ' ') as style, follower_count as followers, following_count as following "
    "from marts.ratio_styles where follower_count > 0 and following_count > 0 order by account_key",
    (
        {
            "mark": {"type": "point", "filled": True, "opacity": 0.7, "size": 30},
            "encoding": {
                "x": _log("following", "accounts followed"),
                "y": _log("followers", "followers"),
                "color": COLOUR,
            },
        },
    ),
)
SHARES = Plot(
    "Share of accounts by style, with 95 % intervals",
    "select replace(ratio_style, '_', ' ') as style, account_share as share, share_low as low, share_high as high "
    "from marts.ratio_style_summary where segment_dimension = 'all' and status = 'ok' order by ratio_style",
    (
        {
            "mark": {"type": "bar", "opacity": 0.8},
            "encoding": {
                "y": _axis("style", "", "nominal"),
                "x": _axis("share", "share of accounts", axis=PER_CENT),
            },
        },
        {
            "mark": "rule",
            "encoding": {"y": _axis("style", "", "nominal"), "x": _axis("low", ""), "x2": {"field": "high"}},
        },
    ),
)
RETENTION = Plot(
    "Share of new accounts that still post, with 95 % limits",
    "select day, survival_share as share, conf_low as low, conf_high as high from marts.account_retention "
    "where segment_dimension = 'all' order by day",
    (
        {
            "mark": {"type": "area", "opacity": 0.25, "interpolate": "step-after"},
            "encoding": {
                "x": _axis("day", "days since the account was made"),
                "y": _axis("low", "still posting", axis=PER_CENT),
                "y2": {"field": "high"},
            },
        },
        {
            "mark": {"type": "line", "interpolate": "step-after"},
            "encoding": {"x": _axis("day", ""), "y": _axis("share", "still posting", scale={"domain": [0, 1]})},
        },
    ),
)
DOSE = Plot(
    "Weekly growth by fifth of quality and of volume, with 95 % intervals",
    "select driver, bin_number as fifth, mean_growth_rate as growth, conf_low as low, conf_high as high "
    "from marts.growth_dose_response where segment_dimension = 'all' and status = 'ok' order by driver, bin_number",
    (
        {
            "mark": {"type": "line", "point": True},
            "encoding": {
                "x": _axis("fifth", "fifth of weeks, lowest to highest", "ordinal", axis={"labelAngle": 0}),
                "y": _axis("growth", "growth a week", axis={"format": ".1%"}),
                "color": {"field": "driver", "type": "nominal", "title": None},
            },
        },
        {
            "mark": "rule",
            "encoding": {
                "x": _axis("fifth", "", "ordinal"),
                "y": _axis("low", ""),
                "y2": {"field": "high"},
                "color": {"field": "driver", "type": "nominal"},
            },
        },
    ),
)
GROWTH = Plot(
    "Median growth of an account, week by week",
    "select week_start_date as week, median(growth_rate) as growth from marts.account_weeks "
    "where growth_rate is not null group by week_start_date order by week",
    (
        {
            "mark": {"type": "line"},
            "encoding": {
                "x": _axis("week", "week", "temporal"),
                "y": _axis("growth", "median growth a week", axis={"format": ".1%"}),
            },
        },
    ),
)
PLOTS: Mapping[str, Plot] = {
    "ratio_styles": RATIOS,
    "ratio_style_summary": SHARES,
    "account_retention": RETENTION,
    "growth_dose_response": DOSE,
    "account_weeks": GROWTH,
}
