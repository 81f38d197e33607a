"""Sentences on whether there are two separate styles of following, for headline and section."""

from pipeline.report.figures import Row
from pipeline.report.writing import write_count, write_decimal, write_number_of, write_p_value, write_range

ANSWERS = {
    "gap_shown": "There are two separate styles of following: fewer accounts lie between them than in either",
    "no_gap_shown": "There is no gap between two styles of following: the zone between is more than half as dense as "
    "the sparser style",
    "cannot_tell_yet": "We cannot yet tell whether there are two separate styles of following",
}


def state_answer(row: Row) -> str:
    """One of the three answers, with the number of accounts where it is still open."""
    answer = ANSWERS[row["gap_class"]]
    return f"{answer} ({write_number_of(row['account_count'], 'account')})" if _is_open(row) else answer


def state_density(row: Row) -> str:
    """Density of the gap relative to the sparser style, with exact interval, p and n; empty where unknown."""
    low, high = row["relative_gap_density_low"], row["relative_gap_density_high"]
    if low is None:
        return ""
    limits = f"95 % {write_range(low, high, 'decimal')}" if high is not None else f"95 % at least {write_decimal(low)}"
    density = row["relative_gap_density"]
    value = f"{write_decimal(density)} times as dense as" if density is not None else "denser than"
    counted = "" if _is_open(row) else f", n = {write_count(row['account_count'])}"
    return f"the zone between is {value} the sparser style ({limits}; p {write_p_value(row['p_value'])}{counted})"


def state_need(row: Row) -> str:
    """How many accounts would settle it; empty where it is settled or cannot be predicted."""
    if not _is_open(row) or row["accounts_needed"] is None:
        return ""
    return f"about {write_count(row['accounts_needed'])} accounts like these would settle it"


def _is_open(row: Row) -> bool:
    return bool(row["gap_class"] == "cannot_tell_yet")
