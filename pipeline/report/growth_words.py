"""Sentences on growth, by what was measured: clicks, reactions per view, or reactions alone.

Wording only. `headline_sql` and the sections select the rows.
"""

import re

from pipeline.report.catalogue import say, say_if_known
from pipeline.report.definitions import RELIABLE_FROM
from pipeline.report.figures import Row
from pipeline.report.writing import write_decimal, write_growth_points, write_list, write_number_of, write_p_value

# From this p-value the placebo counts as negative.
LEVEL = 0.05


def read_bases(named: object) -> dict[str, int]:
    """Accounts by measure of quality, from a text such as `engagement_per_impression (124 accounts)`."""
    return {basis: int(count) for basis, count in re.findall(r"(\w+) \((\d+) account", str(named or ""))}


def name_good_posts(named: object) -> str:
    """What makes a week good, by the accounts' measures; general where they differ."""
    bases = read_bases(named)
    if len(bases) == 1:
        return say_if_known(f"good_posts.{next(iter(bases))}") or say("good_posts.unknown")
    return say("good_posts.mixed") if bases else say("good_posts.unknown")


def describe_measure(named: object) -> list[str]:
    """Caveats of the measure: how many accounts have which, and whether reach is part of it."""
    bases = read_bases(named)
    said = []
    if len(bases) > 1:
        counts = [
            say("growth.measure_in", short=say(f"measure.{basis}"), accounts=write_number_of(count, "account"))
            for basis, count in bases.items()
        ]
        said.append(say("growth.measured_by", counts=write_list(counts)))
    if "engagement_per_post" in bases:
        what = say("growth.more_reactions_per_post") if len(bases) > 1 else say("growth.more_reactions")
        said.append(say("growth.may_be_reach", what=what))
    return said


def word_verdict(row: Row) -> str:
    """The verdict with its figures, for a reader without statistics."""
    if row["verdict"] == "reverse_causality_not_excluded":
        return say("growth.order_open")
    opening = say_if_known(f"growth.verdict.{row['verdict']}") or say("growth.verdict.open")
    good, usual = name_good_posts(row.get("quality_bases")), row.get("mean_growth_rate")
    said = [
        opening,
        say(
            "growth.weeks",
            good=good,
            quality_effect=_points(row["quality_effect"]),
            volume_effect=_points(row["volume_effect"]),
        ),
        say("growth.usual", usual=write_growth_points(usual)) if usual is not None else "",
        say("growth.pattern"),
    ]
    return ". ".join(text for text in said if text)


def word_verdict_shortly(row: Row) -> str:
    """The verdict with both effects, in one sentence."""
    if row["verdict"] == "reverse_causality_not_excluded":
        return say("growth.order_open")
    return say(
        "growth.shortly",
        opening=say_if_known(f"growth.verdict.{row['verdict']}") or say("growth.verdict.open"),
        quality_effect=_points(row["quality_effect"]),
        volume_effect=_points(row["volume_effect"]),
    )


def word_check(row: Row) -> str:
    """The result of the check for the reverse order, or that there was none."""
    p_value = row.get("placebo_p_value_adjusted") or row.get("placebo_p_value")
    if p_value is None:
        return say("growth.check.none")
    order = say("growth.check.order")
    if p_value >= LEVEL:
        return say("growth.check.clear", order=order)
    if row["verdict"] == "reverse_causality_not_excluded":
        return say("growth.check.positive", order=order, p_value=write_p_value(p_value))
    return say("growth.check.weak", order=order)


def word_reliability(row: Row) -> str:
    """A warning where weekly quality is mostly chance."""
    value = row.get("reliability")
    if value is None or value >= RELIABLE_FROM:
        return ""
    opening = say("growth.noise.opening", value=write_decimal(value))
    low, high = row.get("quality_effect_low"), row.get("quality_effect_high")
    if low is not None and high is not None and (low > 0 or high < 0):
        return say("growth.noise.accounted", opening=opening)
    return say("growth.noise.hidden", opening=opening)


def _points(value: float) -> str:
    is_less = value < 0 and abs(value) >= 0.00005
    return say(
        "growth.points_less" if is_less else "growth.points_more",
        round(abs(100 * value), 2),
        points=write_growth_points(abs(value)),
    )
