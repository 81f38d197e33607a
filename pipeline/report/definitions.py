"""Labels of the closed vocabularies, and the glossary of the report. Thresholds come from the seeds that the marts are
built with, so that a definition always names the number that the SQL uses.
"""

import csv
import re
from functools import cache

from pipeline.settings import PROJECT_DIR

# Below it most of the variation between weeks is chance.
RELIABLE_FROM = 0.3
SEEDS = PROJECT_DIR / "dbt_project" / "seeds"
STYLES = ("mass_communication", "transitional", "interpersonal", "net_follower", "too_small")
LABELS = {
    "mass_communication": "Broadcast",
    "transitional": "In between",
    "interpersonal": "About one to one",
    "net_follower": "Follows more",
    "too_small": "Too small",
    "all": "All accounts",
    "customer_focus": "Customer focus",
    "company_size": "Company size",
    "industry": "Industry",
    "size_tier": "Audience size",
    "ratio_style": "Style of following",
    "platform": "Platform",
    "x": "X",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "linkedin": "LinkedIn",
    "age": "Age of the account",
    "cohort": "Quarter of creation",
    "b2b": "B2B",
    "b2c": "B2C",
    "both": "B2B and B2C",
    "small": "small (under {tier_mid_from})",
    "mid": "mid ({tier_mid_from} to {tier_pro_above})",
    "pro": "pro (over {tier_pro_above})",
    "quality": "Response to posts",
    "volume": "Number of posts",
    "quality_larger": "Response matters more",
    "volume_larger": "Volume matters more",
    "no_difference_shown": "Cannot tell yet",
    "reverse_causality_not_excluded": "Direction unclear",
    "insufficient_data": "Not enough data",
    "quality_against_volume": "Better posts or more posts",
    "ratio_styles": "Two styles of following",
    "spam_and_cull": "Waves of follows and unfollows",
    "retention": "Who quits",
    "own_account": "Follows of your account by day",
    "new_follows": "New",
    "net_follows": "Net: gained minus lost",
    "benchmark": "Your account against its peers",
    "same_and_previous_week": "Main model (both weeks)",
    "same_week": "Same week only",
    "previous_week": "Week before only",
    "same_day": "Same day",
    "day_before": "Day before (carry-over)",
    "next_day_placebo": "Check: next day",
    "response_next_day": "Next day's response",
    "lead_placebo": "With next week's response",
    "no_purge_exclusion": "Purge weeks kept",
    "winsorised": "Extreme weeks capped",
    "gross_follows": "New follows only",
    "weekly_growth_rate": "Weekly growth",
    "posts_per_day": "Posts per day",
    "reply_share": "Share of replies",
    "followers_per_following": "Followers per followed",
    "engagement_per_1000_followers": "Reactions per post and 1,000 followers",
    "engagement_per_impression": "Reactions per impression",
    "quit_by_day_7": "Quit by day 7",
    "no_return_next_month": "No return in the next month",
    "inactive_7_days": "Silent for 7 days",
    "lowest_fifth": "lowest",
    "second_fifth": "second",
    "middle_fifth": "middle",
    "fourth_fifth": "fourth",
    "highest_fifth": "highest",
    "rao_scott_f": "Rao-Scott F test",
    "mean_position_f": "F test of mean positions",
    "antimode": "Gap between the styles",
    "dip": "Hartigan's dip test",
    "mixture": "Mixture of two groups",
}
_WORD = re.compile("[a-z_ ]+")
ALL_RESPONDENTS = "All respondents"


def label(name: object) -> str:
    """The label of a vocabulary word; underscores become blanks in other words, not in handles."""
    text, known = str(name), LABELS.get(str(name))
    if known:
        return known.format(**_numbers())
    return text.replace("_", " ") if _WORD.fullmatch(text) else text


def respondents(segment: object) -> str:
    """The label of a survey segment; a survey has respondents, not accounts."""
    return ALL_RESPONDENTS if segment == "all" else label(segment)


@cache
def thresholds() -> dict[str, float]:
    """Every threshold of the marts by name."""
    with (SEEDS / "thresholds.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def ratio_style(follower_count: int | None, following_count: int | None) -> str | None:
    """The style of following as the macro `ratio_style` of the marts has it; None where a count is not reported."""
    if follower_count is None or following_count is None:
        return None
    limits, ratio = thresholds(), follower_count / following_count if following_count else float("inf")
    if follower_count + following_count < limits["ratio_too_small_below"]:
        return "too_small"
    if ratio >= limits["ratio_mass_communication_from"]:
        return "mass_communication"
    if ratio > limits["ratio_interpersonal_to"]:
        return "transitional"
    return "interpersonal" if ratio >= limits["ratio_interpersonal_from"] else "net_follower"


def glossary() -> list[tuple[str, str]]:
    """Terms and their definitions, in the order of the report."""
    return [(term, text.format(**_numbers())) for term, text in TERMS]


@cache
def _numbers() -> dict[str, str]:
    """The numbers in labels and definitions, formatted."""
    known = {name: f"{value:,.0f}" if value >= 100 else f"{value:g}" for name, value in thresholds().items()}
    with (SEEDS / "follow_limits.csv").open(encoding="utf-8", newline="") as file:
        of_x = [row for row in csv.DictReader(file) if row["platform"] == "x"]
    limit = max(of_x, key=lambda row: row["valid_from_date"])["follow_limit"]
    beyond = thresholds()["follow_limit_ratio_to"]
    return {
        **known,
        "follow_limit": f"{int(limit):,}",
        "following_per_follower": f"{beyond:.1f}",
        "forced_ratio": f"{1 / beyond:.2f}",
        "reliability_from": f"{RELIABLE_FROM:g}",
    }


TERMS = (
    ("Followers per followed", "Followers divided by accounts followed, both as last read."),
    (
        "Broadcast (mass communication)",
        "At least {ratio_mass_communication_from} followers for each account followed, or follows nobody.",
    ),
    (
        "About one to one (interpersonal)",
        "{ratio_interpersonal_from} to {ratio_interpersonal_to} followers per followed. An account that follows back "
        "automatically has such a ratio, but the ratio does not prove it.",
    ),
    ("In between (transitional)", "Between these two."),
    ("Follows more (net follower)", "Fewer than {ratio_interpersonal_from} followers per followed."),
    ("Too small", "Fewer than {ratio_too_small_below} followers and followed together: not classified."),
    (
        "Follow limit",
        "X lets an account follow {follow_limit} others, and beyond that about {following_per_follower} times its "
        "follower count. Accounts at the limit have a ratio forced to about {forced_ratio} and are not classified.",
    ),
    (
        "Follow churn (spam and cull)",
        "At least {churn_pattern_cycles_from} waves of mass follows and unfollows within {churn_window_days} days, at "
        "least one per {churn_days_per_cycle_to} days, each follow dropped within {churn_up_leg_days_to} days, by an "
        "account whose new followers arrive after the follows and stay. Possible: {churn_cycles_from} waves, or not "
        "all of these conditions. A pattern, not proof of intent, and a lower bound: daily and slow churn is not "
        "detected.",
    ),
    ("Weekly growth", "ln(followers at the end of the week) minus ln(followers at its start), close to per cent."),
    (
        "Response to posts (quality)",
        "What an account's own posts draw within {metrics_age_days} days: clicks per link where known, else reactions "
        "per view, else reactions per post, adjusted for audience size and chance. Where views are unknown, better "
        "content cannot be separated from more reach. Reposts never count.",
    ),
    ("Number of posts (volume)", "Own posts and quotes in the week, on a log scale."),
    (
        "Typical swing",
        "How far a driver usually deviates from the account's own mean, net of chance. It makes the two comparable.",
    ),
    (
        "Reliability",
        "The share of the week-to-week variation in response that is not chance, 0 to 1. Below {reliability_from} a "
        "real effect may not show.",
    ),
    ("Good week", "The middle of an account's best fifth of weeks. Figures never go beyond observed weeks."),
    (
        "95 % interval",
        "A range that covers the true value in 95 of 100 such samples. It reflects chance only, not which accounts "
        "are watched or who answered.",
    ),
    (
        "Check for the reverse order (placebo)",
        "Next week's posts cannot cause this week's growth. If the response to them is still linked to it, at least "
        "half as strongly as the response of this week and the last, the direction is unclear and the verdict says so.",
    ),
    (
        "Common causes",
        "Whatever moves all accounts of a platform in the same week is removed. Whatever moves one account's posts and "
        "growth together, such as news or paid reach, is not: correlation does not prove a cause.",
    ),
    (
        "Quit",
        "An account has quit at its last own post before {silence_days} days of silence. Only accounts that posted at "
        "least once and were watched since their first week count, up to {silence_days} days before the last reading.",
    ),
    (
        "Peers",
        "Accounts with the same platform, audience size and industry; a wider group where these are fewer than "
        "{benchmark_peers_from}.",
    ),
    (
        "Suppressed",
        "Fewer than {survey_base_from} answers in the segment, or fewer than {survey_cell_from} people in the cell.",
    ),
    ("Insufficient data", "The data do not support a figure; the reason is given. Never filled in, never zero."),
)
