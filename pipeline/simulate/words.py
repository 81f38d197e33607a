"""Invented names and sentences of the demo world. Every one shows that it is a demo."""

import re

INDUSTRIES = ("software", "manufacturing", "retail", "finance", "travel", "health", "media", "education")
COMPANY_SIZES = ("1-9", "10-49", "50-249", "250-999", "1000+")
_PLACES = ("Harbor", "Maple", "Summit", "River", "Cedar", "Valley", "Bright", "Stone", "Meadow", "Lantern")
_TRADES = {
    "software": ("Apps", "Cloud", "Code"),
    "manufacturing": ("Tools", "Works", "Parts"),
    "retail": ("Goods", "Market", "Store"),
    "finance": ("Ledger", "Savings", "Credit"),
    "travel": ("Trips", "Rails", "Lodges"),
    "health": ("Clinic", "Care", "Labs"),
    "media": ("Press", "Radio", "Pages"),
    "education": ("School", "Lessons", "Campus"),
}
_OPENINGS = (
    "Fresh from our desk:",
    "Worth a minute:",
    "We tried it:",
    "Numbers first:",
    "A small lesson:",
    "Asked often:",
)
_SUBJECTS = (
    "how a quiet week changed our plan",
    "five steps before you order",
    "what our customers told us in spring",
    "the checklist we print and pin up",
    "why the second try went better",
    "a guide to calmer mornings",
    "three figures we watch every day",
    "where the time really goes",
)
_CLOSINGS = ("Read on", "Tell us yours", "More tomorrow", "Thanks to the team", "Notes inside", "Ask us anything")
_ANSWERS = (
    "Thank you, noted",
    "Good question, we will look",
    "Glad that it helped",
    "Agreed, same here",
    "Sent you the list",
)
_FILLER = "The longer story has a beginning, a detour, and an end that surprised us; here is every step as it happened."
HANDLE_LIMIT = 15
LIMIT = 280


def company_name(index: int, industry: str) -> str:
    """Recognisably invented company name, e.g. Demo Harbor Tools 017."""
    trades = _TRADES[industry]
    return f"Demo {_PLACES[index % len(_PLACES)]} {trades[index // len(_PLACES) % len(trades)]} {index:03d}"


def handle_for(index: int, *, generation: int = 0) -> str:
    """Handle of at most 15 characters; another generation gives the handle after a renaming."""
    tail = f"_{index:03d}"
    stem = "demo_" if generation == 0 else f"demo{generation + 1}_"
    return stem + _PLACES[index % len(_PLACES)].lower()[: HANDLE_LIMIT - len(stem) - len(tail)] + tail


def link_target(name: str, salt: int) -> str:
    """Page behind a link, in a top-level domain reserved for examples."""
    slug = re.sub(r"[^a-z]+", "-", name.lower()).strip("-")
    return f"https://{slug}.example/notes/{salt % 100_000}"


def short_link(salt: int) -> str:
    """A shortened link of 23 characters, as the platform writes them."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    code = "".join(letters[(salt >> (5 * place)) & 31] for place in range(10))
    return f"https://t.co/{code}"


def sentence(salt: int, industry: str, *, is_answer: bool = False) -> str:
    """Short text with the #demo mark, decided by the salt alone."""
    if is_answer:
        return f"{_ANSWERS[salt % len(_ANSWERS)]} #demo"
    opening = _OPENINGS[salt % len(_OPENINGS)]
    subject = _SUBJECTS[salt // 7 % len(_SUBJECTS)]
    closing = _CLOSINGS[salt // 61 % len(_CLOSINGS)]
    return f"{opening} {subject}. {closing}. #demo #{industry}"


def long_text(salt: int, industry: str) -> str:
    """Text of 400 to 900 characters, beyond what a post shows."""
    return " ".join([sentence(salt, industry), *([_FILLER] * (3 + salt % 5))])
