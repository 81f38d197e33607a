"""When each question can be answered: what is available, what is missing, and what would show now."""

from pipeline.report.catalogue import say, say_reason
from pipeline.report.definitions import label
from pipeline.report.figures import Figure, Row, Rows
from pipeline.report.sections.shared import NAMED, common, list_some
from pipeline.report.writing import write_day, write_decimal, write_number_of, write_share

# In the order in which a reader asks.
QUESTIONS = ("quality_against_volume", "own_account", "benchmark", "ratio_styles", "spam_and_cull", "retention")
# What a difference is measured in, for a sentence.
LOG_GROWTH, HALF = "weekly log growth", "difference of a share from one half"


def _read_readiness(rows: Rows) -> list[str]:
    """One sentence per question; for growth also the segments and the smallest detectable effect."""
    said = []
    for question in QUESTIONS:
        name = label(question)
        asked = [row for row in rows if row["question"] == question]
        said += [f"{name}: {_state(row)}." for row in asked if row["segment_dimension"] == "all"]
        own = [row for row in asked if row["segment_dimension"] == "account"]
        said += [f"{name}, {row['name']}: {_state(row)}." for row in own[:NAMED]]
    waiting = [row for row in rows if row["segment_dimension"] not in ("all", "account") and row["status"] != "ok"]
    if waiting:
        soonest = min((row["expected_answer_date"] for row in waiting if row["expected_answer_date"]), default=None)
        names = list(dict.fromkeys(label(row["name"]) for row in waiting))
        shown = list_some(names)
        first = say("readiness.first", day=write_day(soonest)) if soonest else ""
        said.append(say("readiness.waiting", segments=write_number_of(len(names), "segment"), shown=shown, first=first))
    return said


def _state(row: Row) -> str:
    """What is available and missing, or that there is an answer; and the smallest detectable effect."""
    visible = _visible(row)
    if row["status"] == "ok":
        return say("readiness.answered") + (f"; {visible}" if visible else "")
    reason = say_reason(str(row["status_reason"]).rstrip("."))
    return f"{reason}{f'; {visible}' if visible else ''}"


def _visible(row: Row) -> str:
    value = row["smallest_effect_visible"]
    if value is None:
        return ""
    unit = str(row["effect_unit"] or "")
    size = (
        say("readiness.growth_points", points=write_decimal(100 * value))
        if unit.startswith(LOG_GROWTH)
        else write_share(value)
    )
    swing = say("readiness.for_swing") if unit.endswith("swing of quality") else ""
    if row["effect_basis"] == "spread_so_far":
        return say("readiness.will_show", size=size, swing=swing)
    if unit == HALF:
        return say("readiness.from_half", points=write_decimal(100 * value, 0))
    key = "readiness.smaller_change" if unit.startswith("share") else "readiness.smaller_effect"
    return say(key, size=size, swing=swing)


READINESS = Figure(
    "answer_readiness",
    """
select
    readiness.question, readiness.segment_dimension, readiness.segment,
    case when readiness.segment_dimension = 'account' then coalesce(accounts.account_label, readiness.segment)
        else readiness.segment end as name,
    readiness.account_count, readiness.needed_account_count, readiness.usable_week_count, readiness.needed_week_count,
    readiness.smallest_effect_visible, readiness.effect_unit, readiness.effect_basis, readiness.expected_answer_date,
    readiness.as_of_date, readiness.status, readiness.status_reason
from marts.answer_readiness as readiness
left join marts.accounts on readiness.segment_dimension = 'account' and accounts.account_key = readiness.segment
where
    readiness.question not in ('ratio_styles', 'spam_and_cull')
    or exists (from marts.accounts where platform <> 'linkedin')  -- which does not state whom a page follows
order by readiness.question, readiness.segment_dimension, readiness.segment
""",
    {
        "question": "label",
        **common("segment_dimension"),
        "name": "label",
        **common("account_count"),
        "needed_account_count": "count",
        "usable_week_count": "count",
        "needed_week_count": "count",
        "smallest_effect_visible": "measure",
        "effect_unit": "reason",
        "expected_answer_date": "day",
        "status_reason": "reason",
    },
    _read_readiness,
)
