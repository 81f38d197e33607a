"""Names of the closed vocabularies for people, and what the words of the report mean. Thresholds come from the
seeds that the marts are built with, so that a definition never names another number than the SQL uses.
"""

import csv
from functools import cache

from pipeline.settings import PROJECT_DIR

# Below it most of what moves between weeks is chance.
RELIABLE_FROM = 0.3
SEEDS = PROJECT_DIR / "dbt_project" / "seeds"
STYLES = ("mass_communication", "transitional", "interpersonal", "net_follower", "too_small")
LABELS = {
    "mass_communication": "Broadcast",
    "transitional": "Between",
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
    "quality_larger": "Response counts more",
    "volume_larger": "Number counts more",
    "no_difference_shown": "Cannot tell yet",
    "reverse_causality_not_excluded": "Order not clear",
    "insufficient_data": "Not enough data",
    "quality_against_volume": "Better posts or more posts",
    "ratio_styles": "Two styles of following",
    "spam_and_cull": "Following and dropping in waves",
    "retention": "Who quits",
    "own_account": "Follows of your own account",
    "benchmark": "Your account among its peers",
    "same_and_previous_week": "Main model (both weeks)",
    "same_week": "Same week only",
    "previous_week": "Week before only",
    "same_day": "Same day",
    "day_before": "Day before (carry-over)",
    "next_day_placebo": "Check: next day",
    "response_next_day": "Next day's response",
    "lead_placebo": "With next week's response",
    "no_purge_exclusion": "Purge weeks kept",
    "winsorised": "Extreme weeks pulled in",
    "gross_follows": "New follows only",
    "weekly_growth_rate": "Weekly growth",
    "posts_per_day": "Posts a day",
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
    "antimode": "Fewest accounts between the styles",
    "dip": "Hartigan's dip test",
    "mixture": "Mixture of two groups",
}
ALL_RESPONDENTS = "All respondents"


def label(name: object) -> str:
    """A vocabulary word for people; other texts stay as they are, with underscores as spaces."""
    known = LABELS.get(str(name))
    return known.format(**_numbers()) if known else str(name).replace("_", " ")


def respondents(segment: object) -> str:
    """A segment of a survey for people; a survey has respondents and no accounts."""
    return ALL_RESPONDENTS if segment == "all" else label(segment)


@cache
def thresholds() -> dict[str, float]:
    """Every threshold of the marts by name."""
    with (SEEDS / "thresholds.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def glossary() -> list[tuple[str, str]]:
    """Terms and what they mean, in the order of the report."""
    return [(term, text.format(**_numbers())) for term, text in TERMS]


@cache
def _numbers() -> dict[str, str]:
    """The numbers that labels and definitions name, written for people."""
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
    ("Followers per followed", "Followers divided by accounts followed, both at the last reading."),
    (
        "Broadcast (mass communication)",
        "{ratio_mass_communication_from} followers and more for each account followed, or follows nobody.",
    ),
    (
        "About one to one (interpersonal)",
        "{ratio_interpersonal_from} to {ratio_interpersonal_to} followers per followed. Necessary for following "
        "back automatically, not proof of it.",
    ),
    ("Between (transitional)", "Between these two."),
    ("Follows more (net follower)", "Fewer than {ratio_interpersonal_from} followers per followed."),
    ("Too small", "Under {ratio_too_small_below} followers and followed together: no style can be read."),
    (
        "Follow limit",
        "X lets an account follow {follow_limit} others, and beyond that about {following_per_follower} times its "
        "followers. Accounts pressed against it have a forced ratio of about {forced_ratio} and count in no style.",
    ),
    (
        "Follow churn (spam and cull)",
        "At least {churn_pattern_cycles_from} waves of following many and dropping them within {churn_window_days} "
        "days, one for every {churn_days_per_cycle_to}, the follows dropped within {churn_up_leg_days_to} days, by an "
        "account whose followers come after the follows and stay. Possible: {churn_cycles_from} waves, or without the "
        "rest. A pattern, not a proof of intention, and a lower bound: daily and slow churn cannot be seen.",
    ),
    ("Weekly growth", "ln(followers at the week's end) minus ln(followers at its start); 1 % is about one per cent."),
    (
        "Response to posts (quality)",
        "What an account's own posts draw at the age of {metrics_age_days} days: clicks per link where they are known, "
        "else reactions per view, else reactions per post. It is adjusted for the size of the audience and for chance. "
        "Where views are not known, better content and more reach cannot be told apart. Reposts never count.",
    ),
    ("Number of posts (volume)", "Own posts and quotes in the week, counted on a log scale."),
    (
        "Typical swing",
        "How far a driver usually lies from the account's own mean, chance taken out: what makes both comparable.",
    ),
    (
        "Reliability",
        "How much of the weekly ups and downs of the response is more than chance, 0 to 1. Below {reliability_from} an "
        "effect may be there and not show.",
    ),
    ("Good week", "The middle of an account's best fifth of weeks. Nothing is said beyond what was seen."),
    (
        "95 % interval",
        "A range made by a method that covers the true value in 95 of 100 such samples. It holds chance only, not "
        "the choice of the watched accounts nor of who answered.",
    ),
    (
        "Check for the reverse order (placebo)",
        "Next week's posts cannot cause this week's growth. Where the response to them still goes with it, and at "
        "least half as much as that of this week and the last, the order of cause and effect is open and the verdict "
        "says so.",
    ),
    (
        "Common causes",
        "What moves all accounts in a week is taken out. What moves one account's posts and growth at once, such as "
        "news or paid reach, is not: a pattern is no proof of a cause.",
    ),
    (
        "Quit",
        "The last own post before {silence_days} days of silence, of accounts that posted at least once. Only accounts "
        "watched since their first week count, each to {silence_days} days before its last reading.",
    ),
    (
        "Peers",
        "Accounts of the same platform, audience size and industry; wider where these are under "
        "{benchmark_peers_from}.",
    ),
    (
        "Suppressed",
        "Fewer than {survey_base_from} answers in the segment, or a cell of fewer than {survey_cell_from} people.",
    ),
    ("Insufficient data", "The data cannot carry the figure; the reason stands beside it. Never filled, never zero."),
)
