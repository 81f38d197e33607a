"""What an own account's follows of a day are linked to: its response and its posts, on the day and the day before."""

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows
from pipeline.report.sections.shared import as_dot, common, describe_gaps, interval, rows_with_estimates
from pipeline.report.writing import write_number_of, write_range, write_share

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
            said.append(say("own_days.check", handle=handle))
    if any(row.get("follow_basis") == "net_follows" for row in rows_with_estimates(rows)):
        said.append(say("own_days.net"))
    promoted = dict.fromkeys(str(row["handle"]) for row in rows_with_estimates(rows) if row.get("is_promotion_held"))
    said += [say("own_days.promoted", handle=handle) for handle in promoted]
    return [*said, *describe_gaps(rows, "handle")]


def say_day(same: Row, before: Row | None) -> str:
    """What follows of an account are linked to, on the same day and on the next."""
    is_clicks = same["response_basis"] != "engagements_by_day"
    what = say("own_days.what." + ("posts" if same["term"] == "volume" else "clicks" if is_clicks else "engagements"))
    driver = say("own_days.number_of_posts") if same["term"] == "volume" else what
    follows = say("own_days.net_follows" if same.get("follow_basis") == "net_follows" else "own_days.new_follows")
    days = write_number_of(same["day_count"], "day")
    if _is_clear(same):
        opening = say("own_days.clear", what=what, follows=_more(same, follows))
    else:
        opening = say("own_days.unclear", driver=driver, follows=follows)
    carried = ""
    if before is not None and not _is_clear(same) and not _is_clear(before):
        opening = say("own_days.unclear_both", driver=driver, follows=follows)
    elif before is not None and _is_clear(before):
        carried = say("own_days.next_clear", follows=_more(before))
    elif before is not None:
        carried = say("own_days.next_unclear")
    return say("own_days.sentence", handle=same["handle"], opening=opening, carried=carried, days=days)


def _is_clear(row: Row) -> bool:
    low, high = row["change_if_doubled_low"], row["change_if_doubled_high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def _more(row: Row, what: str = "") -> str:
    """How many more or fewer follows, of which kind on the same day if that is said, with limits."""
    limits = write_range(row["change_if_doubled_low"], row["change_if_doubled_high"])
    change = row["change_if_doubled"]
    key = f"own_days.{'more' if change > 0 else 'fewer'}{'_same_day' if what else ''}"
    return say(key, change=write_share(abs(change)), follows=what, limits=limits)


def _draw_days(rows: Rows) -> list[Drawing]:
    kept = [row for row in rows_with_estimates(rows) if row["change_if_doubled"] is not None]
    domain = padded(kept, ["change_if_doubled_low", "change_if_doubled_high"], include=[0])
    panels = []
    for handle in dict.fromkeys(row["handle"] for row in kept):
        for specification in MODELS:
            marked = [
                as_dot(label(f"term_{row['term']}"), row, "change_if_doubled", "share")
                for row in kept
                if (row["handle"], row["specification"]) == (handle, specification)
            ]
            if marked:
                spec = dots_with_intervals(marked, domain, zero=True)
                panels.append(Panel(f"{handle}, {label(specification)}", spec, str(handle)))
    alt = say("own_days.alt")
    return [Drawing(tuple(panels), alt)] if panels else []


OWN_DAYS = Figure(
    "own_account_growth",
    """
select
    coalesce(accounts.account_label, own_account_growth.account_key) as handle, own_account_growth.specification,
    own_account_growth.term, own_account_growth.response_basis, own_account_growth.follow_basis,
    own_account_growth.change_if_doubled,
    own_account_growth.change_if_doubled_low, own_account_growth.change_if_doubled_high, own_account_growth.p_value,
    own_account_growth.day_count, own_account_growth.new_follow_count, own_account_growth.is_promotion_held,
    own_account_growth.status, own_account_growth.status_reason
from marts.own_account_growth
left join marts.accounts using (account_key)
order by
    handle, array_position(['same_day', 'day_before', 'next_day_placebo'], own_account_growth.specification),
    own_account_growth.term
""",
    {
        **common("handle"),
        "specification": "label",
        "term": "label",
        **interval("change_if_doubled", "share"),
        **common("p_value"),
        "day_count": "count",
        "follow_basis": "label",
        "new_follow_count": "count",
        **common("status_reason"),
    },
    _read_days,
    _draw_days,
)
