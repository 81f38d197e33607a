"""What an option or an item is called: its label in the header, or the text of its ticks."""

import re
from collections.abc import Iterable

from pipeline.sources.files.cells import fold
from pipeline.sources.files.yes_no import NO, YES
from pipeline.sources.survey.inspection.facts import Facts, squeeze
from pipeline.sources.survey.inspection.stems import split_names

_VARIABLE = re.compile(r"[A-Za-z]+\d+(?:_\w+)?")


def option_of(facts: Facts) -> str:
    """The option of a column of ticks: its label, or the text of the tick where the header is a code or rewritten."""
    split = split_names(facts)
    label = facts.label if facts.label != facts.column.name else ""
    if _VARIABLE.fullmatch(label) and split and split[0][1] in facts.question:
        label = ""  # the name of a variable above its wording
    shown = (split[0][1] if facts.is_under_question and split else "") or label or (split[0][1] if split else "")
    shown = shown or facts.column.name
    tick = facts.tick
    if facts.takes_typed or tick is None or fold(tick) in YES | NO or tick.replace(".", "").isdigit():
        return shown
    is_code = shown == facts.column.name or not any(letter.isalpha() for letter in shown) or len(shown) <= 5
    return tick if squeeze(tick) == squeeze(shown) or is_code or _is_coded(shown) else shown


def _is_coded(text: str) -> bool:
    """`SQ001`, `A3`: a code of the tool."""
    head = text.rstrip("0123456789")
    return head != text and len(head) <= 3 and head.isalpha()


def item_of(facts: Facts) -> str:
    split = split_names(facts)
    label = facts.label if facts.label != facts.column.name else ""
    if _VARIABLE.fullmatch(label) and split and split[0][1] in facts.question:
        label = ""
    return label or (split[0][1] if split else "") or facts.column.name


def different_labels(labels: Iterable[str]) -> list[str]:
    taken: dict[str, int] = {}
    unique = []
    for label in labels:
        times = taken.get(fold(label), 0) + 1
        taken[fold(label)] = times
        candidate = label if times == 1 else f"{label} ({times})"
        taken.setdefault(fold(candidate), 1)
        unique.append(candidate)
    return unique
