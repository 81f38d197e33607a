"""Sentences on whether there are two separate styles of following, for headline and section."""

from pipeline.report.catalogue import say
from pipeline.report.figures import Row
from pipeline.report.writing import write_count, write_decimal, write_number_of, write_p_value, write_range


def state_answer(row: Row) -> str:
    """One of the three answers, with the number of accounts where it is still open."""
    answer = say(f"two_styles.{row['gap_class']}")
    return f"{answer} ({write_number_of(row['account_count'], 'account')})" if _is_open(row) else answer


def state_density(row: Row) -> str:
    """Density of the gap relative to the sparser style, with exact interval, p and n; empty where unknown."""
    low, high = row["relative_gap_density_low"], row["relative_gap_density_high"]
    if low is None:
        return ""
    limits = (
        say("two_styles.limits", limits=write_range(low, high, "decimal"))
        if high is not None
        else say("two_styles.at_least", low=write_decimal(low))
    )
    density = row["relative_gap_density"]
    value = say("two_styles.times", density=write_decimal(density)) if density is not None else say("two_styles.denser")
    counted = "" if _is_open(row) else say("two_styles.counted", count=write_count(row["account_count"]))
    return say("two_styles.density", value=value, limits=limits, p_value=write_p_value(row["p_value"]), counted=counted)


def state_need(row: Row) -> str:
    """How many accounts would settle it; empty where it is settled or cannot be predicted."""
    if not _is_open(row) or row["accounts_needed"] is None:
        return ""
    return say("two_styles.need", accounts_needed=write_count(row["accounts_needed"]))


def _is_open(row: Row) -> bool:
    return bool(row["gap_class"] == "cannot_tell_yet")
