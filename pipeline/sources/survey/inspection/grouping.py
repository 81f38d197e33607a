"""Columns that belong together: the options of one question, the items of one grid.

Works on the guesses for single columns, in the order of the file; a person corrects what it gets wrong.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.sources.survey.inspection.columns import TYPED, Facts, Guess, squeeze
from pipeline.sources.survey.inspection.words import NONE_OPTION, OTHER_OPTION

QUESTION_PARTS = {"tick", "flag", "scale", "single", "number", "joined"}
_BRACKETS = re.compile(r"^(.*\S)\s*\[(.+)\]$")
_DASH = re.compile(r"^(.*\S) - (.+)$")
_CODE = re.compile(r"^([A-Za-z]+_?\d+[a-z]?)[_.](.+)$")
_FIRST_BAR = re.compile(r"^([A-Za-z][A-Za-z0-9]*?)_(.+)$")
_LAST_BAR = re.compile(r"^(.+)_([^_]+)$")
_NUMBERED = re.compile(r"^([A-Za-z]{2,12})(\d{1,2})$")


@dataclass(frozen=True)
class Group:
    """One question of the draft: its columns and what they have in common."""

    type: str  # single, multi, scale, number
    members: tuple[Guess, ...]
    stem: str = ""  # the part of the names that the columns share
    separator: str = ""

    @property
    def is_alone(self) -> bool:
        return len(self.members) == 1 and self.type != "multi"


def group_questions(guesses: Sequence[Guess]) -> list[Group]:
    """The questions among the columns, in the order of the file."""
    groups: list[Group] = []
    at = 0
    while at < len(guesses):
        if guesses[at].part not in QUESTION_PARTS:
            at += 1
            continue
        run, stem = _shared_run(guesses, at)
        if not run and guesses[at].part == "tick":
            run = _tick_run(guesses, at)
        group = _as_group(run or [guesses[at]], stem)
        groups.append(group)
        at += len(group.members)
    return groups


def _shared_run(guesses: Sequence[Guess], start: int) -> tuple[list[Guess], str]:
    """The longest run of columns from here whose names share a stem and whose answers are of one shape."""
    best: tuple[list[Guess], str] = ([], "")
    for stem, _ in stems(guesses[start].facts):
        run = [guesses[start]]
        for each in guesses[start + 1 :]:
            if stem not in {other for other, _ in stems(each.facts)} or not _fit(run[0], each):
                break
            run.append(each)
        if len(run) >= 2 and (len(run), len(stem)) > (len(best[0]), len(best[1])):
            best = (run, stem)
    return best


def stems(facts: Facts) -> list[tuple[str, str]]:
    """Ways to split a column's name into a question and an option, the most telling first."""
    name = facts.column.name
    if facts.question and facts.label and facts.question != facts.label and name.endswith(f" / {facts.label}"):
        return [(facts.question, facts.label)]
    found = []
    for text in dict.fromkeys((facts.question, name)):
        for form in (_BRACKETS, _DASH):
            if match := form.match(text):
                found.append((match[1], match[2]))
    for form in (_CODE, _FIRST_BAR, _LAST_BAR, _NUMBERED):
        if match := form.match(name):
            found.append((match[1], match[2]))
    return found


def _fit(first: Guess, other: Guess) -> bool:
    ticks = {"tick", "flag"}
    if first.part in ticks and other.part in ticks:
        return True
    if first.part != other.part or first.part == "joined":
        return False
    if first.part == "number":
        return True
    mine, theirs = ({text.casefold() for text in each.facts.answers} for each in (first, other))
    return len(mine & theirs) >= 0.6 * min(len(mine), len(theirs))


def _tick_run(guesses: Sequence[Guess], start: int) -> list[Guess]:
    """Neighbouring columns of ticks without a common name; a label that comes again starts the next question."""
    run: list[Guess] = []
    seen: set[str] = set()
    for each in guesses[start:]:
        label = squeeze(option_of(each))
        if each.part != "tick" or label in seen or (run and _ends_block(run[-1])) or _restarts(run, each):
            break
        run.append(each)
        seen.add(label)
    return run


def _ends_block(last: Guess) -> bool:
    """`Other` and `None of these` are the last options of a question."""
    text = option_of(last)
    return bool(OTHER_OPTION.match(text))


def _restarts(run: Sequence[Guess], each: Guess) -> bool:
    """After `None of these` only `Other` may follow."""
    return bool(run) and bool(NONE_OPTION.match(option_of(run[-1]))) and not OTHER_OPTION.match(option_of(each))


def option_of(guess: Guess) -> str:
    """The option that a column of ticks stands for: the text of a tick unless that is only yes or 1, else its label."""
    facts = guess.facts
    texts = [text for text in facts.answers if text.casefold() not in {"not selected", "unchecked", "no", "0", "false"}]
    if guess.part == "tick" and guess.detail != TYPED and len(texts) == 1 and not texts[0].isdigit():
        return texts[0]
    split = stems(facts)
    shorter = facts.label if facts.label != facts.column.name else ""
    return shorter or (split[0][1] if split else facts.column.name)


def _as_group(run: Sequence[Guess], stem: str) -> Group:
    members = tuple(run)
    parts = {each.part for each in members}
    if len(members) > 1 and parts <= {"tick", "flag"}:
        return Group("multi", members, stem)
    if parts == {"tick"}:
        return Group("multi", members, stem)
    if parts == {"joined"}:
        return Group("multi", members[:1], "", members[0].detail)
    if parts == {"flag"}:
        return Group("single", members[:1], "")
    if parts <= {"scale", "single", "number"}:
        kind = next(iter(parts)) if len(parts) == 1 else "single"
        return Group(kind, members, stem)
    return Group("single", members[:1])
