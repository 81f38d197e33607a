"""What goes with a good instead of a usual week over all accounts, and with clicks and posts of an own account."""

from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import as_dot, by_dimension, common, interval, lacking, segment_name, usable
from pipeline.report.writing import write_number_of, write_range, write_share

DRIVERS = (("quality", "accent"), ("volume", "second"))
RESPONSES = {"engagements_by_day": "reactions"}
TERMS = {"response": "Clicks or reactions", "volume": "Posts", "response_next_day": "Check: next day's response"}
# The order of reading; the day before is what carries over.
MODELS = ("same_day", "day_before", "next_day_placebo")


def _read_good_weeks(rows: Rows) -> list[str]:
    whole = [row for row in usable(rows) if row["segment_dimension"] == "all" and row["statement"]]
    return [*(str(row["statement"]) for row in whole), *lacking(rows)]


def _draw_good_weeks(rows: Rows) -> list[Drawing]:
    kept = [row for row in usable(rows) if row["growth_change"] is not None]
    domain = padded(kept, ["growth_change_low", "growth_change_high"], include=[0])
    made = []
    for dimension, of_dimension in by_dimension(kept):
        panels = []
        for driver, colour in DRIVERS:
            marked = [
                as_dot(segment_name(row), row, "growth_change", "growth")
                for row in of_dimension
                if row["driver"] == driver
            ]
            if marked:
                spec = dots_with_intervals(marked, domain, colour=colour, zero=True)
                panels.append(Panel(f"{label(driver)}: good against usual week", spec))
        alt = f"Weekly growth that goes with a good instead of a usual week, {label(dimension).lower()}."
        made.append(Drawing(tuple(panels), alt, title=label(dimension), folded=dimension != "all"))
    return made


def _read_days(rows: Rows) -> list[str]:
    said = []
    for handle in dict.fromkeys(row["handle"] for row in usable(rows)):
        for term in ("response", "volume"):
            found = {
                row["specification"]: row
                for row in usable(rows)
                if row["handle"] == handle and row["term"] == term and row["change_if_doubled"] is not None
            }
            said += [_say_day(row, found.get("day_before")) for row in (found.get("same_day"),) if row]
        check = [row for row in usable(rows) if (row["handle"], row["term"]) == (handle, "response_next_day")]
        if any(_is_clear(row) for row in check):
            said.append(
                f"{handle}: the check is positive, the next day's response goes with follows of the day before. What "
                "moves both, such as news or paid reach, is not excluded."
            )
    return [*said, *lacking(rows, "handle")]


def _say_day(same: Row, before: Row | None) -> str:
    what = "posts" if same["term"] == "volume" else RESPONSES.get(str(same["response_basis"]), "clicks")
    days = write_number_of(same["day_count"], "day")
    if _is_clear(same):
        opening = f"days with twice the {what} have {_more(same, ' new follows on the same day')}"
    else:
        opening = f"no relation of {what} with new follows of the same day can be seen"
    carried = ""
    if before is not None and not _is_clear(same) and not _is_clear(before):
        opening = f"no relation of {what} with new follows can be seen, neither on the same day nor on the next"
    elif before is not None and _is_clear(before):
        carried = f"; on the next day {_more(before)}"
    elif before is not None:
        carried = "; no relation can be seen on the next day"
    return f"{same['handle']}: {opening}{carried} (over {days})."


def _is_clear(row: Row) -> bool:
    low, high = row["change_if_doubled_low"], row["change_if_doubled_high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def _more(row: Row, what: str = "") -> str:
    limits = write_range(row["change_if_doubled_low"], row["change_if_doubled_high"])
    change = row["change_if_doubled"]
    return f"{write_share(abs(change))} {'more' if change > 0 else 'fewer'}{what} ({limits})"


def _draw_days(rows: Rows) -> list[Drawing]:
    kept = [row for row in usable(rows) if row["change_if_doubled"] is not None]
    domain = padded(kept, ["change_if_doubled_low", "change_if_doubled_high"], include=[0])
    panels = []
    for handle in dict.fromkeys(row["handle"] for row in kept):
        for specification in MODELS:
            marked = [
                as_dot(TERMS.get(row["term"], label(row["term"])), row, "change_if_doubled", "share")
                for row in kept
                if (row["handle"], row["specification"]) == (handle, specification)
            ]
            if marked:
                spec = dots_with_intervals(marked, domain, zero=True)
                panels.append(Panel(f"{handle}, {label(specification)}", spec))
    alt = "Change in daily new follows on days with twice as many clicks, reactions or posts."
    return [Drawing(tuple(panels), alt)] if panels else []


GOOD_WEEK = Figure(
    "growth_what_if",
    "What goes with a good week?",
    """
select
    segment_dimension, segment, driver, usual_post_count, good_post_count, good_per_usual, mean_growth_rate,
    growth_change, growth_change_low, growth_change_high, expected_growth_rate, statement, account_count,
    observation_count, status, status_reason
from marts.growth_what_if
order by segment_dimension, segment, driver
""",
    {
        **common("segment_dimension", "segment"),
        "driver": ("Driver", "label"),
        "usual_post_count": ("Posts, usual week", "count"),
        "good_post_count": ("good week", "count"),
        "good_per_usual": ("Response, times the usual", "decimal"),
        "mean_growth_rate": ("Mean weekly growth", "growth"),
        **interval("growth_change", "Change", "growth"),
        **common("account_count", "observation_count", "status_reason"),
    },
    _read_good_weeks,
    "A first estimate needs three accounts, better ten, with about 15 unbroken weeks of followers and posts.",
    _draw_good_weeks,
    note="A good week is the middle of an account's best fifth. Nothing is said beyond what was seen; a pattern, not a "
    "forecast.",
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
order by
    handle, array_position(['same_day', 'day_before', 'next_day_placebo'], own_account_growth.specification),
    own_account_growth.term
""",
    {
        **common("handle"),
        "specification": ("Model", "label"),
        "term": ("If twice as many", "label"),
        **interval("change_if_doubled", "New follows", "share"),
        **common("p_value"),
        "day_count": ("Days", "count"),
        "new_follow_count": ("New follows", "count"),
        **common("status_reason"),
    },
    _read_days,
    "Ingest your account's own analytics exports (daily and per post): tweetbench ingest FILE.",
    _draw_days,
    note="One account has nobody to be compared with: a pattern over days, with a check for the reverse order.",
)
