"""Names of the closed vocabularies for people, and what the words of the report mean. Thresholds come from the seed
that the marts are built with, so that a definition never names another number than the SQL uses.
"""

import csv
from functools import cache

from pipeline.settings import PROJECT_DIR

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
    "small": "small (under 500)",
    "mid": "mid (500 to 5,000)",
    "pro": "pro (over 5,000)",
    "quality": "Quality",
    "volume": "Volume",
    "lagged": "Main model (week before)",
    "same_week": "Same week",
    "lead_placebo": "With next week's quality",
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
    return LABELS.get(str(name), str(name).replace("_", " "))


def respondents(segment: object) -> str:
    """A segment of a survey for people; a survey has respondents and no accounts."""
    return ALL_RESPONDENTS if segment == "all" else label(segment)


@cache
def thresholds() -> dict[str, float]:
    """Every threshold of the marts by name."""
    with (PROJECT_DIR / "dbt_project" / "seeds" / "thresholds.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def glossary() -> list[tuple[str, str]]:
    """Terms and what they mean, in the order of the report."""
    known = {name: f"{value:g}" for name, value in thresholds().items()}
    return [(term, text.format(**known)) for term, text in TERMS]


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
        "X lets an account follow 5,000 others, and beyond that about 1.1 times its followers. Accounts pressed "
        "against it have a forced ratio of about 0.91 and count in no style.",
    ),
    (
        "Follow churn (spam and cull)",
        "At least {churn_cycles_from} cycles of following many and dropping them within {churn_window_days} days. "
        "A pattern, not a proof of intention; what happens within one day cannot be seen.",
    ),
    ("Weekly growth", "ln(followers at the week's end) minus ln(followers at its start); 1 % is about one per cent."),
    (
        "Quality",
        "Reactions or link clicks per original post at the age of {metrics_age_days} days, adjusted for audience and "
        "pulled towards the account's mean. Reposts never count.",
    ),
    ("Volume", "ln(1 + original posts and quotes in the week)."),
    ("Typical swing", "The spread of a driver within accounts and weeks: what makes quality and volume comparable."),
    (
        "95 % interval",
        "A range made by a method that covers the true value in 95 of 100 such samples. It holds chance only, not "
        "the choice of the watched accounts nor of who answered.",
    ),
    (
        "Placebo",
        "Next week's quality cannot cause this week's growth. Where it still goes with it, the order of cause and "
        "effect is open and the verdict says so.",
    ),
    (
        "Quit",
        "The last own post before {silence_days} days of silence. Only accounts watched since their first week count.",
    ),
    ("Peers", "Accounts of the same platform, audience size and industry; wider where these are under ten."),
    (
        "Suppressed",
        "Fewer than {survey_base_from} answers in the segment, or a cell of fewer than {survey_cell_from} people.",
    ),
    ("Insufficient data", "The data cannot carry the figure; the reason stands beside it. Never filled, never zero."),
)
