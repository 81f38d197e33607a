"""What would go with a doubling: of quality or volume over all accounts, of response or posting of an own account."""

from pipeline.report.charts.marks import SIGNED_PER_CENT, dots_with_intervals, padded, wrap
from pipeline.report.charts.theme import paint
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import by_dimension, lacking, segment_name, told, usable
from pipeline.report.writing import write_growth, write_number_of, write_range, write_share

DRIVERS = (("quality", "accent"), ("volume", "second"))
TERMS = {"response": "Clicks or reactions doubled", "volume": "Posts doubled", "response_next_day": "Placebo: next day"}


def _read_doubling(rows: Rows) -> list[str]:
    whole = [row for row in usable(rows) if row["segment_dimension"] == "all" and row["statement"]]
    return [*(str(row["statement"]) for row in whole), *lacking(rows)]


def _draw_doubling(rows: Rows) -> list[Drawing]:
    kept = [row for row in usable(rows) if row["growth_change"] is not None]
    domain = padded(kept, ["growth_change_low", "growth_change_high"], include=[0])
    made = []
    for dimension, of_dimension in by_dimension(kept):
        panels = []
        for driver, colour in DRIVERS:
            marked = [_doubled(row, colour) for row in of_dimension if row["driver"] == driver]
            if marked:
                spec = dots_with_intervals(
                    marked,
                    colour=colour,
                    field="value",
                    low="low",
                    high="high",
                    domain=domain,
                    zero=True,
                    label_expression=SIGNED_PER_CENT,
                )
                panels.append(Panel(f"{label(driver)} doubled", spec))
        alt = f"Weekly growth that goes with a doubling of quality and of volume, {label(dimension).lower()}."
        made.append(Drawing(tuple(panels), alt, title=label(dimension), folded=dimension != "all"))
    return made


def _doubled(row: Row, colour: str) -> Row:
    return {
        "label": wrap(segment_name(row)),
        "colour": paint(colour),
        "value": row["growth_change"],
        "low": row["growth_change_low"],
        "high": row["growth_change_high"],
        "written": write_growth(row["growth_change"]),
        "told": told(row, "growth_change", "growth_change_low", "growth_change_high", "growth"),
    }


def _read_days(rows: Rows) -> list[str]:
    said = []
    for row in usable(rows):
        if row["specification"] == "day_before" and row["change_if_doubled"] is not None:
            limits = write_range(row["change_if_doubled_low"], row["change_if_doubled_high"])
            term = TERMS.get(str(row["term"]), label(row["term"])).lower()
            said.append(
                f"{row['handle']}, {term}: {write_share(row['change_if_doubled'])} new follows the day after "
                f"({limits}), over {write_number_of(row['day_count'], 'day')}."
            )
    return [*said, *lacking(rows, "handle")]


def _draw_days(rows: Rows) -> list[Drawing]:
    kept = [row for row in usable(rows) if row["change_if_doubled"] is not None]
    domain = padded(kept, ["change_if_doubled_low", "change_if_doubled_high"], include=[0])
    panels = []
    for handle in dict.fromkeys(row["handle"] for row in kept):
        for specification in dict.fromkeys(row["specification"] for row in kept if row["handle"] == handle):
            marked = [
                {
                    "label": wrap(TERMS.get(row["term"], label(row["term"]))),
                    "value": row["change_if_doubled"],
                    "low": row["change_if_doubled_low"],
                    "high": row["change_if_doubled_high"],
                    "written": write_share(row["change_if_doubled"]),
                    "told": told(row, "change_if_doubled", "change_if_doubled_low", "change_if_doubled_high", "share"),
                }
                for row in kept
                if (row["handle"], row["specification"]) == (handle, specification)
            ]
            spec = dots_with_intervals(
                marked,
                colour="accent",
                field="value",
                low="low",
                high="high",
                domain=domain,
                zero=True,
                label_expression=SIGNED_PER_CENT,
            )
            panels.append(Panel(f"{handle}, {label(specification)}", spec))
    return [Drawing(tuple(panels), "Change in daily new follows that goes with a doubling.")] if panels else []


DOUBLING = Figure(
    "growth_what_if",
    "What would go with twice as much?",
    """
select
    segment_dimension, segment, driver, mean_growth_rate, growth_change, growth_change_low, growth_change_high,
    expected_growth_rate, expected_growth_rate_low, expected_growth_rate_high, statement, account_count,
    observation_count, status, status_reason
from marts.growth_what_if
order by segment_dimension, segment, driver
""",
    {
        "segment_dimension": ("By", "label"),
        "segment": ("Segment", "label"),
        "driver": ("Doubled", "label"),
        "mean_growth_rate": ("Weekly growth now", "growth"),
        "growth_change": ("Change", "growth"),
        "growth_change_low": ("95 % from", "growth"),
        "growth_change_high": ("to", "growth"),
        "expected_growth_rate": ("With it", "growth"),
        "account_count": ("Accounts", "count"),
        "observation_count": ("Account-weeks", "count"),
        "status_reason": ("Remark", "text"),
    },
    _read_doubling,
    "Needs at least 10 accounts with 12 complete weeks of followers and posts.",
    _draw_doubling,
    note="An association over weeks of the same accounts, not a forecast.",
)
OWN_DAYS = Figure(
    "own_account_growth",
    "What goes with new follows of your account?",
    """
select
    coalesce(accounts.handle, own_account_growth.account_key) as handle, own_account_growth.specification,
    own_account_growth.term, own_account_growth.response_basis, own_account_growth.change_if_doubled,
    own_account_growth.change_if_doubled_low, own_account_growth.change_if_doubled_high, own_account_growth.p_value,
    own_account_growth.day_count, own_account_growth.new_follow_count, own_account_growth.status,
    own_account_growth.status_reason
from marts.own_account_growth
left join marts.accounts using (account_key)
order by handle, own_account_growth.specification, own_account_growth.term
""",
    {
        "handle": ("Account", "text"),
        "specification": ("Model", "label"),
        "term": ("Doubled", "label"),
        "change_if_doubled": ("New follows", "share"),
        "change_if_doubled_low": ("95 % from", "share"),
        "change_if_doubled_high": ("to", "share"),
        "p_value": ("p", "p_value"),
        "day_count": ("Days", "count"),
        "new_follow_count": ("New follows", "count"),
        "status_reason": ("Remark", "text"),
    },
    _read_days,
    "Ingest your account's own analytics exports (daily and per post): tweetbench ingest FILE.",
    _draw_days,
    note="One account has nobody to be compared with: association over days, with a placebo beside it.",
)
