"""What a draft is unsure of, with the evidence, the most doubtful first. Texts that people typed never stand here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.sources.files.personal_data import mask

# From figures that may be wrong to lines that may be missing.
WRONG_COUNT, WRONG_BASE, WRONG_PLACE, LEFT_OUT, OTHER = 5, 4, 3, 2, 1


@dataclass(frozen=True)
class Doubt:
    """One thing to check: how much hangs on it, and the words."""

    weight: int
    text: str


def ordered(doubts: Iterable[Doubt]) -> list[str]:
    """The words of all doubts, the weightiest first, each once."""
    ranked = sorted(dict.fromkeys(doubts), key=lambda doubt: -doubt.weight)
    return [doubt.text for doubt in ranked]


def named(names: Sequence[str], stem: str = "") -> str:
    """Names of columns for a sentence: what they have in common, or the first and the last of many."""
    if stem and len(names) > 1:
        return f"{mask(stem)!r} ({len(names)} columns)"
    shown = [repr(mask(name)) for name in names]
    if len(shown) <= 3:
        return ", ".join(shown)
    return f"{shown[0]}, {shown[1]} ... {shown[-1]} ({len(shown)} columns)"
