"""What goes with follower growth: quality against volume, how sure that is, and where more posts stop paying."""

from typing import Any

from pipeline.report.charts.curves import means_by_bin
from pipeline.report.charts.marks import SIGNED_PER_CENT, dots_with_intervals, padded, wrap
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.shared import by_dimension, lacking, segment_name, told, usable
from pipeline.report.sections.what_if import DOUBLING
from pipeline.report.writing import write_growth, write_range

DRIVERS = (("accent", "quality"), ("second", "volume"))
COLOURS = {driver: colour for colour, driver in DRIVERS}
FOLDED = {"industry", "platform"}


def _read_effects(rows: Rows) -> list[str]:
    whole = [row for row in usable(rows) if row["segment_dimension"] == "all"]
    return [*(str(row["statement"]) for row in whole if row["statement"]), *lacking(rows)]


def _draw_effects(rows: Rows) -> list[Drawing]:
    kept = usable(rows)
    limits = ["quality_effect_low", "quality_effect_high", "volume_effect_low", "volume_effect_high"]
    domain = padded(kept, limits, include=[0])
    made = []
    for dimension, of_dimension in by_dimension(kept):
        if dimension == "all":
            rows_of_all = [_effect(row, driver, label(driver)) for row in of_dimension for _, driver in DRIVERS]
            panels = [Panel("", _effects(rows_of_all, domain))]
        else:
            panels = [
                Panel(
                    label(driver), _effects([_effect(row, driver, segment_name(row)) for row in of_dimension], domain)
                )
                for _, driver in DRIVERS
            ]
        alt = f"Weekly growth that goes with a typical swing of quality and of volume, {label(dimension).lower()}."
        made.append(Drawing(tuple(panels), alt, title=label(dimension), folded=dimension in FOLDED))
    return made


def _effect(row: Row, driver: str, name: str) -> Row:
    value, low, high = f"{driver}_effect", f"{driver}_effect_low", f"{driver}_effect_high"
    return {
        "label": wrap(name),
        "colour": paint(COLOURS[driver]),
        "value": row[value],
        "low": row[low],
        "high": row[high],
        "written": write_growth(row[value]),
        "told": told(row, value, low, high, "growth"),
    }


def _effects(marked: Rows, domain: list[float]) -> dict[str, Any]:
    return dots_with_intervals(
        marked,
        colour="ink",
        field="value",
        low="low",
        high="high",
        domain=domain,
        zero=True,
        label_expression=SIGNED_PER_CENT,
    )


def _draw_models(rows: Rows) -> list[Drawing]:
    kept = [
        {
            **row,
            "label": wrap(label(row["specification"])),
            "written": write_growth(row["standardised_estimate"]),
            "told": told(row, "standardised_estimate", "standardised_low", "standardised_high", "growth"),
        }
        for row in usable(rows)
    ]
    domain = padded(kept, ["standardised_low", "standardised_high"], include=[0])
    panels = [
        Panel(
            label(term),
            dots_with_intervals(
                [row for row in kept if row["term"] == term],
                colour=colour,
                field="standardised_estimate",
                low="standardised_low",
                high="standardised_high",
                domain=domain,
                zero=True,
                label_expression=SIGNED_PER_CENT,
            ),
        )
        for colour, term in DRIVERS
        if any(row["term"] == term for row in kept)
    ]
    return [Drawing(tuple(panels), "The two effects under each variant of the model.")] if panels else []


def _read_models(rows: Rows) -> list[str]:
    shares = [row for row in usable(rows) if row["explained_share"] is not None]
    main = [row for row in shares if row["specification"] == "same_and_previous_week"]
    said = [
        f"{label(row['term'])} carries {100 * row['explained_share']:.1f} % "
        f"({write_range(row['explained_share_low'], row['explained_share_high'])}) of what the model explains, "
        f"which is {100 * row['within_r2']:.1f} % of the variation within accounts and weeks."
        for row in main
    ]
    return [*said, *lacking(rows, "specification")]


def _read_doses(rows: Rows) -> list[str]:
    turning = next((row for row in rows if row["turning_point"] is not None), None)
    said = []
    if turning:
        limits = write_range(turning["turning_point_low"], turning["turning_point_high"], "decimal")
        said.append(f"Beyond {turning['turning_point']:.1f} originals a week ({limits}) growth falls again.")
    elif usable(rows):
        said.append("No number of posts is found beyond which growth falls again.")
    return said + lacking(rows, "bin")


def _draw_doses(rows: Rows) -> list[Drawing]:
    kept = [row for row in usable(rows) if row["mean_growth_rate"] is not None]
    domain = padded(kept, ["conf_low", "conf_high"])
    panels = []
    for colour, driver in (("second", "volume"), ("accent", "quality")):
        of_driver = [_dose(row) for row in kept if row["driver"] == driver]
        if of_driver:
            axis = "Originals and quotes in the week before" if driver == "volume" else "Fifth of quality"
            spec = means_by_bin(of_driver, colour=colour, domain=domain, axis_title=axis)
            panels.append(Panel(f"Weekly growth by {driver}", spec))
    return [Drawing(tuple(panels), "Adjusted mean weekly growth by volume and by quality.")] if panels else []


def _dose(row: Row) -> Row:
    return {**row, "label": label(row["bin"]), "told": told(row, "mean_growth_rate", "conf_low", "conf_high", "growth")}


EFFECT_COLUMNS = {
    "segment_dimension": ("By", "label"),
    "segment": ("Segment", "label"),
    "quality_effect": ("Quality", "growth"),
    "quality_effect_low": ("95 % from", "growth"),
    "quality_effect_high": ("to", "growth"),
    "volume_effect": ("Volume", "growth"),
    "volume_effect_low": ("95 % from", "growth"),
    "volume_effect_high": ("to", "growth"),
    "difference": ("Difference", "growth"),
    "difference_low": ("95 % from", "growth"),
    "difference_high": ("to", "growth"),
    "verdict": ("Verdict", "label"),
    "placebo_p_value": ("Placebo p", "p_value"),
    "account_count": ("Accounts", "count"),
    "observation_count": ("Account-weeks", "count"),
    "status_reason": ("Remark", "text"),
}
GROWTH = Section(
    "growth",
    "Better posts or more posts?",
    "How weekly follower growth goes with the quality and the number of posts in the week before, within the same "
    "account. Associations, tested by a placebo; not an experiment.",
    (
        Figure(
            "growth_effects",
            "What goes with more growth?",
            """
select
    segment_dimension, segment, quality_effect, quality_effect_low, quality_effect_high, volume_effect,
    volume_effect_low, volume_effect_high, difference, difference_low, difference_high, verdict, statement,
    placebo_p_value, account_count, observation_count, status, status_reason
from marts.growth_verdict
order by segment_dimension, segment
""",
            EFFECT_COLUMNS,
            _read_effects,
            "Needs at least 10 accounts with 12 complete weeks of followers and posts.",
            _draw_effects,
            note="Weekly log growth that goes with one typical swing of the driver; bars are 95 % intervals.",
        ),
        Figure(
            "growth_dose_response",
            "How much is enough?",
            """
select
    driver, bin, bin_number, bin_low, bin_high, mean_growth_rate, conf_low, conf_high, observation_count,
    account_count, turning_point, turning_point_low, turning_point_high, inverted_u_p_value, status, status_reason
from marts.growth_dose_response
where segment_dimension = 'all'
order by driver, bin_number
""",
            {
                "driver": ("Driver", "label"),
                "bin": ("Bin", "label"),
                "mean_growth_rate": ("Weekly growth", "growth"),
                "conf_low": ("95 % from", "growth"),
                "conf_high": ("to", "growth"),
                "observation_count": ("Account-weeks", "count"),
                "account_count": ("Accounts", "count"),
                "status_reason": ("Remark", "text"),
            },
            _read_doses,
            "Needs at least 10 accounts with 12 complete weeks of followers and posts.",
            _draw_doses,
            note="Means are adjusted for the other drivers, the account and the week.",
        ),
        Figure(
            "growth_models",
            "Does the answer depend on the model?",
            """
select
    specification, term, standardised_estimate, standardised_low, standardised_high, p_value, explained_share,
    explained_share_low, explained_share_high, within_r2, account_count, observation_count, method, status,
    status_reason
from marts.growth_attribution
where segment_dimension = 'all' and term in ('quality', 'volume')
order by specification, term
""",
            {
                "specification": ("Model", "label"),
                "term": ("Driver", "label"),
                "standardised_estimate": ("Effect of a swing", "growth"),
                "standardised_low": ("95 % from", "growth"),
                "standardised_high": ("to", "growth"),
                "p_value": ("p", "p_value"),
                "explained_share": ("Explains", "share"),
                "account_count": ("Accounts", "count"),
                "observation_count": ("Account-weeks", "count"),
                "method": ("Errors", "text"),
                "status_reason": ("Remark", "text"),
            },
            _read_models,
            "Needs at least 10 accounts with 12 complete weeks of followers and posts.",
            _draw_models,
        ),
        DOUBLING,
    ),
)
