"""When each question can be answered: what is available, what is missing, and what would show now."""

from pipeline.report.definitions import label
from pipeline.report.figures import Figure, Row, Rows
from pipeline.report.sections.shared import NAMED, common
from pipeline.report.writing import write_list, write_number_of, write_share

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
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        shown = ", ".join(names[:NAMED]) + more if more else write_list(names)
        first = f"; the first is expected about {soonest}" if soonest else ""
        said.append(f"No answer yet for {write_number_of(len(names), 'segment')} ({shown}){first}.")
    return said


def _state(row: Row) -> str:
    """What is available and missing, or that there is an answer; and the smallest detectable effect."""
    visible = _visible(row)
    if row["status"] == "ok":
        return f"answered{f'; {visible}' if visible else ''}"
    reason = str(row["status_reason"]).rstrip(".")
    return f"{reason}{f'; {visible}' if visible else ''}"


def _visible(row: Row) -> str:
    value = row["smallest_effect_visible"]
    if value is None:
        return ""
    unit = str(row["effect_unit"] or "")
    size = f"{100 * value:.2f} points of weekly growth" if unit.startswith(LOG_GROWTH) else write_share(value)
    swing = " for a typical swing" if unit.endswith("swing of quality") else ""
    if row["effect_basis"] == "spread_so_far":
        return f"it will show effects from about {size}{swing}"
    if unit == HALF:
        return f"a share within {100 * value:.0f} points of one half cannot be distinguished from it"
    what = "changes" if unit.startswith("share") else "effects"
    return f"{what} smaller than about {size}{swing} would not show"


READINESS = Figure(
    "answer_readiness",
    "When will I know?",
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
order by readiness.question, readiness.segment_dimension, readiness.segment
""",
    {
        "question": ("Question", "label"),
        **common("segment_dimension"),
        "name": ("Segment", "label"),
        **common("account_count"),
        "needed_account_count": ("needed", "count"),
        "usable_week_count": ("Weeks", "count"),
        "needed_week_count": ("needed", "count"),
        "smallest_effect_visible": ("Smallest effect", "measure"),
        "effect_unit": ("measured in", "text"),
        "expected_answer_date": ("First answer", "day"),
        "status_reason": ("What is missing", "text"),
    },
    _read_readiness,
    "Watch at least three accounts, ideally ten, with tweetbench watch HANDLE, and read them at least once a week.",
    note="Dates count from the last reading and assume the same pace of reading. An effect of the smallest size would "
    "be detected in four of five cases; smaller ones may exist undetected.",
)
