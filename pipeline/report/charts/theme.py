"""Colours and type of the report, for light and dark. Charts paint with CSS variables: the page changes its theme, or
prints, without a script, and pictures have the variables replaced by the light values.

All text reaches 4.5 : 1 and all marks 3 : 1 against their ground (WCAG 2.2 AA); a test computes both.
"""

import json
import re
from typing import Any

from pipeline.report.definitions import STYLES

LIGHT = {
    "ground": "#fdfcfa",
    "raised": "#f4f2ed",
    "ink": "#1e1d1b",
    "muted": "#5d5a54",
    "line": "#dcd8d0",
    "grid": "#e9e6df",
    "accent": "#006d75",
    "second": "#96600c",
    "band": "#e7e3da",
    "warning": "#8f3a06",
    "warning_ground": "#fdf0e3",
    "mass_communication": "#2a5ea8",
    "transitional": "#7f57a8",
    "interpersonal": "#c04f14",
    "net_follower": "#5a7517",
    "too_small": "#7a756d",
}
DARK = {
    "ground": "#15171a",
    "raised": "#1f2226",
    "ink": "#eeebe5",
    "muted": "#b5b0a7",
    "line": "#3b3f45",
    "grid": "#292d32",
    "accent": "#5cc8cf",
    "second": "#e3b55b",
    "band": "#2a2e33",
    "warning": "#f5b27d",
    "warning_ground": "#36230f",
    "mass_communication": "#85b4f4",
    "transitional": "#c4a8ec",
    "interpersonal": "#f49a68",
    "net_follower": "#b3cc66",
    "too_small": "#a8a39a",
}
SANS = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Liberation Sans', Arial, sans-serif"


def css_variables(colours: dict[str, str]) -> str:
    """The colours as CSS custom properties."""
    return " ".join(f"--{name}: {value};" for name, value in colours.items())


def paint(name: str) -> str:
    """A colour by name, as charts use it."""
    return f"var(--{name})"


def solid(name: str) -> dict[str, Any]:
    """Properties of a filled mark."""
    return {"fill": paint(name), "stroke": None}


def hollow(name: str) -> dict[str, Any]:
    """Properties of an open dot that hides the line behind it."""
    return {"fill": paint("ground"), "stroke": paint(name), "strokeWidth": 1.8}


def drawn(name: str, width: float = 2) -> dict[str, Any]:
    """Properties of a line."""
    return {"stroke": paint(name), "strokeWidth": width}


def dashed() -> dict[str, Any]:
    """Properties of a line for reference."""
    return {"stroke": paint("muted"), "strokeWidth": 1, "strokeDash": [4, 4]}


def note(**more: Any) -> dict[str, Any]:
    """Properties of a remark inside a chart."""
    return {"fill": paint("muted"), "fontSize": 11, **more}


def value(**more: Any) -> dict[str, Any]:
    """Properties of a figure written next to its mark."""
    return {"fill": paint("ink"), "fontSize": 11, **more}


def page_config() -> dict[str, Any]:
    """Vega-Lite configuration of the page."""
    axis = {
        "labelColor": paint("muted"),
        "titleColor": paint("muted"),
        "gridColor": paint("grid"),
        "domainColor": paint("line"),
        "tickColor": paint("line"),
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
        "labelLimit": 180,
        "labelOverlap": "parity",
    }
    return {
        "background": "transparent",
        "font": SANS,
        "padding": 4,
        "view": {"stroke": None},
        "axis": axis,
        "axisY": {"domain": False, "ticks": False, "labelPadding": 8},
        "title": {"color": paint("ink"), "subtitleColor": paint("muted"), "fontSize": 13, "anchor": "start"},
        "range": {"category": [paint(style) for style in STYLES]},
    }


def picture_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification with the configuration and the light colours written into it."""
    config = {**page_config(), "background": LIGHT["ground"], "padding": 16}
    text = json.dumps({**spec, "config": config}, default=str)
    made: dict[str, Any] = json.loads(re.sub(r"var\(--(\w+)\)", lambda found: LIGHT.get(found[1], found[0]), text))
    return made
