"""Who stays, what following many accounts costs, and what share of a contact list follows."""

from pipeline.report.charts.bars import bars
from pipeline.report.charts.curves import survival
from pipeline.report.charts.marks import dots_with_intervals
from pipeline.report.definitions import label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.shared import (
    NO_FOLLOWING,
    as_dot,
    by_dimension,
    common,
    describe_gaps,
    interval,
    rows_with_estimates,
    segment_name,
)
from pipeline.report.writing import write_count, write_list, write_number_of, write_range, write_share

FOLDED = {"industry", "platform", "cohort"}
# The threshold of the attention_assumptions seed, and the reading time that it implies.
LINE, MINUTES = 300, 20
FOLLOWED = "Each is watched from its first week to 30 days before its last reading: quitting takes 30 days to confirm."


def _read_curves(rows: Rows) -> list[str]:
    whole = [row for row in rows_with_estimates(rows) if row["segment_dimension"] == "all"]
    said = []
    for day in (7, 30, 90):
        until = [row for row in whole if row["day"] <= day]
        if until and whole[-1]["day"] >= day:
            share = until[-1]["survival_share"]
            said.append(
                f"{write_share(share)} after day {day} ({write_range(until[-1]['conf_low'], until[-1]['conf_high'])})"
            )
    count = write_count(whole[0]["account_count"]) if whole else "no"
    sentence = f"Still posting, of {count} accounts that posted at least once: {write_list(said)}."
    return ([sentence, FOLLOWED] if said else []) + describe_gaps(rows)


def _draw_curves(rows: Rows) -> list[Drawing]:
    kept = rows_with_estimates(rows)
    if not kept:
        return []
    last = max(row["day"] for row in kept)
    made = []
    for dimension, of_dimension in by_dimension(kept):
        panels = []
        for segment in dict.fromkeys(row["segment"] for row in of_dimension):
            curve = [row for row in of_dimension if row["segment"] == segment]
            title = f"{segment_name(curve[0])}, n = {write_count(curve[0]['account_count'])}"
            panels.append(Panel(title, survival(curve, last_day=last)))
        alt = f"Share of accounts still posting by days since the first own post, {label(dimension).lower()}."
        made.append(
            Drawing(
                tuple(panels), alt, title="" if dimension == "all" else label(dimension), folded=dimension in FOLDED
            )
        )
    return made


def _read_claims(rows: Rows) -> list[str]:
    said = ["Measured shares cover accounts that posted at least once and were watched since their first week."]
    silent = next((row["never_posted_count"] for row in rows if row["origin"] == "measured"), None)
    if silent:
        said.append(
            f"{write_number_of(silent, 'other account')} never posted and {'is' if silent == 1 else 'are'} excluded."
        )
    return [*said, "Published figures have other bases and state no sample size: context, not a target."]


def _draw_claims(rows: Rows) -> list[Drawing]:
    panels = []
    for measure in dict.fromkeys(row["measure"] for row in rows):
        marked = [_claim(row) for row in rows if row["measure"] == measure and row["share"] is not None]
        if marked:
            panels.append(Panel(label(measure), dots_with_intervals(marked, (0, 1))))
    return [Drawing(tuple(panels), "Measured shares with intervals, next to published figures.")] if panels else []


def _claim(row: Row) -> Row:
    silence = f", {write_count(row['silence_days'])} days of silence" if row["silence_days"] else ""
    name = f"Measured{silence}" if row["origin"] == "measured" else f"Published: {row['source']}"
    return as_dot(name, row, "share", "share")


def _draw_load(rows: Rows) -> list[Drawing]:
    marked = [{"label": row["reading_time"], "account_count": row["account_count"]} for row in rows]
    spec = bars(marked, field="account_count", axis_title="Accounts")
    return [Drawing((Panel("", spec),), "Accounts by minutes a day needed to read all the accounts they follow.")]


def _read_load(rows: Rows) -> list[str]:
    everyone, beyond = (sum(row[name] for row in rows) for name in ("account_count", "beyond_count"))
    hour, low, high = (sum(row[name] for row in rows) for name in ("hour_count", "hour_count_low", "hour_count_high"))
    return [
        f"{write_count(beyond)} of {write_number_of(everyone, 'account')} follow more than {LINE} others, at least "
        f"{MINUTES} minutes of reading a day; {write_count(hour)} would need more than an hour ({write_count(low)} to "
        f"{write_count(high)}).",
        "Assumes one post a day from each and 4 seconds per post; the range is half and twice that. Reading itself was "
        "not observed.",
    ]


def _draw_contacts(rows: Rows) -> list[Drawing]:
    panels = []
    for list_id in dict.fromkeys(row["list_id"] for row in rows):
        marked = [_activation(row) for row in rows_with_estimates(rows) if row["list_id"] == list_id]
        if marked:
            panels.append(Panel(str(list_id), dots_with_intervals(marked, (0, 1))))
    return [Drawing(tuple(panels), "Share of the matched contacts that follow, by segment.")] if panels else []


def _read_contacts(rows: Rows) -> list[str]:
    return ["Shares of those who agreed and gave a handle; others may follow without being seen.", *describe_gaps(rows)]


def _activation(row: Row) -> Row:
    return {
        **as_dot(label(row["segment"]), row, "activation_share", "share", "share"),
        "tooltip": f"{write_count(row['follower_count'])} of {write_count(row['matched_count'])} matched contacts",
    }


PEOPLE = Section(
    "people",
    "Who stays, and who can keep up?",
    "How long new accounts keep posting, how much reading a long list of followed accounts means, and what share of a "
    "contact list has become followers.",
    (
        Figure(
            "retention_curves",
            "How long do accounts keep posting?",
            """
select
    segment_dimension, segment, day, at_risk_count, quit_count, survival_share, conf_low, conf_high, account_count,
    status, status_reason
from marts.account_retention
order by segment_dimension, segment, day
""",
            {
                **common("segment_dimension", "segment"),
                "day": ("Day", "count"),
                "at_risk_count": ("Watched", "count"),
                "quit_count": ("Quit", "count"),
                **interval("survival_share", "Still posting", "share", "conf"),
                **common("status_reason"),
            },
            _read_curves,
            "Needs ten accounts that posted and were watched from their first week to 30 days after their first post.",
            _draw_curves,
        ),
        Figure(
            "retention_claims",
            "How does that compare with published figures?",
            """
select
    measure, origin, silence_days, account_count, never_posted_count, share, share_low, share_high, claim, base,
    source, status, status_reason
from marts.account_retention_measures
where segment_dimension = 'all' and share is not null
order by measure desc, origin, silence_days
""",
            {
                "measure": ("Measure", "label"),
                "origin": ("Origin", "text"),
                "silence_days": ("Silence (days)", "count"),
                **common("account_count"),
                **interval("share", "Share", "share"),
                "claim": ("Claim", "text"),
                "base": ("About whom", "text"),
                "source": ("Source", "text"),
            },
            _read_claims,
            "Needs accounts that were watched since their first week of posting.",
            _draw_claims,
        ),
        Figure(
            "reading_load",
            "How long would it take to read everything?",
            """
select
    case
        when minutes_per_day < 5 then 'under 5 minutes a day'
        when minutes_per_day < 20 then '5 to 20 minutes'
        when minutes_per_day < 60 then '20 to 60 minutes'
        when minutes_per_day < 240 then '1 to 4 hours'
        else 'over 4 hours'
    end as reading_time,
    min(minutes_per_day) as minutes_from,
    max(minutes_per_day) as minutes_to,
    count(*) as account_count,
    count(*) filter (where is_beyond_reading) as beyond_count,
    count(*) filter (where minutes_per_day > 60) as hour_count,
    count(*) filter (where minutes_per_day_low > 60) as hour_count_low,
    count(*) filter (where minutes_per_day_high > 60) as hour_count_high
from marts.attention_load
where minutes_per_day is not null
group by reading_time
order by minutes_from
""",
            {
                "reading_time": ("Reading time", "text"),
                **common("account_count"),
                "beyond_count": ("Follow over 300", "count"),
                "minutes_from": ("Minutes from", "decimal"),
                "minutes_to": ("to", "decimal"),
            },
            _read_load,
            "Needs the number of accounts followed: tweetbench ingest FILE or tweetbench run.",
            _draw_load,
            if_empty_on=NO_FOLLOWING,
        ),
        Figure(
            "contact_activation",
            "What share of the contact list has become followers?",
            """
select
    list_id, segment, contact_count, consent_count, matched_count, follower_count, activation_share, share_low,
    share_high, known_follower_share, status, status_reason
from marts.contact_activation
order by list_id, segment <> 'all', segment
""",
            {
                "list_id": ("List", "text"),
                **common("segment"),
                "contact_count": ("Contacts", "count"),
                "matched_count": ("Matched", "count"),
                "follower_count": ("Followers", "count"),
                **interval("activation_share", "Activated", "share", "share"),
                "known_follower_share": ("Of all, at least", "share"),
                **common("status_reason"),
            },
            _read_contacts,
            "Ingest a contact list with its mapping: tweetbench ingest FILE --as contacts.",
            _draw_contacts,
            if_empty_on={"linkedin": "LinkedIn lists no followers of a page, so contacts cannot be found among them."},
        ),
    ),
)
