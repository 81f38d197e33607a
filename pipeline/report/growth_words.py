"""Sentences on growth, by what was measured: clicks, reactions per view, or reactions alone.

Wording only. `headline_sql` and the sections select the rows.
"""

import re

from pipeline.report.definitions import RELIABLE_FROM
from pipeline.report.figures import Row
from pipeline.report.writing import GAP, write_growth_points, write_list, write_number_of, write_p_value

# From this p-value the placebo counts as negative.
LEVEL = 0.05
MEASURES = {
    "clicks_per_link_post": "posts whose links drew more clicks than usual",
    "engagement_per_impression": "posts that drew more reactions per view than usual",
    "engagement_per_post": "posts that drew more reactions than usual",
}
SHORT = {
    "clicks_per_link_post": "clicks per link",
    "engagement_per_impression": "reactions per view",
    "engagement_per_post": "reactions per post",
}
REACH = "better content or more reach; the data cannot separate them"
PATTERN = "This is a pattern, not a cause"


def read_bases(named: object) -> dict[str, int]:
    """Accounts by measure of quality, from a text such as `engagement_per_impression (124 accounts)`."""
    return {basis: int(count) for basis, count in re.findall(r"(\w+) \((\d+) account", str(named or ""))}


def name_good_posts(named: object) -> str:
    """What makes a week good, by the accounts' measures; general where they differ."""
    bases = read_bases(named)
    if len(bases) == 1:
        return MEASURES.get(next(iter(bases)), "posts that did better than usual")
    return "posts that drew a better response than usual" if bases else "posts that did better than usual"


def describe_measure(named: object) -> list[str]:
    """Caveats of the measure: how many accounts have which, and whether reach is part of it."""
    bases = read_bases(named)
    said = []
    if len(bases) > 1:
        counts = [f"{SHORT.get(basis, basis)} in {write_number_of(count, 'account')}" for basis, count in bases.items()]
        said.append(f"Response is measured by {write_list(counts)}")
    if "engagement_per_post" in bases:
        what = "More reactions per post" if len(bases) > 1 else "More reactions"
        said.append(f"{what} may be {REACH}")
    return said


def word_verdict(row: Row) -> str:
    """The verdict with its figures, for a reader without statistics."""
    good = name_good_posts(row.get("quality_bases"))
    if row["verdict"] == "reverse_causality_not_excluded":
        return (
            "Our check cannot tell which came first, growth or good posts. That does not mean that posts have no effect"
        )
    opening = {
        "quality_larger": "A good response matters more than more posts",
        "volume_larger": "More posts matter more than a good response",
    }.get(row["verdict"], "We cannot yet tell which matters more, a good response or more posts")
    good, usual = name_good_posts(row.get("quality_bases")), row.get("mean_growth_rate")
    said = [
        opening,
        f"Weeks with or just after {good} saw {_points(row['quality_effect'])} follower growth; weeks with or just "
        f"after more posts than usual {_points(row['volume_effect'])}",
        f"Usual growth is {write_growth_points(usual)}{GAP}% a week" if usual is not None else "",
        PATTERN,
    ]
    return ". ".join(text for text in said if text)


def word_check(row: Row) -> str:
    """The result of the check for the reverse order, or that there was none."""
    p_value = row.get("placebo_p_value_adjusted") or row.get("placebo_p_value")
    if p_value is None:
        return "a check for the reverse order was not possible"
    order = "a check for the reverse order (growth first, good posts after)"
    if p_value >= LEVEL:
        return f"{order} found no clear sign of it"
    if row["verdict"] == "reverse_causality_not_excluded":
        return f"{order} was positive, p {write_p_value(p_value)}"
    return f"{order} was weakly positive, at less than half of the effect in the right order"


def word_reliability(row: Row) -> str:
    """A warning where weekly quality is mostly chance."""
    value = row.get("reliability")
    if value is None or value >= RELIABLE_FROM:
        return ""
    opening = f"Weekly response is mostly noise here (reliability {value:.2f} of 1)"
    low, high = row.get("quality_effect_low"), row.get("quality_effect_high")
    if low is not None and high is not None and (low > 0 or high < 0):
        return f"{opening}; the figures account for this"
    return f"{opening}: a real effect of good posts may not show"


def _points(value: float) -> str:
    amount = f"{write_growth_points(abs(value))} {'point' if round(abs(100 * value), 1) == 1 else 'points'}"
    return f"{amount} {'less' if value < 0 and write_growth_points(value) != '0.0' else 'more'}"
