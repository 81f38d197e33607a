"""What an own account's follows of a day are linked to: its response and its posts, on the day and the day before."""

from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, rows_with_estimates
from pipeline.report.writing import write_number_of, write_range, write_share

RESPONSES = {"engagements_by_day": "engagements"}
FOLLOWS = {"net_follows": "net follows"}
TERMS = {"response": "Clicks or engagements", "volume": "Posts", "response_next_day": "Check: next day's response"}
# The order of reading; the day before is what carries over.
MODELS = ("same_day", "day_before", "next_day_placebo")


def _read_days(rows: Rows) -> list[str]:
    said = []
    for handle in dict.fromkeys(row["handle"] for row in rows_with_estimates(rows)):
        for term in ("response", "volume"):
            found = {
                row["specification"]: row
                for row in rows_with_estimates(rows)
                if row["handle"] == handle and row["term"] == term and row["change_if_doubled"] is not None
            }
            said += [say_day(row, found.get("day_before")) for row in (found.get("same_day"),) if row]
        check = [
            row for row in rows_with_estimates(rows) if (row["handle"], row["term"]) == (handle, "response_next_day")
        ]
        if any(_is_clear(row) for row in check):
            said.append(
                f"{handle}: the check is positive, so the next day's response is linked to follows of the day before. "
                "Something that moves both, such as news or paid reach, is not excluded."
            )
    return [*said, *describe_gaps(rows, "handle")]


def say_day(same: Row, before: Row | None) -> str:
    """What follows of an account are linked to, on the same day and on the next."""
    what = "posts" if same["term"] == "volume" else RESPONSES.get(str(same["response_basis"]), "clicks")
    driver = "the number of posts" if same["term"] == "volume" else what
    follows = FOLLOWS.get(str(same.get("follow_basis")), "new follows")
    days = write_number_of(same["day_count"], "day")
    if _is_clear(same):
        opening = f"days with twice the {what} have {_more(same, f' {follows} on the same day')}"
    else:
        opening = f"no clear link between {driver} and {follows} on the same day"
    carried = ""
    if before is not None and not _is_clear(same) and not _is_clear(before):
        opening = f"no clear link between {driver} and {follows}, on the same day or the next"
    elif before is not None and _is_clear(before):
        carried = f"; on the next day {_more(before)}"
    elif before is not None:
        carried = "; no clear link on the next day"
    return f"{same['handle']}: {opening}{carried} (over {days})."


def _is_clear(row: Row) -> bool:
    low, high = row["change_if_doubled_low"], row["change_if_doubled_high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def _more(row: Row, what: str = "") -> str:
    limits = write_range(row["change_if_doubled_low"], row["change_if_doubled_high"])
    change = row["change_if_doubled"]
    return f"{write_share(abs(change))} {'more' if change > 0 else 'fewer'}{what} ({limits})"


def _draw_days(rows: Rows) -> list[Drawing]:
    kept = [row for row in rows_with_estimates(rows) if row["change_if_doubled"] is not None]
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
    alt = "Change in new or net follows on days with twice as many clicks, reactions or posts."
    return [Drawing(tuple(panels), alt)] if panels else []


OWN_DAYS = Figure(
    "own_account_growth",
    "When does your account gain followers?",
    """
select
    coalesce(accounts.account_label, own_account_growth.account_key) as handle, own_account_growth.specification,
    own_account_growth.term, own_account_growth.response_basis, own_account_growth.follow_basis,
    own_account_growth.change_if_doubled,
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
        **interval("change_if_doubled", "Change in follows", "share"),
        **common("p_value"),
        "day_count": ("Days", "count"),
        "follow_basis": ("Follows counted", "label"),
        "new_follow_count": ("Follows", "count"),
        **common("status_reason"),
    },
    _read_days,
    "Ingest your account's analytics exports (daily and per post): tweetbench ingest FILE.",
    _draw_days,
    note="A single account has no comparison group: this is a pattern over days, with a check for the reverse order. "
    "Net follows are gained minus lost; LinkedIn's engagements are all clicks, reactions, comments and reposts.",
)
