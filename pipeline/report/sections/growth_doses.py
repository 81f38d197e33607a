"""How growth goes with the dose of posts and of response, and from where more posts stop paying."""

from pipeline.report.charts.curves import means_by_bin
from pipeline.report.charts.marks import padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import common, interval, lacking, told, usable
from pipeline.report.writing import write_range


def _read_doses(rows: Rows) -> list[str]:
    turning = next((row for row in rows if row["turning_point"] is not None), None)
    said = []
    if turning:
        limits = write_range(turning["turning_point_low"], turning["turning_point_high"], "decimal")
        said.append(f"Beyond {turning['turning_point']:.1f} own posts a week ({limits}) growth falls again.")
    elif usable(rows):
        said.append("Up to the largest number of posts seen, no point is found from which growth falls again.")
    return said + lacking(rows, "bin")


def _draw_doses(rows: Rows) -> list[Drawing]:
    kept = [row for row in usable(rows) if row["mean_growth_rate"] is not None]
    domain = padded(kept, ["conf_low", "conf_high"])
    panels = []
    for colour, driver in (("second", "volume"), ("accent", "quality")):
        of_driver = [_dose(row) for row in kept if row["driver"] == driver]
        if of_driver:
            axis = "Own posts a week" if driver == "volume" else "Fifth of the response"
            spec = means_by_bin(of_driver, colour=colour, domain=domain, axis_title=axis)
            panels.append(Panel(f"Weekly growth by {label(driver).lower()}", spec))
    return [Drawing(tuple(panels), "Adjusted mean weekly growth by number of posts and by response.")] if panels else []


def _dose(row: Row) -> Row:
    return {**row, "label": label(row["bin"]), "told": told(row, "mean_growth_rate", "conf_low", "conf_high", "growth")}


DOSES = Figure(
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
        **interval("mean_growth_rate", "Weekly growth", "growth", "conf"),
        **common("observation_count", "account_count", "status_reason"),
    },
    _read_doses,
    "Needs at least 10 accounts with 12 complete weeks of followers and posts.",
    _draw_doses,
    note="Posts and response are the mean of the week itself and the week before; growth is adjusted for the other "
    "drivers, the account and the week.",
)
