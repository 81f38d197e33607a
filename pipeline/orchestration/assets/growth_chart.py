"""The picture of growth attribution for the Dagster UI: effects of one typical swing with their 95 % intervals.

The charts of the report belong to `report`.
"""

from collections.abc import Mapping, Sequence

LABELS = {
    "quality": "Quality of posts",
    "volume": "Number of posts",
    "following_change": "Following others",
    "follower_level": "Followers so far",
    "growth_before": "Growth the week before",
}
SUBTITLE = "Change in weekly growth, in % points, for one typical swing within an account; lines are 95 % intervals"
FIGURES = ("standardised_estimate", "standardised_low", "standardised_high")


def describe_effects(rows: Sequence[Mapping[str, object]], *, is_demo: bool) -> dict[str, object]:
    """The picture as a Vega-Lite specification.

    Rows have term, standardised_estimate, standardised_low and standardised_high (log growth); those without an
    interval are left out. Raises ValueError if none is left.
    """
    shown = [
        {
            "term": LABELS.get(str(row["term"]), str(row["term"])),
            **{name: 100 * float(str(row[name])) for name in FIGURES},
        }
        for row in rows
        if all(isinstance(row[name], float) for name in FIGURES)
    ]
    if not shown:
        raise ValueError("no effect has an interval")
    terms = {"field": "term", "type": "nominal", "sort": [row["term"] for row in shown], "title": None}
    axis = {"type": "quantitative", "title": "% points a week"}
    limits = {"x": {"field": "standardised_low", **axis}, "x2": {"field": "standardised_high"}, "y": terms}
    title = "What is linked to follower growth" + (" (demo: all data is synthetic)" if is_demo else "")
    return {
        "title": {"text": title, "subtitle": SUBTITLE, "anchor": "start"},
        "width": 520,
        "height": {"step": 32},
        "background": "white",
        "padding": 12,
        "data": {"values": shown},
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [4, 4], "color": "#888888"}, "encoding": {"x": {"datum": 0}}},
            {"mark": {"type": "rule", "strokeWidth": 2, "color": "#4c566a"}, "encoding": limits},
            {
                "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "color": "#0b6e99"},
                "encoding": {"x": {"field": "standardised_estimate", **axis}, "y": terms},
            },
        ],
    }
