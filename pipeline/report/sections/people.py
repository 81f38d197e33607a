"""Who stays, what following many accounts costs, and what share of a contact list follows."""

from pipeline.report.catalogue import say
from pipeline.report.charts.bars import bars
from pipeline.report.charts.curves import survival
from pipeline.report.charts.marks import dots_with_intervals
from pipeline.report.definitions import in_sentence, label
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.sections.shared import (
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


def _read_curves(rows: Rows) -> list[str]:
    whole = [row for row in rows_with_estimates(rows) if row["segment_dimension"] == "all"]
    said = []
    for day in (7, 30, 90):
        until = [row for row in whole if row["day"] <= day]
        if until and whole[-1]["day"] >= day:
            share = until[-1]["survival_share"]
            said.append(
                say(
                    "people.after_day",
                    share=write_share(share),
                    day=day,
                    limits=write_range(until[-1]["conf_low"], until[-1]["conf_high"]),
                )
            )
    count = write_count(whole[0]["account_count"]) if whole else ""
    sentence = say("people.still_posting", count=count, said=write_list(said))
    return ([sentence, say("people.followed")] if said else []) + describe_gaps(rows)


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
        alt = say("people.alt_curves", dimension=in_sentence(label(dimension)))
        made.append(
            Drawing(
                tuple(panels), alt, title="" if dimension == "all" else label(dimension), folded=dimension in FOLDED
            )
        )
    return made


def _read_claims(rows: Rows) -> list[str]:
    said = [say("people.measured")]
    silent = next((row["never_posted_count"] for row in rows if row["origin"] == "measured"), None)
    if silent:
        said.append(say("people.silent", silent, accounts=write_number_of(silent, "other_account")))
    return [*said, say("people.published")]


def _draw_claims(rows: Rows) -> list[Drawing]:
    panels = []
    for measure in dict.fromkeys(row["measure"] for row in rows):
        marked = [_claim(row) for row in rows if row["measure"] == measure and row["share"] is not None]
        if marked:
            panels.append(Panel(label(measure), dots_with_intervals(marked, (0, 1))))
    return [Drawing(tuple(panels), say("people.alt_claims"))] if panels else []


def _claim(row: Row) -> Row:
    silence = say("people.silence", silence_days=write_count(row["silence_days"])) if row["silence_days"] else ""
    name = (
        say("people.measured_here", silence=silence)
        if row["origin"] == "measured"
        else say("people.published_by", source=row["source"])
    )
    return as_dot(name, row, "share", "share")


def _draw_load(rows: Rows) -> list[Drawing]:
    marked = [{"label": label(row["reading_time"]), "account_count": row["account_count"]} for row in rows]
    spec = bars(marked, field="account_count", axis_title=say("chart.accounts"))
    return [Drawing((Panel("", spec),), say("people.alt_load"))]


def _read_load(rows: Rows) -> list[str]:
    everyone, beyond = (sum(row[name] for row in rows) for name in ("account_count", "beyond_count"))
    hour, low, high = (sum(row[name] for row in rows) for name in ("hour_count", "hour_count_low", "hour_count_high"))
    return [
        say(
            "people.load",
            beyond=write_count(beyond),
            accounts=write_number_of(everyone, "account"),
            line=LINE,
            minutes=MINUTES,
            hour=write_count(hour),
            low=write_count(low),
            high=write_count(high),
        ),
        say("people.load_assumes"),
    ]


def _draw_contacts(rows: Rows) -> list[Drawing]:
    panels = []
    for list_id in dict.fromkeys(row["list_id"] for row in rows):
        marked = [_activation(row) for row in rows_with_estimates(rows) if row["list_id"] == list_id]
        if marked:
            panels.append(Panel(str(list_id), dots_with_intervals(marked, (0, 1))))
    return [Drawing(tuple(panels), say("people.alt_contacts"))] if panels else []


def _read_contacts(rows: Rows) -> list[str]:
    return [say("people.contacts"), *describe_gaps(rows)]


def _activation(row: Row) -> Row:
    return {
        **as_dot(label(row["segment"]), row, "activation_share", "share", "share"),
        "tooltip": say(
            "people.matched",
            follower_count=write_count(row["follower_count"]),
            matched_count=write_count(row["matched_count"]),
        ),
    }


PEOPLE = Section(
    "people",
    (
        Figure(
            "retention_curves",
            """
select
    segment_dimension, segment, day, at_risk_count, quit_count, survival_share, conf_low, conf_high, account_count,
    status, status_reason
from marts.account_retention
order by segment_dimension, segment, day
""",
            {
                **common("segment_dimension", "segment"),
                "day": "count",
                "at_risk_count": "count",
                "quit_count": "count",
                **interval("survival_share", "share", "conf"),
                **common("status_reason"),
            },
            _read_curves,
            _draw_curves,
        ),
        Figure(
            "retention_claims",
            """
select
    measure, origin, silence_days, account_count, never_posted_count, share, share_low, share_high, claim, base,
    source, status, status_reason
from marts.account_retention_measures
where
    segment_dimension = 'all' and share is not null
    -- Published figures alone are no comparison.
    and exists (from marts.account_retention_measures where origin = 'measured' and share is not null)
order by measure desc, origin, silence_days
""",
            {
                "measure": "label",
                "origin": "text",
                "silence_days": "count",
                **common("account_count"),
                **interval("share", "share"),
                "claim": "text",
                "base": "text",
                "source": "text",
            },
            _read_claims,
            _draw_claims,
        ),
        Figure(
            "reading_load",
            """
select
    case
        when minutes_per_day < 5 then 'under_5_minutes'
        when minutes_per_day < 20 then 'from_5_to_20_minutes'
        when minutes_per_day < 60 then 'from_20_to_60_minutes'
        when minutes_per_day < 240 then 'from_1_to_4_hours'
        else 'over_4_hours'
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
                "reading_time": "label",
                **common("account_count"),
                "beyond_count": "count",
                "minutes_from": "decimal",
                "minutes_to": "decimal",
            },
            _read_load,
            _draw_load,
            empty_on="no_following",
        ),
        Figure(
            "contact_activation",
            """
select
    list_id, segment, contact_count, consent_count, matched_count, follower_count, activation_share, share_low,
    share_high, known_follower_share, status, status_reason
from marts.contact_activation
order by list_id, segment <> 'all', segment
""",
            {
                "list_id": "text",
                **common("segment"),
                "contact_count": "count",
                "matched_count": "count",
                "follower_count": "count",
                **interval("activation_share", "share", "share"),
                "known_follower_share": "share",
                **common("status_reason"),
            },
            _read_contacts,
            _draw_contacts,
        ),
    ),
)
