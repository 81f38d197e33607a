"""Labels of the closed vocabularies, and the glossary of the report. Their words are in the catalogue; thresholds come
from the seeds that the marts are built with, so that a definition always names the number that the SQL uses.
"""

import csv
import re
from collections.abc import Iterable
from functools import cache

from pipeline.report.catalogue import ENGLISH, language, localise, say, say_if_known, texts
from pipeline.settings import PROJECT_DIR

# Below it most of the variation between weeks is chance.
RELIABLE_FROM = 0.3
SEEDS = PROJECT_DIR / "dbt_project" / "seeds"
STYLES = ("mass_communication", "transitional", "interpersonal", "net_follower", "too_small")
_WORD = re.compile("[a-z_ ]+")


def label(name: object) -> str:
    """The label of a vocabulary word; underscores become blanks in other words, not in handles."""
    text = str(name)
    if known := say_if_known(f"label.{text}"):
        return known.format_map(_numbers()) if "{" in known else known
    return text.replace("_", " ") if _WORD.fullmatch(text) else text


def in_sentence(text: str) -> str:
    """A label inside a sentence: English has no capitals there, German keeps those of its nouns."""
    return text.lower() if language() == ENGLISH else text


def respondents(segment: object) -> str:
    """The label of a survey segment; a survey has respondents, not accounts."""
    return say("respondents.all") if segment == "all" else label(segment)


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


# Sections that use a term; a term that is not listed is for every reader.
USED_IN = {
    term: sections
    for terms, sections in (
        (("follow_limit", "churn", "in_between", "follows_more", "too_small", "one_to_one"), {"ratios"}),
        (("followers_per_followed", "broadcast"), {"ratios", "playbook", "own"}),
        (("response", "volume", "growth"), {"growth", "playbook", "own", "platforms"}),
        (("swing",), {"growth", "timing"}),
        (("reliability", "good_week", "placebo", "common_causes"), {"growth"}),
        (("quit",), {"people"}),
        (("peers",), {"own", "playbook"}),
        (("strong_post",), {"timing"}),
        (("forecast_limits",), {"forecast"}),
        (("experiment",), {"experiments"}),
        (("suppressed",), {"survey"}),
    )
    for term in terms
}


def glossary(sections: Iterable[str]) -> list[tuple[str, str]]:
    """Terms and their definitions, in the order of the report, as far as these sections use them."""
    shown, numbers = set(sections), _numbers()
    terms = [key.split(".")[1] for key in texts(language()) if key.startswith("term.") and key.endswith(".name")]
    return [
        (say(f"term.{term}.name"), say(f"term.{term}.text", **numbers))
        for term in terms
        if term not in USED_IN or shown & USED_IN[term]
    ]


def _numbers() -> dict[str, str]:
    """The numbers in labels and definitions, as the language writes them."""
    return {name: localise(number) for name, number in _english_numbers().items()}


@cache
def _english_numbers() -> dict[str, str]:
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
